//! Taking clients from a TCP listener: many handshakes at a time, none in the way of another.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream, ToSocketAddrs, lookup_host};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};

use crate::{Chooser, Drain, Established};
use handshakes::Handshakes;
use ready::Ready;
use stage::Stage;

mod backoff;
mod handshakes;
mod options;
mod ready;
mod stage;

pub use options::ListenerOptions;

/// A TCP listener that yields established connections.
///
/// Handshakes run in tasks of their own, at most so many at a time, and so does the telling of the
/// clients whose handshakes fail: one that is slow or broken delays no other. What there is to say
/// of a failure goes to [`ListenerOptions::on_failure`]. An error of accepting, for example no free
/// descriptor, does not end it: the error goes to [`ListenerOptions::on_accept_error`], and clients are
/// taken again after a pause.
///
/// Once it is [closed](Self::close) it takes no more clients. Dropped, it cancels the handshakes in
/// flight and tells their clients so, and closes in order the connections that nobody has accepted.
///
/// The streams have the system's options. Set `TCP_NODELAY`, for example for HTTP, on what
/// [`Established::get_ref`] returns.
///
/// ```no_run
/// use lastword_tokio::acceptor::Config;
/// use lastword_tokio::{Listener, ListenerOptions};
///
/// async fn serve(config: Config) -> std::io::Result<()> {
///     let options = ListenerOptions::default()
///         .on_failure(|peer, failure| eprintln!("{peer}: {failure}")); // it says what became of the alert
///     let mut listener = Listener::bind("0.0.0.0:443", config, options).await?;
///     while let Some((established, _peer)) = listener.accept().await {
///         let _stream = established.into_stream(); // serve it, in a task of its own
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug)]
#[must_use = "dropped, it takes no clients"]
pub struct Listener {
    ready: mpsc::UnboundedReceiver<Ready>,
    address: SocketAddr,
    closer: Closer,
    drain: Drain,
    /// Where its tasks run: it may be dropped elsewhere.
    runtime: Handle,
}

/// Closes a [`Listener`] from elsewhere. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Closer {
    stage: Arc<watch::Sender<Stage>>,
}

impl Listener {
    /// Binds the first address that works. Up to 1,024 connections may be pending, if the system
    /// allows so many.
    ///
    /// # Errors
    ///
    /// Those of the system.
    pub async fn bind(
        address: impl ToSocketAddrs,
        chooser: impl Chooser,
        options: ListenerOptions,
    ) -> io::Result<Self> {
        let mut error = io::ErrorKind::AddrNotAvailable.into();
        for address in lookup_host(address).await? {
            match listen(address) {
                Ok(tcp) => return Self::new(tcp, chooser, options),
                Err(another) => error = another,
            }
        }
        Err(error)
    }

    /// Takes the clients of `tcp`.
    ///
    /// # Errors
    ///
    /// If the system does not tell where it listens.
    ///
    /// # Panics
    ///
    /// Outside of a runtime of tokio's: it spawns tasks. They need its timers.
    pub fn new(
        tcp: TcpListener,
        chooser: impl Chooser,
        options: ListenerOptions,
    ) -> io::Result<Self> {
        let address = tcp.local_addr()?;
        let (send, ready) = mpsc::unbounded_channel();
        let (stage, own) = watch::channel(Stage::Open);
        let stage = Arc::new(stage);
        let drain = options.client.drain;
        let handshakes = Handshakes::new(chooser, options, send, Arc::clone(&stage));
        let runtime = Handle::current();
        runtime.spawn(handshakes.run(tcp, own));
        Ok(Self {
            ready,
            address,
            closer: Closer { stage },
            drain,
            runtime,
        })
    }

    /// The next client whose handshake has succeeded, and its address; `None` once the listener is
    /// closed and nothing of it is left: no handshake, and no client that is being told.
    ///
    /// Cancel safety: dropped, it has taken no client.
    pub async fn accept(&mut self) -> Option<(Established<TcpStream>, SocketAddr)> {
        let Ready {
            established, peer, ..
        } = self.ready.recv().await?;
        Some((established, peer))
    }

    /// Where it listens.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more clients, but for those who have connected already, as far as
    /// [`ListenerOptions::handshakes`] has room for them; the system resets the others. Handshakes
    /// under way have this time to end; then they are given up. [`accept`](Self::accept) goes on to
    /// yield those that succeed, to the last.
    pub fn close(&self, within: Duration) {
        self.closer.close(within);
    }

    /// What closes it from elsewhere.
    #[must_use]
    pub fn closer(&self) -> Closer {
        self.closer.clone()
    }
}

/// As [`TcpListener::bind`], but for the number of clients that may wait: its 128 are too few for a
/// burst, and who comes then asks again after a second.
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

impl Closer {
    /// See [`Listener::close`]. The first call counts.
    pub fn close(&self, within: Duration) {
        self.stage.send_if_modified(|stage| stage.close(within));
    }

    /// Returns once the listener is closed or dropped, no handshake is under way, no client is being
    /// told, and [`accept`](Listener::accept) has yielded all that succeeded or the time of the close
    /// has passed; of one that is dropped, once those that it did not yield are closed.
    pub async fn finished(&self) {
        self.stage.closed().await;
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // it has not finished until these have ended too, though all others may at once
        let unfinished = self.closer.stage.subscribe();
        self.closer.stage.send_replace(Stage::GivenUp);
        self.ready.close();
        while let Ok(client) = self.ready.try_recv() {
            self.runtime
                .spawn(client.dismiss(self.drain, unfinished.clone()));
        }
    }
}
