//! Sources of a listener's clients.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
#[cfg(unix)]
use std::os::fd::OwnedFd;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};

use crate::choose::Addresses;

/// A source of clients for a [`Listener`](crate::Listener).
///
/// It is implemented for tokio's `TcpListener` and, on Unix, for its `UnixListener`. [`from_fn`] makes a
/// source from a function. For a socket that is passed to the process, for example by systemd, use
/// `TcpListener::from_std`.
///
/// ```
/// use std::io;
/// use lastword_tokio::Addresses;
/// use lastword_tokio::listener::Source;
/// use tokio::net::{TcpListener, TcpStream};
///
/// /// Accepts the clients of two ports.
/// struct Both(TcpListener, TcpListener);
///
/// impl Source for Both {
///     type Io = TcpStream;
///
///     async fn accept(&mut self) -> io::Result<(TcpStream, Addresses)> {
///         let (tcp, peer) = tokio::select! {
///             accepted = self.0.accept() => accepted?,
///             accepted = self.1.accept() => accepted?,
///         };
///         Ok((tcp, Addresses::default().with_peer(peer)))
///     }
/// }
/// ```
pub trait Source: Send + 'static {
    /// The stream type of a client.
    type Io: AsyncRead + AsyncWrite + Send + Unpin + 'static;

    /// Waits for the next client, and returns it with its addresses.
    ///
    /// If the addresses have no peer, the socket of a `TcpStream` is asked for it. Any other stream
    /// without a peer counts for no address in
    /// [`handshakes_per_address`](crate::ListenerOptions::handshakes_per_address).
    ///
    /// After an error it is called again after a pause. There is no pause if the error concerns
    /// only one client: `ConnectionAborted`, `ConnectionReset` or `Interrupted`. If several such
    /// errors follow one another, there is a pause too.
    ///
    /// If it panics, the panic is caught and goes to
    /// [`on_accept_error`](crate::ListenerOptions::on_accept_error) as an error of the kind `Other`. The
    /// error has the message of the panic. It is called again after a pause, as after any other error.
    ///
    /// # Cancel safety
    ///
    /// This method must be cancel safe. The listener drops the future when it shuts down, and a
    /// client that the future holds is then lost.
    fn accept(&mut self) -> impl Future<Output = io::Result<(Self::Io, Addresses)>> + Send;

    /// Takes a client that the system has connected already, without waiting, when the listener
    /// shuts down. `None` if there is no such client, or if the source cannot take one without
    /// waiting. A panic is caught, as for [`accept`](Self::accept).
    fn accept_pending(&mut self) -> Option<io::Result<(Self::Io, Addresses)>> {
        None
    }

    /// Returns the local address, if there is one. It is called once. Clients without a local address
    /// get this one, unless it is the unspecified address. The default returns `None`.
    fn local_addr(&self) -> Option<SocketAddr> {
        None
    }
}

impl Source for TcpListener {
    type Io = TcpStream;

    async fn accept(&mut self) -> io::Result<(TcpStream, Addresses)> {
        let (tcp, peer) = Self::accept(self).await?;
        Ok((tcp, Addresses::default().with_peer(peer)))
    }

    /// Asks the system, because the runtime may not know the last clients yet.
    fn accept_pending(&mut self) -> Option<io::Result<(TcpStream, Addresses)>> {
        let accepted = pending(SockRef::from(&*self).accept())?;
        Some(accepted.and_then(|(socket, peer)| {
            socket.set_nonblocking(true)?;
            let tcp = TcpStream::from_std(socket.into())?;
            let peer = peer
                .as_socket()
                .map(Ok)
                .unwrap_or_else(|| tcp.peer_addr())?;
            Ok((tcp, Addresses::default().with_peer(peer)))
        }))
    }

    fn local_addr(&self) -> Option<SocketAddr> {
        Self::local_addr(self).ok()
    }
}

#[cfg(unix)]
impl Source for UnixListener {
    type Io = UnixStream;

    async fn accept(&mut self) -> io::Result<(UnixStream, Addresses)> {
        let (unix, _) = Self::accept(self).await?;
        Ok((unix, Addresses::default()))
    }

    fn accept_pending(&mut self) -> Option<io::Result<(UnixStream, Addresses)>> {
        let accepted = pending(SockRef::from(&*self).accept())?;
        Some(accepted.and_then(|(socket, _)| {
            socket.set_nonblocking(true)?;
            let unix = UnixStream::from_std(OwnedFd::from(socket).into())?;
            Ok((unix, Addresses::default()))
        }))
    }
}

/// Returns `None` if the call would block.
fn pending<T>(accepted: io::Result<T>) -> Option<io::Result<T>> {
    match accepted {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
        accepted => Some(accepted),
    }
}

/// Makes a source that calls a function for each client.
///
/// ```
/// use lastword_tokio::Addresses;
/// use lastword_tokio::listener::{Source, from_fn};
///
/// fn source(tcp: tokio::net::TcpListener) -> impl Source {
///     let tcp = std::sync::Arc::new(tcp);
///     from_fn(move || {
///         let tcp = tcp.clone();
///         async move {
///             let (stream, peer) = tcp.accept().await?;
///             stream.set_nodelay(true)?;
///             Ok((stream, Addresses::default().with_peer(peer)))
///         }
///     })
/// }
/// ```
pub fn from_fn<F, Fut, IO>(accept: F) -> FromFn<F>
where
    F: FnMut() -> Fut + Send + 'static,
    Fut: Future<Output = io::Result<(IO, Addresses)>> + Send,
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    FromFn { accept }
}

/// A source that calls a function. [`from_fn`] makes one and has an example.
#[derive(Clone, Debug)]
pub struct FromFn<F> {
    accept: F,
}

impl<F, Fut, IO> Source for FromFn<F>
where
    F: FnMut() -> Fut + Send + 'static,
    Fut: Future<Output = io::Result<(IO, Addresses)>> + Send,
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    type Io = IO;

    fn accept(&mut self) -> impl Future<Output = io::Result<(IO, Addresses)>> + Send {
        (self.accept)()
    }
}
