//! Taking clients from a source: many handshakes at a time, none in the way of another.

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
mod backoff;
mod client;
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
/// Its clients come from a [`Source`]: a TCP or Unix listener, or any function. Each goes through these
/// stages, of which all but the handshake are set by [`ListenerOptions`]:
///
/// 1. the header of the PROXY protocol is read, if the peer is one of the proxies;
/// 2. the client is admitted, by its address;
/// 3. the handshake, with the configuration that the [`TlsAcceptor`] has or chooses;
/// 4. a client that does not speak TLS is answered in plaintext or handed over, and so is one that the
///    chooser passes through.
///
/// Handshakes run in tasks of their own, at most so many at a time, and so do the deliveries of alerts:
/// a client that is slow or broken delays no other. Each failure goes to
/// [`ListenerOptions::on_failure`]. An error of accepting, for example no free
/// descriptor, does not end it: the error goes to [`ListenerOptions::on_accept_error`], and clients are
/// taken again after a pause.
///
/// After a [shutdown](Self::shutdown) it takes no more clients. Dropped, it aborts the handshakes in
/// flight, tells their clients so, and closes in order the connections that nobody has accepted.
///
/// The streams have the system's options. Set `TCP_NODELAY`, for example for HTTP, on what
/// [`TlsStream::get_ref`] returns.
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
    /// Where its tasks run: it may be dropped elsewhere.
    runtime: Handle,
}

/// Shuts a [`Listener`] down from elsewhere. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Shutdown {
    stage: Arc<watch::Sender<Stage>>,
}

impl<T: Send + 'static> Listener<TcpStream, T> {
    /// Binds the first address that works. Up to 1,024 connections may be pending, if the system
    /// allows so many.
    ///
    /// # Errors
    ///
    /// The errors of the system.
    ///
    /// # Panics
    ///
    /// Outside of a runtime of tokio.
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
    /// Takes the clients of `source`.
    ///
    /// # Panics
    ///
    /// Outside of a runtime of tokio: it spawns tasks, which need its timers.
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

    /// Returns the next client whose handshake has succeeded, and its addresses; `None` once the listener
    /// is shut down and nothing of it is left: no handshake in flight, and no alert.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it has taken no client.
    pub async fn accept(&mut self) -> Option<(TlsStream<IO, T>, Addresses)> {
        let Ready {
            stream, addresses, ..
        } = self.ready.recv().await?;
        Some((stream, addresses))
    }

    /// Where it listens, if that is an address.
    #[must_use]
    pub const fn local_addr(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Shuts it down gracefully.
    ///
    /// It takes no more clients, but for those that have connected already, as far as
    /// [`ListenerOptions::handshakes`] has room for them; the system resets the others. The handshakes in
    /// flight have the grace period to end, and are then aborted. [`accept`](Self::accept) goes on to
    /// yield those that succeed, to the last.
    pub fn shutdown(&self, grace: Duration) {
        self.shutdown.shutdown(grace);
    }

    /// Returns a handle that shuts it down from elsewhere.
    #[must_use]
    pub fn shutdown_handle(&self) -> Shutdown {
        self.shutdown.clone()
    }
}

/// As [`TcpListener::bind`], but for the number of connections that may be pending: its 128 are too few
/// for a burst, and a client that comes then asks again after a second.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    const BACKLOG: u32 = 1024;
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    #[cfg(unix)] // where it does not let two listen at once
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

impl Shutdown {
    /// Shuts the listener down gracefully: see [`Listener::shutdown`]. The first call counts.
    pub fn shutdown(&self, grace: Duration) {
        self.stage.send_if_modified(|stage| stage.shut_down(grace));
    }

    /// Waits until the listener is shut down or dropped, no handshake and no alert is in flight, and
    /// [`accept`](Listener::accept) has yielded all that succeeded or the grace period has passed; for
    /// one that is dropped, until the connections that it did not yield are closed.
    ///
    /// # Cancel safety
    ///
    /// It may be dropped and called again.
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
        // it has not finished until these have ended too, though all others may at once
        let unfinished = self.shutdown.stage.subscribe();
        self.shutdown.stage.send_replace(Stage::Aborting);
        self.ready.close();
        while let Ok(client) = self.ready.try_recv() {
            self.runtime.spawn(client.dismiss(unfinished.clone()));
        }
    }
}
