//! The acceptor for tokio's streams.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lastword_io::Drain;
#[cfg(feature = "tracing")]
use lastword_io::step::LevelOf;
use lastword_io::step::{self, Options};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::acceptor::{Config, Limits, ServerConfig};
use crate::authorize::{IntoVerdict, Peer};
use crate::background;
use crate::choose::{Chooser, Incoming, IntoDecision, Rules};
use crate::client::{Client, Rest};
use crate::deliveries::Deliveries;
use crate::polled::now;
use crate::socket;
use crate::step::accept::Accept;
use crate::step::accept_undelivered::AcceptUndelivered;

/// Accepts TLS clients over asynchronous streams.
///
/// It replaces tokio-rustls's `TlsAcceptor`, and with [`choosing`](Self::choosing) its
/// `LazyConfigAcceptor`. If a handshake fails, it sends the alert, closes the connection in order,
/// and returns an [`AcceptError`](crate::AcceptError) that says why.
///
/// A clone is cheap. `T` is the type of the value that a chooser returns with a configuration:
/// [`TlsStream::value`](crate::TlsStream::value) returns it.
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
    rules: Arc<Rules<T>>,
    options: Options,
    deliveries: Deliveries,
}

impl TlsAcceptor {
    /// Makes an acceptor that serves all clients with one configuration.
    ///
    /// ```
    /// # use lastword_tokio::acceptor::ConfigError;
    /// use lastword_tokio::TlsAcceptor;
    /// use lastword_tokio::acceptor::Config;
    ///
    /// # fn acceptor(tls: rustls::ServerConfig) -> Result<TlsAcceptor, ConfigError> {
    /// let config = Config::new(tls)?; // an error at the start if it can serve no client
    /// let acceptor = TlsAcceptor::new(config);
    /// # Ok(acceptor)
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// None. If the configuration can serve no client, each handshake fails with `internal_error`.
    /// [`Config::new`] returns this error at the start.
    #[must_use]
    pub fn new(config: impl Into<Config>) -> Self {
        Self::with(Chooser::Always(config.into(), || ()))
    }
}

impl<T> TlsAcceptor<T> {
    fn with(chooser: Chooser<T>) -> Self {
        Self {
            rules: Arc::new(chooser.into()),
            options: Options::default(),
            deliveries: Deliveries::default(),
        }
    }

    /// Makes an acceptor that asks a chooser for the configuration of each client: see
    /// [`choose`](crate::choose).
    ///
    /// The timeout of the handshake includes the choice, and interrupts it. A chooser that blocks
    /// its thread is not interrupted. A [`Rejection`](crate::acceptor::Rejection) costs about a tenth of
    /// the refusal by a certificate resolver that returns no certificate: see
    /// [`Config`](crate::acceptor::Config).
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

    /// Sets the authorizer: a closure that accepts or refuses each client. The module
    /// [`authorize`](crate::authorize) has the details. Default: none, and each client is accepted.
    ///
    /// It is called after the client's certificate is verified and before the handshake is complete. It
    /// is called for resumed sessions too. Data that the client sends after the handshake is kept until
    /// then.
    ///
    /// The timeout of the handshake includes the verdict: when it passes, the future of the verdict is
    /// dropped. If the authorizer panics, the client gets `internal_error`. It is not called for a
    /// client that the chooser passes through. A second call of this method replaces the authorizer.
    ///
    /// ```
    /// # use lastword_tokio::{TlsAcceptor, acceptor::{Config, Rejection}};
    /// # async fn may_connect(certificate: &[u8]) -> bool { !certificate.is_empty() }
    /// # fn acceptor(config: Config) -> TlsAcceptor {
    /// TlsAcceptor::new(config).with_authorizer(async |peer| match peer.certificates().first() {
    ///     Some(own) if may_connect(own).await => Ok(()),
    ///     _ => Err(Rejection::access_denied("not on the list")),
    /// })
    /// # }
    /// ```
    #[must_use]
    pub fn with_authorizer<F, V, M>(mut self, authorizer: F) -> Self
    where
        F: FnOnce(Peer) -> V + Clone + Send + Sync + 'static,
        V: IntoVerdict<M>,
    {
        let mut rules = Rules::clone(&self.rules);
        rules.authorizer = Some(Arc::new(move |peer| {
            let authorizer = authorizer.clone();
            authorizer(peer).into_verdict()
        }));
        self.rules = Arc::new(rules);
        self
    }

    /// Sets the timeout of the whole handshake, including the choice of a configuration. Default: 10
    /// seconds.
    ///
    /// If the handshake fails, its alert is written within this time too: see [`Options::timeout`].
    ///
    /// ```
    /// # use lastword_tokio::{TlsAcceptor, acceptor::Config};
    /// use std::time::Duration;
    ///
    /// # fn acceptor(config: Config) -> TlsAcceptor {
    /// TlsAcceptor::new(config).with_timeout(Duration::from_secs(5))
    /// # }
    /// ```
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.options = self.options.with_timeout(timeout);
        self
    }

    /// Sets size limits for what a client sends during the handshake. [`Limits`] has the defaults.
    ///
    /// ```
    /// # use lastword_tokio::{TlsAcceptor, acceptor::Config};
    /// use lastword_tokio::acceptor::Limits;
    ///
    /// # fn acceptor(config: Config) -> TlsAcceptor {
    /// TlsAcceptor::new(config).with_limits(Limits::default().with_hello_len(16 << 10)) // 16 KiB
    /// # }
    /// ```
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.options = self.options.with_limits(limits);
        self
    }

    /// Sets limits for what is read and thrown away before a connection is closed. Default: 1 second
    /// and 16 MiB.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use lastword_tokio::{TlsAcceptor, acceptor::Config};
    /// use lastword_tokio::Drain;
    ///
    /// # fn acceptor(config: Config) -> TlsAcceptor {
    /// let drain = Drain::default().with_time(Duration::from_millis(200));
    /// TlsAcceptor::new(config).with_drain(drain)
    /// # }
    /// ```
    #[must_use]
    pub fn with_drain(mut self, drain: Drain) -> Self {
        self.options = self.options.with_drain(drain);
        self
    }

    /// Adds a shadow configuration: counts the clients that would be refused under it, and refuses
    /// none of them. `policy` names it in metrics and events.
    ///
    /// Each client that gets a configuration is also checked with [`Config::check`]. This check
    /// does not find everything: for example, it does not find a missing certificate. Clients that
    /// the server refuses are not counted. With the feature `metrics` the counter is
    /// `lastword_would_refuse_total`, with the labels `policy` and `reason`. With the feature
    /// `tracing` there is an event for each refusal. Without these features it does nothing. Call
    /// it again for more policies.
    ///
    /// It costs one check for each client and each shadow configuration, and one small allocation for
    /// each client. A [`Listener`](crate::Listener) of this acceptor counts its clients too.
    ///
    /// ```
    /// use lastword_tokio::TlsAcceptor;
    /// use lastword_tokio::acceptor::Config;
    ///
    /// /// Counts the clients that would be lost without TLS 1.2.
    /// fn acceptor(config: Config, without_tls12: Config) -> TlsAcceptor {
    ///     TlsAcceptor::new(config).with_shadow("without_tls12", without_tls12)
    /// }
    /// ```
    #[must_use]
    pub fn with_shadow(mut self, policy: &'static str, config: impl Into<Config>) -> Self {
        self.options = self.options.with_shadow(policy, config);
        self
    }

    /// Sets the level of the event for each failed handshake, with the feature `tracing`. `level`
    /// is called with the error and its default level, and returns the level to use.
    ///
    /// By default an error of this server has the level `ERROR`. A client that does not speak TLS, or
    /// that closes without a byte, has `DEBUG`. All others have `INFO`.
    ///
    /// ```
    /// use lastword_tokio::TlsAcceptor;
    /// use lastword_tokio::acceptor::{Config, Reason};
    /// use tracing::Level;
    ///
    /// fn acceptor(config: Config) -> TlsAcceptor {
    ///     TlsAcceptor::new(config).with_level(|error, default| match error.reason() {
    ///         Reason::ClientCertificate => Level::WARN,
    ///         _ => default,
    ///     })
    /// }
    /// ```
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn with_level(mut self, level: LevelOf) -> Self {
        self.options = self.options.with_level(level);
        self
    }

    /// Sets the [`Deliveries`] that send the alerts of dropped futures in the background.
    ///
    /// ```
    /// # use lastword_tokio::{TlsAcceptor, acceptor::Config};
    /// use lastword_tokio::Deliveries;
    ///
    /// # fn acceptor(config: Config) -> TlsAcceptor {
    /// let deliveries = Deliveries::new(1000).on_failure(|error| eprintln!("{error}"));
    /// TlsAcceptor::new(config).with_deliveries(deliveries.clone()) // keep one, to wait for the end
    /// # }
    /// ```
    #[must_use]
    pub fn with_deliveries(mut self, deliveries: Deliveries) -> Self {
        self.deliveries = deliveries;
        self
    }

    /// Accepts a client. If the handshake fails, sends the alert and closes the connection in order
    /// before it returns.
    ///
    /// ```no_run
    /// # use lastword_tokio::TlsAcceptor;
    /// # use tokio::net::TcpStream;
    /// use tokio::io::AsyncWriteExt;
    ///
    /// # async fn serve(acceptor: &TlsAcceptor, tcp: TcpStream) -> std::io::Result<()> {
    /// match acceptor.accept(tcp).await {
    ///     Ok(mut stream) => {
    ///         stream.write_all(b"welcome\n").await?;
    ///         stream.close().await;
    ///     }
    ///     Err(error) => eprintln!("{error}"), // the client has its alert
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the handshake fails. [`AcceptError`](crate::AcceptError) says why, and what became of the
    /// alert.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the handshake is aborted, and its alert is sent in the background:
    /// see [`Deliveries`]. `(&mut accept).await` is cancel safe: it can be dropped and called again.
    ///
    /// # Panics
    ///
    /// If the chooser or the authorizer panics, or code of the application that rustls calls, such as a
    /// certificate resolver. The panic is caught, the client gets `internal_error`, the connection is
    /// closed in order, and then the panic is resumed.
    pub fn accept<IO>(&self, io: IO) -> Accept<IO, T>
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        Accept::new(self.accept_undelivered(io))
    }

    /// Accepts a client. If the handshake fails, the alert is held back: deliver it, answer in
    /// plaintext, or continue in another protocol.
    ///
    /// ```no_run
    /// # use lastword_tokio::TlsAcceptor;
    /// # use tokio::net::TcpStream;
    /// # async fn serve(acceptor: &TlsAcceptor, tcp: TcpStream) {
    /// match acceptor.accept_undelivered(tcp).await {
    ///     Ok(_stream) => { /* read and write */ }
    ///     Err(undelivered) => eprintln!("{}", undelivered.deliver().await),
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the handshake fails, or the chooser passes the client through. A panic of the chooser or the
    /// authorizer is an error too, of the kind [`Panicked`](crate::acceptor::ErrorKind::Panicked).
    /// [`AcceptError::resume_panic`](crate::AcceptError::resume_panic) resumes it, after the alert is
    /// delivered.
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

    /// Accepts a client over a stream that is not `Send` or not `'static`.
    ///
    /// Nothing is delivered in the background: if the future is dropped, the connection is closed at
    /// once, and the alert may be lost. A reset is detected only if a read returns it.
    ///
    /// ```no_run
    /// # use lastword_tokio::TlsAcceptor;
    /// # use tokio::net::TcpStream;
    /// # async fn serve(acceptor: &TlsAcceptor, mut tcp: TcpStream) {
    /// match acceptor.accept_local(&mut tcp).await { // borrows the stream
    ///     Ok(_stream) => { /* read and write */ }
    ///     Err(error) => eprintln!("{error}"),
    /// }
    /// # }
    /// ```
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
        AcceptUndelivered::new(Client::new(io, accepting, rest), Arc::clone(&self.rules))
    }

    /// Accepts a client that connected at this time, with other deliveries.
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
        AcceptUndelivered::new(Client::new(io, accepting, rest), Arc::clone(&self.rules))
    }

    /// Timeouts and size limits for each handshake.
    pub(crate) const fn options(&self) -> &Options {
        &self.options
    }
}

impl<T> Clone for TlsAcceptor<T> {
    fn clone(&self) -> Self {
        Self {
            rules: Arc::clone(&self.rules),
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

/// Makes an acceptor, as with tokio-rustls. The check of the configuration costs as much as two
/// handshakes: make an acceptor once, and clone it.
impl From<Arc<ServerConfig>> for TlsAcceptor {
    fn from(config: Arc<ServerConfig>) -> Self {
        Self::new(config)
    }
}
