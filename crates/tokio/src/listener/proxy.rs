//! Reading the header of the PROXY protocol, before the client's own bytes.

use std::io::{self, ErrorKind};
use std::mem;
use std::sync::Arc;

use lastword_io::networks::Network;
use lastword_io::proxy::{DEFAULT_LIMIT, Parsed, ProxyError, ProxyHeader};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::choose::Addresses;

/// The first byte of a TLS record with a ClientHello.
const HANDSHAKE: u8 = 22;

/// From which proxies a listener reads a header of the PROXY protocol, versions 1 and 2.
///
/// The header's addresses are then the client's, for the chooser, the stream and the log. A client that
/// could send a header itself would choose its own address, so name the networks of your proxies, and
/// no others. Peers of other networks are taken for clients, and a header of theirs is an error.
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

/// How the header ended.
pub(super) enum Header {
    /// There is one.
    Read(ProxyHeader),
    /// There is none: these bytes are the client's own.
    None(Vec<u8>),
    /// The proxy closed without sending a byte, as its health checks do.
    Closed,
    /// It is malformed, or is required and did not come.
    Malformed(ProxyError),
    Failed(io::Error),
}

impl ProxyProtocol {
    /// Requires a header from peers of these networks.
    #[must_use]
    pub fn from_networks(networks: impl IntoIterator<Item = Network>) -> Self {
        Self {
            networks: networks.into_iter().collect(),
            is_required: true,
            limit: DEFAULT_LIMIT,
        }
    }

    /// Takes peers of the networks without a header too: those that begin with TLS.
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
    #[must_use]
    pub fn with_limit(self, limit: u16) -> Self {
        Self { limit, ..self }
    }

    /// Whether a header is read from a peer. A peer without an IP address, as of a Unix socket, is
    /// trusted: who may connect is for the file system to say.
    pub(super) fn trusts(&self, addresses: &Addresses) -> bool {
        match addresses.peer {
            Some(peer) => self.networks.iter().any(|it| it.contains(peer.ip())),
            None => true,
        }
    }

    /// Reads the header, and no byte after it, into an empty buffer.
    pub(super) async fn read(
        &self,
        io: &mut (impl AsyncRead + Unpin),
        received: &mut Vec<u8>,
    ) -> Header {
        loop {
            if !self.is_required && received.first() == Some(&HANDSHAKE) {
                return Header::None(mem::take(received));
            }
            let missing = match ProxyHeader::parse_with_limit(received, self.limit) {
                Ok(Parsed::Complete { header, .. }) => return Header::Read(header),
                Ok(Parsed::NeedsInput(missing)) => missing,
                Err(error) => return Header::Malformed(error),
            };
            let mut next = (&mut *io).take(missing as u64);
            match next.read_buf(received).await {
                Ok(0) if received.is_empty() => return Header::Closed,
                Ok(0) => return Header::Failed(ErrorKind::UnexpectedEof.into()),
                Ok(_) => {}
                Err(error) => return Header::Failed(error),
            }
        }
    }
}
