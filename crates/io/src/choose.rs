//! Choosing a configuration by the ClientHello.
//!
//! A chooser is a closure for [`TlsAcceptor::choosing`](crate::TlsAcceptor::choosing). It takes an
//! [`Incoming`] and returns a value that implements [`IntoChoice`], or a [`Rejection`].
//!
//! | a chooser returns | the client |
//! |---|---|
//! | `Ok(config)` | is served with this configuration |
//! | `Ok((config, value))` | is served; [`TlsStream::value`](crate::TlsStream::value) returns the value |
//! | `Ok(Choice::pass_through(value))` | is passed through: its bytes and the value are handed over |
//! | `Err(rejection)` | is refused with the alert of the [`Rejection`] |
//!
//! ```no_run
//! use lastword_io::TlsAcceptor;
//! use lastword_io::acceptor::{Config, Rejection};
//! use lastword_io::choose::Choice;
//!
//! fn acceptor(config: Config) -> TlsAcceptor<&'static str> {
//!     TlsAcceptor::choosing(move |incoming| match incoming.server_name() {
//!         Some("www.example") => Ok(Choice::serve(config.clone()).with_value("www")),
//!         Some("mail.example") => Ok(Choice::pass_through("10.0.0.7:443")),
//!         Some(_) => Err(Rejection::unrecognized_name()),
//!         None => Err(Rejection::missing_server_name()),
//!     })
//! }
//! ```

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use lastword_acceptor::{ClientHello, Config, Hello, Rejection, ServerConfig};

use crate::authorize::Authorizer;
use crate::proxy::ProxyHeader;
use crate::transport::Transport;

/// A client that waits for a configuration: its ClientHello and its addresses.
///
/// It borrows nothing, and a clone is cheap and copies no bytes. A chooser may return a clone as
/// its value.
///
/// ```
/// use lastword_io::Incoming;
/// use lastword_io::acceptor::Rejection;
///
/// fn check(incoming: &Incoming) -> Result<(), Rejection> {
///     match incoming.server_name() {
///         Some("example.test") => Ok(()),
///         Some(_) => Err(Rejection::unrecognized_name()),
///         None => Err(Rejection::missing_server_name()),
///     }
/// }
/// ```
///
/// Its methods return what a chooser needs:
///
/// ```
/// # use lastword_io::Incoming;
/// fn log(incoming: &Incoming) {
///     let has_http2 = incoming.alpn().any(|protocol| protocol == b"h2");
///     let hello = incoming.client_hello(); // `hello()` returns it to keep
///     println!("{:?} to {:?}: {hello}", incoming.peer_addr(), incoming.local_addr());
///     if let Some(header) = incoming.proxy() {
///         println!("from the proxy {:?}: {header:?}", incoming.addresses().proxy_addr());
///     }
///     println!("HTTP/2: {has_http2}, {} bytes", incoming.hello().received_len());
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Incoming {
    hello: Arc<Hello>,
    addresses: Addresses,
}

impl Incoming {
    /// Creates it from a complete ClientHello, for example to test a chooser.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use lastword_io::Incoming;
    /// use lastword_io::acceptor::hello::{Collected, Collector, Limits};
    /// use lastword_io::choose::Addresses;
    ///
    /// # let hello = [
    /// #     &[22, 3, 1, 0, 71, 1, 0, 0, 67][..], &[3, 3], &[7; 32], &[0], &[0, 2, 0x13, 0x01], &[1, 0],
    /// #     &[0, 24], &[0, 0, 0, 16], &[0, 14, 0, 0, 11], b"example.com", &[0xfe, 0xed, 0, 0],
    /// # ]
    /// # .concat();
    /// // `hello` are the bytes that a client sent
    /// let Collected::Hello(hello) = Collector::new(Limits::default()).receive(&mut &hello[..])? else {
    ///     unreachable!("the ClientHello is complete");
    /// };
    /// let incoming = Incoming::new(Arc::new(hello), Addresses::default());
    /// assert_eq!(incoming.server_name(), Some("example.com"));
    /// # Ok::<(), lastword_io::acceptor::hello::CollectError>(())
    /// ```
    #[must_use]
    pub fn new(hello: Arc<Hello>, addresses: Addresses) -> Self {
        Self { hello, addresses }
    }

    /// Returns the ClientHello.
    #[must_use]
    pub fn client_hello(&self) -> ClientHello<'_> {
        self.hello.client_hello()
    }

    /// Returns the ClientHello with the bytes that it arrived in. Clone the `Arc` to keep it.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use lastword_io::{Incoming, TlsAcceptor};
    /// # use lastword_io::acceptor::{Config, Hello};
    /// # fn acceptor(config: Config) -> TlsAcceptor<Arc<Hello>> {
    /// // `TlsStream::value` returns the ClientHello
    /// TlsAcceptor::choosing(move |incoming| Ok((config.clone(), Arc::clone(incoming.hello()))))
    /// # }
    /// ```
    #[must_use]
    pub fn hello(&self) -> &Arc<Hello> {
        &self.hello
    }

    /// Returns the server name that the client asks for, in lower case (RFC 6066 section 3).
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.hello.server_name()
    }

    /// Returns the application protocols that the client offers, most preferred first (RFC 7301
    /// section 3.1).
    ///
    /// ```
    /// # use lastword_io::{Incoming, acceptor::Rejection};
    /// # fn check(incoming: &Incoming) -> Result<(), Rejection> {
    /// match incoming.alpn().any(|protocol| protocol == b"h2") {
    ///     true => Ok(()),
    ///     false => Err(Rejection::access_denied("a client without HTTP/2")),
    /// }
    /// # }
    /// ```
    pub fn alpn(&self) -> impl Iterator<Item = &[u8]> + Clone {
        self.client_hello().alpn().into_iter().flatten()
    }

    /// Returns the address of the client, if the stream has one.
    #[must_use]
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.addresses.peer
    }

    /// Returns the address of this server that the client has connected to, if the stream has one.
    #[must_use]
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.addresses.local
    }

    /// Returns the header of the PROXY protocol that came before the ClientHello, if one did.
    #[must_use]
    pub fn proxy(&self) -> Option<&ProxyHeader> {
        self.addresses.proxy()
    }

    /// Returns all addresses.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }
}

/// The two ends of a connection. Either is `None` if it is not known, as with a Unix socket.
///
/// If a proxy sent a header of the PROXY protocol, they are those of the client's connection to the
/// proxy, and [`proxy_addr`](Self::proxy_addr) is the proxy.
///
/// Its `Display` is the address of the client, or `unknown`.
///
/// ```
/// use lastword_io::choose::Addresses;
///
/// let addresses = Addresses::default().with_peer("192.0.2.7:40000".parse()?);
/// assert_eq!(addresses.to_string(), "192.0.2.7:40000");
/// assert_eq!(Addresses::default().to_string(), "unknown");
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Addresses {
    /// The address of the client.
    pub peer: Option<SocketAddr>,
    /// The address of this server that the client has connected to.
    pub local: Option<SocketAddr>,
    proxy: Option<Arc<Proxy>>,
}

/// The proxy that a client came through.
#[derive(Debug, PartialEq, Eq)]
struct Proxy {
    address: Option<SocketAddr>,
    header: ProxyHeader,
}

impl Addresses {
    /// Asks the stream for both addresses.
    pub(crate) fn of(stream: &impl Transport) -> Self {
        Self {
            peer: stream.peer_addr(),
            local: stream.local_addr(),
            proxy: None,
        }
    }

    /// Sets the header of the PROXY protocol that came before the ClientHello. If the header has
    /// addresses, they replace [`peer`](Self::peer) and [`local`](Self::local).
    ///
    /// ```
    /// use lastword_io::choose::Addresses;
    /// use lastword_io::proxy::{Parsed, ProxyHeader};
    ///
    /// let received = b"PROXY TCP4 192.0.2.7 198.51.100.1 50000 443\r\n";
    /// let Parsed::Complete { header, .. } = ProxyHeader::parse(received)? else {
    ///     unreachable!("the header is complete");
    /// };
    /// let balancer = "10.0.0.1:40000".parse().unwrap();
    /// let addresses = Addresses::default().with_peer(balancer).with_proxy(header);
    /// assert_eq!(addresses.to_string(), "192.0.2.7:50000"); // the client
    /// assert_eq!(addresses.proxy_addr(), Some(balancer));
    /// assert!(addresses.proxy().is_some());
    /// # Ok::<(), lastword_io::proxy::ProxyError>(())
    /// ```
    #[must_use]
    pub fn with_proxy(self, header: ProxyHeader) -> Self {
        Self {
            peer: header.source().or(self.peer),
            local: header.destination().or(self.local),
            proxy: Some(Arc::new(Proxy {
                address: self.peer,
                header,
            })),
        }
    }

    /// Returns the header of the PROXY protocol that came before the ClientHello, if one did.
    #[must_use]
    pub fn proxy(&self) -> Option<&ProxyHeader> {
        self.proxy.as_deref().map(|proxy| &proxy.header)
    }

    /// Returns the address of the proxy that sent the header, if one did.
    #[must_use]
    pub fn proxy_addr(&self) -> Option<SocketAddr> {
        self.proxy.as_deref()?.address
    }

    /// Sets the address of the client.
    ///
    /// ```
    /// # use lastword_io::choose::Addresses;
    /// let addresses = Addresses::default().with_peer("192.0.2.7:40000".parse()?);
    /// assert_eq!(addresses.peer, Some("192.0.2.7:40000".parse()?));
    /// # Ok::<(), std::net::AddrParseError>(())
    /// ```
    #[must_use]
    pub fn with_peer(self, peer: SocketAddr) -> Self {
        let peer = Some(peer);
        Self { peer, ..self }
    }

    /// Sets the address of this server that the client has connected to.
    ///
    /// ```
    /// # use lastword_io::choose::Addresses;
    /// let addresses = Addresses::default().with_local("198.51.100.1:443".parse()?);
    /// assert_eq!(addresses.local, Some("198.51.100.1:443".parse()?));
    /// # Ok::<(), std::net::AddrParseError>(())
    /// ```
    #[must_use]
    pub fn with_local(self, local: SocketAddr) -> Self {
        let local = Some(local);
        Self { local, ..self }
    }
}

impl fmt::Display for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.peer {
            Some(peer) => peer.fmt(f),
            None => f.write_str("unknown"),
        }
    }
}

/// What to do with a client: serve it with a configuration, or pass it through.
///
/// The [module](self) has an example.
#[derive(Debug)]
#[must_use = "return it from a chooser"]
pub struct Choice<T = ()> {
    /// `None` to pass the client through.
    config: Option<Config>,
    value: T,
}

impl Choice {
    /// Serves the client with this configuration.
    ///
    /// ```
    /// # use lastword_io::{TlsAcceptor, acceptor::Config};
    /// use lastword_io::choose::Choice;
    ///
    /// # fn acceptor(config: Config) -> TlsAcceptor {
    /// TlsAcceptor::choosing(move |_| Ok(Choice::serve(config.clone())))
    /// # }
    /// ```
    pub fn serve(config: impl Into<Config>) -> Self {
        Self {
            config: Some(config.into()),
            value: (),
        }
    }
}

impl<T> Choice<T> {
    /// Passes the client through, for example to another server. The client gets no answer, and
    /// [`Undelivered::into_passed_through`](crate::Undelivered::into_passed_through) returns the
    /// stream, every byte that was read from it, and `value`.
    ///
    /// ```
    /// use lastword_io::choose::Choice;
    ///
    /// let choice = Choice::pass_through("10.0.0.7:443"); // the other server
    /// let (config, backend) = choice.into_parts();
    /// assert!(config.is_none());
    /// assert_eq!(backend, "10.0.0.7:443");
    /// ```
    pub fn pass_through(value: T) -> Self {
        let config = None;
        Self { config, value }
    }

    /// Sets the value that the stream will have.
    ///
    /// ```
    /// # use lastword_io::{TlsAcceptor, acceptor::Config};
    /// use lastword_io::choose::Choice;
    ///
    /// # fn acceptor(config: Config) -> TlsAcceptor<&'static str> {
    /// TlsAcceptor::choosing(move |_| Ok(Choice::serve(config.clone()).with_value("blue")))
    /// # }
    /// ```
    pub fn with_value<U>(self, value: U) -> Choice<U> {
        let config = self.config;
        Choice { config, value }
    }

    /// Returns the configuration, if the client is to be served, and the value.
    ///
    /// ```
    /// # use lastword_io::{acceptor::Config, choose::Choice};
    /// fn show(choice: Choice<&str>) {
    ///     match choice.into_parts() {
    ///         (Some(_config), value) => println!("serve: {value}"),
    ///         (None, value) => println!("pass through to {value}"),
    ///     }
    /// }
    /// ```
    pub fn into_parts(self) -> (Option<Config>, T) {
        (self.config, self.value)
    }
}

/// What a chooser may return: a [`Config`], a pair of a [`Config`] and a value, a
/// [`Choice<T>`](Choice), or rustls's `Arc<ServerConfig>`.
///
/// rustls's configuration is converted for each client, which costs about as much as two handshakes, so
/// make each [`Config`] once.
///
/// ```
/// use lastword_io::acceptor::Config;
/// use lastword_io::choose::{Choice, IntoChoice};
///
/// /// A tenant of this server.
/// struct Tenant {
///     config: Config,
///     name: &'static str,
/// }
///
/// impl IntoChoice for Tenant {
///     type Value = &'static str;
///
///     fn into_choice(self) -> Choice<&'static str> {
///         Choice::serve(self.config).with_value(self.name)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a choice of a chooser",
    note = "a chooser returns `Ok(config)`, `Ok((config, value))` or `Ok(Choice::pass_through(value))`"
)]
pub trait IntoChoice {
    /// The value that the stream will have.
    type Value;

    /// Converts it into a choice.
    fn into_choice(self) -> Choice<Self::Value>;
}

impl IntoChoice for Config {
    type Value = ();

    fn into_choice(self) -> Choice {
        Choice::serve(self)
    }
}

impl IntoChoice for Arc<ServerConfig> {
    type Value = ();

    fn into_choice(self) -> Choice {
        Choice::serve(self)
    }
}

impl<C: Into<Config>, T> IntoChoice for (C, T) {
    type Value = T;

    fn into_choice(self) -> Choice<T> {
        let (config, value) = self;
        Choice::serve(config).with_value(value)
    }
}

impl<T> IntoChoice for Choice<T> {
    type Value = T;

    fn into_choice(self) -> Self {
        self
    }
}

/// A chooser of an application.
type Ask<T> = dyn Fn(&Incoming) -> Result<Choice<T>, Rejection> + Send + Sync;

/// How the configuration of a client is found.
pub(crate) enum Chooser<T> {
    /// All clients have the same configuration. The function makes the value.
    Always(Config, fn() -> T),
    /// The application is asked for each client.
    Ask(Arc<Ask<T>>),
}

impl<T> Chooser<T> {
    /// Asks this closure for each client.
    pub(crate) fn asking<F, C>(chooser: F) -> Self
    where
        F: Fn(&Incoming) -> Result<C, Rejection> + Send + Sync + 'static,
        C: IntoChoice<Value = T>,
    {
        let ask = move |incoming: &Incoming| chooser(incoming).map(IntoChoice::into_choice);
        Self::Ask(Arc::new(ask))
    }
}

/// What an acceptor asks the application.
pub(crate) struct Rules<T> {
    pub(crate) chooser: Chooser<T>,
    pub(crate) authorizer: Option<Arc<Authorizer>>,
}

impl<T> From<Chooser<T>> for Rules<T> {
    fn from(chooser: Chooser<T>) -> Self {
        Self {
            chooser,
            authorizer: None,
        }
    }
}

impl<T> Clone for Rules<T> {
    fn clone(&self) -> Self {
        Self {
            chooser: self.chooser.clone(),
            authorizer: self.authorizer.clone(),
        }
    }
}

impl<T> fmt::Debug for Rules<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules")
            .field("chooser", &self.chooser)
            .field("authorizes", &self.authorizer.is_some())
            .finish()
    }
}

impl<T> Clone for Chooser<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Always(config, value) => Self::Always(config.clone(), *value),
            Self::Ask(ask) => Self::Ask(Arc::clone(ask)),
        }
    }
}

impl<T> fmt::Debug for Chooser<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always(config, _) => config.fmt(f),
            Self::Ask(_) => f.write_str("a chooser"),
        }
    }
}
