//! The tasks of a listener: one accepts clients, and each client has one.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::select;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::task::yield_now;
use tokio::time::{sleep, sleep_until};

use super::admission::PerAddress;
use super::backoff::Backoff;
use super::caught::Caught;
use super::client::{Client, Shared};
use super::drains::Drains;
use super::options::ListenerOptions;
use super::ready::Ready;
use super::source::Source;
use super::stage::{Stage, closing};
use crate::accepting::TlsAcceptor;
use crate::choose::Addresses;
use crate::deliveries::{Deliveries, call};
use crate::limit::Limit;
use crate::socket;

/// The most permits that a semaphore has on all systems. No process has so many descriptors.
const MOST: u32 = 1 << 28;

fn permits(most: u32) -> Semaphore {
    Semaphore::new(usize::try_from(most).unwrap_or(Semaphore::MAX_PERMITS))
}

/// The task that accepts a listener's clients.
pub(super) struct Handshakes<IO, T> {
    shared: Arc<Shared<IO, T>>,
    /// The permits for handshakes, and their number.
    permits: Arc<Semaphore>,
    most: u32,
    /// The local address of all clients, if it is the same.
    local: Option<SocketAddr>,
    ready: mpsc::UnboundedSender<Ready<IO, T>>,
    stage: Arc<watch::Sender<Stage>>,
}

impl<IO, T> Handshakes<IO, T>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    T: Send + 'static,
{
    pub(super) fn new(
        acceptor: TlsAcceptor<T>,
        options: ListenerOptions<IO, T>,
        local: Option<SocketAddr>,
        ready: mpsc::UnboundedSender<Ready<IO, T>>,
        stage: Arc<watch::Sender<Stage>>,
    ) -> Self {
        let most = options.handshakes.clamp(1, MOST);
        let shared = Arc::new(Shared {
            deliveries: Deliveries::new(options.deliveries),
            drains: Drains::start(),
            per_address: Arc::new(PerAddress::default()),
            acceptor,
            options,
        });
        Self {
            shared,
            permits: Arc::new(permits(most)),
            most,
            local: local.filter(|local| !local.ip().is_unspecified()),
            ready,
            stage,
        }
    }

    /// Accepts clients until the listener shuts down. After the grace period it aborts the handshakes
    /// in flight.
    ///
    /// `own` is there from the call on, not from the first poll: a listener of whose stage nobody
    /// has a receiver has finished.
    pub(super) async fn run(self, source: impl Source<Io = IO>, mut own: watch::Receiver<Stage>) {
        let mut source = Caught::new(source);
        let mut backoff = Backoff::default();
        let closed = {
            let mut closing = pin!(closing(&mut own));
            loop {
                select! {
                    biased;
                    stage = &mut closing => break stage,
                    () = self.take(&mut source, &mut backoff) => {}
                }
            }
        };
        let Stage::Closing { deadline } = closed else {
            return;
        };
        self.take_pending(&mut source);
        drop(source);
        let Self {
            permits,
            most,
            ready,
            stage,
            ..
        } = self;
        drop(ready); // the clients in flight hold the other senders
        let ended = async {
            drop(permits.acquire_many(most).await); // wait until all handshakes have ended
            drop(own);
            stage.closed().await; // and until all plaintext answers and alerts are sent
        };
        select! {
            () = sleep_until(deadline) => drop(stage.send_replace(Stage::Aborting)),
            () = ended => {}
        }
    }

    /// Takes one client, or pauses.
    async fn take(&self, source: &mut Caught<impl Source<Io = IO>>, backoff: &mut Backoff) {
        if self.permits.available_permits() == 0 {
            Limit::Handshakes.reached();
        }
        let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await else {
            return; // it is never closed
        };
        match source.accept().await {
            Ok((io, addresses)) => {
                backoff.reset();
                self.begin(io, addresses, permit);
                // the handshakes in flight have their turn first: those that come meanwhile wait in
                // the system's queue, where they cost nothing
                yield_now().await;
            }
            Err(error) => {
                drop(permit);
                self.accept_failed(&error);
                sleep(backoff.after(&error)).await;
            }
        }
    }

    /// Takes the clients that the system has connected already: it would reset them. At most as many as
    /// may be in flight, since others may come as fast as these are taken.
    fn take_pending(&self, source: &mut Caught<impl Source<Io = IO>>) {
        for _ in 0..self.most {
            let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() else {
                return;
            };
            match source.accept_pending() {
                Some(Ok((io, addresses))) => self.begin(io, addresses, permit),
                Some(Err(error)) => {
                    self.accept_failed(&error);
                    if !Backoff::default().after(&error).is_zero() {
                        return; // the next call would fail too
                    }
                }
                None => return, // nothing is pending
            }
        }
    }

    fn accept_failed(&self, error: &io::Error) {
        call(|| (self.shared.options.on_accept_error)(error));
    }

    fn begin(&self, io: IO, mut addresses: Addresses, permit: OwnedSemaphorePermit) {
        addresses.peer = addresses.peer.or_else(|| peer(&io));
        addresses.local = addresses.local.or(self.local);
        let client = Client {
            io,
            addresses,
            permit,
            ready: self.ready.clone(),
            stage: self.stage.subscribe(),
        };
        tokio::spawn(Arc::clone(&self.shared).serve(client));
    }
}

/// The peer by the socket, for a source that does not state it. Without it a client would be of no
/// address, so neither of a network nor counted.
fn peer<IO: 'static>(io: &IO) -> Option<SocketAddr> {
    socket::address(socket::of(io)?.peer_addr())
}
