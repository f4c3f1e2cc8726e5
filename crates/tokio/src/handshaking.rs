//! A handshake with a configuration at hand.

use std::future::Future;
use std::io::Write as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use std::{fmt, io, mem};

use lastword_io::step::{self, Awaiting};
use rustls::{ServerConfig, ServerConnection};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::{FallibleAccept, TlsStream};

use crate::acceptor::Config;
use crate::client::{Client, Io};
use crate::polled::{Polled, now};
use crate::{Deliveries, Established, Options, Undelivered};

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
    Handshaking(Client<IO, step::Handshaking>, Arc<ServerConfig>),
    /// It succeeded, and becomes tokio-rustls's stream, which flushes once more.
    Flushing(Box<FallibleAccept<IO>>, Duration),
    /// It never was one: the client and the configuration do not agree.
    Failed(Undelivered<IO>),
    /// It was ready.
    Over,
}

impl<IO> Handshaking<IO> {
    pub(crate) fn new(client: Client<IO, step::Handshaking>, config: &Config) -> Self {
        let config = Arc::clone(config.rustls());
        let state = State::Handshaking(client, config);
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
        Self::new(Client::new(io, handshaking), config)
    }

    /// Gives the handshake up, to shut down for one, if it is not just then established. The client
    /// is told `user_canceled`, if no ServerHello was made, and then `close_notify`, behind whatever
    /// was still to be written (RFC 8446 section 6.1).
    pub fn cancel(mut self) -> Self {
        self.give_up();
        self
    }

    /// The same of one that is waited for.
    pub(crate) fn give_up(&mut self) {
        self.state = match mem::replace(&mut self.state, State::Over) {
            State::Handshaking(mut client, _) => {
                let (io, handshaking, rest) = client.take();
                State::Failed(Client::with(io, handshaking.cancel(), rest).into())
            }
            state => state,
        };
    }

    /// The same, and if it is dropped, or what becomes of it, the client is told in the background.
    pub fn guarded(mut self, deliveries: &Deliveries) -> Self
    where
        IO: Send,
    {
        match &mut self.state {
            State::Handshaking(client, _) => client.set_guard(deliveries.into()),
            State::Failed(undelivered) => undelivered.set_guard(deliveries.into()),
            State::Flushing(..) | State::Over => {}
        }
        self
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin + 'static> Future for Handshaking<IO> {
    type Output = Result<Established<IO>, Undelivered<IO>>;

    #[expect(clippy::panic, reason = "no future is polled once it was ready")]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let state = &mut self.state;
        if let State::Handshaking(client, config) = state {
            let started = client.state().started();
            let (io, over, rest) = ready!(client.poll(cx));
            *state = match over {
                Ok(connection) => {
                    let elapsed = now().saturating_duration_since(started);
                    let mut stream = into_stream(io, *connection, config);
                    if let Poll::Ready(over) = Pin::new(&mut stream).poll(cx) {
                        *state = State::Over;
                        return Poll::Ready(established(over, elapsed, cx));
                    }
                    State::Flushing(Box::new(stream), elapsed)
                }
                Err(untold) => State::Failed(Client::with(io, untold, rest).into()),
            };
        }
        if let State::Flushing(stream, elapsed) = state {
            let over = ready!(Pin::new(stream).poll(cx));
            let established = established(over, *elapsed, cx);
            *state = State::Over;
            return Poll::Ready(established);
        }
        match mem::replace(state, State::Over) {
            State::Failed(undelivered) => Poll::Ready(Err(undelivered)),
            _ => panic!("polled after it was ready"),
        }
    }
}

/// The stream of tokio-rustls, which it makes of a connection of its own alone: so that one is
/// replaced before its handshake begins, and ours has nothing left to do but to be flushed.
fn into_stream<IO>(
    io: IO,
    connection: ServerConnection,
    config: &Arc<ServerConfig>,
) -> FallibleAccept<IO>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let acceptor = TlsAcceptor::from(Arc::clone(config));
    let replace = |new: &mut ServerConnection| *new = connection;
    acceptor.accept_with(io, replace).into_fallible()
}

/// Flushed once more, a stream fails only if it was flushed a moment ago and then fails to be. Of
/// such a handshake nothing is left to tell.
fn established<IO: Io>(
    over: Result<TlsStream<IO>, (io::Error, IO)>,
    elapsed: Duration,
    cx: &mut Context<'_>,
) -> Result<Established<IO>, Undelivered<IO>> {
    match over {
        Ok(mut stream) => {
            look_behind(&mut stream, cx);
            Ok(Established::new(stream, elapsed))
        }
        Err((error, io)) => {
            let awaiting = Awaiting::new(&Options::default(), now());
            Err(Client::new(io, awaiting.stream_failed(error)).into())
        }
    }
}

/// Has the connection look at what came behind the handshake in the same read, and answer it as far
/// as the stream takes that without waiting. Of a connection that fails by it, tokio-rustls would
/// make no stream, and later would not write its alert before the client says more.
fn look_behind<IO: Io>(stream: &mut TlsStream<IO>, cx: &mut Context<'_>) {
    let (io, connection) = stream.get_mut();
    // an error is met again by the connection's next use
    let _ = connection.process_new_packets();
    let mut io = Polled { io, cx };
    if connection.wants_write() {
        while connection.wants_write() && connection.write_tls(&mut io).is_ok_and(|n| n > 0) {}
        let _ = io.flush();
    }
}

impl<IO: fmt::Debug> fmt::Debug for State<IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handshaking(client, _) => client.fmt(f),
            Self::Flushing(_, elapsed) => f.debug_tuple("Flushing").field(elapsed).finish(),
            Self::Failed(undelivered) => undelivered.fmt(f),
            Self::Over => f.write_str("Over"),
        }
    }
}
