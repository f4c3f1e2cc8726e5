//! The PROXY protocol, versions 1 and 2: reads the header that a proxy sends before the client's bytes.
//!
//! A load balancer or a proxy that forwards a TCP connection hides the client's address. With the
//! [PROXY protocol] it sends a header first, which has the addresses of the client's connection.
//!
//! Accept a header only from addresses that you trust, see [`Network`](crate::networks::Network):
//! a client that may send a header chooses its own address.
//!
//! Nothing here does IO. [`ProxyHeader::parse`] is given the bytes received so far, and returns the
//! header or the number of bytes to read next.
//!
//! ```
//! use std::io::{self, Read};
//!
//! use lastword_io::proxy::{Parsed, ProxyHeader};
//!
//! /// Reads the header, and no byte after it.
//! fn read_header(mut stream: impl Read) -> io::Result<ProxyHeader> {
//!     let mut received = Vec::new();
//!     loop {
//!         match ProxyHeader::parse(&received) {
//!             Ok(Parsed::Complete { header, .. }) => return Ok(header),
//!             Ok(Parsed::NeedsInput(missing)) => {
//!                 let mut next = stream.by_ref().take(missing as u64);
//!                 if next.read_to_end(&mut received)? == 0 {
//!                     return Err(io::ErrorKind::UnexpectedEof.into());
//!                 }
//!             }
//!             Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
//!         }
//!     }
//! }
//!
//! let mut stream = &b"PROXY TCP4 192.0.2.7 198.51.100.1 50000 443\r\nthe client's bytes"[..];
//! let header = read_header(&mut stream)?;
//! assert_eq!(header.source(), Some("192.0.2.7:50000".parse().unwrap()));
//! assert_eq!(stream, b"the client's bytes");
//! # Ok::<(), io::Error>(())
//! ```
//!
//! [PROXY protocol]: https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt

mod error;
mod tlv;
mod v1;
mod v2;

use core::net::SocketAddr;

pub use error::{Excerpt, ProxyError};
pub use tlv::{TlvType, Tlvs};

/// The default limit for the length of a header of version 2: 4,096 bytes after its first 16.
pub const DEFAULT_LIMIT: u16 = 4096;

/// A header of the PROXY protocol.
///
/// ```
/// use lastword_io::proxy::{Command, Parsed, ProxyHeader, TlvType, Transport, Version};
///
/// let received = [
///     &b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x1a"[..], // version 2, PROXY, TCP over IPv4, 26 bytes
///     &[192, 0, 2, 7, 198, 51, 100, 1, 195, 80, 1, 187], // the addresses
///     &[2, 0, 11], b"example.com", // TLV: authority
/// ]
/// .concat();
/// let Parsed::Complete { header, len } = ProxyHeader::parse(&received)? else {
///     unreachable!("the header is complete");
/// };
/// assert_eq!(len, 42);
/// assert_eq!(header.version(), Version::V2);
/// assert_eq!(header.command(), Command::Proxy);
/// assert_eq!(header.transport(), Transport::Stream);
/// assert_eq!(header.source(), Some("192.0.2.7:50000".parse().unwrap()));
/// assert_eq!(header.destination(), Some("198.51.100.1:443".parse().unwrap()));
/// assert_eq!(header.unix_source(), None);
/// assert_eq!(header.unix_destination(), None);
/// assert_eq!(header.authority(), Some(&b"example.com"[..]));
/// assert_eq!(header.tlvs().next(), Some((TlvType::AUTHORITY, &b"example.com"[..])));
/// assert!(header.alpn().is_none() && header.unique_id().is_none() && header.ssl().is_none());
/// # Ok::<(), lastword_io::proxy::ProxyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProxyHeader {
    version: Version,
    command: Command,
    transport: Transport,
    addresses: Addresses,
    /// The TLVs, checked.
    tlvs: Box<[u8]>,
}

/// The result of parsing the bytes received so far.
///
/// ```
/// use lastword_io::proxy::{Parsed, ProxyHeader};
///
/// match ProxyHeader::parse(b"PROXY TCP4 ")? {
///     Parsed::NeedsInput(missing) => println!("read at most {missing} bytes"),
///     Parsed::Complete { header, len } => println!("{len} bytes: {header:?}"),
/// }
/// # Ok::<(), lastword_io::proxy::ProxyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// The header is not complete: the number of bytes missing, at least 1.
    ///
    /// Read at most this many bytes, and parse again. No byte after the header is then read. A
    /// header of version 1 has no length, so this number may be less than what is missing.
    NeedsInput(usize),
    /// The header is complete.
    Complete {
        /// The header.
        header: ProxyHeader,
        /// The length of the header in bytes. The client's bytes begin after it.
        len: usize,
    },
}

/// The version of a header.
///
/// ```
/// use lastword_io::proxy::{ProxyHeader, Version};
///
/// /// Only version 2 can have a checksum.
/// fn may_have_checksum(header: &ProxyHeader) -> bool {
///     header.version() == Version::V2
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// Version 1: a line of text.
    V1,
    /// Version 2: binary.
    V2,
}

/// The command of a header.
///
/// ```
/// use lastword_io::proxy::{Command, ProxyHeader};
///
/// /// A health check of the balancer need not be logged.
/// fn is_health_check(header: &ProxyHeader) -> bool {
///     header.command() == Command::Local
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// The proxy opened the connection for itself, for example to check the server's health.
    Local,
    /// The proxy forwards a client's connection. All headers of version 1 have this command.
    Proxy,
}

/// The kind of connection that the client has to the proxy.
///
/// ```
/// use lastword_io::proxy::{ProxyHeader, Transport};
///
/// /// A client that came over UDP, for example with QUIC, is not for a server of TLS over TCP.
/// fn is_stream(header: &ProxyHeader) -> bool {
///     header.transport() != Transport::Datagram
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// Unknown, or not stated.
    Unspecified,
    /// A stream: TCP, or a Unix stream socket.
    Stream,
    /// Datagrams: UDP, or a Unix datagram socket.
    Datagram,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Addresses {
    Unspecified,
    Inet {
        source: SocketAddr,
        destination: SocketAddr,
    },
    /// Paths without the zero bytes at their end.
    Unix {
        source: Box<[u8]>,
        destination: Box<[u8]>,
    },
}

impl ProxyHeader {
    /// Parses the header at the start of `bytes`, with the [default limit](DEFAULT_LIMIT).
    ///
    /// `bytes` are all bytes received so far. The result does not depend on how they were cut.
    ///
    /// ```
    /// use lastword_io::proxy::{Parsed, ProxyHeader};
    ///
    /// let received = b"PROXY TCP6 2001:db8::7 2001:db8::1 50000 443\r\n\x16\x03\x01";
    /// let Parsed::Complete { header, len } = ProxyHeader::parse(received)? else {
    ///     unreachable!("the header is complete");
    /// };
    /// assert_eq!(header.source(), Some("[2001:db8::7]:50000".parse().unwrap()));
    /// assert_eq!(received[len..], *b"\x16\x03\x01");
    ///
    /// assert_eq!(ProxyHeader::parse(b"PROXY TCP4 ")?, Parsed::NeedsInput(21));
    ///
    /// let error = ProxyHeader::parse(b"\x16\x03\x01").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "no PROXY header: the connection begins with \"\\x16\", as TLS does"
    /// );
    /// # Ok::<(), lastword_io::proxy::ProxyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ProxyError`] if the bytes do not begin with a header, or the header is malformed, has a
    /// wrong checksum, or is longer than the limit. It is returned as soon as the bytes show it.
    pub fn parse(bytes: &[u8]) -> Result<Parsed, ProxyError> {
        Self::parse_with_limit(bytes, DEFAULT_LIMIT)
    }

    /// Parses the header at the start of `bytes`, as [`parse`](Self::parse) does, with a limit of
    /// your own.
    ///
    /// `limit` is the greatest length in bytes that a header of version 2 may have after its first
    /// 16 bytes. A header of version 1 has at most 107 bytes, whatever the limit.
    ///
    /// ```
    /// use lastword_io::proxy::{ProxyError, ProxyHeader};
    ///
    /// let received = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x02\x00"; // 512 bytes follow
    /// let error = ProxyHeader::parse_with_limit(received, 256).unwrap_err();
    /// assert_eq!(error, ProxyError::TooLong { length: 512, limit: 256 });
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`parse`](Self::parse).
    pub fn parse_with_limit(bytes: &[u8], limit: u16) -> Result<Parsed, ProxyError> {
        if bytes.starts_with(v1::PREFIX) {
            v1::parse(bytes)
        } else if bytes.starts_with(&v2::SIGNATURE) {
            v2::parse(bytes, limit)
        } else if v2::SIGNATURE.starts_with(bytes) && !bytes.is_empty() {
            Ok(Parsed::NeedsInput(v2::FIXED_LEN - bytes.len()))
        } else if v1::PREFIX.starts_with(bytes) {
            // a header of version 2 is longer
            Ok(Parsed::NeedsInput(v1::MIN_LEN - bytes.len()))
        } else {
            Err(ProxyError::missing(bytes))
        }
    }

    /// Returns the version of the header.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// Returns whether the proxy forwards a client or opened the connection for itself.
    #[must_use]
    pub const fn command(&self) -> Command {
        self.command
    }

    /// Returns the kind of connection that the client has to the proxy.
    #[must_use]
    pub const fn transport(&self) -> Transport {
        self.transport
    }

    /// Returns the client's address.
    ///
    /// `None` if the command is [`Local`](Command::Local), the proxy does not know the address, or
    /// it is the path of a Unix socket. The address of the connection itself is then the best known.
    #[must_use]
    pub const fn source(&self) -> Option<SocketAddr> {
        match self.addresses {
            Addresses::Inet { source, .. } => Some(source),
            _ => None,
        }
    }

    /// Returns the address that the client connected to.
    ///
    /// `None` in the same cases as [`source`](Self::source).
    #[must_use]
    pub const fn destination(&self) -> Option<SocketAddr> {
        match self.addresses {
            Addresses::Inet { destination, .. } => Some(destination),
            _ => None,
        }
    }

    /// Returns the client's path if the client connected to a Unix socket, at most 108 bytes.
    ///
    /// Zero bytes at the end are removed. A path that begins with a zero byte is a name in Linux's
    /// abstract namespace.
    #[must_use]
    pub fn unix_source(&self) -> Option<&[u8]> {
        match &self.addresses {
            Addresses::Unix { source, .. } => Some(source),
            _ => None,
        }
    }

    /// Returns the path of the Unix socket that the client connected to, at most 108 bytes.
    ///
    /// Zero bytes at the end are removed.
    #[must_use]
    pub fn unix_destination(&self) -> Option<&[u8]> {
        match &self.addresses {
            Addresses::Unix { destination, .. } => Some(destination),
            _ => None,
        }
    }

    /// Returns the additional values (TLVs) of a header of version 2, in their order.
    ///
    /// There are none if the header has no addresses: its content must then be ignored.
    ///
    /// ```
    /// use lastword_io::proxy::{ProxyHeader, TlvType};
    ///
    /// /// The ID of the AWS VPC endpoint that the client used.
    /// fn vpc_endpoint(header: &ProxyHeader) -> Option<&[u8]> {
    ///     let (_, value) = header.tlvs().find(|(kind, _)| *kind == TlvType(0xea))?;
    ///     value.strip_prefix(&[1]) // PP2_SUBTYPE_AWS_VPCE_ID
    /// }
    /// ```
    #[must_use]
    pub const fn tlvs(&self) -> Tlvs<'_> {
        Tlvs::new(&self.tlvs)
    }

    /// Returns the application protocol that the proxy negotiated with the client, for example `h2`.
    #[must_use]
    pub fn alpn(&self) -> Option<&[u8]> {
        self.tlvs().value(TlvType::ALPN)
    }

    /// Returns the host name that the client asked the proxy for, for example its SNI.
    ///
    /// The protocol says that it is UTF-8. That is not checked.
    #[must_use]
    pub fn authority(&self) -> Option<&[u8]> {
        self.tlvs().value(TlvType::AUTHORITY)
    }

    /// Returns the ID that the proxy gave to the connection.
    ///
    /// The protocol allows 128 bytes. Only the limit of the whole header is checked.
    #[must_use]
    pub fn unique_id(&self) -> Option<&[u8]> {
        self.tlvs().value(TlvType::UNIQUE_ID)
    }

    /// Returns what the proxy says of the client's TLS, as bytes: flags, the result of the
    /// certificate check, and more TLVs (`pp2_tlv_ssl`).
    #[must_use]
    pub fn ssl(&self) -> Option<&[u8]> {
        self.tlvs().value(TlvType::SSL)
    }
}
