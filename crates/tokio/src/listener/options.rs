//! What a listener does with its clients besides TLS, how many it has at a time, and what it calls.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use lastword_io::AcceptError;
use tokio::net::TcpStream;

use super::proxy::ProxyProtocol;
use crate::acceptor::Rejection;
use crate::choose::Addresses;
use crate::prefixed::Prefixed;

/// Calls for a client whose handshake failed.
type OnFailure = Arc<dyn Fn(&Addresses, &AcceptError) + Send + Sync>;

/// Calls for an error of accepting.
type OnAcceptError = Arc<dyn Fn(&io::Error) + Send + Sync>;

/// Decides whether a client is admitted.
type Admit = Arc<dyn Fn(&Addresses) -> Result<(), Rejection> + Send + Sync>;

/// The end of a handler.
pub(super) type Handled = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Takes a client that is passed through.
type OnPassThrough<IO, T> = Arc<dyn Fn(Prefixed<IO>, Addresses, T) -> Handled + Send + Sync>;

/// Takes a client that does not speak TLS.
type OnPlaintext<IO> = Arc<dyn Fn(Prefixed<IO>, Addresses) -> Handled + Send + Sync>;

/// What a listener does with its clients besides TLS, how many it has at a time, and what it calls. The
/// defaults are safe on the open network.
///
/// `IO` is the stream of the listener's source, and `T` what the acceptor's chooser hands out.
#[non_exhaustive]
pub struct ListenerOptions<IO = TcpStream, T = ()> {
    /// How many handshakes are in flight at a time, including completed handshakes not yet
    /// [accepted](crate::Listener::accept). Further clients wait in the system's queue. Each has a
    /// descriptor: allow fewer if the process may open fewer (`ulimit -n`). Default: 16,384.
    pub handshakes: u32,
    /// How many of these handshakes may be of one source address. Further clients of the address are
    /// refused with `user_canceled`. The first 64 bits of an IPv6 address count. Default: no limit of its
    /// own.
    pub handshakes_per_address: Option<u32>,
    /// How many alerts are delivered at a time, in the time of [`Drain`](crate::Drain). Further ones are
    /// written at once, as much as their streams take without waiting. Default: 4,096.
    pub deliveries: u32,
    /// From which proxies a header of the PROXY protocol is read. Default: from none.
    pub proxy_protocol: Option<ProxyProtocol>,
    /// How a client that speaks HTTP without TLS is answered. Default: with an alert.
    pub plaintext: Plaintext,
    pub(super) admit: Option<Admit>,
    pub(super) on_pass_through: Option<OnPassThrough<IO, T>>,
    pub(super) on_plaintext: Option<OnPlaintext<IO>>,
    pub(super) on_failure: OnFailure,
    pub(super) on_accept_error: OnAcceptError,
}

/// How a client that speaks HTTP without TLS is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Plaintext {
    /// With the alert `unexpected_message`, as a client of any other protocol.
    #[default]
    Alert,
    /// With `400 Bad Request`, and that this port speaks HTTPS.
    BadRequest,
    /// With `308 Permanent Redirect` to https, with the host and the path of the request; with
    /// `400 Bad Request` if these are not fit for a URL.
    Redirect {
        /// The port in the URL; `None` for the standard one, 443.
        port: Option<u16>,
    },
}

impl<IO, T> ListenerOptions<IO, T> {
    /// Sets the number of [`handshakes`](Self::handshakes).
    #[must_use]
    pub fn with_handshakes(self, handshakes: u32) -> Self {
        Self { handshakes, ..self }
    }

    /// Sets the number of [`handshakes_per_address`](Self::handshakes_per_address).
    #[must_use]
    pub fn with_handshakes_per_address(self, handshakes: u32) -> Self {
        Self {
            handshakes_per_address: Some(handshakes),
            ..self
        }
    }

    /// Sets the number of [`deliveries`](Self::deliveries).
    #[must_use]
    pub fn with_deliveries(self, deliveries: u32) -> Self {
        Self { deliveries, ..self }
    }

    /// Reads a header of the PROXY protocol [from these proxies](Self::proxy_protocol).
    #[must_use]
    pub fn with_proxy_protocol(self, proxies: ProxyProtocol) -> Self {
        Self {
            proxy_protocol: Some(proxies),
            ..self
        }
    }

    /// Sets how a client that speaks [HTTP without TLS](Self::plaintext) is answered.
    #[must_use]
    pub fn with_plaintext(self, plaintext: Plaintext) -> Self {
        Self { plaintext, ..self }
    }

    /// Asks `admit` for each client, before a byte of its TLS is read. A [`Rejection`] refuses the client
    /// with the alert that it names. It should not block. If it panics, the panic is caught, and the
    /// client is refused.
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

    /// Hands each client that the chooser [passes through](crate::choose::Choice::pass_through) to
    /// `handler`, for example to copy it to another server. The task of the client runs it. It does not
    /// count as a handshake, and a [shutdown](crate::Listener::shutdown) does not wait for it. The
    /// closure is cloned for each client.
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

    /// Hands each client that does not speak TLS to `handler`, which then answers it: neither an alert
    /// nor [`plaintext`](Self::plaintext) does. The task of the client runs it. It does not count as a
    /// handshake, and a [shutdown](crate::Listener::shutdown) does not wait for it. The closure is cloned
    /// for each client.
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

    /// Calls `on_failure` for each client whose handshake failed, after its alert. The client's task
    /// calls it, and it should not block. If it panics, the panic is caught, and the listener goes on.
    ///
    /// A chooser that panics is such a failure, of the reason
    /// [`Internal`](crate::acceptor::Reason::Internal): the client is sent `internal_error`.
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

    /// Calls `on_accept_error` for each error of accepting. It should not block: nobody is accepted
    /// meanwhile. If it panics, the panic is caught, and the listener goes on.
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
