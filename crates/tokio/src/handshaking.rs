//! A handshake with a configuration at hand.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::{fmt, mem};

use lastword_io::step;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::acceptor::Config;
use crate::client::Client;
use crate::polled::now;
use crate::{Deliveries, Established, Options, TlsStream, Undelivered};

/// A handshake with a configuration at hand, from whichever of its messages to its end: await it,
/// then it is [`Established`].
///
/// Cancel safety: `(&mut handshaking).await` may be dropped and be made again, and nothing is lost.
/// Dropped itself, it closes the connection as it is; if it is guarded, the client is told that
/// the server gave up.
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Handshaking<IO> {
    state: State<IO>,
}

enum State<IO> {
    Handshaking(Client<IO, step::Handshaking>),
    /// It never was one: the client and the configuration do not agree.
    Failed(Undelivered<IO>),
    /// It was ready.
    Over,
}

impl<IO> Handshaking<IO> {
    pub(crate) const fn new(client: Client<IO, step::Handshaking>) -> Self {
        let state = State::Handshaking(client);
        Self { state }
    }

    pub(crate) const fn failed(undelivered: Undelivered<IO>) -> Self {
        let state = State::Failed(undelivered);
        Self { state }
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin + 'static> Handshaking<IO> {
    /// A client of which nothing has been read and that is to be served with `config`. The deadline
    /// of [`Options`] runs from now on.
    pub fn direct(io: IO, options: &Options, config: &Config) -> Self {
        let handshaking = step::Handshaking::direct(options, now(), config);
        Self::new(Client::new(io, handshaking))
    }

    /// Aborts the handshake, for example at shutdown. After what was still to be written the client
    /// is told `user_canceled`, if no ServerHello was made, and `close_notify` (RFC 8446 section 6.1).
    /// It is told nothing if it has sent nothing.
    pub fn cancel(mut self) -> Self {
        self.give_up();
        self
    }

    /// The same of one that is waited for.
    pub(crate) fn give_up(&mut self) {
        self.state = match mem::replace(&mut self.state, State::Over) {
            State::Handshaking(mut client) => {
                let (io, handshaking, rest) = client.take();
                State::Failed(Client::with(io, handshaking.cancel(), rest).into())
            }
            state => state,
        };
    }

    /// The same handshake; if this or a later state is dropped, the client is told in the background.
    pub fn guarded(mut self, deliveries: &Deliveries) -> Self
    where
        IO: Send,
    {
        match &mut self.state {
            State::Handshaking(client) => client.set_guard(deliveries.into()),
            State::Failed(undelivered) => undelivered.set_guard(deliveries.into()),
            State::Over => {}
        }
        self
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin + 'static> Future for Handshaking<IO> {
    type Output = Result<Established<IO>, Undelivered<IO>>;

    #[expect(clippy::panic, reason = "no future is polled once it was ready")]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let state = &mut self.state;
        if let State::Handshaking(client) = state {
            let (started, drain) = (client.state().started(), client.state().drain());
            let (io, over, rest) = ready!(client.poll(cx));
            *state = match over {
                Ok(connection) => {
                    *state = State::Over;
                    let elapsed = now().saturating_duration_since(started);
                    let stream = TlsStream::new(io, connection, drain);
                    return Poll::Ready(Ok(Established::new(stream, elapsed)));
                }
                Err(untold) => State::Failed(Client::with(io, untold, rest).into()),
            };
        }
        match mem::replace(state, State::Over) {
            State::Failed(undelivered) => Poll::Ready(Err(undelivered)),
            _ => panic!("polled after it was ready"),
        }
    }
}

impl<IO: fmt::Debug> fmt::Debug for State<IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handshaking(client) => client.fmt(f),
            Self::Failed(undelivered) => undelivered.fmt(f),
            Self::Over => f.write_str("Over"),
        }
    }
}
