//! Accepting clients over tokio's streams.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lastword_io::Drain;
use lastword_io::step::{self, Options};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::acceptor::{Config, Limits, ServerConfig};
use crate::background;
use crate::choose::{Chooser, Incoming, IntoDecision};
use crate::client::{Client, Rest};
use crate::deliveries::Deliveries;
use crate::polled::now;
use crate::socket;
use crate::step::accept::{Accept, AcceptUndelivered};

/// Accepts TLS clients, for a server.
///
/// It takes the place of tokio-rustls's `TlsAcceptor`, and with [`choosing`](Self::choosing) that of its
/// `LazyConfigAcceptor`. Every handshake that fails sends its alert, closes the connection in order, and
/// returns an [`AcceptError`](crate::AcceptError) that says why.
///
/// Cloning it is cheap. `T` is what the chooser hands out with the stream.
///
/// ```no_run
/// use std::sync::Arc;
/// use lastword_tokio::TlsAcceptor;
/// use tokio::io::AsyncWriteExt;
/// use tokio::net::TcpListener;
///
/// # async fn serve(config: rustls::ServerConfig) -> std::io::Result<()> {
/// let acceptor = TlsAcceptor::from(Arc::new(config));
/// let listener = TcpListener::bind("0.0.0.0:443").await?;
/// loop {
///     let (tcp, peer) = listener.accept().await?;
///     let acceptor = acceptor.clone();
///     tokio::spawn(async move {
///         match acceptor.accept(tcp).await {
///             Ok(mut stream) => stream.write_all(b"hello\n").await,
///             Err(error) => Ok(eprintln!("{peer}: {error}")), // the client has its alert
///         }
///     });
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct TlsAcceptor<T = ()> {
    chooser: Chooser<T>,
    options: Options,
    deliveries: Deliveries,
}

impl TlsAcceptor {
    /// Serves all clients with this configuration.
    ///
    /// # Errors
    ///
    /// None: a configuration that no client can be served with makes each handshake fail with
    /// `internal_error`. [`Config::new`] finds it at the start.
    #[must_use]
    pub fn new(config: impl Into<Config>) -> Self {
        Self::with(Chooser::Always(config.into(), || ()))
    }
}

impl<T> TlsAcceptor<T> {
    fn with(chooser: Chooser<T>) -> Self {
        Self {
            chooser,
            options: Options::default(),
            deliveries: Deliveries::default(),
        }
    }

    /// Serves each client as `chooser` decides by its ClientHello: see [`choose`](crate::choose).
    ///
    /// The choice counts as a part of the handshake, whose timeout ends it. A chooser that blocks its
    /// thread is not interrupted.
    ///
    /// ```
    /// # use lastword_tokio::{TlsAcceptor, acceptor::{Config, Rejection}};
    /// # async fn load(name: &str) -> std::io::Result<Config> { unimplemented!() }
    /// let acceptor = TlsAcceptor::choosing(async |incoming| match incoming.server_name() {
    ///     Some(name) => Ok(load(name).await?),
    ///     None => Err(Rejection::missing_server_name()),
    /// });
    /// ```
    #[must_use]
    pub fn choosing<F, D, M>(chooser: F) -> Self
    where
        F: FnOnce(Incoming) -> D + Clone + Send + Sync + 'static,
        D: IntoDecision<M, Value = T>,
    {
        Self::with(Chooser::asking(chooser))
    }

    /// Sets the timeout of the whole handshake, the choice included. Default: 10 seconds.
    ///
    /// The alert of a handshake that fails is written within it: see [`Options::timeout`].
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.options = self.options.with_timeout(timeout);
        self
    }

    /// Sets the size limits of what a client sends during the handshake.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.options = self.options.with_limits(limits);
        self
    }

    /// Sets the limits of what is read and thrown away before a connection is closed.
    #[must_use]
    pub fn with_drain(mut self, drain: Drain) -> Self {
        self.options = self.options.with_drain(drain);
        self
    }

    /// Sets who delivers in the background the alerts of futures that are dropped.
    #[must_use]
    pub fn with_deliveries(mut self, deliveries: Deliveries) -> Self {
        self.deliveries = deliveries;
        self
    }

    /// Accepts a client.
    ///
    /// # Errors
    ///
    /// If the handshake fails for whatever reason. The client has then been told and the connection
    /// closed in order, as far as the client let it: [`AcceptError`](crate::AcceptError) says how far.
    ///
    /// # Cancel safety
    ///
    /// Dropped, the handshake is aborted, and the client is told so in the background: see
    /// [`Deliveries`]. `(&mut accept).await` may be dropped and made again, and nothing is lost.
    ///
    /// # Panics
    ///
    /// If the chooser panics, or code of the application that rustls calls, such as a certificate
    /// resolver. The panic is caught, the client is sent `internal_error`, the connection is closed in
    /// order, and then the panic is resumed.
    pub fn accept<IO>(&self, io: IO) -> Accept<IO, T>
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        Accept::new(self.accept_undelivered(io))
    }

    /// Accepts a client, and holds the alert of a handshake that failed back: deliver it, answer in
    /// plaintext, or go on in another protocol.
    ///
    /// # Errors
    ///
    /// If the handshake fails for whatever reason, or the chooser passes the client through. A panic of
    /// the chooser is an error too, of the kind [`Panicked`](crate::acceptor::ErrorKind::Panicked). It is
    /// not resumed: after the delivery [`AcceptError::resume_panic`](crate::AcceptError::resume_panic)
    /// does so.
    ///
    /// # Cancel safety
    ///
    /// See [`accept`](Self::accept).
    pub fn accept_undelivered<IO>(&self, io: IO) -> AcceptUndelivered<IO, T>
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let guard = Some(background::guard(&self.deliveries));
        self.start(io, Rest::new(socket::of::<IO>, guard))
    }

    /// Accepts a client over a stream that borrows, or that is not `Send`.
    ///
    /// Nothing is delivered in the background, so a future that is dropped closes the connection as it
    /// is, perhaps with half an alert written. The socket is not known, so a reset that no read has
    /// returned is not found.
    ///
    /// # Errors
    ///
    /// See [`accept`](Self::accept).
    pub fn accept_local<IO>(&self, io: IO) -> Accept<IO, T>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        Accept::new(self.start(io, Rest::new(socket::none, None)))
    }

    fn start<IO>(&self, io: IO, rest: Rest<IO>) -> AcceptUndelivered<IO, T>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let accepting = step::Accepting::new(&self.options, now());
        AcceptUndelivered::new(Client::new(io, accepting, rest), self.chooser.clone())
    }

    /// Accepts a client that has connected at this time, with other deliveries.
    pub(crate) fn begin<IO>(
        &self,
        io: IO,
        started: Instant,
        deliveries: &Deliveries,
    ) -> AcceptUndelivered<IO, T>
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let rest = Rest::new(socket::of::<IO>, Some(background::guard(deliveries)));
        let accepting = step::Accepting::new(&self.options, started);
        AcceptUndelivered::new(Client::new(io, accepting, rest), self.chooser.clone())
    }

    /// Timeouts and size limits for each handshake.
    pub(crate) const fn options(&self) -> &Options {
        &self.options
    }
}

impl<T> Clone for TlsAcceptor<T> {
    fn clone(&self) -> Self {
        Self {
            chooser: self.chooser.clone(),
            options: self.options.clone(),
            deliveries: self.deliveries.clone(),
        }
    }
}

impl From<Config> for TlsAcceptor {
    fn from(config: Config) -> Self {
        Self::new(config)
    }
}

/// As with tokio-rustls. The configuration is checked, which costs two handshakes: make an acceptor
/// once, and clone it.
impl From<Arc<ServerConfig>> for TlsAcceptor {
    fn from(config: Arc<ServerConfig>) -> Self {
        Self::new(config)
    }
}
