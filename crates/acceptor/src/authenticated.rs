//! The state of a client that is authenticated and waits for the application's verdict.

use lastword_alert::AlertDescription;

use crate::after;
use crate::alerts;
use crate::backend::connection::Connection;
use crate::backend::drive::Failure;
use crate::client::Client;
use crate::end::End;
use crate::error::{Error, ErrorKind};
use crate::error_and_alert::{ErrorAndAlert, Silence};
use crate::handshake_info::Measures;
use crate::panic::Panic;
use crate::phase::Phase;
use crate::rejection::Rejection;

/// A client that is authenticated and waits for the application's verdict.
///
/// The client has completed its part of the handshake. Decide whether it may connect, then end this
/// state by one of the methods that take `self`:
///
/// - [`accept`](Self::accept): continue with the connection;
/// - [`reject`](Self::reject): refuse the client with an alert of your choice;
/// - [`end`](Self::end): end it after a close, a timeout or a shutdown.
///
/// The configuration's verifier has verified the client's certificate. A client without a certificate
/// is here too, if the configuration allows that. So is a client that resumes a session: its
/// certificates are from its first handshake. Nothing that the client sends after the handshake is
/// read before the verdict.
///
/// ```
/// use lastword_acceptor::{Authenticated, Certificate, Connection, ErrorAndAlert, Rejection};
///
/// /// Accepts the clients on a list.
/// fn decide(client: Authenticated, list: &[[u8; 32]]) -> Result<Connection, ErrorAndAlert> {
///     let certificates = client.connection().peer_certificates().unwrap_or_default();
///     match certificates.first().map(|own| Certificate::new(own).sha256()) {
///         Some(hash) if list.contains(&hash) => client.accept(&mut &[][..]),
///         _ => Err(client.reject(Rejection::access_denied("not on the list"))),
///     }
/// }
/// ```
///
/// # What a refused client gets
///
/// With [encrypted alerts](crate::encrypted_alerts) the client gets the alert and no ticket. In TLS 1.2
/// it does not get the end of the handshake either. In TLS 1.3 the client may believe that it is
/// connected before the alert arrives. There is one exception: if a client resumes a session of TLS 1.2,
/// the server's part of the handshake, including a ticket, is sent before the verdict.
///
/// Without encrypted alerts the client gets what rustls has queued, including tickets, and then
/// `close_notify`.
///
/// In TLS 1.2 the session is in the configuration's session store before the verdict. If the client
/// resumes the session, the application is asked for a verdict again.
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Authenticated {
    connection: Connection,
    /// The first bytes after the handshake.
    held: Vec<u8>,
    /// The failure of a record after the handshake, which was processed together with the Finished.
    failure: Option<Box<Failure>>,
}

impl Authenticated {
    pub(crate) fn new(connection: Connection, held: Vec<u8>, failure: Option<Failure>) -> Self {
        Self {
            connection,
            held,
            failure: failure.map(Box::new),
        }
    }

    /// Returns the connection, for the client's certificates and what was negotiated.
    #[must_use]
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Returns the bytes and times of the handshake, to measure them.
    ///
    /// ```
    /// use std::time::Instant;
    /// use lastword_acceptor::Authenticated;
    ///
    /// /// Notes the verdict. Then accept or reject the client.
    /// fn note_verdict(client: &mut Authenticated, start: Instant) {
    ///     client.measures_mut().set_verdict(start.elapsed());
    /// }
    /// ```
    #[must_use]
    pub fn measures_mut(&mut self) -> &mut Measures {
        self.connection.measures_mut()
    }

    /// Accepts the client and returns its connection.
    ///
    /// It removes the bytes that it uses from the front of `bytes`, as
    /// [`Handshake::receive`](crate::Handshake::receive) does.
    ///
    /// ```
    /// use lastword_acceptor::{Authenticated, Connection, ErrorAndAlert};
    ///
    /// /// Accepts each client. `rest` has the bytes that `receive` has left.
    /// fn accept(client: Authenticated, rest: &mut &[u8]) -> Result<Connection, ErrorAndAlert> {
    ///     println!("{}", client.connection());
    ///     client.accept(rest)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// If a record after the handshake fails, and there is no plaintext before it.
    pub fn accept(mut self, bytes: &mut &[u8]) -> Result<Connection, ErrorAndAlert> {
        if let Some(failure) = self.failure {
            *bytes = &[]; // nothing is read after an error
            let mut connection = after::failed(self.connection, *failure)?;
            connection.complete();
            return Ok(connection.released());
        }
        self.connection.complete();
        let connection = if self.held.is_empty() {
            after::receive(self.connection, bytes)
        } else {
            let joined = [&self.held[..], bytes].concat();
            let mut rest = &joined[..];
            let received = after::receive(self.connection, &mut rest);
            let taken = bytes.len().saturating_sub(rest.len());
            *bytes = bytes.get(taken..).unwrap_or_default();
            received
        };
        connection.map(Connection::released)
    }

    /// Refuses the client with the alert of the rejection.
    ///
    /// ```
    /// use lastword_acceptor::{AlertDescription, Authenticated, ErrorAndAlert, Rejection};
    ///
    /// fn refuse(client: Authenticated) -> ErrorAndAlert {
    ///     let alert = AlertDescription::CERTIFICATE_REVOKED;
    ///     client.reject(Rejection::new(alert, "the certificate is on the list"))
    /// }
    /// ```
    pub fn reject(self, rejection: Rejection) -> ErrorAndAlert {
        self.refuse(ErrorKind::Rejected(rejection))
    }

    /// Ends the handshake because the code that gives the verdict panicked. The alert is
    /// `internal_error` (RFC 8446 section 6.2).
    ///
    /// ```
    /// use lastword_acceptor::{Authenticated, Connection, ErrorAndAlert, Panic, Rejection};
    ///
    /// /// Asks a function for the verdict.
    /// fn decide(client: Authenticated, ask: fn(&Connection) -> bool) -> Result<Connection, ErrorAndAlert> {
    ///     match Panic::catch(|| ask(client.connection())) {
    ///         Ok(true) => client.accept(&mut &[][..]),
    ///         Ok(false) => Err(client.reject(Rejection::access_denied("not allowed"))),
    ///         Err(panic) => Err(client.panicked(panic)),
    ///     }
    /// }
    /// ```
    pub fn panicked(self, panic: Panic) -> ErrorAndAlert {
        self.refuse(ErrorKind::Panicked(panic))
    }

    /// Ends the handshake from outside before the verdict, for example after a timeout.
    ///
    /// ```
    /// use lastword_acceptor::{Authenticated, End, ErrorAndAlert};
    ///
    /// fn time_out(client: Authenticated) -> ErrorAndAlert {
    ///     client.end(End::TimedOut)
    /// }
    /// ```
    pub fn end(self, end: End) -> ErrorAndAlert {
        match end.silence() {
            Some(silence) => self.silent(end.kind(), silence),
            None => self.refuse_with(end.kind(), AlertDescription::USER_CANCELED),
        }
    }

    fn silent(self, kind: ErrorKind, silence: Silence) -> ErrorAndAlert {
        ErrorAndAlert::silent(self.error(kind), silence)
    }

    fn refuse(self, kind: ErrorKind) -> ErrorAndAlert {
        let alert = alerts::of_kind(&kind);
        self.refuse_with(kind, alert)
    }

    fn refuse_with(mut self, kind: ErrorKind, alert: AlertDescription) -> ErrorAndAlert {
        let error = self.error(kind);
        if self.connection.refuse(alert) {
            return ErrorAndAlert::queue(error, alert, self.connection.drain());
        }
        self.connection.send_close_notify();
        let sent = AlertDescription::CLOSE_NOTIFY;
        ErrorAndAlert::queue(error.requiring(alert, sent), sent, self.connection.drain())
    }

    fn error(&self, kind: ErrorKind) -> Error {
        Error::new(kind, Phase::Authenticated, Client::agreed(&self.connection))
    }
}
