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
///
/// ```no_run
/// use lastword_tokio::acceptor::{Config, Rejection};
/// use lastword_tokio::step::Accepted;
/// use tokio::net::TcpStream;
///
/// async fn serve(accepted: Accepted<TcpStream>, config: &Config) {
///     println!("{:?}: {}", accepted.get_ref().peer_addr(), accepted.client_hello());
///     let handshake = match accepted.server_name() {
///         Some("example.test") => accepted.into_handshake(config).await,
///         _ => Err(accepted.reject(Rejection::unrecognized_name())),
///     };
///     match handshake {
///         Ok(_stream) => { /* read and write */ }
///         Err(undelivered) => eprintln!("{}", undelivered.deliver().await),
///     }
/// }
/// ```
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
    ///
    /// ```no_run
    /// # use lastword_tokio::acceptor::Config;
    /// # use lastword_tokio::step::{Accepted, Undelivered};
    /// # use tokio::net::TcpStream;
    /// use lastword_tokio::TlsStream;
    /// use tokio::time::timeout_at;
    ///
    /// # async fn load(name: Option<&str>) -> Config { unimplemented!() }
    /// async fn serve(
    ///     accepted: Accepted<TcpStream>,
    /// ) -> Result<TlsStream<TcpStream>, Undelivered<TcpStream>> {
    ///     match timeout_at(accepted.deadline(), load(accepted.server_name())).await {
    ///         Ok(config) => accepted.into_handshake(&config).await,
    ///         Err(_) => Err(accepted.timed_out()),
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.client.state().deadline().into()
    }

    /// Answers the client with this configuration. Await the returned future.
    ///
    /// If the [`deadline`](Self::deadline) has passed, the handshake has [timed
    /// out](Self::timed_out), and the ClientHello is not answered.
    ///
    /// ```no_run
    /// # use lastword_tokio::{acceptor::Config, step::Accepted};
    /// # use tokio::net::TcpStream;
    /// # async fn serve(accepted: Accepted<TcpStream>, config: &Config) {
    /// match accepted.into_handshake(config).await {
    ///     Ok(_stream) => { /* read and write */ }
    ///     Err(undelivered) => eprintln!("{}", undelivered.deliver().await),
    /// }
    /// # }
    /// ```
    pub fn into_handshake(mut self, config: &Config) -> Handshaking<IO> {
        Handshaking::new(answer(&mut self.client, config))
    }

    /// Refuses the client.
    ///
    /// ```no_run
    /// # use lastword_tokio::step::Accepted;
    /// # use tokio::net::TcpStream;
    /// use lastword_tokio::acceptor::Rejection;
    ///
    /// # async fn refuse(accepted: Accepted<TcpStream>) {
    /// let undelivered = accepted.reject(Rejection::unrecognized_name());
    /// eprintln!("{}", undelivered.deliver().await);
    /// # }
    /// ```
    pub fn reject(mut self, rejection: Rejection) -> Undelivered<IO> {
        self.client.to(|accepted| accepted.reject(rejection)).into()
    }

    /// Aborts the handshake, for example at shutdown. The client gets `user_canceled` and then
    /// `close_notify` (RFC 8446 section 6.1).
    ///
    /// ```no_run
    /// # use lastword_tokio::step::Accepted;
    /// # use tokio::net::TcpStream;
    /// # async fn shut_down(accepted: Accepted<TcpStream>) {
    /// eprintln!("{}", accepted.aborted().deliver().await);
    /// # }
    /// ```
    pub fn aborted(mut self) -> Undelivered<IO> {
        self.client.to(step::Accepted::aborted).into()
    }

    /// Ends the handshake because the choice of a configuration panicked. The client gets
    /// `internal_error` (RFC 8446 section 6.2). [`Panic::catch`] catches the panic.
    ///
    /// ```no_run
    /// # use lastword_tokio::acceptor::Config;
    /// # use lastword_tokio::step::Accepted;
    /// # use tokio::net::TcpStream;
    /// use lastword_tokio::acceptor::Panic;
    ///
    /// # async fn serve(accepted: Accepted<TcpStream>, look_up: fn(Option<&str>) -> Config) {
    /// let handshake = match Panic::catch(|| look_up(accepted.server_name())) {
    ///     Ok(config) => accepted.into_handshake(&config).await,
    ///     Err(panic) => Err(accepted.panicked(panic)),
    /// };
    /// # drop(handshake);
    /// # }
    /// ```
    pub fn panicked(mut self, panic: Panic) -> Undelivered<IO> {
        self.client.to(|accepted| accepted.panicked(panic)).into()
    }

    /// Ends the handshake because it has timed out. The client gets what [`aborted`](Self::aborted)
    /// sends.
    ///
    /// ```no_run
    /// # use lastword_tokio::step::Accepted;
    /// # use tokio::net::TcpStream;
    /// use tokio::time::Instant;
    ///
    /// # async fn check(accepted: Accepted<TcpStream>) {
    /// if Instant::now() >= accepted.deadline() {
    ///     eprintln!("{}", accepted.timed_out().deliver().await);
    /// }
    /// # }
    /// ```
    pub fn timed_out(mut self) -> Undelivered<IO> {
        self.client.to(step::Accepted::timed_out).into()
    }

    /// Returns the stream and every byte that was read from it, exactly, to forward to another
    /// server.
    ///
    /// ```no_run
    /// # use lastword_tokio::step::Accepted;
    /// use lastword_tokio::Prefixed;
    /// use tokio::io::copy_bidirectional;
    /// use tokio::net::TcpStream;
    ///
    /// # async fn forward(accepted: Accepted<TcpStream>, mut server: TcpStream) -> std::io::Result<()> {
    /// let (tcp, received) = accepted.into_passthrough();
    /// copy_bidirectional(&mut Prefixed::new(received, tcp), &mut server).await?;
    /// # Ok(())
    /// # }
    /// ```
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
