//! The tasks of a listener: one that takes clients, and one for each of them.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::{io, net};

use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::sync::mpsc::{self, error::SendError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, sleep_until};

use super::backoff::Backoff;
use super::options::ListenerOptions;
use super::stage::{Stage, closing, given_up};
use crate::{Accepting, Chooser, Deliveries, Drain, Established, Failure, Undelivered, close};

/// A client whose handshake has succeeded. It counts until it is taken.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) established: Established<TcpStream>,
    pub(super) peer: SocketAddr,
    #[expect(dead_code, reason = "it is given back when this is dropped")]
    permit: OwnedSemaphorePermit,
}

/// As many permits as a semaphore has on any system: more than there can be descriptors.
const MOST: u32 = 1 << 28;

fn permits(most: u32) -> Semaphore {
    Semaphore::new(usize::try_from(most).unwrap_or(Semaphore::MAX_PERMITS))
}

/// What takes a listener's clients.
pub(super) struct Handshakes<C> {
    shared: Arc<Shared<C>>,
    ready: mpsc::UnboundedSender<Ready>,
    stage: Arc<watch::Sender<Stage>>,
}

/// What the tasks have in common.
struct Shared<C> {
    chooser: C,
    options: ListenerOptions,
    /// How many handshakes may begin, of this many.
    handshakes: Arc<Semaphore>,
    most: u32,
    /// Who tells the clients, how many at a time.
    deliveries: Deliveries,
}

/// What there is to be for each client.
struct Client {
    tcp: TcpStream,
    peer: SocketAddr,
    permit: OwnedSemaphorePermit,
    ready: mpsc::UnboundedSender<Ready>,
    stage: watch::Receiver<Stage>,
}

impl<C: Chooser> Handshakes<C> {
    pub(super) fn new(
        chooser: C,
        options: ListenerOptions,
        ready: mpsc::UnboundedSender<Ready>,
        stage: Arc<watch::Sender<Stage>>,
    ) -> Self {
        let most = options.handshakes.clamp(1, MOST);
        let shared = Arc::new(Shared {
            handshakes: Arc::new(permits(most)),
            most,
            deliveries: Deliveries::new(options.deliveries),
            chooser,
            options,
        });
        Self {
            shared,
            ready,
            stage,
        }
    }

    /// Takes clients until the listener is closed, then gives up those that take too long.
    pub(super) async fn run(self, tcp: TcpListener) {
        let mut stage = self.stage.subscribe();
        let mut backoff = Backoff::default();
        let closed = {
            let mut closing = pin!(closing(&mut stage));
            loop {
                select! {
                    biased;
                    stage = &mut closing => break stage,
                    () = self.take(&tcp, &mut backoff) => {}
                }
            }
        };
        let Stage::Closing { until } = closed else {
            return;
        };
        // an error leaves nobody to take them from
        let _ = tcp.into_std().map(|tcp| self.take_those_who_wait(&tcp));
        let Self {
            shared,
            ready,
            stage,
        } = self;
        drop(ready); // the others are with those who are under way
        select! {
            () = sleep_until(until) => drop(stage.send_replace(Stage::GivenUp)),
            _ = shared.handshakes.acquire_many(shared.most) => {} // all have ended
        }
    }

    /// Takes one client, or pauses.
    async fn take(&self, tcp: &TcpListener, backoff: &mut Backoff) {
        let Ok(permit) = Arc::clone(&self.shared.handshakes).acquire_owned().await else {
            return; // it is never closed
        };
        match tcp.accept().await {
            Ok((tcp, peer)) => {
                backoff.reset();
                self.begin(tcp, peer, permit);
            }
            Err(error) => {
                drop(permit);
                (self.shared.options.on_accept_error)(&error);
                sleep(backoff.after(&error)).await;
            }
        }
    }

    /// Takes the clients whom the system has connected already: it would reset them. Asks the
    /// system itself, for the runtime may not know yet of the last.
    fn take_those_who_wait(&self, tcp: &net::TcpListener) {
        let next = || -> io::Result<(TcpStream, SocketAddr)> {
            let (tcp, peer) = tcp.accept()?;
            tcp.set_nonblocking(true)?;
            Ok((TcpStream::from_std(tcp)?, peer))
        };
        while let Ok(permit) = Arc::clone(&self.shared.handshakes).try_acquire_owned() {
            let Ok((tcp, peer)) = next() else { return };
            self.begin(tcp, peer, permit);
        }
    }

    fn begin(&self, tcp: TcpStream, peer: SocketAddr, permit: OwnedSemaphorePermit) {
        let client = Client {
            tcp,
            peer,
            permit,
            ready: self.ready.clone(),
            stage: self.stage.subscribe(),
        };
        tokio::spawn(Arc::clone(&self.shared).serve(client));
    }
}

impl<C: Chooser> Shared<C> {
    /// Hands the client on, or tells it why not.
    async fn serve(self: Arc<Self>, client: Client) {
        let Client {
            tcp,
            peer,
            permit,
            ready,
            stage,
        } = client;
        let accepting = self.accepting(tcp, peer);
        match self.handshake(accepting, stage.clone()).await {
            Ok(established) => {
                let handed_on = ready.send(Ready {
                    established,
                    peer,
                    permit,
                });
                if let Err(SendError(client)) = handed_on {
                    client.dismiss(self.options.client.drain).await;
                }
            }
            Err(undelivered) => {
                drop(permit); // another may begin
                let failure = self.tell(undelivered).await;
                (self.options.on_failure)(peer, &failure);
            }
        }
    }

    async fn tell(&self, undelivered: Undelivered<TcpStream>) -> Failure<TcpStream> {
        match self.deliveries.begin() {
            Some(_permit) => undelivered.deliver().await,
            None => undelivered.deliver_at_once(),
        }
    }

    /// Guarded, since a chooser may panic, and a runtime be shut down.
    #[cfg_attr(not(feature = "tracing"), expect(unused_variables))]
    fn accepting(&self, tcp: TcpStream, peer: SocketAddr) -> Accepting<TcpStream> {
        let accepting = Accepting::new(tcp, &self.options.client).guarded(&self.deliveries);
        #[cfg(feature = "tracing")]
        accepting
            .span()
            .record("peer", tracing::field::display(peer));
        accepting
    }

    /// The handshake, step by step, since it may be given up at each.
    async fn handshake(
        &self,
        mut accepting: Accepting<TcpStream>,
        mut stage: watch::Receiver<Stage>,
    ) -> Result<Established<TcpStream>, Undelivered<TcpStream>> {
        let mut given_up = pin!(given_up(&mut stage));
        let accepted = select! {
            biased;
            accepted = &mut accepting => accepted?,
            () = &mut given_up => return Err(accepting.cancel()),
        };
        let hello = accepted.client_hello();
        let choice = select! {
            biased;
            choice = accepted.in_time(self.chooser.choose(&hello)) => Some(choice),
            () = &mut given_up => None,
        };
        let mut handshaking = match choice {
            Some(choice) => accepted.go_on(choice)?,
            None => return Err(accepted.cancel()),
        };
        select! {
            biased;
            over = &mut handshaking => over,
            () = &mut given_up => handshaking.cancel().await,
        }
    }
}

impl Ready {
    /// Closes the connection in order, since nobody takes it.
    pub(super) async fn dismiss(self, drain: Drain) {
        let _ = close(self.established.into_stream(), drain).await;
    }
}
