//! The future of an acceptor, for the whole handshake.

use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use lastword_io::step::{self, Buffer};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::acceptor::{Panic, Rejection};
use crate::authorize::Verdict;
use crate::choose::{Addresses, Choice, Chooser, Decision, Rules};
use crate::client::Client;
use crate::polled::now;
use crate::step::deciding::{Decided, Deciding};
use crate::step::handshaking;
use crate::step::undelivered::Undelivered;
use crate::stream::TlsStream;

/// The future of [`TlsAcceptor::accept_undelivered`](crate::TlsAcceptor::accept_undelivered).
///
/// ```no_run
/// # use lastword_tokio::TlsAcceptor;
/// # use tokio::net::TcpStream;
/// use tokio::sync::oneshot::Receiver;
///
/// # async fn serve(acceptor: &TlsAcceptor, tcp: TcpStream, stop: Receiver<()>) {
/// let mut accept = acceptor.accept_undelivered(tcp);
/// let accepted = tokio::select! {
///     accepted = &mut accept => accepted,
///     _ = stop => {
///         accept.abort(); // the server stops
///         accept.await
///     }
/// };
/// if let Err(undelivered) = accepted {
///     eprintln!("{}", undelivered.deliver().await);
/// }
/// # }
/// ```
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
    rules: Arc<Rules<T>>,
    addresses: Option<Box<Addresses>>,
}

enum State<IO, T> {
    Accepting(Client<IO, step::Accepting>),
    /// The chooser has not decided yet. In a box, so that the other states stay small.
    Choosing(Box<Deciding<IO, step::Accepted, Result<Choice<T>, Rejection>>>),
    Authenticating(Client<IO, step::Authenticating>, Option<T>),
    /// The authorizer has not decided yet.
    Authorizing(Box<Authorizing<IO, T>>),
    Handshaking(Client<IO, step::Handshaking>, Option<T>),
    Failed(Undelivered<IO, T>),
    /// It has returned `Ready`.
    Over,
}

struct Authorizing<IO, T> {
    deciding: Deciding<IO, step::Authenticated, Result<(), Rejection>>,
    value: Option<T>,
}

impl<IO: AsyncRead + AsyncWrite + Unpin, T> AcceptUndelivered<IO, T> {
    pub(crate) const fn new(client: Client<IO, step::Accepting>, rules: Arc<Rules<T>>) -> Self {
        Self {
            state: State::Accepting(client),
            rules,
            addresses: None,
        }
    }

    /// Sets the addresses for the chooser and the stream. By default the socket is asked for them, if
    /// the stream is one of tokio's and there is a chooser.
    ///
    /// ```no_run
    /// # use std::net::SocketAddr;
    /// # use lastword_tokio::TlsAcceptor;
    /// use lastword_tokio::Addresses;
    /// use tokio::io::DuplexStream;
    ///
    /// # async fn serve(acceptor: &TlsAcceptor, tunnel: DuplexStream, client: SocketAddr) {
    /// let addresses = Addresses::default().with_peer(client);
    /// let accepted = acceptor.accept_undelivered(tunnel).with_addresses(addresses).await;
    /// # drop(accepted);
    /// # }
    /// ```
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
    /// A client that has sent nothing gets no alert. Otherwise the client gets `user_canceled` and
    /// then `close_notify` (RFC 8446 section 6.1). Without [encrypted
    /// alerts](crate::acceptor::encrypted_alerts), it gets only `close_notify` after the
    /// ServerHello.
    ///
    /// ```
    /// # use lastword_tokio::TlsAcceptor;
    /// # use tokio::io::duplex;
    /// use lastword_tokio::acceptor::{Config, Reason, Rejection};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// # let acceptor = TlsAcceptor::choosing(|_| Err::<Config, _>(Rejection::unrecognized_name()));
    /// # let (_client, stream) = duplex(1024);
    /// let mut accept = acceptor.accept_undelivered(stream);
    /// accept.abort();
    /// let undelivered = accept.await.unwrap_err();
    /// assert_eq!(undelivered.reason(), Reason::Aborted);
    /// # });
    /// ```
    pub fn abort(&mut self) {
        self.state = match mem::replace(&mut self.state, State::Over) {
            State::Accepting(mut client) => {
                State::Failed(client.to(step::Accepting::aborted).into())
            }
            State::Choosing(choosing) => {
                State::Failed(choosing.into_client().to(step::Accepted::aborted).into())
            }
            State::Authenticating(mut client, _) => {
                State::Failed(client.to(step::Authenticating::aborted).into())
            }
            State::Authorizing(authorizing) => {
                let mut client = authorizing.deciding.into_client();
                State::Failed(client.to(step::Authenticated::aborted).into())
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
        let decision = match &self.rules.chooser {
            Chooser::Always(config, value) => {
                let choice = Choice::serve(config.clone()).with_value(value());
                Ok(Decision::Now(Ok(choice)))
            }
            Chooser::Ask(ask) => {
                let addresses = &mut self.addresses;
                let addresses = addresses.get_or_insert_with(|| Box::new(client.addresses()));
                let addresses = (**addresses).clone();
                let incoming;
                (client, incoming) = client.split(|mut accepted| {
                    accepted.set_complete(now());
                    accepted.incoming(addresses)
                });
                Panic::catch(|| client.state().in_scope(|| ask(incoming)))
            }
        };
        match decision {
            Ok(Decision::Now(choice)) => self.decided(&mut client, choice),
            Ok(Decision::Later(later)) => State::Choosing(Box::new(Deciding::new(client, later))),
            Err(panic) => panicked(&mut client, panic),
        }
    }

    /// Carries out the choice, unless the deadline has passed.
    fn decided(
        &self,
        client: &mut Client<IO, step::Accepted>,
        choice: Result<Choice<T>, Rejection>,
    ) -> State<IO, T> {
        let (io, accepted, rest) = client.take();
        match accepted.decide(choice, now()) {
            Ok((handshaking, value)) if self.rules.authorizer.is_some() => {
                let client = Client::new(io, handshaking.authorizing(), rest);
                State::Authenticating(client, Some(value))
            }
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

    /// Asks the authorizer.
    fn authorize(
        &mut self,
        mut client: Client<IO, step::Authenticated>,
        value: Option<T>,
    ) -> State<IO, T> {
        let Some(authorizer) = &self.rules.authorizer else {
            return judged(&mut client, Decided::Made(Ok(())), value);
        };
        let addresses = &mut self.addresses;
        let addresses = addresses.get_or_insert_with(|| Box::new(client.addresses()));
        let peer = client.state().peer((**addresses).clone());
        match Panic::catch(|| client.state().in_scope(|| authorizer(peer))) {
            Ok(Verdict::Now(verdict)) => judged(&mut client, Decided::Made(verdict), value),
            Ok(Verdict::Later(later)) => {
                let deciding = Deciding::new(client, later);
                State::Authorizing(Box::new(Authorizing { deciding, value }))
            }
            Err(panic) => judged(&mut client, Decided::Panicked(panic), value),
        }
    }
}

fn panicked<IO, T>(client: &mut Client<IO, step::Accepted>, panic: Panic) -> State<IO, T> {
    State::Failed(client.to(|accepted| accepted.panicked(panic)).into())
}

/// Carries out the verdict, unless the deadline has passed.
fn judged<IO, T>(
    client: &mut Client<IO, step::Authenticated>,
    decided: Decided<Result<(), Rejection>>,
    value: Option<T>,
) -> State<IO, T> {
    let (io, authenticated, rest) = client.take();
    let judged = match decided {
        Decided::Made(verdict) => authenticated.decide(verdict, now()),
        Decided::TimedOut => Err(authenticated.timed_out()),
        Decided::Panicked(panic) => Err(authenticated.panicked(panic)),
    };
    match judged {
        Ok(handshaking) => State::Handshaking(Client::new(io, handshaking, rest), value),
        Err(undelivered) => State::Failed(Client::new(io, undelivered, rest).into()),
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
                State::Choosing(choosing) => {
                    let (mut client, decided) = ready!(choosing.poll(cx));
                    match decided {
                        Decided::Made(choice) => this.decided(&mut client, choice),
                        Decided::TimedOut => {
                            State::Failed(client.to(step::Accepted::timed_out).into())
                        }
                        Decided::Panicked(panic) => panicked(&mut client, panic),
                    }
                }
                State::Authenticating(client, value) => {
                    let (io, over, rest) = ready!(client.poll(cx, &mut buffer));
                    let value = value.take();
                    match over {
                        Ok(client) => this.authorize(Client::new(io, client, rest), value),
                        Err(undelivered) => {
                            State::Failed(Client::new(io, undelivered, rest).into())
                        }
                    }
                }
                State::Authorizing(authorizing) => {
                    let (mut client, decided) = ready!(authorizing.deciding.poll(cx));
                    judged(&mut client, decided, authorizing.value.take())
                }
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
            State::Authenticating(..) => "authenticating",
            State::Authorizing(_) => "authorizing",
            State::Handshaking(..) => "handshaking",
            State::Failed(_) => "failed",
            State::Over => "over",
        };
        f.debug_struct("AcceptUndelivered")
            .field("state", &state)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}
