//! TLS and other protocols by the first bytes of clients, whatever has arrived of them.

use lastword_record::{Guess, HttpMethod, Verdict, sniff, sniff_with_len};

/// The first bytes of clients, the verdict, and how many bytes it needs.
#[rustfmt::skip]
const CLIENTS: &[(&[u8], Verdict, usize)] = &[
    // TLS, and what is near enough
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", Verdict::Tls, 2),
    (b"\x15\x03\x03\x00\x02\x02\x28", Verdict::Tls, 2),
    (b"\x18\x03\x02\x00\x03\x01\x40\x00", Verdict::Tls, 2), // Heartbleed
    (b"\x16\x05\x05\x02\x00\x01\x00\x01\xfc\x03\x03", Verdict::Tls, 10), // a version to be ignored
    (b"\x16\x05\x05\x02\x00\x02\x00\x01\xfc\x03\x03", UNKNOWN, 6),
    (b"\x16\x05\x05\x02\x00\x01\x01\x01\xfc\x03\x03", UNKNOWN, 7),
    (b"\x16\x05\x05\x02\x00\x01\x00\x01\xfc\x04\x03", UNKNOWN, 10),
    (b"\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x00", UNKNOWN, 6), // DTLS
    (b"\x63\x03\x03\x00\x02\x02\x28", Verdict::Tls, 3), // an unknown content type
    (b"\x63\x03\x05\x00\x02\x02\x28", UNKNOWN, 3),
    (b"\x05\x03\x03\x40\x00\x02\x28", Verdict::Tls, 4), // not SOCKS 5
    (b"A\x03\x03\x00\x02\x02\x28", Verdict::Tls, 3),
    (b"A\x03\x20", UNKNOWN, 3),
    (b"\x81\x03\x03\x00\x05\x00\x15", Verdict::Tls, 3),
    (b"\x81\x03\x01\x04\x01\x00\x15", Verdict::Tls, 4),
    (b"\x81\x03\x01\x00\x03\x00\x15", Verdict::Tls, 5),
    // SSL 2.0
    (b"\x80\x2e\x01\x00\x02\x00\x15", guess(Guess::Sslv2), 5),
    (b"\x80\x2e\x01\x03\x01\x00\x15", guess(Guess::Sslv2), 5),
    (b"\x81\x03\x01\x03\x01\x00\x15", guess(Guess::Sslv2), 5),
    (b"\x80\x2e\x01\x00\x03\x00\x15", UNKNOWN, 5),
    (b"\x80\x2e\x02\x03\x01\x00\x15", UNKNOWN, 3),
    (b"\x80\x2e\x01\x04\x01\x00\x15", UNKNOWN, 4),
    // HTTP
    (b"GET / HTTP/1.1\r\n", http(HttpMethod::Get), 5),
    (b"GET http://a.test/ HTTP/1.1\r\n", http(HttpMethod::Get), 9),
    (b"GET https://a.test/ HTTP/1.1\r\n", http(HttpMethod::Get), 10),
    (b"GET index.html HTTP/1.0\r\n", http(HttpMethod::Get), 20),
    (b"HEAD / HTTP/1.1\r\n", http(HttpMethod::Head), 6),
    (b"POST /form HTTP/1.1\r\n", http(HttpMethod::Post), 6),
    (b"PATCH / HTTP/1.1\r\n", http(HttpMethod::Patch), 7),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", http(HttpMethod::Pri), 11),
    (b"PRI / HTTP/2.0\r\n\r\nSM\r\n\r\n", http(HttpMethod::Other), 11),
    (b"OPTIONS * HTTP/1.1\r\n", http(HttpMethod::Options), 15),
    (b"OPTIONS / HTTP/1.1\r\n", http(HttpMethod::Options), 15),
    (b"OPTIONS /api/users HTTP/1.1\r\n", http(HttpMethod::Options), 24),
    (b"OPTIONS /api/v1/users HTTP/1.1\r\n", http(HttpMethod::Options), 24),
    (b"OPTIONS /api/v1/users?page=2 HTTP/1.1\r\n", http(HttpMethod::Options), 24),
    (b"CONNECT a.test:443 HTTP/1.1\r\n", http(HttpMethod::Connect), 15),
    (b"CONNECT 192.0.2.1:25 HTTP/1.0\r\n", http(HttpMethod::Connect), 18),
    (b"CONNECT 9600\r\n", UNKNOWN, 13), // a modem
    (b"CONNECT {\"verbose\":false,\"pedantic\":false}\r\n", UNKNOWN, 24), // NATS
    (b"PROPFIND /dav/ HTTP/1.1\r\n", http(HttpMethod::Propfind), 10),
    (b"UPDATEREDIRECTREF /a HTTP/1.1\r\n", http(HttpMethod::Updateredirectref), 19),
    (b"M-SEARCH * HTTP/1.1\r\n", http(HttpMethod::Other), 16),
    (b"NOTIFY /evt HTTP/1.1\r\n", http(HttpMethod::Other), 17),
    (b"GETTY / HTTP/1.1\r\n", http(HttpMethod::Other), 13),
    (b"PURGE /a/target/that/is/too/long HTTP/1.1\r\n", UNKNOWN, 24),
    (b"PURGE /a HTTQ/1.1\r\n", UNKNOWN, 13),
    (b"GET \xff HTTP/1.1\r\n", UNKNOWN, 5),
    (b"GET  / HTTP/1.1\r\n", UNKNOWN, 5),
    (b"get / http/1.1\r\n", UNKNOWN, 2),
    (b"HTTP/1.1 200 OK\r\n", UNKNOWN, 5),
    // RTSP and SIP share methods with HTTP
    (b"OPTIONS rtsp://192.0.2.1:554/stream RTSP/1.0\r\n", guess(Guess::Rtsp), 13),
    (b"OPTIONS * RTSP/1.0\r\n", guess(Guess::Rtsp), 15),
    (b"OPTIONS / RTSP/1.0\r\n", guess(Guess::Rtsp), 15), // nmap
    (b"OPTIONS /stream RTSP/1.0\r\n", guess(Guess::Rtsp), 21),
    (b"OPTIONS /camera/1/st RTSP/1.0\r\n", UNKNOWN, 24),
    (b"OPTIONS /a\x80", UNKNOWN, 11),
    (b"DESCRIBE rtsp://192.0.2.1/ RTSP/1.0\r\n", guess(Guess::Rtsp), 14),
    (b"DESCRIBE rtsps://192.0.2.1/ RTSP/2.0\r\n", guess(Guess::Rtsp), 15),
    (b"GET_PARAMETER rtspu://192.0.2.1/ RTSP/1.0\r\n", guess(Guess::Rtsp), 20),
    (b"OPTIONS sip:nm SIP/2.0\r\n", guess(Guess::Sip), 12), // nmap
    (b"REGISTER sips:a.test SIP/2.0\r\n", guess(Guess::Sip), 14),
    (b"MESSAGE tel:+1555 SIP/2.0\r\n", guess(Guess::Sip), 22),
    (b"NOTIFY sip:a@a.test SIP/2.0\r\n", guess(Guess::Sip), 11),
    // SSH
    (b"SSH-2.0-OpenSSH_9.2\r\n", guess(Guess::Ssh), 4),
    (b"SSJ-2.0-OpenSSH_9.2\r\n", UNKNOWN, 6),
    // the PROXY protocol
    (b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", guess(Guess::Proxy), 9),
    (b"PROXY UNKNOWN\r\n", guess(Guess::Proxy), 13),
    (b"PROXY / HTTP/1.1\r\n", http(HttpMethod::Other), 13),
    (b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", guess(Guess::Proxy), 12),
    (b"\r\n\r\n\0\r\nQUIT\r\x21\x11\0\x0c", UNKNOWN, 12),
    (b"\r\n\r\n", Verdict::NeedsInput, 4), // nmap
    // AMQP
    (b"AMQP\x00\x00\x09\x01", guess(Guess::Amqp), 5),
    (b"AMQP\x03\x01\x00\x00", guess(Guess::Amqp), 5),
    (b"AMQP\x04\x01\x00\x00", UNKNOWN, 5),
    // DNS: a query for version.bind, one for example.com with EDNS, and an answer
    (b"\x00\x1e\x00\x06\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07version\x04bind\x00\x00\x10\x00\x03", guess(Guess::Dns), 14),
    (b"\x00\x28\xdb\x42\x01\x20\x00\x01\x00\x00\x00\x00\x00\x01\x07example\x03com\x00", guess(Guess::Dns), 14),
    (b"\x00\x28\xdb\x42\x81\x80\x00\x01\x00\x01\x00\x00\x00\x01", UNKNOWN, 5),
    // IRC
    (b"CAP LS 302\r\n", guess(Guess::Irc), 6),
    (b"NICK a\r\nUSER a 0 * :a\r\n", guess(Guess::Irc), 5),
    (b"CAPA\r\n", UNKNOWN, 5), // POP3
    // Kafka: ApiVersions of the Java client and of librdkafka
    (b"\x00\x00\x00\x35\x00\x12\x00\x03\x00\x00\x00\x00\x00\x0cconsole-prod", guess(Guess::Kafka), 13),
    (b"\x00\x00\x00\x24\x00\x12\x00\x03\x00\x00\x00\x01\x00\x07rdkafka", guess(Guess::Kafka), 13),
    (b"\x00\x00\x00\x24\x00\x03\x00\x00\x00\x00\x00\x01\x00\x07rdkafka", UNKNOWN, 9), // Metadata
    // LDAP: binds, searches and StartTLS of OpenLDAP, Windows and Java
    (b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00", guess(Guess::Ldap), 10),
    (b"\x30\x84\x00\x00\x00\x10\x02\x01\x01\x60\x84\x00\x00\x00\x07\x02\x01\x03", guess(Guess::Ldap), 11),
    (b"\x30\x82\x05\xb4\x02\x01\x01\x60\x82\x05\xad\x02\x01\x03", guess(Guess::Ldap), 9),
    (b"\x30\x25\x02\x01\x01\x63\x20\x04\x00\x0a\x01\x00\x0a\x01\x00", guess(Guess::Ldap), 8),
    (b"\x30\x84\x00\x00\x00\x2d\x02\x01\x07\x63\x84\x00\x00\x00\x24\x04\x00", guess(Guess::Ldap), 11),
    (b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037", guess(Guess::Ldap), 11),
    (b"\x30\x26\x02\x01\x01\x04\x06public\xa0\x19", UNKNOWN, 6), // SNMP
    (b"\x30\x82\x03\x0d\x30\x82\x01\xf5", UNKNOWN, 5), // a certificate
    // memcached
    (b"version\r\n", guess(Guess::Memcached), 9),
    (b"stats\r\n", UNKNOWN, 2), // beanstalkd too
    // MQTT 3.1.1, 5.0 and 3.1
    (b"\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04abcd", guess(Guess::Mqtt), 8),
    (b"\x10\x81\x01\x00\x04MQTT\x05\xc2\x00\x3c", guess(Guess::Mqtt), 9),
    (b"\x10\x12\x00\x06MQIsdp\x03\x02\x00\x3c\x00\x04abcd", guess(Guess::Mqtt), 10),
    (b"\x10\xff\x7f\x00\x06MQIsdp\x03\x02\x00\x3c\x00\x04abcd", guess(Guess::Mqtt), 11),
    (b"\x10\x03\x03\x00\x04MQTT", Verdict::Tls, 3), // too short for a CONNECT
    // PostgreSQL: SSLRequest, GSSENCRequest, CancelRequest, startup
    (b"\x00\x00\x00\x08\x04\xd2\x16\x2f", guess(Guess::Postgres), 8),
    (b"\x00\x00\x00\x08\x04\xd2\x16\x30", guess(Guess::Postgres), 8),
    (b"\x00\x00\x00\x10\x04\xd2\x16\x2e\x00\x00\x00\x01\x00\x00\x00\x02", guess(Guess::Postgres), 8),
    (b"\x00\x00\x00\x54\x00\x03\x00\x00user\0postgres\0", guess(Guess::Postgres), 9),
    (b"\x00\x00\x00\x54\x00\x03\x00\x02_pq_.a\0", guess(Guess::Postgres), 9),
    (b"\x00\x00\x00\x08\x04\xd2\x16\x31", UNKNOWN, 8),
    // RDP: of nmap, mstsc.exe, FreeRDP; S7 and H.323 have the same framing
    (b"\x03\x00\x00\x0b\x06\xe0\x00\x00\x00\x00\x00", guess(Guess::Rdp), 11),
    (b"\x03\x00\x00\x2f\x2a\xe0\x00\x00\x00\x00\x00Cookie: mstshash=Administr\r\n", guess(Guess::Rdp), 18),
    (b"\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x0b\x00\x00\x00", guess(Guess::Rdp), 15),
    (b"\x03\x00\x00\x16\x11\xe0\x00\x00\x00\x01\x00\xc0\x01\x0a\xc1\x02\x01\x00", UNKNOWN, 10),
    (b"\x03\x00\x00\x35\x08\x02\x00\x01\x05", UNKNOWN, 6),
    (b"\x03\x03\x03\x00\x02\x02\x28", Verdict::Tls, 3),
    // Redis
    (b"*1\r\n$4\r\nPING\r\n", guess(Guess::Redis), 5),
    (b"*12\r\n$4\r\nMSET\r\n", guess(Guess::Redis), 6),
    (b"PING\r\n", guess(Guess::Redis), 6),
    (b"PING a\r\n", UNKNOWN, 7), // IRC too
    (b"GET key\r\n", UNKNOWN, 8), // HTTP 0.9 too
    // SMB 1 and 2 of nmap and smbclient
    (b"\x00\x00\x00\xa4\xff\x53\x4d\x42\x72\x00\x00\x00\x00\x08", guess(Guess::Smb), 8),
    (b"\x00\x00\x01\x0c\xfe\x53\x4d\x42\x40\x00\x00\x00", guess(Guess::Smb), 8),
    // SMTP and LMTP
    (b"EHLO a.test\r\n", guess(Guess::Smtp), 5),
    (b"HELO a.test\r\n", guess(Guess::Smtp), 5),
    (b"LHLO a.test\r\n", guess(Guess::Smtp), 5),
    (b"ehlo a.test\r\n", guess(Guess::Smtp), 5),
    (b"helo a.test\r\n", guess(Guess::Smtp), 5),
    (b"HELP\r\n", UNKNOWN, 5),
    (b"QUIT\r\n", UNKNOWN, 5), // FTP and POP3 too
    (b"USER a\r\n", UNKNOWN, 7), // FTP, POP3 and IRC
    (b"a1 CAPABILITY\r\n", UNKNOWN, 2), // IMAP
    // SOCKS
    (b"\x04\x01\x00\x50\xc0\x00\x02\x01\x00", guess(Guess::Socks4), 9),
    (b"\x04\x01\x00\x50\x00\x00\x00\x01\x00a.test\x00", guess(Guess::Socks4), 8),
    (b"\x04\x00\x00\x00\x05\x00\x00\x00\x00", UNKNOWN, 2), // Cassandra
    (b"\x05\x01\x00", guess(Guess::Socks5), 3),
    (b"\x05\x02\x00\x02", guess(Guess::Socks5), 4),
    (b"\x05\x03\x00\x01\x02", guess(Guess::Socks5), 5),
    (b"\x05\x04\x00\x01\x02\x03", guess(Guess::Socks5), 6),
    (b"\x05\x00\x0b\x03\x10\x00\x00\x00", UNKNOWN, 2), // DCE/RPC
    // SQL Server
    (b"\x12\x01\x00\x2f\x00\x00\x00\x00\x00\x00\x1a\x00\x06", guess(Guess::Tds), 10),
    (b"\x12\x01\x00\x2f\x00\x00\x01\x00\x00\x00\x1a\x00\x06", guess(Guess::Tds), 10),
    // Telnet
    (b"\xff\xfb\x1f\xff\xfb\x20", guess(Guess::Telnet), 4),
    (b"\xff\xfd\x01\xff\xfd\x03", guess(Guess::Telnet), 4),
    (b"\xff\xfb\x01\x03\x01", guess(Guess::Sslv2), 5),
    (b"\xff\xf4\xff\xfd\x06", UNKNOWN, 3),
    // XMPP
    (b"<stream:stream to='a.test'>", guess(Guess::Xmpp), 8),
    (b"<?xml version='1.0'?><stream:stream to='a.test'>", guess(Guess::Xmpp), 24),
    (b"<?xml version=\"1.0\"?><stream:stream to=\"a.test\">", guess(Guess::Xmpp), 24),
    (b"<?xml version='1.0'?><soap:Envelope>", UNKNOWN, 24),
    (b"<policy-file-request/>\0", UNKNOWN, 2),
    // none of these
    (b"\0\0\0\0\0\0\0\0\0\0\0\0\0", UNKNOWN, 4),
    (b"\x16\x16\x16\x16\x16\x16\x16\x16", UNKNOWN, 6),
    (b"????", UNKNOWN, 2),
    (b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", UNKNOWN, 24),
];

const UNKNOWN: Verdict = guess(Guess::Unknown);

const fn guess(guess: Guess) -> Verdict {
    Verdict::NotTls(guess)
}

const fn http(method: HttpMethod) -> Verdict {
    guess(Guess::Http(method))
}

#[test]
fn recognizes_each_protocol_by_its_first_bytes() {
    for (first, verdict, needed) in CLIENTS {
        let told = sniff_with_len(first);
        assert_eq!(told, (*verdict, *needed), "{}", first.escape_ascii());
        assert_eq!(sniff(first), *verdict);
    }
}

#[test]
fn needs_input_until_the_verdict_and_never_changes_it() {
    for (first, verdict, needed) in CLIENTS {
        for have in 0..=first.len() {
            let told = match have < *needed {
                true => (Verdict::NeedsInput, have),
                false => (*verdict, *needed),
            };
            let shown = first[..have].escape_ascii();
            assert_eq!(sniff_with_len(&first[..have]), told, "{shown}");
        }
        assert!(*needed <= Verdict::MAX_LEN);
    }
}

#[test]
fn recognizes_every_registered_method() {
    for method in HttpMethod::ALL {
        let target = match method {
            HttpMethod::Connect => "a:1",
            HttpMethod::Pri => "*",
            _ => "/a",
        };
        let line = format!("{method} {target} HTTP/1.1");
        assert_eq!(sniff(line.as_bytes()), http(*method), "{method}");
    }
    assert!(HttpMethod::ALL.is_sorted_by_key(|method| method.name()));
}

#[test]
fn recognizes_every_registered_method_before_a_target_of_any_length() {
    let path = "/a".repeat(100);
    for method in HttpMethod::ALL {
        let line = format!("{method} {path} HTTP/1.1");
        let told = match method {
            HttpMethod::Pri => UNKNOWN,
            _ => http(*method),
        };
        assert_eq!(sniff(line.as_bytes()), told, "{method}");
    }
}

#[test]
fn a_first_byte_alone_is_never_a_verdict() {
    for first in 0..=255 {
        assert_eq!(sniff(&[first]), Verdict::NeedsInput, "{first:#04x}");
    }
}

#[test]
fn two_bytes_are_never_certain_proof_of_a_protocol() {
    for bytes in 0..=u16::MAX {
        let told = sniff(&bytes.to_be_bytes());
        assert!(
            matches!(told, Verdict::Tls | Verdict::NeedsInput | UNKNOWN),
            "{bytes:#06x}: {told:?}"
        );
    }
}
