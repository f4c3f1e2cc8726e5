//! What can be done with a client whose ClientHello is complete.

use lastword_io::step;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use crate::acceptor::{ClientHello, Config, Panic, Rejection};
use crate::client::Client;
use crate::polled::now;
use crate::step::handshaking::{Answered, Handshaking};
use crate::step::undelivered::Undelivered;

/// A client whose ClientHello is complete: look at it, then end this state by one of the methods
/// that take `self`.
///
/// - [`into_handshake`](Self::into_handshake): go on;
/// - [`reject`](Self::reject): refuse, with an alert of your choice;
/// - [`into_passthrough`](Self::into_passthrough): take the stream and the bytes.
///
/// Dropped, it closes the connection, and nothing has been written; if it is in the background, the
/// client is told that the server aborts.
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Accepted<IO> {
    client: Client<IO, step::Accepted>,
}

impl<IO> From<Client<IO, step::Accepted>> for Accepted<IO> {
    fn from(client: Client<IO, step::Accepted>) -> Self {
        Self { client }
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Accepted<IO> {
    /// The stream. Nothing has been written to it.
    #[must_use]
    pub fn get_ref(&self) -> &IO {
        self.client.io()
    }

    /// What the client says.
    #[must_use]
    pub fn client_hello(&self) -> ClientHello<'_> {
        self.client.state().client_hello()
    }

    /// The server name that the client asks for, in lower case (RFC 6066 section 3).
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.client.state().server_name()
    }

    /// When the handshake must have ended, by tokio's clock. It is not enforced in this state: use
    /// [`timeout_at`](tokio::time::timeout_at) for what you await.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.client.state().deadline().into()
    }

    /// Goes on with this configuration: await what it returns.
    ///
    /// If the [`deadline`](Self::deadline) has passed, it is as [`timed_out`](Self::timed_out): the
    /// ClientHello is not answered.
    pub fn into_handshake(mut self, config: &Config) -> Handshaking<IO> {
        Handshaking::new(answer(&mut self.client, config))
    }

    /// Refuses the client.
    pub fn reject(mut self, rejection: Rejection) -> Undelivered<IO> {
        self.client.to(|accepted| accepted.reject(rejection)).into()
    }

    /// Aborts the handshake, for example at shutdown: `user_canceled`, then `close_notify` (RFC 8446
    /// section 6.1).
    pub fn aborted(mut self) -> Undelivered<IO> {
        self.client.to(step::Accepted::aborted).into()
    }

    /// Ends the handshake because the choice of a configuration panicked: `internal_error` (RFC
    /// 8446 section 6.2). [`Panic::catch`] catches the panic.
    pub fn panicked(mut self, panic: Panic) -> Undelivered<IO> {
        self.client.to(|accepted| accepted.panicked(panic)).into()
    }

    /// Ends the handshake because the deadline has passed: `user_canceled`, then `close_notify` (RFC
    /// 8446 section 6.1).
    pub fn timed_out(mut self) -> Undelivered<IO> {
        self.client.to(step::Accepted::timed_out).into()
    }

    /// The stream and every byte that was read from it, exactly, to forward to another server.
    #[must_use]
    pub fn into_passthrough(mut self) -> (IO, Vec<u8>) {
        let (io, accepted, _) = self.client.take();
        (io, accepted.into_passthrough())
    }
}

/// Answers the ClientHello, unless the deadline has passed: to answer then would cost a flight that
/// nobody waits for.
pub(crate) fn answer<IO>(client: &mut Client<IO, step::Accepted>, config: &Config) -> Answered<IO> {
    let (io, accepted, rest) = client.take();
    let answered = match now() >= accepted.deadline() {
        true => Err(accepted.timed_out()),
        false => accepted.into_handshake(config),
    };
    match answered {
        Ok(handshaking) => Ok(Client::new(io, handshaking, rest)),
        Err(undelivered) => Err(Client::new(io, undelivered, rest)),
    }
}
