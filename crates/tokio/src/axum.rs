//! Support for axum: a listener for `axum::serve`, and the TLS connection of a handler.
//!
//! With the feature `axum`, [`axum::serve`](fn@axum::serve) takes a [`Listener`], and handlers take
//! [`TlsInfo`] as `ConnectInfo`. Set ALPN in the configuration: `h2` and `http/1.1` if axum has both
//! features.
//!
//! ```no_run
//! use axum::extract::ConnectInfo;
//! use axum::{Router, routing::get};
//! use lastword_tokio::axum::TlsInfo;
//! use lastword_tokio::{Listener, ListenerOptions, TlsAcceptor};
//!
//! async fn hello(ConnectInfo(tls): ConnectInfo<TlsInfo>) -> String {
//!     format!("hello {}, over {:?}", tls.addresses(), tls.protocol_version())
//! }
//!
//! # async fn serve(acceptor: TlsAcceptor) -> std::io::Result<()> {
//! let router = Router::new().route("/", get(hello));
//! let service = router.into_make_service_with_connect_info::<TlsInfo>();
//! let listener = Listener::bind("0.0.0.0:443", acceptor, ListenerOptions::default()).await?;
//! axum::serve(listener, service).await
//! # }
//! ```
//!
//! # A graceful shutdown
//!
//! When the future given to `with_graceful_shutdown` returns, axum drops its listener and ends its
//! connections. A dropped listener aborts the handshakes in flight and closes connections that are
//! not accepted. So in that future, shut the listener down first, and wait until it has finished.
//! Until then axum accepts the last clients.
//!
//! ```no_run
//! # use std::{future::Future, time::Duration};
//! # use lastword_tokio::Listener;
//! # async fn serve(
//! #     listener: Listener,
//! #     router: axum::Router,
//! #     signal: impl Future<Output = ()> + Send + 'static,
//! # ) -> std::io::Result<()> {
//! let handle = listener.shutdown_handle();
//! axum::serve(listener, router)
//!     .with_graceful_shutdown(async move {
//!         signal.await;
//!         handle.shutdown(Duration::from_secs(10)); // for the handshakes in flight
//!         handle.finished().await;
//!     })
//!     .await
//! # }
//! ```
//!
//! axum then answers the requests in flight, and closes idle connections with `close_notify`. If a
//! client has not sent a request yet, hyper-util (0.1.21) drops it without `close_notify`. To avoid
//! that, use hyper directly, as the example `hyper` does.

use std::fmt;
use std::future::pending;
use std::io;
use std::sync::Arc;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, TapIo};
use lastword_io::acceptor::hello::{CipherSuite, NamedGroup};
use rustls_pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::acceptor::{HandshakeKind, ProtocolVersion};
use crate::{Addresses, Listener, TlsStream};

/// Yields connections to [`axum::serve`](fn@axum::serve).
///
/// In axum a listener has no end. After a shutdown and the last client, `accept` never returns, and
/// axum drops the listener.
impl<IO, T> axum::serve::Listener for Listener<IO, T>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    T: Send + 'static,
{
    type Io = TlsStream<IO, T>;
    type Addr = Addresses;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match Self::accept(self).await {
            Some(accepted) => accepted,
            None => pending().await,
        }
    }

    /// Returns the address of the listener. The address of the client is `None`.
    fn local_addr(&self) -> io::Result<Self::Addr> {
        let addresses = Addresses::default();
        Ok(match Self::local_addr(self) {
            Some(local) => addresses.with_local(local),
            None => addresses,
        })
    }
}

/// Details of a TLS connection, for a handler. Take it as `ConnectInfo<TlsInfo<T>>`.
///
/// `T` is the type of the value that the chooser returned with the configuration. A clone is cheap.
///
/// ```
/// use axum::extract::ConnectInfo;
/// use lastword_tokio::axum::TlsInfo;
///
/// /// Shows the details of the client's connection.
/// async fn show(ConnectInfo(tls): ConnectInfo<TlsInfo<&'static str>>) -> String {
///     let certificates = tls.peer_certificates().unwrap_or_default().len();
///     let protocol = tls.alpn_protocol().unwrap_or_default().escape_ascii();
///     format!(
///         "{} to {:?} of {}: {protocol}, {:?}, {:?}, {:?}, {:?}, {certificates} certificates\n",
///         tls.addresses(), tls.server_name(), tls.value(), tls.protocol_version(),
///         tls.negotiated_cipher_suite(), tls.negotiated_key_exchange_group(), tls.handshake_kind(),
///     )
/// }
/// ```
pub struct TlsInfo<T = ()> {
    inner: Arc<Inner<T>>,
}

struct Inner<T> {
    addresses: Addresses,
    server_name: Option<String>,
    alpn_protocol: Option<Vec<u8>>,
    protocol_version: Option<ProtocolVersion>,
    cipher_suite: Option<CipherSuite>,
    key_exchange_group: Option<NamedGroup>,
    handshake_kind: Option<HandshakeKind>,
    peer_certificates: Option<Vec<CertificateDer<'static>>>,
    value: T,
}

impl<T: Clone> TlsInfo<T> {
    /// Creates it from a connection.
    ///
    /// ```
    /// use lastword_tokio::TlsStream;
    /// use lastword_tokio::axum::TlsInfo;
    /// use tokio::net::TcpStream;
    ///
    /// /// Keeps the details of a connection that is not served by axum.
    /// fn details(stream: &TlsStream<TcpStream>) -> TlsInfo {
    ///     TlsInfo::new(stream)
    /// }
    /// ```
    #[must_use]
    pub fn new<IO>(stream: &TlsStream<IO, T>) -> Self {
        let (_, connection) = stream.get_ref();
        let inner = Inner {
            addresses: stream.addresses().cloned().unwrap_or_default(),
            server_name: connection.server_name().map(str::to_owned),
            alpn_protocol: connection.alpn_protocol().map(<[u8]>::to_owned),
            protocol_version: connection.protocol_version(),
            cipher_suite: connection.negotiated_cipher_suite(),
            key_exchange_group: connection.negotiated_key_exchange_group(),
            handshake_kind: connection.handshake_kind(),
            peer_certificates: connection.peer_certificates().map(<[_]>::to_vec),
            value: stream.value().clone(),
        };
        let inner = Arc::new(inner);
        Self { inner }
    }
}

impl<T> TlsInfo<T> {
    /// Returns the addresses of the client and the server. If a proxy sent a header of the PROXY
    /// protocol, they are those of the header.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.inner.addresses
    }

    /// Returns the server name that the client asked for, in lower case (RFC 6066 section 3).
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.inner.server_name.as_deref()
    }

    /// Returns the application protocol, for example `h2`; `None` if none was negotiated (RFC 7301).
    #[must_use]
    pub fn alpn_protocol(&self) -> Option<&[u8]> {
        self.inner.alpn_protocol.as_deref()
    }

    /// Returns the protocol version.
    #[must_use]
    pub fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.inner.protocol_version
    }

    /// Returns the cipher suite.
    #[must_use]
    pub fn negotiated_cipher_suite(&self) -> Option<CipherSuite> {
        self.inner.cipher_suite
    }

    /// Returns the group of the key exchange.
    #[must_use]
    pub fn negotiated_key_exchange_group(&self) -> Option<NamedGroup> {
        self.inner.key_exchange_group
    }

    /// Returns the kind of handshake, for example a resumption.
    #[must_use]
    pub fn handshake_kind(&self) -> Option<HandshakeKind> {
        self.inner.handshake_kind
    }

    /// Returns the certificates of the client, its own first; `None` if it sent none.
    #[must_use]
    pub fn peer_certificates(&self) -> Option<&[CertificateDer<'static>]> {
        self.inner.peer_certificates.as_deref()
    }

    /// Returns what the chooser returned with the configuration.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.inner.value
    }
}

impl<T> Clone for TlsInfo<T> {
    fn clone(&self) -> Self {
        let inner = Arc::clone(&self.inner);
        Self { inner }
    }
}

impl<T: fmt::Debug> fmt::Debug for TlsInfo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsInfo")
            .field("addresses", &self.inner.addresses)
            .field("server_name", &self.inner.server_name)
            .field("protocol_version", &self.inner.protocol_version)
            .field("value", &self.inner.value)
            .finish_non_exhaustive()
    }
}

impl<IO, T> Connected<IncomingStream<'_, Listener<IO, T>>> for TlsInfo<T>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    T: Clone + Send + Sync + 'static,
{
    fn connect_info(stream: IncomingStream<'_, Listener<IO, T>>) -> Self {
        Self::new(stream.io())
    }
}

/// Supports `listener.tap_io(|stream| ..)`, for example to set `TCP_NODELAY`.
impl<T, F> Connected<IncomingStream<'_, TapIo<Listener<TcpStream, T>, F>>> for TlsInfo<T>
where
    T: Clone + Send + Sync + 'static,
    F: FnMut(&mut TlsStream<TcpStream, T>) + Send + 'static,
{
    fn connect_info(stream: IncomingStream<'_, TapIo<Listener<TcpStream, T>, F>>) -> Self {
        Self::new(stream.io())
    }
}
