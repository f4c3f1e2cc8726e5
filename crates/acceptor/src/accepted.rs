//! What can be done with a client whose ClientHello is whole.

use std::sync::Arc;

use lastword_alert::AlertDescription;
use lastword_hello::{ClientHello, Hello};
use rustls::ServerConnection;

use crate::alerts;
use crate::driving::Driving;
use crate::error::Client;
use crate::error_and_alert::Silence;
use crate::limits::Kept;
use crate::{
    Config, Error, ErrorAndAlert, ErrorKind, Handshake, Panic, Phase, Rejection, driver,
    negotiation,
};

/// A client whose ClientHello is whole: look at it, then end this state by one of the methods
/// that take `self`.
///
/// - [`into_handshake`](Self::into_handshake): go on, the rest of the handshake driven to its end;
/// - [`into_connection`](Self::into_connection): go on, as with rustls's own `Acceptor`;
/// - [`reject`](Self::reject): refuse, with an alert of your choice;
/// - [`into_passthrough`](Self::into_passthrough): take the bytes and do something else with them.
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Accepted {
    hello: Hello,
    limits: Kept,
}

impl Accepted {
    pub(crate) fn new(hello: Hello, limits: Kept) -> Self {
        Self { hello, limits }
    }

    /// What the client says.
    #[must_use]
    pub fn client_hello(&self) -> ClientHello<'_> {
        self.hello.client_hello()
    }

    /// Returns the ClientHello with the bytes that it arrived in.
    #[must_use]
    pub fn hello(&self) -> &Hello {
        &self.hello
    }

    /// Returns the server name that the client asks for, in lower case as rustls gives it.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.hello().server_name()
    }

    /// Answers the ClientHello and drives the rest of the handshake.
    ///
    /// # Errors
    ///
    /// If the client and the configuration do not agree; the phase is [`Phase::ServerHello`].
    pub fn into_handshake(self, config: &Config) -> Result<Handshake, ErrorAndAlert> {
        let limits = self.limits;
        let (connection, hello) = self.answer(config)?;
        let hello = hello.client_hello();
        let driving = Driving::new(connection, &hello, config, limits.into());
        Ok(Handshake::driving(driving))
    }

    /// Answers the ClientHello, with rustls's connection to go on with.
    ///
    /// The connection has its answer queued: write that first. What fails from here on is rustls's
    /// to report and yours to deliver; [`into_handshake`](Self::into_handshake) does both. Nor is a
    /// second ClientHello, after a HelloRetryRequest, compared with the first.
    ///
    /// # Errors
    ///
    /// If the client and the configuration do not agree; the phase is [`Phase::ServerHello`].
    pub fn into_connection(self, config: &Config) -> Result<ServerConnection, ErrorAndAlert> {
        self.answer(config).map(|(connection, _)| *connection)
    }

    fn answer(self, config: &Config) -> Result<(Box<ServerConnection>, Hello), ErrorAndAlert> {
        if let Err(kind) = negotiation::check(&self.client_hello(), config) {
            return Err(self.end(kind).with_server(config));
        }
        let mut connection = match ServerConnection::new(Arc::clone(config.rustls())) {
            Ok(connection) => Box::new(connection),
            // RFC 8446 6.2: an error unrelated to the peer -> internal_error
            Err(error) => {
                return Err(self.end(ErrorKind::Rustls(error)).with_server(config));
            }
        };
        match driver::feed_hello(&mut connection, self.hello.message()) {
            Ok(()) => Ok((connection, self.hello)),
            Err(failure) => {
                let failed = alerts::Failed {
                    failure,
                    phase: Phase::ServerHello,
                    client: Client::Hello(self.hello),
                };
                Err(failed.decide(&mut connection).with_server(config))
            }
        }
    }

    /// Refuses the client.
    pub fn reject(self, rejection: Rejection) -> ErrorAndAlert {
        let is_ip = || self.client_hello().server_name_ip().is_some();
        let rejection = match rejection.wants_server_name() && is_ip() {
            true => Rejection::ip_server_name(),
            false => rejection,
        };
        self.end(ErrorKind::Rejected(rejection))
    }

    /// Ends the handshake because the choice of a configuration panicked (`internal_error`, RFC
    /// 8446 section 6.2).
    pub fn panicked(self, panic: Panic) -> ErrorAndAlert {
        self.end(ErrorKind::Panicked(panic))
    }

    /// Every byte the client sent, exactly, to forward to another server or for other use.
    #[must_use]
    pub fn into_passthrough(self) -> Vec<u8> {
        self.hello.into_received()
    }

    /// The client closed while a configuration was being chosen.
    pub fn end_of_stream(self) -> ErrorAndAlert {
        ErrorAndAlert::silent(self.failure(ErrorKind::Closed), Silence::PeerClosed)
    }

    /// The stream failed while a configuration was being chosen, because of a transport error.
    pub fn stream_failed(self) -> ErrorAndAlert {
        ErrorAndAlert::silent(self.failure(ErrorKind::StreamFailed), Silence::StreamFailed)
    }

    /// The deadline passed while a configuration was being chosen: `user_canceled`, then
    /// `close_notify` (RFC 8446 section 6.1).
    pub fn expire(self) -> ErrorAndAlert {
        self.give_up(ErrorKind::Expired)
    }

    /// The server aborts the handshake while a configuration is being chosen, for example at shutdown:
    /// `user_canceled`, then `close_notify`. To refuse it for a reason there is
    /// [`reject`](Self::reject).
    pub fn cancel(self) -> ErrorAndAlert {
        self.give_up(ErrorKind::Canceled)
    }

    fn give_up(self, kind: ErrorKind) -> ErrorAndAlert {
        ErrorAndAlert::send(self.failure(kind), AlertDescription::USER_CANCELED)
    }

    /// Ends the handshake by the alert that this kind of failure calls for.
    #[inline]
    fn end(self, kind: ErrorKind) -> ErrorAndAlert {
        let alert = alerts::of_kind(&kind);
        ErrorAndAlert::send(self.failure(kind), alert)
    }

    #[inline]
    fn failure(self, kind: ErrorKind) -> Error {
        Error::new(kind, Phase::ServerHello, Client::Hello(self.hello))
    }
}
