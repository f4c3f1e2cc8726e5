//! The stage that reads the header of the PROXY protocol.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use lastword_io::networks::Network;
use lastword_io::proxy::{DEFAULT_LIMIT, Parsed, ProxyError, ProxyHeader};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::choose::Addresses;
use crate::socket;

/// The first byte of a TLS record with a ClientHello.
const HANDSHAKE: u8 = 22;

/// The proxies from which a listener reads a header of the PROXY protocol, versions 1 and 2.
///
/// The chooser, the stream and the log then show the header's addresses. A client that may send a
/// header chooses its own address, so name only the networks of your proxies. Peers of other networks
/// are clients, and a header from them is an error.
///
/// The peers of a `UnixStream` have no address, and are all trusted: the permissions of the
/// socket's file say who may connect. If a [source](super::Source) has its own stream type, it must
/// return the address of each proxy: a peer without an address is treated as a client.
///
/// ```
/// use lastword_tokio::listener::ProxyProtocol;
///
/// let proxies = ProxyProtocol::from_networks(["10.0.0.0/8".parse()?, "::1".parse()?]);
/// # Ok::<(), lastword_tokio::listener::NetworkError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ProxyProtocol {
    networks: Arc<[Network]>,
    is_required: bool,
    limit: u16,
}

/// The result of reading the header.
pub(super) enum Header {
    /// A header was read.
    Read(ProxyHeader),
    /// There is none: the bytes that were read are the client's own.
    None,
    /// The proxy closed before it was complete: without sending a byte, as health checks do, or within
    /// it.
    Closed,
    /// The header is malformed, or is missing and required.
    Malformed(ProxyError),
    Failed(io::Error),
    TimedOut,
    /// The listener aborts handshakes.
    Aborted,
}

impl ProxyProtocol {
    /// Requires a header from peers in these networks.
    ///
    /// ```
    /// use lastword_tokio::listener::{Network, ProxyProtocol};
    ///
    /// let balancer = Network::from(std::net::IpAddr::from([10, 0, 0, 7]));
    /// let proxies = ProxyProtocol::from_networks([balancer]);
    /// # let _: ProxyProtocol = proxies;
    /// ```
    #[must_use]
    pub fn from_networks(networks: impl IntoIterator<Item = Network>) -> Self {
        Self {
            networks: networks.into_iter().collect(),
            is_required: true,
            limit: DEFAULT_LIMIT,
        }
    }

    /// Makes the header optional: a peer may also begin with TLS.
    ///
    /// ```
    /// # use lastword_tokio::listener::ProxyProtocol;
    /// // health checks of the balancer have no header
    /// let proxies = ProxyProtocol::from_networks(["10.0.0.0/8".parse()?]).optional();
    /// # Ok::<(), lastword_tokio::listener::NetworkError>(())
    /// ```
    #[must_use]
    pub fn optional(self) -> Self {
        let is_required = false;
        Self {
            is_required,
            ..self
        }
    }

    /// Sets the limit for the length of a header of version 2, in bytes after its first 16. Default:
    /// 4,096.
    ///
    /// ```
    /// # use lastword_tokio::listener::ProxyProtocol;
    /// let proxies = ProxyProtocol::from_networks(["10.0.0.0/8".parse()?]).with_limit(512);
    /// # Ok::<(), lastword_tokio::listener::NetworkError>(())
    /// ```
    #[must_use]
    pub fn with_limit(self, limit: u16) -> Self {
        Self { limit, ..self }
    }

    /// Whether a header is read from a peer. Who may connect to a Unix socket is for the file system to
    /// say. Any other peer without an address could be anybody.
    pub(super) fn trusts<IO: 'static>(&self, addresses: &Addresses, io: &IO) -> bool {
        match addresses.peer {
            Some(peer) => self.networks.iter().any(|it| it.contains(peer.ip())),
            None => socket::is_unix(io),
        }
    }

    /// Reads the header, and no byte after it. A header that is complete is taken out of `received`, which
    /// is empty at first.
    pub(super) async fn read(
        &self,
        io: &mut (impl AsyncRead + Unpin),
        received: &mut Vec<u8>,
    ) -> Header {
        loop {
            if !self.is_required && received.first() == Some(&HANDSHAKE) {
                return Header::None;
            }
            let missing = match ProxyHeader::parse_with_limit(received, self.limit) {
                Ok(Parsed::Complete { header, len }) => {
                    received.drain(..len);
                    return Header::Read(header);
                }
                Ok(Parsed::NeedsInput(missing)) => missing,
                Err(error) => return Header::Malformed(error),
            };
            let mut next = (&mut *io).take(missing as u64);
            match next.read_buf(received).await {
                Ok(0) => return Header::Closed,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Header::Failed(error),
            }
        }
    }
}
