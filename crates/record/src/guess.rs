//! The protocols that are recognized, and their names.

use core::fmt;

use crate::http::HttpMethod;

/// The protocol of a client that does not speak TLS.
///
/// A protocol is named only if the bytes received are certain proof of it. MySQL, FTP, POP3 and IMAP
/// are never named: their clients wait for a greeting.
///
/// ```
/// use lastword_record::{Guess, HttpMethod};
///
/// assert_eq!(Guess::Ssh.to_string(), "SSH");
/// assert_eq!(Guess::Http(HttpMethod::Get).to_string(), "an HTTP GET request");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Guess {
    /// An AMQP protocol header (AMQP 1.0 section 2.2, AMQP 0-9-1 section 4.2.2).
    Amqp,
    /// A DNS query over TCP (RFC 1035 section 4.2.2).
    Dns,
    /// An HTTP request (RFC 9112 section 3) or an HTTP/2 connection preface (RFC 9113 section 3.4).
    Http(HttpMethod),
    /// The first command of an IRC client (RFC 2812 section 3.1.2, IRCv3 capability negotiation).
    Irc,
    /// An ApiVersions request of a Kafka client (Kafka protocol guide).
    Kafka,
    /// An LDAP bind, search or extended request (RFC 4511 section 4).
    Ldap,
    /// A `version` command of memcached (its `protocol.txt`).
    Memcached,
    /// An MQTT CONNECT packet (MQTT 5.0 section 3.1).
    Mqtt,
    /// A PostgreSQL startup, SSLRequest, GSSENCRequest or CancelRequest packet (PostgreSQL manual,
    /// "Message Formats").
    Postgres,
    /// A PROXY protocol header, version 1 or 2. A proxy is configured to send it, and the server
    /// is not configured to accept it.
    Proxy,
    /// An RDP connection request (MS-RDPBCGR section 2.2.1.1).
    Rdp,
    /// A Redis command (Redis serialization protocol).
    Redis,
    /// An RTSP request (RFC 7826 section 7.1).
    Rtsp,
    /// A SIP request (RFC 3261 section 7.1).
    Sip,
    /// An SMB negotiation (MS-SMB2 section 2.1).
    Smb,
    /// An SMTP or LMTP greeting (RFC 5321 section 4.1.1.1, RFC 2033 section 4.1).
    Smtp,
    /// A SOCKS 4 request.
    Socks4,
    /// The authentication methods of a SOCKS 5 client (RFC 1928 section 3).
    Socks5,
    /// An SSH identification string (RFC 4253 section 4.2).
    Ssh,
    /// An SSL 2.0 CLIENT-HELLO, perhaps one that offers TLS (RFC 5246 appendix E.2).
    Sslv2,
    /// A PRELOGIN packet of a SQL Server client (MS-TDS section 2.2.6.5).
    Tds,
    /// A Telnet option negotiation (RFC 854).
    Telnet,
    /// An XMPP stream header (RFC 6120 section 4.2).
    Xmpp,
    /// Another protocol, or no certain proof of one.
    Unknown,
}

impl fmt::Display for Guess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Amqp => "AMQP",
            Self::Dns => "a DNS query",
            Self::Http(HttpMethod::Other) => "an HTTP request",
            Self::Http(HttpMethod::Pri) => "an HTTP/2 connection preface",
            Self::Http(method) => return write!(f, "an HTTP {method} request"),
            Self::Irc => "IRC",
            Self::Kafka => "Kafka",
            Self::Ldap => "LDAP",
            Self::Memcached => "memcached",
            Self::Mqtt => "MQTT",
            Self::Postgres => "PostgreSQL",
            Self::Proxy => "a PROXY protocol header",
            Self::Rdp => "RDP",
            Self::Redis => "Redis",
            Self::Rtsp => "RTSP",
            Self::Sip => "SIP",
            Self::Smb => "SMB",
            Self::Smtp => "SMTP",
            Self::Socks4 => "SOCKS 4",
            Self::Socks5 => "SOCKS 5",
            Self::Ssh => "SSH",
            Self::Sslv2 => "an SSL 2.0 hello",
            Self::Tds => "SQL Server (TDS)",
            Self::Telnet => "Telnet",
            Self::Xmpp => "XMPP",
            Self::Unknown => "an unknown protocol",
        })
    }
}
