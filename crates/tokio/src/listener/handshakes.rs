//! The tasks of a listener: one that takes clients, and one for each of them.

use std::future::Future;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::{io, net};

use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::sync::mpsc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, sleep_until};

use super::backoff::Backoff;
use super::options::ListenerOptions;
use super::ready::Ready;
use super::stage::{Stage, closing, given_up};
use crate::callback::call;
use crate::{Accepting, Chooser, Deliveries, Established, Handshaking, Undelivered};

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
    ///
    /// `stage` is its own from the call on, not from the first poll: a listener of whose stage nobody
    /// has a receiver has finished.
    pub(super) async fn run(self, tcp: TcpListener, mut stage: watch::Receiver<Stage>) {
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
        match tcp.into_std() {
            Ok(tcp) => self.take_those_who_wait(&tcp),
            Err(error) => self.accept_failed(&error),
        }
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
                self.accept_failed(&error);
                sleep(backoff.after(&error)).await;
            }
        }
    }

    /// Takes the clients whom the system has connected already: it would reset them. Asks the
    /// system itself, for the runtime may not know yet of the last. At most as many as may be under
    /// way, since others may come as fast as these are taken.
    fn take_those_who_wait(&self, tcp: &net::TcpListener) {
        let next = || -> io::Result<(TcpStream, SocketAddr)> {
            let (tcp, peer) = tcp.accept()?;
            tcp.set_nonblocking(true)?;
            Ok((TcpStream::from_std(tcp)?, peer))
        };
        for _ in 0..self.shared.most {
            let handshakes = Arc::clone(&self.shared.handshakes);
            let Ok(permit) = handshakes.try_acquire_owned() else {
                return;
            };
            match next() {
                Ok((tcp, peer)) => self.begin(tcp, peer, permit),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return, // these were all
                Err(error) => {
                    self.accept_failed(&error);
                    if !Backoff::default().after(&error).is_zero() {
                        return; // it would fail again
                    }
                }
            }
        }
    }

    fn accept_failed(&self, error: &io::Error) {
        call(|| (self.shared.options.on_accept_error)(error));
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
    ///
    /// The states are waited for by reference, and none is an async fn's argument: the task would have
    /// room for it twice.
    fn serve(self: Arc<Self>, client: Client) -> impl Future<Output = ()> {
        let Client {
            tcp,
            peer,
            permit,
            ready,
            mut stage,
        } = client;
        let mut accepting = self.accepting(tcp, peer, (ready.clone(), stage.clone()));
        async move {
            // in a box, so that its room is given back
            let chosen = Box::pin(self.chosen(&mut accepting, &mut stage));
            let mut handshaking = chosen.await;
            let undelivered = match ended(&mut handshaking, &mut stage).await {
                Ok(established) => {
                    let client = Ready {
                        established,
                        peer,
                        permit,
                    };
                    return client.hand_on(&ready, self.options.client.drain, stage);
                }
                Err(undelivered) => undelivered,
            };
            drop(permit); // another may begin
            let failure = match self.deliveries.begin() {
                Some(_counted) => {
                    let mut delivering = undelivered.deliver();
                    (&mut delivering).await
                }
                None => undelivered.deliver_at_once(),
            };
            call(|| (self.options.on_failure)(peer, &failure));
        }
    }

    /// Guarded, because a runtime may be shut down: then too the failure is reported, and the
    /// listener is `unfinished` until it is.
    fn accepting(
        &self,
        tcp: TcpStream,
        peer: SocketAddr,
        unfinished: (mpsc::UnboundedSender<Ready>, watch::Receiver<Stage>),
    ) -> Accepting<TcpStream> {
        let on_failure = Arc::clone(&self.options.on_failure);
        let guard = self.deliveries.clone().on_failure(move |report| {
            let _held = &unfinished;
            on_failure(peer, report);
        });
        let accepting = Accepting::new(tcp, &self.options.client).guarded(&guard);
        #[cfg(feature = "tracing")]
        accepting
            .span()
            .record("peer", tracing::field::display(peer));
        accepting
    }

    /// To the end of the choice, step by step, since it may be given up at each.
    async fn chosen(
        &self,
        accepting: &mut Accepting<TcpStream>,
        stage: &mut watch::Receiver<Stage>,
    ) -> Handshaking<TcpStream> {
        let accepted = select! {
            biased;
            accepted = &mut *accepting => Some(accepted),
            () = given_up(stage) => None,
        };
        let accepted = match accepted {
            Some(Ok(accepted)) => accepted,
            Some(Err(undelivered)) => return Handshaking::failed(undelivered),
            None => return Handshaking::failed(accepting.canceled()),
        };
        let choice = {
            let hello = accepted.hello();
            select! {
                biased;
                choice = accepted.in_time(|| self.chooser.choose(hello)) => Some(choice),
                () = given_up(stage) => None,
            }
        };
        match choice {
            Some(choice) => accepted.go_on(choice),
            None => Handshaking::failed(accepted.cancel()),
        }
    }
}

/// To the end of the handshake, unless it is given up.
async fn ended(
    handshaking: &mut Handshaking<TcpStream>,
    stage: &mut watch::Receiver<Stage>,
) -> Result<Established<TcpStream>, Undelivered<TcpStream>> {
    select! {
        biased;
        over = &mut *handshaking => return over,
        () = given_up(stage) => {}
    }
    handshaking.give_up();
    handshaking.await
}
