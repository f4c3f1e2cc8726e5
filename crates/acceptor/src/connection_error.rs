//! The error of a connection after its handshake.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::backend::connection::Connection;
use crate::backend::error::RustlsError;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::phase::Phase;
use crate::reason::Reason;

/// The error of a connection that failed after its handshake.
///
/// Its `Display` is one line for a log, with the same texts as the [`Error`] of a failed handshake. A
/// clone is cheap.
///
/// [`source`](StdError::source) returns rustls's error if rustls found the error.
///
/// ```
/// use lastword_acceptor::{Connection, ConnectionError, ErrorKind};
///
/// fn receive(connection: &mut Connection, mut tls: &[u8]) -> std::io::Result<()> {
///     connection.read_tls(&mut tls)?;
///     if let Err(error) = connection.process() {
///         eprintln!("{}: {error}", error.reason()); // its alert is queued
///     }
///     Ok(())
/// }
///
/// /// Returns whether the client ended the connection with an alert.
/// fn is_from_client(error: &ConnectionError) -> bool {
///     matches!(error.kind(), ErrorKind::PeerAlert(_))
/// }
/// ```
#[derive(Clone)]
pub struct ConnectionError(Arc<Error>);

impl ConnectionError {
    /// Creates the error of this connection.
    pub(crate) fn new(kind: ErrorKind, connection: &Connection) -> Self {
        let client = Client::agreed(connection);
        Self(Arc::new(Error::new(kind, Phase::Established, client)))
    }

    /// Creates the error that rustls found.
    pub(crate) fn of_rustls(error: RustlsError, connection: &Connection) -> Self {
        let client = Client::agreed(connection);
        let new = Error::new(error.kind(), Phase::Established, client);
        Self(Arc::new(new.with_rustls(error)))
    }

    /// Returns this error as the error of a handshake. Its phase is [`Phase::Established`].
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.0
    }

    /// Returns what went wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        self.0.kind()
    }

    /// Returns the reason of the failure, for example for the label of a metric.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.0.reason()
    }

    /// Returns rustls's error, if rustls found the error.
    #[must_use]
    pub fn rustls(&self) -> Option<&RustlsError> {
        self.0.rustls()
    }
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(error) = self;
        f.debug_tuple("ConnectionError").field(error).finish()
    }
}

impl StdError for ConnectionError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}
