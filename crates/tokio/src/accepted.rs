//! What can be done with a client whose ClientHello is whole.

use std::future::Future;

use lastword_io::step;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
#[cfg(feature = "tracing")]
use tracing::Instrument as _;

use crate::acceptor::{ClientHello, Config, Hello, Panic, Rejection};
use crate::choice::{Choice, choice_until};
use crate::client::Client;
use crate::{Handshaking, Undelivered};

/// A client whose ClientHello is whole: look at it, then end this state by one of the methods
/// that take `self`.
///
/// - [`into_stream`](Self::into_stream): go on;
/// - [`choose`](Self::choose): go on as an asynchronous chooser has it;
/// - [`reject`](Self::reject): refuse, with an alert of your choice, which
///   [`Undelivered`] holds back until you say;
/// - [`into_passthrough`](Self::into_passthrough): take the stream and the bytes.
///
/// Dropped, it closes the connection, and nothing has been written; if it is guarded, the client is
/// told that the server gave up.
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

impl<IO: AsyncRead + AsyncWrite + Unpin + 'static> Accepted<IO> {
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

    /// Returns the ClientHello with the bytes that it arrived in.
    #[must_use]
    pub fn hello(&self) -> &Hello {
        self.client.state().hello()
    }

    /// Returns the server name that the client asks for, in lower case as rustls gives it.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.hello().server_name()
    }

    /// When the handshake must have ended, by tokio's clock. It is not enforced in this state; use
    /// [`choose`](Self::choose), which enforces it.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.client.state().deadline().into()
    }

    /// Goes on with the configuration that `chooser` picks, or refuses; or gives up if it has not
    /// when the deadline passes.
    ///
    /// Cancel safety: the future has the client, and dropped, drops it too. To keep the client, choose
    /// by [`client_hello`](Self::client_hello), within the [`deadline`](Self::deadline).
    ///
    /// # Errors
    ///
    /// If the client is refused, the deadline passes, or `chooser` panics. The client has not been
    /// told. A panic is not resumed:
    /// [`Report::resume_panic`](crate::Report::resume_panic) does so after the alert is delivered.
    pub async fn choose<C>(self, chooser: C) -> Result<Handshaking<IO>, Undelivered<IO>>
    where
        C: AsyncFnOnce(&Hello) -> Result<Config, Rejection>,
    {
        let choice = {
            let hello = self.hello();
            self.in_time(|| chooser(hello)).await
        };
        self.decide(choice)
    }

    /// The choice, made in the span of the handshake, or why there is none.
    pub(crate) async fn in_time<F>(&self, choose: impl FnOnce() -> F) -> Choice
    where
        F: Future<Output = Result<Config, Rejection>>,
    {
        #[cfg(feature = "tracing")]
        let choose = || {
            let span = self.client.state().span();
            span.in_scope(choose).instrument(span.clone())
        };
        choice_until(self.deadline(), choose).await
    }

    /// Does what was chosen [in time](Self::in_time).
    pub(crate) fn go_on(self, choice: Choice) -> Handshaking<IO> {
        self.decide(choice).unwrap_or_else(Handshaking::failed)
    }

    fn decide(self, choice: Choice) -> Result<Handshaking<IO>, Undelivered<IO>> {
        match choice {
            Choice::Made(Ok(config)) => Ok(self.into_stream(&config)),
            Choice::Made(Err(rejection)) => Err(self.reject(rejection)),
            Choice::TimedOut => Err(self.expire()),
            Choice::Panicked(panic) => Err(self.panicked(panic)),
        }
    }

    /// Goes on with this configuration: await what it returns.
    ///
    /// If the [`deadline`](Self::deadline) has passed, it is as [`expire`](Self::expire): the
    /// ClientHello is not answered.
    pub fn into_stream(mut self, config: &Config) -> Handshaking<IO> {
        if Instant::now() >= self.deadline() {
            return Handshaking::failed(self.expire());
        }
        let (io, accepted, rest) = self.client.take();
        match accepted.into_handshake(config) {
            Ok(handshaking) => Handshaking::new(Client::with(io, handshaking, rest)),
            Err(untold) => Handshaking::failed(Client::with(io, untold, rest).into()),
        }
    }

    /// Refuses the client.
    pub fn reject(self, rejection: Rejection) -> Undelivered<IO> {
        self.end(|accepted| accepted.reject(rejection))
    }

    /// Aborts the handshake, for example at shutdown: `user_canceled`, then `close_notify` (RFC 8446
    /// section 6.1).
    pub fn cancel(self) -> Undelivered<IO> {
        self.end(step::Accepted::cancel)
    }

    /// Ends the handshake because the choice of a configuration panicked: `internal_error` (RFC
    /// 8446 section 6.2). [`Panic::catch`] catches the panic.
    pub fn panicked(self, panic: Panic) -> Undelivered<IO> {
        self.end(|accepted| accepted.panicked(panic))
    }

    /// Ends the handshake because the deadline has passed: `user_canceled`, then `close_notify` (RFC
    /// 8446 section 6.1).
    pub fn expire(self) -> Undelivered<IO> {
        self.end(step::Accepted::expire)
    }

    fn end(mut self, how: impl FnOnce(step::Accepted) -> step::Untold) -> Undelivered<IO> {
        let (io, accepted, rest) = self.client.take();
        Client::with(io, how(accepted), rest).into()
    }

    /// The stream and every byte that was read from it, exactly, to forward to another server.
    #[must_use]
    pub fn into_passthrough(mut self) -> (IO, Vec<u8>) {
        let (io, accepted, _) = self.client.take();
        (io, accepted.into_passthrough())
    }
}
