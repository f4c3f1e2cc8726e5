//! The error of a handshake: its kind, its phase, and what is known of the client.

use core::net::IpAddr;
use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use lastword_alert::{Alert, AlertDescription};
use lastword_hello::{ClientHello, ExtensionType, Field, NamedGroup};
use lastword_record::{HandshakeType, ProtocolVersion};

use crate::backend::CertificateDer;
use crate::backend::config::Config;
use crate::backend::config_error::ConfigError;
use crate::backend::error::RustlsError;
use crate::backend::served::Served;
use crate::client::Client;
use crate::gate::RecordError;
use crate::messages::Proof;
use crate::panic::Panic;
use crate::phase::Phase;
use crate::rejection::Rejection;
use crate::text;

/// The error of a failed handshake.
///
/// Its `Display` is one line for a log that says what the client offered and what the server has. It
/// is printable and has at most 1,024 bytes. Text from the client or the application in it is
/// [quoted](crate::text::Quoted). A precision, as in `{:.200}`, sets a lower limit in bytes.
///
/// [`source`](StdError::source) returns rustls's error if rustls found the error. Its text is part of
/// the line, so do not log both.
///
/// In a program, use [`kind`](Self::kind) and [`phase`](Self::phase), and [`reason`](Self::reason)
/// for the label of a metric.
///
/// ```
/// # #[cfg(feature = "ring")] {
/// use lastword_acceptor::Error;
///
/// /// Logs a failed handshake, except a probe.
/// fn log(error: &Error) {
///     if !error.is_probe() {
///         eprintln!("{}: {error:.500}", error.reason());
///     }
/// }
/// # let provider = rustls::crypto::ring::default_provider().into();
/// # let builder = rustls::ServerConfig::builder_with_provider(provider);
/// # let builder = builder.with_protocol_versions(&[&rustls::version::TLS13]).unwrap();
/// # let resolver = std::sync::Arc::new(rustls::server::ResolvesServerCertUsingSni::new());
/// # let tls = builder.with_no_client_auth().with_cert_resolver(resolver);
/// # let record = [&[22, 3, 1, 0, 69, 1, 0, 0, 65, 3, 3][..], &[7; 32],
/// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 20], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
/// #     b"example.com"].concat();
/// # let received = lastword_acceptor::Handshake::default().receive(&mut &record[..]);
/// # let Ok(lastword_acceptor::Progress::ClientHello(accepted)) = received else { panic!() };
/// # let failed = accepted.into_handshake(&tls.into()).unwrap_err();
/// # let error = failed.error();
/// # log(error);
/// # }
/// ```
///
/// The fields are for programs:
///
/// ```
/// # #[cfg(feature = "ring")] {
/// use lastword_acceptor::{ErrorKind, Phase, ProtocolVersion, Reason};
///
/// # let provider = rustls::crypto::ring::default_provider().into();
/// # let builder = rustls::ServerConfig::builder_with_provider(provider);
/// # let builder = builder.with_protocol_versions(&[&rustls::version::TLS13]).unwrap();
/// # let resolver = std::sync::Arc::new(rustls::server::ResolvesServerCertUsingSni::new());
/// # let tls = builder.with_no_client_auth().with_cert_resolver(resolver);
/// # let record = [&[22, 3, 1, 0, 87, 1, 0, 0, 83, 3, 3][..], &[7; 32],
/// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 38], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
/// #     b"example.com", &[0, 16, 0, 14, 0, 12, 2], b"h2", &[8], b"http/1.1"].concat();
/// # let received = lastword_acceptor::Handshake::default().receive(&mut &record[..]);
/// # let Ok(lastword_acceptor::Progress::ClientHello(accepted)) = received else { panic!() };
/// # let failed = accepted.into_handshake(&tls.into()).unwrap_err();
/// let error = failed.error(); // of a client of TLS 1.2, and a server of TLS 1.3
/// assert!(matches!(error.kind(), ErrorKind::NoVersionInCommon));
/// assert_eq!((error.reason(), error.phase()), (Reason::Version, Phase::ServerHello));
/// assert_eq!(error.server_name(), Some("example.com"));
/// assert_eq!(error.versions(), [ProtocolVersion::TLS_1_2]);
/// assert!(error.client_hello().is_some() && error.config().is_some());
/// assert_eq!(error.received_len(), error.received().len());
/// assert_eq!(error.alpn().next(), Some(&b"h2"[..]));
/// assert!(error.peer_alert().is_none() && error.client_certificates().is_empty());
/// assert!(error.rustls().is_none() && error.required_alert().is_none());
/// # }
/// ```
pub struct Error {
    kind: ErrorKind,
    phase: Phase,
    client: Client,
    server: Option<Config>,
    /// In a box, because few errors come from rustls.
    rustls: Option<Box<Found>>,
    /// The required alert, if another one is sent.
    required: Option<AlertDescription>,
}

/// An error that rustls found.
struct Found {
    error: RustlsError,
    /// The certificate for the client, if no cipher suite or signature scheme goes with it.
    served: Option<Served>,
}

/// The kind of an error: what went wrong.
///
/// ```
/// use lastword_acceptor::{Error, ErrorKind};
///
/// /// Returns whether an operator should look at this server.
/// fn is_ours(error: &Error) -> bool {
///     matches!(
///         error.kind(),
///         ErrorKind::Config(_) | ErrorKind::Internal | ErrorKind::Panicked(_)
///     )
/// }
/// # let failed = lastword_acceptor::Handshake::default().receive(&mut &b"SSH-"[..]).unwrap_err();
/// # assert!(!is_ours(failed.error()));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client's first bytes are not a valid ClientHello.
    Hello(lastword_hello::Error),
    /// The configuration can serve no client.
    Config(ConfigError),
    /// The client offers no protocol version that is enabled.
    NoVersionInCommon,
    /// The client fell back to a version below its own and the server's (RFC 7507).
    InappropriateFallback,
    /// The client offers no cipher suite that the server has for the common version (RFC 8446 section
    /// 4.1.1).
    NoCipherSuiteInCommon(ProtocolVersion),
    /// No common cipher suite works with the server's certificate and the groups.
    NoCipherSuiteForCertificate,
    /// The client offers no group for the key exchange that the server has (RFC 8446 section 4.1.1).
    NoGroupInCommon,
    /// The client offers no signature scheme for the key of the server's certificate (RFC 8446 section
    /// 4.4.2.2).
    NoSignatureSchemeInCommon,
    /// The client and the server are incompatible for another reason.
    Incompatible,
    /// The server has no certificate for the client's server name, or none for a client without a
    /// server name.
    NoCertificate,
    /// A ClientHello of TLS 1.3 lacks an extension it must have (RFC 8446 section 9.2).
    MissingExtension(ExtensionType),
    /// The client sent a key share of a group that it does not support (RFC 8446 section 4.2.8).
    KeyShareNotOffered(NamedGroup),
    /// The second ClientHello, after a HelloRetryRequest, differs from the first in this field and
    /// must not (RFC 8446 section 4.1.2).
    HelloDiffers(Field),
    /// The second ClientHello, after a HelloRetryRequest, has more than the requested key share (RFC
    /// 8446 section 4.1.2).
    MoreThanOneKeyShare,
    /// The client offers no application protocol that the server has (RFC 7301 section 3.2).
    NoApplicationProtocol,
    /// The client sent a record that is not allowed at this point, after its ClientHello was
    /// answered.
    Record(RecordError),
    /// The client sent a record or a message that is too long.
    TooLong,
    /// The client sent a message that cannot be parsed.
    Malformed,
    /// The client sent a message that is not allowed at this point.
    UnexpectedMessage,
    /// The client broke the protocol in another way.
    Misbehaved,
    /// A record of the client cannot be decrypted, or a signature or a Finished does not verify.
    Decrypt,
    /// A client certificate is required, and the client sent none.
    NoClientCertificate,
    /// The client certificate is not accepted.
    BadClientCertificate,
    /// The application refused the client.
    Rejected(Rejection),
    /// The application passes the client through. It is an error only if nothing takes the client.
    PassedThrough,
    /// Code of the application that took part in the handshake panicked.
    Panicked(Panic),
    /// The server failed: its signing key, its verifier, its clock or another part of it.
    Internal,
    /// The client ended the handshake with an alert.
    PeerAlert(Alert),
    /// The client closed the connection.
    Closed(CloseKind),
    /// The stream failed because of a transport error.
    StreamFailed,
    /// The timeout of the handshake passed.
    TimedOut,
    /// The server aborted the handshake.
    Aborted,
}

/// The way in which a client closed the connection.
///
/// ```
/// use lastword_acceptor::{CloseKind, End, ErrorKind, Handshake};
///
/// let failed = Handshake::default().end(End::Reset);
/// assert!(matches!(failed.error().kind(), ErrorKind::Closed(CloseKind::Reset)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloseKind {
    /// The stream ended, without `close_notify`.
    EndOfStream,
    /// The client sent the alert `close_notify` (RFC 8446 section 6.1).
    CloseNotify,
    /// The client reset the connection.
    Reset,
}

impl ErrorKind {
    /// Returns the kind for an alert that ended the handshake. `close_notify` is a close, not an
    /// error.
    pub(crate) fn of_peer_alert(alert: Alert) -> Self {
        match alert.description {
            AlertDescription::CLOSE_NOTIFY => Self::Closed(CloseKind::CloseNotify),
            _ => Self::PeerAlert(alert),
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
            rustls: None,
            required: None,
        }
    }

    /// Notes that the client should get the first alert and gets the second.
    pub(crate) fn requiring(mut self, required: AlertDescription, sent: AlertDescription) -> Self {
        self.required = (required != sent).then_some(required);
        self
    }

    /// Adds rustls's error.
    pub(crate) fn with_rustls(mut self, rustls: RustlsError) -> Self {
        self.set_rustls(rustls);
        self
    }

    pub(crate) fn set_rustls(&mut self, rustls: RustlsError) {
        self.rustls = Some(Box::new(Found {
            error: rustls,
            served: None,
        }));
    }

    /// Notes the server's certificate, if the error is about it.
    pub(crate) fn set_served(&mut self, served: Option<&Served>) {
        if let (
            ErrorKind::NoCipherSuiteForCertificate | ErrorKind::NoSignatureSchemeInCommon,
            Some(found),
        ) = (&self.kind, &mut self.rustls)
        {
            found.served = served.cloned();
        }
    }

    /// Returns the server's certificate, if the client has got it or the error is about it.
    pub(crate) fn served(&self) -> Option<&Served> {
        match self.client.answered() {
            Some(agreed) => agreed.served.as_ref(),
            None => self.rustls.as_ref()?.served.as_ref(),
        }
    }

    pub(crate) fn set_server(&mut self, server: &Config) {
        self.server = Some(server.clone());
    }

    /// Returns what went wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// Returns how far the handshake had come.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Returns rustls's error, if rustls found the error.
    #[must_use]
    pub fn rustls(&self) -> Option<&RustlsError> {
        Some(&self.rustls.as_ref()?.error)
    }

    /// Returns whether the client closed without sending a byte, as a port scan or a health check
    /// does. Such a probe need not be logged.
    #[must_use]
    pub fn is_probe(&self) -> bool {
        matches!(self.kind, ErrorKind::Closed(_))
            && self.phase == Phase::ClientHello
            && self.received_len() == 0
    }

    /// Returns the alert that the client sent, if an alert ended the handshake.
    #[must_use]
    pub fn peer_alert(&self) -> Option<Alert> {
        match self.kind {
            ErrorKind::Hello(lastword_hello::Error::PeerAlert(alert))
            | ErrorKind::PeerAlert(alert) => Some(alert),
            _ => None,
        }
    }

    /// Returns the alert that the RFCs require, if the client gets a different one because only
    /// rustls can encrypt an alert. It is always `None` with [encrypted
    /// alerts](crate::encrypted_alerts).
    #[must_use]
    pub fn required_alert(&self) -> Option<AlertDescription> {
        self.required
    }

    /// Returns the ClientHello, if it was complete and no ServerHello was made.
    #[must_use]
    pub fn client_hello(&self) -> Option<ClientHello<'_>> {
        match &self.client {
            Client::Hello(hello) => Some(hello.client_hello()),
            Client::Bytes(_) | Client::Agreed(_) => None,
        }
    }

    /// Returns the configuration of the client, if one was chosen.
    #[must_use]
    pub fn config(&self) -> Option<&Config> {
        let agreed = || self.client.answered()?.config.as_ref();
        self.server.as_ref().or_else(agreed)
    }

    /// Returns the IP address that the client sent instead of a server name.
    pub(crate) fn server_name_ip(&self) -> Option<IpAddr> {
        self.client.server_name_ip()
    }

    /// Returns the last alert of the client after the ServerHello that did not end the connection.
    pub(crate) fn warning(&self) -> Option<AlertDescription> {
        self.client.answered()?.warning
    }

    /// Returns how many bytes arrived after the ClientHello was answered; `None` if it was not.
    pub(crate) fn received_since(&self) -> Option<u32> {
        Some(self.client.answered()?.received_since)
    }

    /// Returns what an error about the client's certificates is about.
    pub(crate) fn proof(&self) -> Proof {
        self.client.answered().map_or(Proof::Unknown, |it| it.proof)
    }

    /// Returns the client's message that an error of rustls is about, if the ClientHello was answered and
    /// the message is known.
    pub(crate) fn message(&self) -> Option<HandshakeType> {
        self.client.answered()?.message
    }

    /// Returns the longest record that the client accepts, in bytes, if it says so.
    pub(crate) fn longest_record(&self) -> Option<u16> {
        match &self.client {
            Client::Agreed(agreed) => agreed.longest_record,
            Client::Hello(hello) => hello.client_hello().longest_record(),
            Client::Bytes(_) => None,
        }
    }

    /// Returns the certificates that the client sent, its own first, at most 16; none if it sent none or
    /// they are not known.
    ///
    /// In TLS 1.3 they are encrypted. So until they are verified they are known only with [encrypted
    /// alerts](crate::encrypted_alerts).
    #[must_use]
    pub fn client_certificates(&self) -> &[CertificateDer<'static>] {
        self.client.answered().map_or(&[], |it| &it.certificates)
    }

    /// Returns every byte that was taken from the client, exactly, for example to answer in another
    /// protocol. Bytes that were not taken are still in the slice given to
    /// [`receive`](crate::Handshake::receive). It is empty once a ServerHello was made, because
    /// nobody needs the bytes then. After a HelloRetryRequest they are the bytes of the second
    /// ClientHello.
    ///
    /// The bytes are copied only if they are a complete ClientHello in several records.
    #[must_use]
    pub fn received(&self) -> Cow<'_, [u8]> {
        match &self.client {
            Client::Bytes(bytes) => Cow::Borrowed(bytes),
            Client::Hello(hello) => hello.received(),
            Client::Agreed(_) => Cow::Borrowed(&[]),
        }
    }

    /// Returns the number of bytes that [`received`](Self::received) returns.
    #[must_use]
    pub fn received_len(&self) -> usize {
        match &self.client {
            Client::Bytes(bytes) => bytes.len(),
            Client::Hello(hello) => hello.received_len(),
            Client::Agreed(_) => 0,
        }
    }

    /// Returns the same bytes as [`received`](Self::received), to keep. They are copied only if they
    /// are a complete ClientHello in several records.
    ///
    /// ```
    /// use lastword_acceptor::{Error, Handshake};
    ///
    /// let (error, _) = Handshake::default().receive(&mut &b"SSH-2.0"[..]).unwrap_err().into_parts();
    /// assert_eq!(error.into_received(), b"SSH-"); // the other bytes were not taken
    /// ```
    #[must_use]
    pub fn into_received(self) -> Vec<u8> {
        self.client.into_received()
    }

    /// Returns the server name that the client asked for, in lower case; `None` if it sent none or
    /// its ClientHello was not read.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.client.server_name()
    }

    /// Returns the application protocols that the client offered; once a ServerHello was made, the
    /// negotiated one.
    pub fn alpn(&self) -> impl Iterator<Item = &[u8]> + Clone {
        let (offered, agreed) = match &self.client {
            Client::Bytes(_) => (None, None),
            Client::Hello(hello) => (hello.client_hello().alpn(), None),
            Client::Agreed(agreed) => (None, agreed.alpn_protocol.as_deref()),
        };
        offered.into_iter().flatten().chain(agreed)
    }

    /// Returns the protocol versions that the client offered, in its order; once a ServerHello was
    /// made, the negotiated one.
    #[must_use]
    pub fn versions(&self) -> Vec<ProtocolVersion> {
        match &self.client {
            Client::Bytes(_) => Vec::new(),
            Client::Hello(hello) => hello.client_hello().offered_versions().collect(),
            Client::Agreed(agreed) => agreed.version.iter().copied().collect(),
        }
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
        match &self.kind {
            // `Display` already shows these errors: return the source below them
            ErrorKind::Rejected(rejection) => rejection.source().and_then(StdError::source),
            _ => Some(self.rustls()?.as_rustls()),
        }
    }
}
