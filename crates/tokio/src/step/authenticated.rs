//! The states for a verdict on a client's certificate.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lastword_io::step::{self, Buffer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use crate::acceptor::{Connection, Panic, Rejection};
use crate::authorize::Peer;
use crate::client::Client;
use crate::polled::now;
use crate::step::handshaking::Handshaking;
use crate::step::undelivered::Undelivered;

/// A handshake that has answered the ClientHello and authenticates the client. Await it: it returns an
/// [`Authenticated`]. [`Handshaking::authorizing`] makes it.
///
/// ```no_run
/// use lastword_tokio::acceptor::Config;
/// use lastword_tokio::step::{Accepted, Authenticating};
/// use tokio::net::TcpStream;
///
/// async fn serve(accepted: Accepted<TcpStream>, config: &Config) {
///     let authenticating: Authenticating<_> = accepted.into_handshake(config).authorizing();
///     match authenticating.await {
///         Ok(client) => println!("{:?}", client.peer().certificates()),
///         Err(undelivered) => eprintln!("{}", undelivered.deliver().await),
///     }
/// }
/// ```
///
/// # Cancel safety
///
/// `(&mut authenticating).await` is cancel safe: it can be dropped and called again. If the state
/// itself is dropped, the connection is closed without an alert. After
/// [`Accepting::in_background`](super::Accepting::in_background) the handshake is aborted, and its
/// alert is sent in the background.
///
/// # Panics
///
/// If it is polled again after it has returned `Ready`.
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Authenticating<IO> {
    state: State<IO>,
}

#[derive(Debug)]
enum State<IO> {
    Authenticating(Client<IO, step::Authenticating>),
    /// The client and the configuration do not agree.
    Failed(Client<IO, step::Undelivered>),
    /// It has returned `Ready`.
    Over,
}

impl<IO> Authenticating<IO> {
    pub(super) fn new(
        client: Result<Client<IO, step::Authenticating>, Client<IO, step::Undelivered>>,
    ) -> Self {
        let state = match client {
            Ok(client) => State::Authenticating(client),
            Err(client) => State::Failed(client),
        };
        Self { state }
    }

    /// Aborts the handshake, for example at shutdown: see [`Handshaking::aborted`].
    ///
    /// ```no_run
    /// # use lastword_tokio::step::Authenticating;
    /// # use tokio::net::TcpStream;
    /// # async fn shut_down(authenticating: Authenticating<TcpStream>) {
    /// eprintln!("{}", authenticating.aborted().deliver().await);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If it has returned `Ready`.
    #[expect(clippy::panic, reason = "nothing is aborted that was ready")]
    pub fn aborted(mut self) -> Undelivered<IO> {
        match mem::replace(&mut self.state, State::Over) {
            State::Authenticating(mut client) => client.to(step::Authenticating::aborted).into(),
            State::Failed(client) => client.into(),
            State::Over => panic!("used after it was ready"),
        }
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Future for Authenticating<IO> {
    type Output = Result<Authenticated<IO>, Undelivered<IO>>;

    #[expect(clippy::panic, reason = "no future is polled once it was ready")]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let State::Authenticating(client) = &mut self.state {
            let (io, over, rest) = ready!(client.poll(cx, &mut Buffer::default()));
            self.state = State::Over;
            return Poll::Ready(match over {
                Ok(client) => Ok(Authenticated {
                    client: Client::new(io, client, rest),
                }),
                Err(undelivered) => Err(Client::new(io, undelivered, rest).into()),
            });
        }
        match mem::replace(&mut self.state, State::Over) {
            State::Failed(client) => Poll::Ready(Err(client.into())),
            _ => panic!("polled after it was ready"),
        }
    }
}

/// A client that is authenticated and waits for the application's verdict. Decide whether it may
/// connect, then end this state by one of the methods that take `self`.
///
/// [`acceptor::Authenticated`](crate::acceptor::Authenticated) says what a refused client gets. If this
/// state is dropped, the connection is closed without an alert. After
/// [`Accepting::in_background`](super::Accepting::in_background) the handshake is aborted, and its
/// alert is sent in the background.
///
/// ```no_run
/// use lastword_tokio::acceptor::Rejection;
/// use lastword_tokio::step::Authenticated;
/// use tokio::net::TcpStream;
///
/// async fn decide(client: Authenticated<TcpStream>) {
///     println!("{:?}: {:?}", client.get_ref().peer_addr(), client.connection().protocol_version());
///     let decided = match client.peer().certificates() {
///         [] => Err(client.reject(Rejection::access_denied("no certificate"))),
///         _ => client.accept().await,
///     };
///     match decided {
///         Ok(_stream) => { /* read and write */ }
///         Err(undelivered) => eprintln!("{}", undelivered.deliver().await),
///     }
/// }
/// ```
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Authenticated<IO> {
    client: Client<IO, step::Authenticated>,
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Authenticated<IO> {
    /// Returns the stream.
    #[must_use]
    pub fn get_ref(&self) -> &IO {
        self.client.io()
    }

    /// Returns the connection, for the client's certificates and what was negotiated.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        self.client.state().connection()
    }

    /// Returns the certificates of the client and what was negotiated, as a value that you can
    /// keep.
    #[must_use]
    pub fn peer(&self) -> Peer {
        self.client.state().peer(self.client.addresses())
    }

    /// Returns when the handshake times out, by tokio's clock. It is not enforced in this state: use
    /// [`timeout_at`](tokio::time::timeout_at) for what you await.
    ///
    /// ```no_run
    /// # use lastword_tokio::{TlsStream, acceptor::Rejection, authorize::Peer};
    /// # use lastword_tokio::step::{Authenticated, Undelivered};
    /// # use tokio::net::TcpStream;
    /// use tokio::time::timeout_at;
    ///
    /// # async fn look_up(peer: Peer) -> Result<(), Rejection> { Ok(()) }
    /// async fn decide(
    ///     client: Authenticated<TcpStream>,
    /// ) -> Result<TlsStream<TcpStream>, Undelivered<TcpStream>> {
    ///     match timeout_at(client.deadline(), look_up(client.peer())).await {
    ///         Ok(Ok(())) => client.accept().await,
    ///         Ok(Err(rejection)) => Err(client.reject(rejection)),
    ///         Err(_) => Err(client.timed_out()),
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.client.state().deadline().into()
    }

    /// Accepts the client. Await the returned future: it writes the end of the handshake.
    ///
    /// If the [`deadline`](Self::deadline) has passed, the handshake has [timed
    /// out](Self::timed_out).
    ///
    /// ```no_run
    /// # use lastword_tokio::step::Authenticated;
    /// # use tokio::net::TcpStream;
    /// # async fn accept(client: Authenticated<TcpStream>) {
    /// match client.accept().await {
    ///     Ok(_stream) => { /* read and write */ }
    ///     Err(undelivered) => eprintln!("{}", undelivered.deliver().await),
    /// }
    /// # }
    /// ```
    pub fn accept(mut self) -> Handshaking<IO> {
        let (io, client, rest) = self.client.take();
        Handshaking::new(match client.decide(Ok(()), now()) {
            Ok(handshaking) => Ok(Client::new(io, handshaking, rest)),
            Err(undelivered) => Err(Client::new(io, undelivered, rest)),
        })
    }

    /// Refuses the client with the alert of the rejection.
    ///
    /// ```no_run
    /// # use lastword_tokio::step::Authenticated;
    /// # use tokio::net::TcpStream;
    /// use lastword_tokio::acceptor::{AlertDescription, Rejection};
    ///
    /// # async fn refuse(client: Authenticated<TcpStream>) {
    /// let alert = AlertDescription::CERTIFICATE_REVOKED;
    /// let rejection = Rejection::new(alert, "the certificate is on the list");
    /// eprintln!("{}", client.reject(rejection).deliver().await);
    /// # }
    /// ```
    pub fn reject(mut self, rejection: Rejection) -> Undelivered<IO> {
        self.client.to(|client| client.reject(rejection)).into()
    }

    /// Aborts the handshake, for example at shutdown. The client gets `user_canceled` and then
    /// `close_notify` (RFC 8446 section 6.1). Without [encrypted
    /// alerts](crate::acceptor::encrypted_alerts) it gets only `close_notify`.
    ///
    /// ```no_run
    /// # use lastword_tokio::step::Authenticated;
    /// # use tokio::net::TcpStream;
    /// # async fn shut_down(client: Authenticated<TcpStream>) {
    /// eprintln!("{}", client.aborted().deliver().await);
    /// # }
    /// ```
    pub fn aborted(mut self) -> Undelivered<IO> {
        self.client.to(step::Authenticated::aborted).into()
    }

    /// Ends the handshake because the authorizer panicked. The client gets `internal_error` (RFC 8446
    /// section 6.2). [`Panic::catch`] catches the panic.
    ///
    /// ```no_run
    /// # use lastword_tokio::step::Authenticated;
    /// # use tokio::net::TcpStream;
    /// use lastword_tokio::acceptor::Panic;
    ///
    /// # async fn decide(client: Authenticated<TcpStream>, may_connect: fn(&[u8]) -> bool) {
    /// let certificate = client.connection().peer_certificates().and_then(<[_]>::first);
    /// match Panic::catch(|| certificate.is_some_and(|own| may_connect(own))) {
    ///     Ok(_verdict) => { /* accept or reject the client */ }
    ///     Err(panic) => eprintln!("{}", client.panicked(panic).deliver().await),
    /// }
    /// # }
    /// ```
    pub fn panicked(mut self, panic: Panic) -> Undelivered<IO> {
        self.client.to(|client| client.panicked(panic)).into()
    }

    /// Ends the handshake because it has timed out. The client gets what [`aborted`](Self::aborted)
    /// sends.
    ///
    /// ```no_run
    /// # use lastword_tokio::step::Authenticated;
    /// # use tokio::net::TcpStream;
    /// use tokio::time::Instant;
    ///
    /// # async fn check(client: Authenticated<TcpStream>) {
    /// if Instant::now() >= client.deadline() {
    ///     eprintln!("{}", client.timed_out().deliver().await);
    /// }
    /// # }
    /// ```
    pub fn timed_out(mut self) -> Undelivered<IO> {
        self.client.to(step::Authenticated::timed_out).into()
    }
}
