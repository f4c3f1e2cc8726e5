//! The acceptor for blocking streams, and a failed handshake whose alert is held back.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lastword_acceptor::{
    AlertDescription, Config, ErrorAndAlert, ErrorKind, Guess, Limits, Phase, Reason, Rejection,
    Silence,
};

use crate::authorize::Peer;
use crate::blocking::{Timeouts, run};
use crate::choose::{Chooser, Incoming, IntoChoice, Rules};
use crate::error::AcceptError;
use crate::options::{Drain, Options};
use crate::step::accept::Accept;
use crate::step::accepting::Accepting;
use crate::step::undelivered;
use crate::stream::{About, TlsStream};
use crate::transport::Transport;

/// Accepts TLS clients over streams.
///
/// Make one from a configuration, with [`new`](Self::new), or from a closure that chooses one by the
/// ClientHello, with [`choosing`](Self::choosing). The client gets the same alerts in both cases. A
/// clone is cheap, and one acceptor serves any number of clients and threads.
///
/// `T` is the type of the value that a chooser returns with a configuration:
/// [`TlsStream::value`] returns it.
///
/// ```no_run
/// use std::net::TcpListener;
/// use std::time::Duration;
/// use lastword_io::TlsAcceptor;
/// use lastword_io::acceptor::Config;
///
/// fn serve(listener: &TcpListener, config: Config) -> std::io::Result<()> {
///     let acceptor = TlsAcceptor::new(config).with_timeout(Duration::from_secs(5));
///     for stream in listener.incoming() {
///         match acceptor.accept(stream?) {
///             Ok(_stream) => { /* read and write, then close */ }
///             Err(error) => eprintln!("{error}"), // the client has its alert
///         }
///     }
///     Ok(())
/// }
/// ```
pub struct TlsAcceptor<T = ()> {
    rules: Arc<Rules<T>>,
    options: Options,
}

impl TlsAcceptor {
    /// Makes an acceptor that serves all clients with one configuration.
    ///
    /// ```
    /// # use lastword_io::acceptor::ConfigError;
    /// use lastword_io::TlsAcceptor;
    /// use lastword_io::acceptor::Config;
    ///
    /// # fn acceptor(tls: rustls::ServerConfig) -> Result<TlsAcceptor, ConfigError> {
    /// let config = Config::new(tls)?; // an error at the start if it can serve no client
    /// let acceptor = TlsAcceptor::new(config);
    /// # Ok(acceptor)
    /// # }
    /// ```
    #[must_use]
    pub fn new(config: impl Into<Config>) -> Self {
        Self::asking(Chooser::Always(config.into(), || ()))
    }
}

impl<T> TlsAcceptor<T> {
    fn asking(chooser: Chooser<T>) -> Self {
        Self {
            rules: Arc::new(chooser.into()),
            options: Options::default(),
        }
    }

    /// Makes an acceptor that asks a closure for the configuration of each client.
    ///
    /// The closure returns a configuration, a configuration and a value, a
    /// [`Choice`](crate::choose::Choice), or a [`Rejection`], which refuses the client with an alert.
    /// Its time counts towards the timeout, but nothing interrupts it. If it panics, the client gets
    /// `internal_error`.
    ///
    /// ```no_run
    /// use lastword_io::TlsAcceptor;
    /// use lastword_io::acceptor::{Config, Rejection};
    ///
    /// fn acceptor(config: Config) -> TlsAcceptor {
    ///     TlsAcceptor::choosing(move |incoming| match incoming.server_name() {
    ///         Some("example.test") => Ok(config.clone()),
    ///         Some(_) => Err(Rejection::unrecognized_name()),
    ///         None => Err(Rejection::missing_server_name()),
    ///     })
    /// }
    /// ```
    ///
    /// If the closure returns a value with the configuration, [`TlsStream::value`] returns it:
    ///
    /// ```no_run
    /// # use std::net::TcpStream;
    /// # use lastword_io::TlsAcceptor;
    /// # use lastword_io::acceptor::{Config, Rejection};
    /// # fn serve(config: Config, stream: TcpStream) -> std::io::Result<()> {
    /// let acceptor = TlsAcceptor::choosing(move |incoming| {
    ///     let tenant = match incoming.server_name() {
    ///         Some("blue.example") => "blue",
    ///         Some("green.example") => "green",
    ///         _ => return Err(Rejection::unrecognized_name()),
    ///     };
    ///     Ok((config.clone(), tenant))
    /// });
    /// let stream = acceptor.accept(stream)?;
    /// println!("{} for {}", stream.addresses(), stream.value());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A [`Rejection`](crate::acceptor::Rejection) costs about a tenth of the refusal by a certificate
    /// resolver that returns no certificate: see [`Config`](crate::acceptor::Config).
    ///
    /// A closure that returns something else does not compile:
    ///
    /// ```compile_fail,E0277
    /// # use lastword_io::TlsAcceptor;
    /// let acceptor = TlsAcceptor::choosing(|_| Ok("a configuration"));
    /// ```
    #[must_use]
    pub fn choosing<F, C>(chooser: F) -> Self
    where
        F: Fn(&Incoming) -> Result<C, Rejection> + Send + Sync + 'static,
        C: IntoChoice<Value = T>,
    {
        Self::asking(Chooser::asking(chooser))
    }

    /// Sets the authorizer: a closure that accepts or refuses each client. Default: none, and each client
    /// is accepted. The module [`authorize`](crate::authorize) has the details.
    ///
    /// It is called after the client's certificate is verified and before the handshake is complete. It
    /// returns `Ok(())`, or a [`Rejection`], which refuses the client with an alert. It is called for
    /// resumed sessions too. Data that the client sends after the handshake is kept until then.
    ///
    /// The time of the closure counts towards the timeout, but the timeout does not interrupt it. If it
    /// panics, the client gets `internal_error`. It is not called for a client that the chooser passes
    /// through. A second call of this method replaces the closure.
    ///
    /// ```
    /// use lastword_io::TlsAcceptor;
    /// use lastword_io::acceptor::{Config, Rejection};
    ///
    /// /// Serves only clients that have a certificate.
    /// fn acceptor(config: Config) -> TlsAcceptor {
    ///     TlsAcceptor::new(config).with_authorizer(|peer| match peer.certificates() {
    ///         [] => Err(Rejection::access_denied("no certificate")),
    ///         _ => Ok(()),
    ///     })
    /// }
    /// ```
    #[must_use]
    pub fn with_authorizer<F>(mut self, authorizer: F) -> Self
    where
        F: Fn(&Peer) -> Result<(), Rejection> + Send + Sync + 'static,
    {
        let mut rules = Rules::clone(&self.rules);
        rules.authorizer = Some(Arc::new(authorizer));
        self.rules = Arc::new(rules);
        self
    }

    /// Sets the timeout for the whole handshake, including the choice of a configuration. Default:
    /// 10 seconds. [`Options::timeout`] has the details.
    ///
    /// ```
    /// # use lastword_io::{TlsAcceptor, acceptor::Config};
    /// use std::time::Duration;
    ///
    /// # fn acceptor(config: Config) -> TlsAcceptor {
    /// TlsAcceptor::new(config).with_timeout(Duration::from_secs(5))
    /// # }
    /// ```
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = timeout;
        self
    }

    /// Sets size limits for what a client sends during the handshake. They bound the memory for a
    /// client.
    ///
    /// ```
    /// # use lastword_io::{TlsAcceptor, acceptor::Config};
    /// use lastword_io::acceptor::Limits;
    ///
    /// # fn acceptor(config: Config) -> TlsAcceptor {
    /// TlsAcceptor::new(config).with_limits(Limits::default().with_hello_len(16 << 10)) // 16 KiB
    /// # }
    /// ```
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.options.limits = limits;
        self
    }

    /// Sets limits for what is read and thrown away before a connection is closed. Default: 1 second
    /// and 16 MiB.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use lastword_io::{TlsAcceptor, acceptor::Config};
    /// use lastword_io::Drain;
    ///
    /// # fn acceptor(config: Config) -> TlsAcceptor {
    /// let drain = Drain::default().with_time(Duration::from_millis(200));
    /// TlsAcceptor::new(config).with_drain(drain)
    /// # }
    /// ```
    #[must_use]
    pub fn with_drain(mut self, drain: Drain) -> Self {
        self.options.drain = drain;
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
    /// each client.
    ///
    /// ```
    /// use lastword_io::TlsAcceptor;
    /// use lastword_io::acceptor::Config;
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
    /// use lastword_io::TlsAcceptor;
    /// use lastword_io::acceptor::{Config, Reason};
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
    pub fn with_level(mut self, level: crate::step::LevelOf) -> Self {
        self.options = self.options.with_level(level);
        self
    }

    /// Accepts a client over a blocking stream. If the handshake fails, sends the alert and closes
    /// the connection in order before it returns.
    ///
    /// It takes at most the time that [`Options`] allows, if the stream has timeouts. It sets the
    /// timeouts of the stream. If the handshake succeeds, it removes them. If the handshake fails,
    /// they stay as the drain set them.
    ///
    /// If a chooser [passes the client through](crate::choose::Choice::pass_through), nothing takes
    /// the client here, so the client gets `internal_error`. Use
    /// [`accept_undelivered`](Self::accept_undelivered) for such a chooser.
    ///
    /// ```no_run
    /// # use std::net::TcpStream;
    /// # use lastword_io::TlsAcceptor;
    /// use std::io::Write;
    ///
    /// # fn serve(acceptor: &TlsAcceptor, stream: TcpStream) -> std::io::Result<()> {
    /// match acceptor.accept(stream) {
    ///     Ok(mut stream) => {
    ///         stream.write_all(b"welcome\n")?;
    ///         stream.close();
    ///     }
    ///     Err(error) => eprintln!("{error}"), // the client has its alert
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the handshake fails. [`AcceptError`] says why, and what became of the alert.
    ///
    /// # Panics
    ///
    /// If the chooser or the authorizer panics, or code of the application that rustls calls, such as a
    /// certificate resolver. The panic is caught, the client gets `internal_error`, the connection is
    /// closed in order, and then the panic is resumed.
    pub fn accept<S: Transport>(&self, stream: S) -> Result<TlsStream<S, T>, AcceptError<S>> {
        self.accept_undelivered(stream).map_err(|undelivered| {
            let error = undelivered.deliver();
            error.resume_panic();
            error
        })
    }

    /// Accepts a client over a blocking stream. If the handshake fails, the alert is held back:
    /// deliver it, or answer in another protocol.
    ///
    /// If a chooser [passes the client through](crate::choose::Choice::pass_through), this returns an
    /// `Err` too: [`Undelivered::into_passed_through`] returns the stream and its bytes.
    ///
    /// A panic of the chooser, the authorizer or other code of the application is not resumed. It is an
    /// error of the kind [`Panicked`](ErrorKind::Panicked). [`AcceptError::resume_panic`] resumes it,
    /// after the alert is delivered.
    ///
    /// ```no_run
    /// # use std::net::TcpStream;
    /// # use lastword_io::TlsAcceptor;
    /// # fn serve(acceptor: &TlsAcceptor, stream: TcpStream) {
    /// match acceptor.accept_undelivered(stream) {
    ///     Ok(_stream) => { /* read and write */ }
    ///     Err(undelivered) => {
    ///         eprintln!("{}: the alert follows", undelivered.error());
    ///         undelivered.deliver();
    ///     }
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the handshake fails, or the client is passed through.
    pub fn accept_undelivered<S: Transport>(
        &self,
        mut stream: S,
    ) -> Result<TlsStream<S, T>, Undelivered<S, T>> {
        let mut timeouts = Timeouts::default();
        let accepting = Accepting::new(&self.options, stream.now());
        let chosen = match run(accepting, &mut stream, &mut timeouts) {
            Ok(accepted) => accepted.choose(&self.rules.chooser, &stream),
            Err(undelivered) => Err((undelivered, None)),
        };
        let established = chosen.and_then(|chosen| {
            let started = chosen.handshaking.started();
            let handshaking = match &self.rules.authorizer {
                None => Ok(chosen.handshaking),
                Some(authorizer) => {
                    run(chosen.handshaking.authorizing(), &mut stream, &mut timeouts).and_then(
                        |client| client.authorize(&**authorizer, chosen.addresses.clone(), &stream),
                    )
                }
            };
            match handshaking.and_then(|it| run(it, &mut stream, &mut timeouts)) {
                Ok(connection) => Ok((connection, started, chosen.value, chosen.addresses)),
                Err(undelivered) => Err((undelivered, None)),
            }
        });
        match established {
            Ok((connection, started, value, addresses)) => {
                timeouts.clear(&mut stream);
                let about = About {
                    value,
                    elapsed: stream.now().saturating_duration_since(started),
                    addresses: addresses.map(Box::new),
                };
                Ok(TlsStream::new(
                    connection,
                    stream,
                    self.options.drain,
                    about,
                ))
            }
            Err((undelivered, value)) => Err(Undelivered {
                undelivered,
                value,
                timeouts,
                stream,
            }),
        }
    }

    /// Starts to accept a client over a nonblocking stream, for your own event loop. `now` is the
    /// time by the clock of the stream: [`Transport::now`].
    ///
    /// ```no_run
    /// use std::net::TcpStream;
    /// use lastword_io::step::{Accept, Step};
    /// use lastword_io::{TlsAcceptor, Transport};
    ///
    /// fn ready(accept: Accept, stream: &mut TcpStream) -> Option<Accept> {
    ///     match accept.step(stream) {
    ///         Step::Reading(accept) | Step::Writing(accept) => Some(accept), // until it is ready
    ///         Step::Over(Ok((_connection, ()))) => None, // serve it
    ///         Step::Over(Err(error)) => {
    ///             eprintln!("{error}"); // the client has its alert: close the stream
    ///             None
    ///         }
    ///     }
    /// }
    ///
    /// fn begin(acceptor: &TlsAcceptor, stream: &mut TcpStream) -> std::io::Result<Option<Accept>> {
    ///     stream.set_nonblocking(true)?;
    ///     Ok(ready(acceptor.start(stream.now()), stream))
    /// }
    /// ```
    pub fn start(&self, now: Instant) -> Accept<T> {
        Accept::new(Arc::clone(&self.rules), &self.options, now)
    }
}

impl<T> Clone for TlsAcceptor<T> {
    fn clone(&self) -> Self {
        Self {
            rules: Arc::clone(&self.rules),
            options: self.options.clone(),
        }
    }
}

impl From<Config> for TlsAcceptor {
    fn from(config: Config) -> Self {
        Self::new(config)
    }
}

impl<T> fmt::Debug for TlsAcceptor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsAcceptor")
            .field("rules", &self.rules)
            .field("options", &self.options)
            .finish()
    }
}

/// A failed handshake whose alert is held back, or a client that a chooser passes through.
///
/// End it with [`deliver`](Self::deliver). Or take the stream: with [`into_parts`](Self::into_parts)
/// for a client that speaks another protocol, or with
/// [`into_passed_through`](Self::into_passed_through).
///
/// ```no_run
/// use std::io::Write;
/// use std::net::TcpStream;
/// use lastword_io::TlsAcceptor;
/// use lastword_io::acceptor::Guess;
///
/// fn serve(acceptor: &TlsAcceptor, stream: TcpStream) -> std::io::Result<()> {
///     let undelivered = match acceptor.accept_undelivered(stream) {
///         Ok(_stream) => return Ok(()), // read and write
///         Err(undelivered) => undelivered,
///     };
///     if let Some(Guess::Http(_)) = undelivered.not_tls() {
///         let (_error, mut stream, _request) = undelivered.into_parts();
///         return stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
///     }
///     eprintln!("{}", undelivered.deliver());
///     Ok(())
/// }
/// ```
///
/// Its other methods return the details of the failure:
///
/// ```
/// use std::io::Cursor;
/// use lastword_io::acceptor::{AlertDescription, Config, Guess, Phase, Reason, Rejection};
/// use lastword_io::{Plain, TlsAcceptor};
///
/// let acceptor = TlsAcceptor::choosing(|_| Err::<Config, _>(Rejection::unrecognized_name()));
/// let client = Plain(Cursor::new(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()));
/// let undelivered = acceptor.accept_undelivered(client).unwrap_err();
/// assert_eq!(undelivered.reason(), Reason::NotTls);
/// assert_eq!(undelivered.not_tls(), Some(Guess::Ssh));
/// assert_eq!(undelivered.phase(), Phase::ClientHello);
/// assert_eq!(undelivered.alert(), Some(AlertDescription::UNEXPECTED_MESSAGE));
/// assert_eq!(undelivered.silence(), None);
/// assert_eq!(undelivered.server_name(), None);
/// ```
#[must_use = "the client has not got its alert"]
pub struct Undelivered<S, T = ()> {
    undelivered: undelivered::Undelivered,
    /// The chooser's value, if the client is passed through.
    value: Option<T>,
    timeouts: Timeouts,
    stream: S,
}

impl<S, T> Undelivered<S, T> {
    /// Returns why the handshake failed, and the alert for the client.
    pub fn error(&self) -> &ErrorAndAlert {
        self.undelivered.error()
    }

    /// Returns what went wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        self.error().error().kind()
    }

    /// Returns how far the handshake had come.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.error().error().phase()
    }

    /// Returns the reason of the failure, for example for the label of a metric.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.error().error().reason()
    }

    /// Returns the server name that the client asked for; `None` if it is not known.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.error().error().server_name()
    }

    /// Returns the alert for the client; `None` if there is nothing to send, see
    /// [`silence`](Self::silence).
    #[must_use]
    pub fn alert(&self) -> Option<AlertDescription> {
        self.error().alert()
    }

    /// Returns why no alert is sent; `None` if there is an [`alert`](Self::alert) to send.
    #[must_use]
    pub fn silence(&self) -> Option<Silence> {
        self.error().silence()
    }

    /// Returns what the client seems to speak, if it does not speak TLS.
    #[must_use]
    pub fn not_tls(&self) -> Option<Guess> {
        self.undelivered.not_tls()
    }

    /// Returns the stream below.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        &self.stream
    }
}

impl<S: Transport, T> Undelivered<S, T> {
    /// Sends the alert and closes the connection in order.
    ///
    /// ```
    /// # use std::io::Cursor;
    /// # use lastword_io::{Delivery, Plain, TlsAcceptor, acceptor::{Config, Rejection}};
    /// # let acceptor = TlsAcceptor::choosing(|_| Err::<Config, _>(Rejection::unrecognized_name()));
    /// # let stream = Plain(Cursor::new(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()));
    /// let undelivered = acceptor.accept_undelivered(stream).unwrap_err();
    /// let error = undelivered.deliver();
    /// assert_eq!(error.delivery(), Delivery::Written);
    /// ```
    pub fn deliver(self) -> AcceptError<S> {
        let (mut stream, mut timeouts) = (self.stream, self.timeouts);
        let delivering = self.undelivered.deliver(stream.now());
        run(delivering, &mut stream, &mut timeouts).with_stream(stream)
    }

    /// Makes the stream nonblocking.
    #[cfg(feature = "background")]
    pub(crate) fn into_nonblocking(mut self) -> Result<(S, undelivered::Undelivered), Self> {
        match self.stream.set_nonblocking(true) {
            Ok(()) => Ok((self.stream, self.undelivered)),
            Err(_) => Err(self),
        }
    }

    /// Returns the error with its alert, the stream, and every byte that was read from it and is of
    /// use to another protocol: see [`Error::received`](lastword_acceptor::Error::received).
    ///
    /// The stream has no timeouts.
    ///
    /// ```
    /// # use std::io::Cursor;
    /// # use lastword_io::{Plain, TlsAcceptor, acceptor::{Config, Rejection}};
    /// # let acceptor = TlsAcceptor::choosing(|_| Err::<Config, _>(Rejection::unrecognized_name()));
    /// # let stream = Plain(Cursor::new(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()));
    /// let undelivered = acceptor.accept_undelivered(stream).unwrap_err();
    /// let (error, _stream, received) = undelivered.into_parts();
    /// assert_eq!(error.tls(), [21, 3, 3, 0, 2, 2, 10]); // the alert, which is yours to send
    /// assert!(received.starts_with(b"SSH-"));
    /// ```
    #[must_use = "the client has not got its alert"]
    pub fn into_parts(mut self) -> (ErrorAndAlert, S, Vec<u8>) {
        self.timeouts.clear(&mut self.stream);
        let (error, received) = self.undelivered.into_parts();
        (error, self.stream, received)
    }

    /// Returns the stream, every byte that was read from it, and the value of the chooser, if the
    /// chooser [passes the client through](crate::choose::Choice::pass_through). The client has got
    /// nothing from this server. The stream has no timeouts.
    ///
    /// ```no_run
    /// # use std::io::{self, Write};
    /// # use std::net::{SocketAddr, TcpStream};
    /// # use lastword_io::TlsAcceptor;
    /// # fn serve(acceptor: &TlsAcceptor<SocketAddr>, stream: TcpStream) -> io::Result<()> {
    /// let undelivered = match acceptor.accept_undelivered(stream) {
    ///     Ok(_stream) => return Ok(()), // read and write
    ///     Err(undelivered) => undelivered,
    /// };
    /// match undelivered.into_passed_through() {
    ///     Ok((_client, received, backend)) => {
    ///         TcpStream::connect(backend)?.write_all(&received)?;
    ///         // then copy both ways
    ///     }
    ///     Err(undelivered) => eprintln!("{}", undelivered.deliver()),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns `self` if the handshake has failed.
    pub fn into_passed_through(mut self) -> Result<(S, Vec<u8>, T), Self> {
        let Some(value) = self.value.take() else {
            return Err(self);
        };
        match self.undelivered.into_passed_through() {
            Ok(received) => {
                self.timeouts.clear(&mut self.stream);
                Ok((self.stream, received, value))
            }
            Err(undelivered) => Err(Self {
                undelivered,
                value: Some(value),
                ..self
            }),
        }
    }
}

impl<S, T> fmt::Debug for Undelivered<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Undelivered")
            .field("error", self.undelivered.error())
            .finish_non_exhaustive()
    }
}
