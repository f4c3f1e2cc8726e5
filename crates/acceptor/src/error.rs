//! Why a handshake failed: the kind, the phase, and what is known of the client.

use core::net::IpAddr;
use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use lastword_alert::Alert;
use lastword_hello::{ClientHello, ExtensionType, Field, Hello, NamedGroup};
use lastword_record::ProtocolVersion;
use rustls::ServerConnection;

use crate::{Config, Panic, Phase, Reason, RecordError, Rejection, text, words};

/// Why a handshake failed.
///
/// Its `Display` is one line for a log that says what the client offered and what the server has. It
/// is printable, of at most 1,024 bytes, and what comes from outside in it is
/// [quoted](crate::text::Quoted), whatever the client sent or an application's error says. With a
/// precision, as in `{:.200}`, it is of at most so many bytes.
///
/// For a program there are [`kind`](Self::kind) and [`phase`](Self::phase), and
/// [`reason`](Self::reason) for the label of a metric.
pub struct Error {
    kind: ErrorKind,
    phase: Phase,
    client: Client,
    server: Option<Config>,
}

/// What went wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client's first bytes are no ClientHello.
    Hello(lastword_hello::Error),
    /// The client offers no protocol version that is enabled.
    NoVersionInCommon,
    /// The client fell back to a version below its own and the server's (RFC 7507).
    InappropriateFallback,
    /// The client offers no cipher suite that the server has of the version in common (RFC 8446
    /// section 4.1.1).
    NoCipherSuiteInCommon(ProtocolVersion),
    /// A ClientHello of TLS 1.3 lacks an extension it must have (RFC 8446 section 9.2).
    MissingExtension(ExtensionType),
    /// The client sent a key share of a group that it does not support (RFC 8446 section 4.2.8).
    KeyShareNotOffered(NamedGroup),
    /// The second ClientHello, after a HelloRetryRequest, differs from the first in this field,
    /// which must be the same (RFC 8446 section 4.1.2).
    HelloDiffers(Field),
    /// The second ClientHello, after a HelloRetryRequest, has more key shares than the one asked for
    /// (RFC 8446 section 4.1.2).
    MoreThanOneKeyShare,
    /// The client offers no application protocol that the server has (RFC 7301 section 3.2).
    NoApplicationProtocol,
    /// Once it was answered, the client sent a record that it may not send there.
    Record(RecordError),
    /// The application refused the client.
    Rejected(Rejection),
    /// Code of the application that took part in the handshake panicked.
    Panicked(Panic),
    /// rustls found an error.
    Rustls(rustls::Error),
    /// The client ended the handshake by an alert.
    PeerAlert(Alert),
    /// The client closed the connection.
    Closed,
    /// The stream failed, because of a transport error.
    StreamFailed,
    /// The deadline passed.
    Expired,
    /// The server gave the handshake up.
    Canceled,
}

/// What is known of the client.
pub(crate) enum Client {
    /// What it sent is no ClientHello, or not yet one.
    Bytes(Vec<u8>),
    /// Its ClientHello.
    Hello(Hello),
    /// What was agreed on, once a ServerHello was made.
    Agreed {
        server_name: Option<Box<str>>,
        alpn_protocol: Option<Box<[u8]>>,
        version: Option<ProtocolVersion>,
    },
}

impl Client {
    /// Whether it asked for a server by a name, or by an IP address in a name's place.
    pub(crate) fn is_named(&self) -> bool {
        self.server_name().is_some() || self.server_name_ip().is_some()
    }

    /// The IP address that it sent in a name's place.
    pub(crate) fn server_name_ip(&self) -> Option<IpAddr> {
        match self {
            Self::Hello(hello) => hello.client_hello().server_name_ip(),
            Self::Bytes(_) | Self::Agreed { .. } => None,
        }
    }

    fn server_name(&self) -> Option<&str> {
        match self {
            Self::Bytes(_) => None,
            Self::Hello(hello) => hello.server_name(),
            Self::Agreed { server_name, .. } => server_name.as_deref(),
        }
    }

    /// What a connection that answered the ClientHello knows.
    pub(crate) fn agreed(connection: &ServerConnection) -> Self {
        Self::Agreed {
            server_name: connection.server_name().map(Into::into),
            alpn_protocol: connection.alpn_protocol().map(Into::into),
            version: connection
                .protocol_version()
                .map(|version| ProtocolVersion(version.into())),
        }
    }
}

impl Error {
    #[inline]
    pub(crate) fn new(kind: ErrorKind, phase: Phase, client: Client) -> Self {
        Self {
            kind,
            phase,
            client,
            server: None,
        }
    }

    pub(crate) fn set_server(&mut self, server: &Config) {
        self.server = Some(server.clone());
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// How far the handshake had come.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// What went wrong, as one of a closed set with a short stable name each.
    #[must_use]
    pub fn reason(&self) -> Reason {
        Reason::of(&self.kind)
    }

    /// What rustls said, if it was rustls that found the error.
    #[must_use]
    pub fn rustls(&self) -> Option<&rustls::Error> {
        match &self.kind {
            ErrorKind::Rustls(error) => Some(error),
            _ => None,
        }
    }

    /// The alert that the client sent, if it ended the handshake by one.
    #[must_use]
    pub fn peer_alert(&self) -> Option<Alert> {
        match self.kind {
            ErrorKind::Hello(lastword_hello::Error::PeerAlert(alert))
            | ErrorKind::PeerAlert(alert) => Some(alert),
            _ => None,
        }
    }

    /// The ClientHello, if it was whole and no ServerHello was made of it.
    #[must_use]
    pub fn client_hello(&self) -> Option<ClientHello<'_>> {
        match &self.client {
            Client::Hello(hello) => Some(hello.client_hello()),
            Client::Bytes(_) | Client::Agreed { .. } => None,
        }
    }

    /// The configuration that was chosen for the client, if one was.
    #[must_use]
    pub fn config(&self) -> Option<&Config> {
        self.server.as_ref()
    }

    /// Every byte of the client's that was taken, exactly, to answer in another protocol or to pass
    /// on; what was not taken is where it was given from. Empty once a ServerHello was made: what
    /// the client sent is of no use then. After a HelloRetryRequest these are the bytes of the second ClientHello.
    ///
    /// They are copied if they are a whole ClientHello in several records.
    #[must_use]
    pub fn received(&self) -> Cow<'_, [u8]> {
        match &self.client {
            Client::Bytes(bytes) => Cow::Borrowed(bytes),
            Client::Hello(hello) => hello.received(),
            Client::Agreed { .. } => Cow::Borrowed(&[]),
        }
    }

    /// How many bytes [`received`](Self::received) returns.
    #[must_use]
    pub fn received_len(&self) -> usize {
        match &self.client {
            Client::Bytes(bytes) => bytes.len(),
            Client::Hello(hello) => hello.received_len(),
            Client::Agreed { .. } => 0,
        }
    }

    /// The same bytes as [`received`](Self::received), to keep. They are copied only if they are a
    /// whole ClientHello in several records.
    #[must_use]
    pub fn into_received(self) -> Vec<u8> {
        match self.client {
            Client::Bytes(bytes) => bytes,
            Client::Hello(hello) => hello.into_received(),
            Client::Agreed { .. } => Vec::new(),
        }
    }

    /// The server name that the client asked for, in lower case; `None` if it sent none or its
    /// ClientHello was not read.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.client.server_name()
    }

    /// The application protocols that the client offered; once a ServerHello was made, the one
    /// agreed on.
    pub fn alpn(&self) -> impl Iterator<Item = &[u8]> + Clone {
        let (offered, agreed) = match &self.client {
            Client::Bytes(_) => (None, None),
            Client::Hello(hello) => (hello.client_hello().alpn(), None),
            Client::Agreed { alpn_protocol, .. } => (None, alpn_protocol.as_deref()),
        };
        offered.into_iter().flatten().chain(agreed)
    }

    /// The protocol versions that the client offered, in its order; once a ServerHello was made,
    /// the one agreed on.
    #[must_use]
    pub fn versions(&self) -> Vec<ProtocolVersion> {
        match &self.client {
            Client::Bytes(_) => Vec::new(),
            Client::Hello(hello) => hello.client_hello().offered_versions().collect(),
            Client::Agreed { version, .. } => version.iter().copied().collect(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        words::write(self, f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &text::Dump(&self.kind))
            .field("phase", &self.phase)
            .field("server_name", &self.server_name())
            .field("received", &self.received_len())
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        // its words are the error's own: what is below it is the next to say. rustls's have none
        match &self.kind {
            ErrorKind::Rejected(rejection) => rejection.source().and_then(StdError::source),
            _ => None,
        }
    }
}
