//! A listener that runs many TLS handshakes at a time.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream, ToSocketAddrs, lookup_host};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};

use crate::accepting::TlsAcceptor;
use crate::choose::Addresses;
use crate::stream::TlsStream;

mod admission;
mod arrived;
mod backoff;
mod caught;
mod client;
mod drains;
mod handshakes;
mod options;
mod proxy;
mod ready;
mod source;
mod stage;
#[cfg(feature = "stream")]
mod stream;

pub use lastword_io::networks::{Network, NetworkError};
pub use options::{ListenerOptions, Plaintext};
pub use proxy::ProxyProtocol;
pub use source::{FromFn, Source, from_fn};

use handshakes::Handshakes;
use ready::Ready;
use stage::Stage;

/// A listener that yields established TLS connections.
///
/// Its clients come from a [`Source`]: a TCP or Unix listener, or any function. Each client goes
/// through these stages. [`ListenerOptions`] sets all of them except the handshake:
///
/// 1. the header of the PROXY protocol is read, if the peer is a trusted proxy;
/// 2. the client is admitted or refused by its address;
/// 3. the handshake runs, with the configuration of the [`TlsAcceptor`] or of its chooser;
/// 4. a client that does not speak TLS is answered in plaintext or given to a handler. A client that
///    the chooser passes through is given to a handler too.
///
/// Each client has its own task for the handshake, so a slow client delays no other. Clients that have
/// failed wait in one task until their alert is delivered. The number of handshakes is limited.
/// [`ListenerOptions::on_failure`] is called for each failed handshake. An accept error, for example no
/// free descriptor, does not end the listener: [`ListenerOptions::on_accept_error`] is called, and the
/// listener accepts again after a pause.
///
/// After a [shutdown](Self::shutdown) it takes no more clients. If it is dropped, it aborts the
/// handshakes in flight and sends their alerts. Connections that are not yet accepted are closed in
/// order.
///
/// The sockets have the default options of the system. To set `TCP_NODELAY`, for example for HTTP,
/// use [`TlsStream::get_ref`].
///
/// ```no_run
/// use lastword_tokio::{Listener, ListenerOptions, TlsAcceptor};
///
/// # async fn serve(acceptor: TlsAcceptor) -> std::io::Result<()> {
/// let options = ListenerOptions::default()
///     .on_failure(|client, error| eprintln!("{client}: {error}")); // the client has its alert
/// let mut listener = Listener::bind("0.0.0.0:443", acceptor, options).await?;
/// while let Some((stream, client)) = listener.accept().await {
///     tokio::spawn(async move { /* serve the client */ });
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "dropped, it takes no clients"]
pub struct Listener<IO = TcpStream, T = ()>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    T: Send + 'static,
{
    ready: mpsc::UnboundedReceiver<Ready<IO, T>>,
    address: Option<SocketAddr>,
    shutdown: Shutdown,
    /// The runtime of its tasks. The listener may be dropped outside of it.
    runtime: Handle,
}

/// A handle that shuts a [`Listener`] down from another task. A clone is cheap.
///
/// ```no_run
/// use std::time::Duration;
/// use lastword_tokio::Listener;
/// use tokio::signal::ctrl_c;
///
/// fn shut_down_on_ctrl_c(listener: &Listener) {
///     let handle = listener.shutdown_handle();
///     tokio::spawn(async move {
///         if ctrl_c().await.is_ok() {
///             handle.shutdown(Duration::from_secs(5)); // for the handshakes in flight
///             handle.finished().await;
///             println!("no handshake is in flight");
///         }
///     });
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Shutdown {
    stage: Arc<watch::Sender<Stage>>,
}

impl<T: Send + 'static> Listener<TcpStream, T> {
    /// Binds the first address that works. The backlog is 4,096 pending connections, or the system's
    /// limit if that is less.
    ///
    /// ```no_run
    /// # use lastword_tokio::{Listener, ListenerOptions, TlsAcceptor};
    /// # async fn listen(acceptor: TlsAcceptor) -> std::io::Result<()> {
    /// let listener = Listener::bind("[::]:443", acceptor, ListenerOptions::default()).await?;
    /// println!("listening on {:?}", listener.local_addr());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of the system.
    ///
    /// # Panics
    ///
    /// If it is called outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe: if it is dropped, nothing stays bound.
    pub async fn bind(
        address: impl ToSocketAddrs,
        acceptor: impl Into<TlsAcceptor<T>>,
        options: ListenerOptions<TcpStream, T>,
    ) -> io::Result<Self> {
        let mut error = io::ErrorKind::AddrNotAvailable.into();
        for address in lookup_host(address).await? {
            match listen(address) {
                Ok(tcp) => return Ok(Self::new(tcp, acceptor, options)),
                Err(another) => error = another,
            }
        }
        Err(error)
    }
}

impl<IO, T> Listener<IO, T>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    T: Send + 'static,
{
    /// Creates a listener that takes its clients from `source`.
    ///
    /// ```no_run
    /// # use lastword_tokio::TlsAcceptor;
    /// use lastword_tokio::{Listener, ListenerOptions};
    /// use tokio::net::TcpListener;
    ///
    /// # async fn listen(acceptor: TlsAcceptor) -> std::io::Result<()> {
    /// let tcp = TcpListener::bind("0.0.0.0:443").await?;
    /// let listener = Listener::new(tcp, acceptor, ListenerOptions::default());
    /// # let _: Listener = listener;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If it is called outside of a tokio runtime. The runtime must have IO and timers enabled.
    pub fn new(
        source: impl Source<Io = IO>,
        acceptor: impl Into<TlsAcceptor<T>>,
        options: ListenerOptions<IO, T>,
    ) -> Self {
        let address = source.local_addr();
        let (send, ready) = mpsc::unbounded_channel();
        let (stage, own) = watch::channel(Stage::Open);
        let stage = Arc::new(stage);
        let handshakes =
            Handshakes::new(acceptor.into(), options, address, send, Arc::clone(&stage));
        let runtime = Handle::current();
        runtime.spawn(handshakes.run(source, own));
        Self {
            ready,
            address,
            shutdown: Shutdown { stage },
            runtime,
        }
    }

    /// Returns the next client whose handshake succeeded, and its addresses. After a shutdown it
    /// returns `None`, once no handshake and no alert is in flight.
    ///
    /// ```no_run
    /// # use lastword_tokio::Listener;
    /// use tokio::io::AsyncWriteExt;
    ///
    /// # async fn serve(mut listener: Listener) {
    /// while let Some((mut stream, client)) = listener.accept().await {
    ///     tokio::spawn(async move {
    ///         stream.write_all(format!("welcome, {client}\n").as_bytes()).await?;
    ///         stream.close().await;
    ///         std::io::Result::Ok(())
    ///     });
    /// }
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe: if it is dropped, no client is lost.
    pub async fn accept(&mut self) -> Option<(TlsStream<IO, T>, Addresses)> {
        let Ready {
            stream, addresses, ..
        } = self.ready.recv().await?;
        Some((stream, addresses))
    }

    /// Returns the local address, if the source has one.
    #[must_use]
    pub const fn local_addr(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Shuts the listener down gracefully.
    ///
    /// The listener takes the pending connections, up to the limit [`ListenerOptions::handshakes`],
    /// and then no more clients. The system resets the other pending connections. Handshakes in
    /// flight may complete during the grace period and are then aborted. [`accept`](Self::accept)
    /// still returns the clients whose handshakes succeed.
    ///
    /// ```no_run
    /// # use lastword_tokio::Listener;
    /// use std::time::Duration;
    ///
    /// # async fn end(mut listener: Listener) {
    /// listener.shutdown(Duration::from_secs(5));
    /// while let Some((stream, _client)) = listener.accept().await {
    ///     stream.close().await; // or serve the last clients
    /// }
    /// # }
    /// ```
    pub fn shutdown(&self, grace: Duration) {
        self.shutdown.shutdown(grace);
    }

    /// Returns a handle that shuts the listener down from another task.
    ///
    /// ```no_run
    /// # use lastword_tokio::Listener;
    /// use std::time::Duration;
    ///
    /// # async fn serve(listener: Listener, stop: tokio::sync::oneshot::Receiver<()>) {
    /// let handle = listener.shutdown_handle();
    /// tokio::spawn(async move {
    ///     if stop.await.is_ok() {
    ///         handle.shutdown(Duration::from_secs(5));
    ///     }
    /// });
    /// # }
    /// ```
    #[must_use]
    pub fn shutdown_handle(&self) -> Shutdown {
        self.shutdown.clone()
    }
}

/// Binds as [`TcpListener::bind`] does, with a longer backlog, for bursts. The system ignores a client
/// beyond the backlog, and the client tries again after a second.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    /// As many as Linux allows by default, in connections.
    const BACKLOG: u32 = 4096;
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    #[cfg(unix)] // on Windows the option lets two sockets listen at once
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

impl Shutdown {
    /// Shuts the listener down gracefully: see [`Listener::shutdown`]. Only the first call has an
    /// effect.
    ///
    /// ```
    /// use std::time::Duration;
    /// use lastword_tokio::Shutdown;
    ///
    /// /// Stops a listener without a grace period.
    /// fn stop(handle: &Shutdown) {
    ///     handle.shutdown(Duration::ZERO);
    /// }
    /// ```
    pub fn shutdown(&self, grace: Duration) {
        self.stage.send_if_modified(|stage| stage.shut_down(grace));
    }

    /// Waits until the listener is shut down or dropped, and no handshake and no alert is in flight.
    /// It also waits until [`accept`](Listener::accept) has returned all completed clients, or the
    /// grace period has passed. If the listener is dropped, it waits until the connections that were
    /// not accepted are closed.
    ///
    /// ```
    /// use std::time::Duration;
    /// use lastword_tokio::Shutdown;
    ///
    /// async fn stop(handle: Shutdown) {
    ///     handle.shutdown(Duration::from_secs(5));
    ///     handle.finished().await;
    /// }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn finished(&self) {
        self.stage.closed().await;
    }
}

impl<IO, T> Drop for Listener<IO, T>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    T: Send + 'static,
{
    fn drop(&mut self) {
        // keep the listener unfinished until these connections are closed too
        let unfinished = self.shutdown.stage.subscribe();
        self.shutdown.stage.send_replace(Stage::Aborting);
        self.ready.close();
        while let Ok(client) = self.ready.try_recv() {
            self.runtime.spawn(client.dismiss(unfinished.clone()));
        }
    }
}
