//! The state of a client whose ClientHello is complete.

use lastword_io::step;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use crate::acceptor::{ClientHello, Config, Panic, Rejection};
use crate::client::Client;
use crate::polled::now;
use crate::step::handshaking::{Answered, Handshaking};
use crate::step::undelivered::Undelivered;

/// A client whose ClientHello is complete. Look at it, then end this state by one of the methods that
/// take `self`.
///
/// - [`into_handshake`](Self::into_handshake): continue the handshake;
/// - [`reject`](Self::reject): refuse the client with an alert of your choice;
/// - [`into_passthrough`](Self::into_passthrough): take the stream and the bytes.
///
/// If it is dropped, the connection is closed without an alert. After
/// [`Accepting::in_background`](super::Accepting::in_background) the handshake is aborted, and its
/// alert is sent in the background.
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
    /// Returns the stream. Nothing has been written to it.
    #[must_use]
    pub fn get_ref(&self) -> &IO {
        self.client.io()
    }

    /// Returns the ClientHello.
    #[must_use]
    pub fn client_hello(&self) -> ClientHello<'_> {
        self.client.state().client_hello()
    }

    /// Returns the server name that the client asks for, in lower case (RFC 6066 section 3).
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.client.state().server_name()
    }

    /// Returns when the handshake times out, by tokio's clock. It is not enforced in this state: use
    /// [`timeout_at`](tokio::time::timeout_at) for what you await.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.client.state().deadline().into()
    }

    /// Answers the client with this configuration. Await the returned future.
    ///
    /// If the [`deadline`](Self::deadline) has passed, the handshake has [timed
    /// out](Self::timed_out), and the ClientHello is not answered.
    pub fn into_handshake(mut self, config: &Config) -> Handshaking<IO> {
        Handshaking::new(answer(&mut self.client, config))
    }

    /// Refuses the client.
    pub fn reject(mut self, rejection: Rejection) -> Undelivered<IO> {
        self.client.to(|accepted| accepted.reject(rejection)).into()
    }

    /// Aborts the handshake, for example at shutdown. The client gets `user_canceled` and then
    /// `close_notify` (RFC 8446 section 6.1).
    pub fn aborted(mut self) -> Undelivered<IO> {
        self.client.to(step::Accepted::aborted).into()
    }

    /// Ends the handshake because the choice of a configuration panicked. The client gets
    /// `internal_error` (RFC 8446 section 6.2). [`Panic::catch`] catches the panic.
    pub fn panicked(mut self, panic: Panic) -> Undelivered<IO> {
        self.client.to(|accepted| accepted.panicked(panic)).into()
    }

    /// Ends the handshake because it has timed out. The client gets what [`aborted`](Self::aborted)
    /// sends.
    pub fn timed_out(mut self) -> Undelivered<IO> {
        self.client.to(step::Accepted::timed_out).into()
    }

    /// Returns the stream and every byte that was read from it, exactly, to forward to another
    /// server.
    #[must_use]
    pub fn into_passthrough(mut self) -> (IO, Vec<u8>) {
        let (io, accepted, _) = self.client.take();
        (io, accepted.into_passthrough())
    }
}

/// Answers the ClientHello, unless the deadline has passed. After the deadline an answer would be of
/// no use to the client.
pub(crate) fn answer<IO>(client: &mut Client<IO, step::Accepted>, config: &Config) -> Answered<IO> {
    let (io, mut accepted, rest) = client.take();
    let now = now();
    accepted.set_complete(now);
    let answered = match now >= accepted.deadline() {
        true => Err(accepted.timed_out()),
        false => accepted.into_handshake(config),
    };
    match answered {
        Ok(handshaking) => Ok(Client::new(io, handshaking, rest)),
        Err(undelivered) => Err(Client::new(io, undelivered, rest)),
    }
}
