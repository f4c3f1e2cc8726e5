//! The options of a listener: its limits, stages and callbacks.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use lastword_io::AcceptError;
use tokio::net::TcpStream;

use super::proxy::ProxyProtocol;
use crate::acceptor::Rejection;
use crate::choose::Addresses;
use crate::prefixed::Prefixed;

/// The callback for failed handshakes.
type OnFailure = Arc<dyn Fn(&Addresses, &AcceptError) + Send + Sync>;

/// The callback for accept errors.
type OnAcceptError = Arc<dyn Fn(&io::Error) + Send + Sync>;

/// The callback that admits or refuses a client.
type Admit = Arc<dyn Fn(&Addresses) -> Result<(), Rejection> + Send + Sync>;

/// The future of a handler.
pub(super) type Handled = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The handler for clients that are passed through.
type OnPassThrough<IO, T> = Arc<dyn Fn(Prefixed<IO>, Addresses, T) -> Handled + Send + Sync>;

/// The handler for clients that do not speak TLS.
type OnPlaintext<IO> = Arc<dyn Fn(Prefixed<IO>, Addresses) -> Handled + Send + Sync>;

/// Options of a listener: its limits, stages and callbacks. The defaults are safe on the open
/// network.
///
/// `IO` is the stream type of the listener's source. `T` is the type of the chooser's value.
///
/// ```
/// use lastword_tokio::ListenerOptions;
/// use lastword_tokio::listener::Plaintext;
///
/// let options: ListenerOptions = ListenerOptions::default()
///     .with_handshakes(4096)
///     .with_handshakes_per_address(100)
///     .with_plaintext(Plaintext::Redirect { port: None })
///     .on_failure(|client, error| eprintln!("{client}: {error}"))
///     .on_accept_error(|error| eprintln!("accept: {error}"));
/// assert_eq!(options.handshakes, 4096);
/// ```
#[non_exhaustive]
pub struct ListenerOptions<IO = TcpStream, T = ()> {
    /// Limit for the number of handshakes in flight. It includes completed handshakes not yet
    /// [accepted](crate::Listener::accept). It also includes clients to be [answered in
    /// plaintext](Self::plaintext) whose request is not complete. Further clients wait in the
    /// system's queue. Each handshake uses a file descriptor: choose a lower limit if the process
    /// may not open so many (`ulimit -n`). Default: 16,384.
    pub handshakes: u32,
    /// Limit for the number of such handshakes from one source address. Further clients of the
    /// address are refused with `user_canceled`. For IPv6 only the first 64 bits of the address
    /// count. Default: `None`. Then the limit is half of [`handshakes`](Self::handshakes), rounded up,
    /// and loopback addresses have no limit. If all clients come from one address, for example from a
    /// load balancer without the PROXY protocol, set it to `u32::MAX`.
    pub handshakes_per_address: Option<u32>,
    /// Limit for the number of alerts and [answers in plaintext](Self::plaintext) in delivery.
    /// [`Drain`](crate::Drain) limits the time of each. At the limit, a further delivery ends the
    /// oldest one early, and closes its connection. If the limit is 0, as much of each alert or answer
    /// is written at once as the stream takes without waiting. Default: 4,096.
    pub deliveries: u32,
    /// The proxies from which a header of the PROXY protocol is read. Default: none.
    pub proxy_protocol: Option<ProxyProtocol>,
    /// The answer to a client that speaks HTTP without TLS. Default: an alert.
    pub plaintext: Plaintext,
    pub(super) admit: Option<Admit>,
    pub(super) on_pass_through: Option<OnPassThrough<IO, T>>,
    pub(super) on_plaintext: Option<OnPlaintext<IO>>,
    pub(super) on_failure: OnFailure,
    pub(super) on_accept_error: OnAcceptError,
}

/// The answer to a client that speaks HTTP without TLS.
///
/// ```
/// use lastword_tokio::ListenerOptions;
/// use lastword_tokio::listener::Plaintext;
///
/// let redirect = Plaintext::Redirect { port: Some(8443) };
/// let options: ListenerOptions = ListenerOptions::default().with_plaintext(redirect);
/// assert_eq!(options.plaintext, redirect);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Plaintext {
    /// The alert `unexpected_message`, as for any other protocol.
    #[default]
    Alert,
    /// `400 Bad Request`, with a text that says that this port speaks HTTPS.
    BadRequest,
    /// `308 Permanent Redirect` to https, with the host and the path of the request. If they do not
    /// make a valid URL, `400 Bad Request`.
    Redirect {
        /// The port in the URL; `None` for the default port, 443.
        port: Option<u16>,
    },
}

impl<IO, T> ListenerOptions<IO, T> {
    /// Returns the limit for handshakes from this address; `None` if there is none.
    pub(super) fn most_from(&self, address: IpAddr) -> Option<u32> {
        match self.handshakes_per_address {
            None if address.to_canonical().is_loopback() => None,
            None => Some(self.handshakes.div_ceil(2).max(1)),
            most => most,
        }
    }

    /// Sets the limit for [`handshakes`](Self::handshakes) in flight.
    ///
    /// ```
    /// # use lastword_tokio::ListenerOptions;
    /// let options: ListenerOptions = ListenerOptions::default().with_handshakes(4096);
    /// assert_eq!(options.handshakes, 4096);
    /// ```
    #[must_use]
    pub fn with_handshakes(self, handshakes: u32) -> Self {
        Self { handshakes, ..self }
    }

    /// Sets the limit for handshakes [from one address](Self::handshakes_per_address).
    ///
    /// ```
    /// # use lastword_tokio::ListenerOptions;
    /// let options: ListenerOptions = ListenerOptions::default().with_handshakes_per_address(100);
    /// assert_eq!(options.handshakes_per_address, Some(100));
    /// ```
    #[must_use]
    pub fn with_handshakes_per_address(self, handshakes: u32) -> Self {
        Self {
            handshakes_per_address: Some(handshakes),
            ..self
        }
    }

    /// Sets the limit for [`deliveries`](Self::deliveries) in flight.
    ///
    /// ```
    /// # use lastword_tokio::ListenerOptions;
    /// let options: ListenerOptions = ListenerOptions::default().with_deliveries(1000);
    /// assert_eq!(options.deliveries, 1000);
    /// ```
    #[must_use]
    pub fn with_deliveries(self, deliveries: u32) -> Self {
        Self { deliveries, ..self }
    }

    /// Sets the proxies from which a header of the [PROXY protocol](Self::proxy_protocol) is read.
    ///
    /// ```
    /// # use lastword_tokio::ListenerOptions;
    /// use lastword_tokio::listener::ProxyProtocol;
    ///
    /// let balancers = ProxyProtocol::from_networks(["10.0.0.0/8".parse()?]);
    /// let options: ListenerOptions = ListenerOptions::default().with_proxy_protocol(balancers);
    /// # Ok::<(), lastword_tokio::listener::NetworkError>(())
    /// ```
    #[must_use]
    pub fn with_proxy_protocol(self, proxies: ProxyProtocol) -> Self {
        Self {
            proxy_protocol: Some(proxies),
            ..self
        }
    }

    /// Sets the answer to a client that speaks [HTTP without TLS](Self::plaintext).
    ///
    /// ```
    /// # use lastword_tokio::ListenerOptions;
    /// use lastword_tokio::listener::Plaintext;
    ///
    /// let options: ListenerOptions = ListenerOptions::default().with_plaintext(Plaintext::BadRequest);
    /// assert_eq!(options.plaintext, Plaintext::BadRequest);
    /// ```
    #[must_use]
    pub fn with_plaintext(self, plaintext: Plaintext) -> Self {
        Self { plaintext, ..self }
    }

    /// Sets a callback that admits or refuses each client, before any byte of its TLS is read. To
    /// refuse a client, return a [`Rejection`] with an alert. The callback should not block. If it
    /// panics, the panic is caught, and the client is refused.
    ///
    /// ```
    /// use lastword_tokio::ListenerOptions;
    /// use lastword_tokio::acceptor::Rejection;
    ///
    /// let options: ListenerOptions = ListenerOptions::default().admit(|client| {
    ///     match client.peer.is_some_and(|peer| peer.ip().is_loopback()) {
    ///         true => Ok(()),
    ///         false => Err(Rejection::access_denied("not a client of this machine")),
    ///     }
    /// });
    /// ```
    #[must_use]
    pub fn admit(
        self,
        admit: impl Fn(&Addresses) -> Result<(), Rejection> + Send + Sync + 'static,
    ) -> Self {
        Self {
            admit: Some(Arc::new(admit)),
            ..self
        }
    }

    /// Sets the handler for clients that the chooser [passes
    /// through](crate::choose::Choice::pass_through), for example to another server. The handler runs
    /// in the client's task. It does not count as a handshake, and a
    /// [shutdown](crate::Listener::shutdown) does not wait for it. The closure is cloned for each
    /// client.
    ///
    /// ```
    /// use std::net::SocketAddr;
    /// use lastword_tokio::ListenerOptions;
    /// use tokio::io::copy_bidirectional;
    /// use tokio::net::TcpStream;
    ///
    /// let options = ListenerOptions::default().on_pass_through(
    ///     async |mut client, _addresses, backend: SocketAddr| {
    ///         if let Ok(mut server) = TcpStream::connect(backend).await {
    ///             if let Err(error) = copy_bidirectional(&mut client, &mut server).await {
    ///                 eprintln!("{backend}: {error}");
    ///             }
    ///         }
    ///     },
    /// );
    /// # let _: ListenerOptions<TcpStream, SocketAddr> = options;
    /// ```
    #[must_use]
    pub fn on_pass_through<F, Fut>(self, handler: F) -> Self
    where
        F: FnOnce(Prefixed<IO>, Addresses, T) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let handler = move |stream, addresses, value| -> Handled {
            Box::pin(handler.clone()(stream, addresses, value))
        };
        Self {
            on_pass_through: Some(Arc::new(handler)),
            ..self
        }
    }

    /// Sets the handler for clients that do not speak TLS. These clients get no alert, and
    /// [`plaintext`](Self::plaintext) has no effect. The handler runs in the client's task. It does
    /// not count as a handshake, and a [shutdown](crate::Listener::shutdown) does not wait for it.
    /// The closure is cloned for each client.
    ///
    /// ```
    /// use lastword_tokio::ListenerOptions;
    /// use tokio::io::{AsyncWriteExt, copy_bidirectional};
    /// use tokio::net::TcpStream;
    ///
    /// let options: ListenerOptions = ListenerOptions::default().on_plaintext(
    ///     async |mut client, addresses| {
    ///         let forwarded = async {
    ///             let mut server = TcpStream::connect("127.0.0.1:22").await?;
    ///             copy_bidirectional(&mut client, &mut server).await // with the bytes already read
    ///         };
    ///         if let Err(error) = forwarded.await {
    ///             eprintln!("{addresses}: {error}");
    ///         }
    ///     },
    /// );
    /// ```
    #[must_use]
    pub fn on_plaintext<F, Fut>(self, handler: F) -> Self
    where
        F: FnOnce(Prefixed<IO>, Addresses) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let handler =
            move |stream, addresses| -> Handled { Box::pin(handler.clone()(stream, addresses)) };
        Self {
            on_plaintext: Some(Arc::new(handler)),
            ..self
        }
    }

    /// Sets a callback for each failed handshake. It is called after the delivery of the alert. It
    /// should not block, because other deliveries wait until it returns. If it panics, the panic is
    /// caught, and the listener continues.
    ///
    /// A panic of the chooser is such a failure, with the reason
    /// [`Internal`](crate::acceptor::Reason::Internal). The client gets `internal_error`.
    ///
    /// ```
    /// use lastword_tokio::ListenerOptions;
    ///
    /// let options: ListenerOptions = ListenerOptions::default().on_failure(|client, error| {
    ///     if !error.is_probe() {
    ///         eprintln!("{client}: {error}");
    ///     }
    /// });
    /// ```
    #[must_use]
    pub fn on_failure(
        self,
        on_failure: impl Fn(&Addresses, &AcceptError) + Send + Sync + 'static,
    ) -> Self {
        Self {
            on_failure: Arc::new(on_failure),
            ..self
        }
    }

    /// Sets a callback for each accept error, for example if no descriptor is free. A panic of the
    /// [`Source`](crate::listener::Source) is an accept error too.
    ///
    /// It should not block, because no client is accepted until it returns. If it panics, the panic is
    /// caught, and the listener continues.
    ///
    /// ```
    /// use lastword_tokio::ListenerOptions;
    ///
    /// let options: ListenerOptions =
    ///     ListenerOptions::default().on_accept_error(|error| eprintln!("accept: {error}"));
    /// ```
    #[must_use]
    pub fn on_accept_error(
        self,
        on_accept_error: impl Fn(&io::Error) + Send + Sync + 'static,
    ) -> Self {
        Self {
            on_accept_error: Arc::new(on_accept_error),
            ..self
        }
    }
}

impl<IO, T> Default for ListenerOptions<IO, T> {
    fn default() -> Self {
        Self {
            handshakes: 16_384,
            handshakes_per_address: None,
            deliveries: 4096,
            proxy_protocol: None,
            plaintext: Plaintext::Alert,
            admit: None,
            on_pass_through: None,
            on_plaintext: None,
            on_failure: Arc::new(|_, _| {}),
            on_accept_error: Arc::new(|_| {}),
        }
    }
}

impl<IO, T> fmt::Debug for ListenerOptions<IO, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListenerOptions")
            .field("handshakes", &self.handshakes)
            .field("handshakes_per_address", &self.handshakes_per_address)
            .field("deliveries", &self.deliveries)
            .field("proxy_protocol", &self.proxy_protocol)
            .field("plaintext", &self.plaintext)
            .finish_non_exhaustive()
    }
}
