//! The futures of an acceptor, for the whole handshake.

use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lastword_io::AcceptError;
use lastword_io::step::{self, Buffer};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::acceptor::{Panic, Rejection};
use crate::choose::{Addresses, Choice, Chooser, Decision, Later};
use crate::client::Client;
use crate::polled::now;
use crate::step::handshaking;
use crate::step::undelivered::{Delivering, Undelivered};
use crate::stream::TlsStream;

/// The future of [`TlsAcceptor::accept`](crate::TlsAcceptor::accept).
///
/// # Cancel safety
///
/// `(&mut accept).await` is cancel safe: it can be dropped and called again. If the future itself is
/// dropped, the handshake is aborted: see [`TlsAcceptor::accept`](crate::TlsAcceptor::accept).
///
/// # Panics
///
/// If it is polled again after it has returned `Ready`.
#[must_use = "futures do nothing unless you await them"]
pub struct Accept<IO, T = ()> {
    state: Accepts<IO, T>,
}

enum Accepts<IO, T> {
    Accepting(AcceptUndelivered<IO, T>),
    Delivering(Delivering<IO>),
}

/// The future of [`TlsAcceptor::accept_undelivered`](crate::TlsAcceptor::accept_undelivered).
///
/// # Cancel safety
///
/// `(&mut accept).await` is cancel safe: it can be dropped and called again. If the future itself is
/// dropped, the handshake is aborted: see [`TlsAcceptor::accept`](crate::TlsAcceptor::accept).
///
/// # Panics
///
/// If it is polled again after it has returned `Ready`.
#[must_use = "futures do nothing unless you await them"]
pub struct AcceptUndelivered<IO, T = ()> {
    state: State<IO, T>,
    chooser: Chooser<T>,
    addresses: Option<Box<Addresses>>,
}

enum State<IO, T> {
    Accepting(Client<IO, step::Accepting>),
    /// The chooser has not decided yet. In a box, so that the other states stay small.
    Choosing(Box<Choosing<IO, T>>),
    Handshaking(Client<IO, step::Handshaking>, Option<T>),
    Failed(Undelivered<IO, T>),
    /// It has returned `Ready`.
    Over,
}

struct Choosing<IO, T> {
    client: Client<IO, step::Accepted>,
    /// `None` after the decision.
    later: Option<Later<T>>,
}

impl<IO: AsyncRead + AsyncWrite + Unpin, T> AcceptUndelivered<IO, T> {
    pub(crate) const fn new(client: Client<IO, step::Accepting>, chooser: Chooser<T>) -> Self {
        Self {
            state: State::Accepting(client),
            chooser,
            addresses: None,
        }
    }

    /// Sets the addresses for the chooser and the stream. By default the socket is asked for them, if
    /// the stream is one of tokio's and there is a chooser.
    pub fn with_addresses(mut self, addresses: Addresses) -> Self {
        self.addresses = Some(Box::new(addresses));
        self
    }

    /// Returns the first state; `None` once the ClientHello is complete.
    pub(crate) fn accepting(&mut self) -> Option<&mut Client<IO, step::Accepting>> {
        match &mut self.state {
            State::Accepting(client) => Some(client),
            _ => None,
        }
    }

    /// Ends the handshake before its ClientHello is read.
    pub(crate) fn end(&mut self, end: impl FnOnce(step::Accepting) -> step::Undelivered) {
        if let Some(client) = self.accepting() {
            let client = client.to(end);
            self.state = State::Failed(client.into());
        }
    }

    /// Starts with bytes that were read from the stream before.
    pub(crate) fn receive(&mut self, received: Vec<u8>) {
        if let Some(client) = self.accepting() {
            *client = client.to(|accepting| accepting.with_received(received));
        }
    }

    /// Aborts the handshake, for example at shutdown. Await this future afterwards: it returns the
    /// [`Undelivered`].
    ///
    /// A client that has sent nothing gets no alert. Otherwise the client gets `close_notify`, and
    /// `user_canceled` before it if no ServerHello was made (RFC 8446 section 6.1).
    pub fn abort(&mut self) {
        self.state = match mem::replace(&mut self.state, State::Over) {
            State::Accepting(mut client) => {
                State::Failed(client.to(step::Accepting::aborted).into())
            }
            State::Choosing(choosing) => {
                let Choosing { mut client, later } = *choosing;
                // the drop runs code of the application: ignore its panic, because the handshake is
                // aborted anyway
                if let Err(_panic) = Panic::catch(|| drop(later)) {}
                State::Failed(client.to(step::Accepted::aborted).into())
            }
            State::Handshaking(mut client, _) => {
                State::Failed(client.to(step::Handshaking::aborted).into())
            }
            state @ (State::Failed(_) | State::Over) => state,
        };
    }

    /// Returns the span of the handshake; `None` once the ClientHello is complete. Its field `peer`
    /// is empty: record it if you know it.
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn span(&self) -> Option<&tracing::Span> {
        match &self.state {
            State::Accepting(client) => Some(client.state().span()),
            _ => None,
        }
    }

    /// Asks the chooser.
    fn choose(&mut self, mut client: Client<IO, step::Accepted>) -> State<IO, T> {
        let decision = match &self.chooser {
            Chooser::Always(config, value) => {
                let choice = Choice::serve(config.clone()).with_value(value());
                Ok(Decision::Now(Ok(choice)))
            }
            Chooser::Ask(ask) => {
                let addresses = &mut self.addresses;
                let addresses = addresses.get_or_insert_with(|| Box::new(client.addresses()));
                let addresses = (**addresses).clone();
                let incoming;
                (client, incoming) = client.split(|accepted| accepted.incoming(addresses));
                Panic::catch(|| client.state().in_scope(|| ask(incoming)))
            }
        };
        match decision {
            Ok(Decision::Now(choice)) => decided(&mut client, choice),
            Ok(Decision::Later(later)) => {
                let later = Some(later);
                State::Choosing(Box::new(Choosing { client, later }))
            }
            Err(panic) => panicked(&mut client, panic),
        }
    }
}

fn panicked<IO, T>(client: &mut Client<IO, step::Accepted>, panic: Panic) -> State<IO, T> {
    State::Failed(client.to(|accepted| accepted.panicked(panic)).into())
}

/// Carries out the choice, unless the deadline has passed.
fn decided<IO, T>(
    client: &mut Client<IO, step::Accepted>,
    choice: Result<Choice<T>, Rejection>,
) -> State<IO, T> {
    let (io, accepted, rest) = client.take();
    match accepted.decide(choice, now()) {
        Ok((handshaking, value)) => {
            State::Handshaking(Client::new(io, handshaking, rest), Some(value))
        }
        Err((undelivered, passed)) => {
            let client = Client::new(io, undelivered, rest);
            State::Failed(match passed {
                Some(value) => Undelivered::passed_through(client, value),
                None => client.into(),
            })
        }
    }
}

/// The result of a chooser's future, or a timeout.
enum Chosen<T> {
    Made(Result<Choice<T>, Rejection>),
    TimedOut,
    Panicked(Panic),
}

impl<IO, T> Choosing<IO, T> {
    /// Polls the chooser until it decides or the deadline passes.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Chosen<T>> {
        let Self { client, later } = self;
        let polled = Panic::catch(|| match later {
            Some(later) => client.state().in_scope(|| later.as_mut().poll(cx)),
            None => Poll::Pending, // unreachable: `later` is set until it is ready
        });
        let chosen = match polled {
            Ok(Poll::Ready(choice)) => Chosen::Made(choice),
            Ok(Poll::Pending) => {
                let deadline = client.state().deadline();
                ready!(client.poll_deadline(deadline, cx));
                Chosen::TimedOut
            }
            Err(panic) => Chosen::Panicked(panic),
        };
        // the drop runs code of the application too
        Poll::Ready(match (chosen, Panic::catch(|| drop(later.take()))) {
            (Chosen::Panicked(panic), _) | (_, Err(panic)) => Chosen::Panicked(panic),
            (chosen, Ok(())) => chosen,
        })
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin, T> Future for AcceptUndelivered<IO, T> {
    type Output = Result<TlsStream<IO, T>, Undelivered<IO, T>>;

    #[expect(clippy::panic, reason = "no future is polled once it was ready")]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let mut buffer = Buffer::default();
        loop {
            this.state = match &mut this.state {
                State::Accepting(client) => {
                    let (io, over, rest) = ready!(client.poll(cx, &mut buffer));
                    match over {
                        Ok(accepted) => this.choose(Client::new(io, accepted, rest)),
                        Err(undelivered) => {
                            State::Failed(Client::new(io, undelivered, rest).into())
                        }
                    }
                }
                State::Choosing(choosing) => match ready!(choosing.poll(cx)) {
                    Chosen::Made(choice) => decided(&mut choosing.client, choice),
                    Chosen::TimedOut => {
                        State::Failed(choosing.client.to(step::Accepted::timed_out).into())
                    }
                    Chosen::Panicked(panic) => panicked(&mut choosing.client, panic),
                },
                State::Handshaking(client, value) => {
                    let finished = ready!(handshaking::poll(client, cx, &mut buffer));
                    match (finished, value.take()) {
                        (Ok(stream), Some(value)) => {
                            let stream = stream.with(value, this.addresses.take());
                            return Poll::Ready(Ok(stream));
                        }
                        (Err(client), _) => State::Failed(client.into()),
                        (Ok(_), None) => panic!("polled after it was ready"),
                    }
                }
                state => match mem::replace(state, State::Over) {
                    State::Failed(undelivered) => return Poll::Ready(Err(undelivered)),
                    _ => panic!("polled after it was ready"),
                },
            };
        }
    }
}

/// No field is pinned.
impl<IO, T> Unpin for AcceptUndelivered<IO, T> {}

impl<IO, T> fmt::Debug for AcceptUndelivered<IO, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Accepting(_) => "accepting",
            State::Choosing(_) => "choosing",
            State::Handshaking(..) => "handshaking",
            State::Failed(_) => "failed",
            State::Over => "over",
        };
        f.debug_struct("AcceptUndelivered")
            .field("state", &state)
            .field("chooser", &self.chooser)
            .finish_non_exhaustive()
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin, T> Accept<IO, T> {
    pub(crate) const fn new(accept: AcceptUndelivered<IO, T>) -> Self {
        Self {
            state: Accepts::Accepting(accept),
        }
    }

    /// Sets the addresses for the chooser and the stream: see [`AcceptUndelivered::with_addresses`].
    pub fn with_addresses(self, addresses: Addresses) -> Self {
        match self.state {
            Accepts::Accepting(accept) => Self::new(accept.with_addresses(addresses)),
            state @ Accepts::Delivering(_) => Self { state },
        }
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin, T> Future for Accept<IO, T> {
    type Output = Result<TlsStream<IO, T>, AcceptError<IO>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            self.state = match &mut self.state {
                Accepts::Accepting(accept) => match ready!(Pin::new(accept).poll(cx)) {
                    Ok(stream) => return Poll::Ready(Ok(stream)),
                    Err(undelivered) => Accepts::Delivering(undelivered.deliver()),
                },
                Accepts::Delivering(delivering) => {
                    let error = ready!(Pin::new(delivering).poll(cx));
                    error.resume_panic();
                    return Poll::Ready(Err(error));
                }
            };
        }
    }
}

/// No field is pinned.
impl<IO, T> Unpin for Accept<IO, T> {}

impl<IO: fmt::Debug, T> fmt::Debug for Accept<IO, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.state {
            Accepts::Accepting(accept) => accept.fmt(f),
            Accepts::Delivering(delivering) => delivering.fmt(f),
        }
    }
}
