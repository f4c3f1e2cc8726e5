//! Alerts delivered in the background, so that a failed client holds no thread of the application.
//!
//! [`Undelivered::deliver`](crate::Undelivered::deliver) returns once the client has closed its side,
//! which can take as long as [`Drain::time`](crate::Drain). A server with a thread for each client, or
//! with a pool of threads, gives failed clients to [`Deliveries`] instead: one thread waits for all.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, ErrorKind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use lastword_acceptor::Panic;
use mio::{Events, Poll, Token, Waker};

use crate::accept::Undelivered;
use crate::error::AcceptError;
use crate::machine::{Buffer, Step};
use crate::step::Delivering;
use crate::transport::Transport;

mod socket;

use socket::Kind;
pub use socket::Socket;

/// Delivers alerts in the background, all in one thread.
///
/// A clone is cheap and shares the thread. The thread ends once all clones are dropped and no delivery is
/// in flight.
///
/// ```no_run
/// use std::net::TcpListener;
/// use std::thread;
/// use lastword_io::TlsAcceptor;
/// use lastword_io::background::Deliveries;
///
/// fn serve(listener: &TcpListener, acceptor: &TlsAcceptor) -> std::io::Result<()> {
///     let deliveries = Deliveries::start(4096)?;
///     loop {
///         let (tcp, peer) = listener.accept()?;
///         let (acceptor, deliveries) = (acceptor.clone(), deliveries.clone());
///         thread::spawn(move || match acceptor.accept_undelivered(tcp) {
///             Ok(_stream) => { /* read and write */ }
///             Err(undelivered) => {
///                 deliveries.deliver(undelivered, move |error| eprintln!("{peer}: {error}"));
///             }
///         });
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Deliveries(Arc<Handle>);

struct Handle {
    most: usize,
    counted: Arc<Counted>,
    /// `None` when this is dropped.
    clients: Option<Sender<Client>>,
    waker: Arc<Waker>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.clients = None;
        wake(&self.waker); // the thread sees that no more clients come
    }
}

/// Wakes the thread. If the system cannot, the thread sees what has changed when it next wakes.
fn wake(waker: &Waker) {
    if let Err(_error) = waker.wake() {}
}

/// The number of deliveries in flight, and a signal for their end.
#[derive(Default)]
struct Counted {
    in_flight: Mutex<usize>,
    finished: Condvar,
}

impl Counted {
    fn lock(&self) -> MutexGuard<'_, usize> {
        self.in_flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A delivery in flight. It counts until it is dropped.
struct InFlight(Arc<Counted>);

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut in_flight = self.0.lock();
        *in_flight -= 1;
        if *in_flight == 0 {
            self.0.finished.notify_all();
        }
    }
}

/// A failed client that is to close its side.
struct Client {
    socket: Kind,
    delivering: Delivering,
    end: End,
}

/// What is done when a delivery has ended.
struct End {
    callback: Box<dyn FnOnce(AcceptError) + Send>,
    in_flight: InFlight,
}

impl End {
    /// Calls the callback.
    fn call(self, error: AcceptError) {
        let Self {
            callback,
            in_flight,
        } = self;
        caught(|| callback(error));
        drop(in_flight);
    }
}

/// Catches a panic of the application's code, which would end the deliveries of other clients: a callback,
/// the function for levels, or what observes handshakes.
fn caught(action: impl FnOnce()) {
    if let Err(_panic) = Panic::catch(action) {
        // the panic hook has printed it, and there is no caller to resume it in
    }
}

impl Deliveries {
    /// Starts the thread. It waits for at most `most` clients at a time, for example 4,096: a further one
    /// ends the oldest delivery early, and closes its connection. If `most` is 0, it counts as 1.
    ///
    /// A delivery holds a file descriptor and about 1 KiB, for at most the rest of the timeout plus
    /// [`Drain::time`](crate::Drain).
    ///
    /// ```
    /// use lastword_io::background::Deliveries;
    ///
    /// let deliveries = Deliveries::start(1000)?;
    /// assert_eq!(deliveries.in_flight(), 0);
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of the system, if it has no thread or no file descriptor. The thread uses two.
    pub fn start(most: usize) -> io::Result<Self> {
        let (deliveries, thread, clients) = Self::new(most)?;
        thread::Builder::new()
            .name("lastword-deliveries".into())
            .spawn(move || thread.run(&clients))?;
        Ok(deliveries)
    }

    /// Returns the thread too, and the clients that it receives.
    fn new(most: usize) -> io::Result<(Self, Thread, Receiver<Client>)> {
        let most = most.max(1);
        let thread = Thread::new(most)?;
        let (send, clients) = mpsc::channel();
        let handle = Handle {
            most,
            counted: Arc::default(),
            clients: Some(send),
            waker: Arc::clone(&thread.waker),
        };
        Ok((Self(Arc::new(handle)), thread, clients))
    }

    /// Sends the alert, and closes the connection in order without blocking this thread.
    ///
    /// `on_failure` is called once the connection is closed: in the thread of the deliveries, or in this
    /// thread if the delivery ends before this method returns. It should not block, because other
    /// deliveries wait until it returns. If it panics, the panic is caught. A panic of the chooser or the
    /// authorizer is not resumed: [`AcceptError::resume_panic`] resumes it.
    ///
    /// If the stream cannot be made nonblocking, this blocks as
    /// [`Undelivered::deliver`](crate::Undelivered::deliver) does.
    ///
    /// ```no_run
    /// # use std::net::TcpStream;
    /// # use lastword_io::{TlsAcceptor, background::Deliveries};
    /// # fn serve(acceptor: &TlsAcceptor, tcp: TcpStream, deliveries: &Deliveries) {
    /// if let Err(undelivered) = acceptor.accept_undelivered(tcp) {
    ///     deliveries.deliver(undelivered, |error| eprintln!("{error}"));
    /// }
    /// # }
    /// ```
    pub fn deliver<S, T>(
        &self,
        undelivered: Undelivered<S, T>,
        on_failure: impl FnOnce(AcceptError) + Send + 'static,
    ) where
        S: Transport + Into<Socket>,
    {
        let end = End {
            callback: Box::new(on_failure),
            in_flight: self.begin(),
        };
        let (mut stream, undelivered) = match undelivered.into_nonblocking() {
            Ok(parts) => parts,
            Err(undelivered) => {
                let (error, stream) = undelivered.deliver().split_stream();
                drop(stream);
                return end.call(error);
            }
        };
        let delivering = undelivered.deliver(stream.now());
        match delivering.step(&mut stream) {
            Step::Over(error) => {
                drop(stream);
                end.call(error);
            }
            Step::Reading(delivering) | Step::Writing(delivering) => self.add(Client {
                socket: stream.into().0,
                delivering,
                end,
            }),
        }
    }

    fn begin(&self) -> InFlight {
        *self.0.counted.lock() += 1;
        InFlight(Arc::clone(&self.0.counted))
    }

    fn add(&self, client: Client) {
        #[cfg(feature = "metrics")]
        if self.in_flight() > self.0.most {
            crate::observed::deliveries_reached();
        }
        let Some(clients) = &self.0.clients else {
            return; // there is one until the drop
        };
        match clients.send(client) {
            Ok(()) => wake(&self.0.waker),
            // the thread has ended, because the system could not poll
            Err(mpsc::SendError(client)) => client.stop(),
        }
    }

    /// Returns the number of deliveries in flight.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        *self.0.counted.lock()
    }

    /// Blocks until no delivery is in flight, for example before the process ends.
    ///
    /// If no more failed clients come, that takes at most the rest of the timeout plus
    /// [`Drain::time`](crate::Drain), and the time of the callbacks. Do not call it in a callback of
    /// [`deliver`](Self::deliver): it would never return.
    ///
    /// ```
    /// use lastword_io::background::Deliveries;
    ///
    /// let deliveries = Deliveries::start(1000)?;
    /// deliveries.finished();
    /// # std::io::Result::Ok(())
    /// ```
    pub fn finished(&self) {
        let mut in_flight = self.0.counted.lock();
        while *in_flight > 0 {
            in_flight = self
                .0
                .counted
                .finished
                .wait(in_flight)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl fmt::Debug for Deliveries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deliveries")
            .field("most", &self.0.most)
            .field("in_flight", &self.in_flight())
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Ends the delivery at once.
    fn stop(self) {
        drop(self.socket);
        self.end.call(self.delivering.stop());
    }
}

const WAKE: Token = Token(0);

/// The thread of the deliveries.
struct Thread {
    poll: Poll,
    /// It is kept, since the system forgets the last wake of a waker that is dropped.
    waker: Arc<Waker>,
    most: usize,
    /// By number, so the oldest is the first.
    clients: BTreeMap<usize, Client>,
    /// The deadline of each client, earliest first.
    deadlines: BTreeSet<(Instant, usize)>,
    last: usize,
}

impl Thread {
    fn new(most: usize) -> io::Result<Self> {
        let poll = Poll::new()?;
        Ok(Self {
            waker: Arc::new(Waker::new(poll.registry(), WAKE)?),
            poll,
            most,
            clients: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            last: WAKE.0,
        })
    }

    /// Runs until all senders are dropped and no delivery is in flight.
    fn run(mut self, clients: &Receiver<Client>) {
        let mut events = Events::with_capacity(256);
        let mut are_more = true;
        while are_more || !self.clients.is_empty() {
            let next = self.deadlines.first();
            let left = next.map(|(at, _)| at.saturating_duration_since(Instant::now()));
            match self.poll.poll(&mut events, left) {
                Err(error) if error.kind() != ErrorKind::Interrupted => break,
                _ => {}
            }
            for event in &events {
                caught(|| self.step(event.token().0));
            }
            let now = Instant::now();
            while let Some(number) = self.due(now) {
                caught(|| self.step(number));
            }
            are_more = self.add_all(clients);
        }
        for client in self.clients.into_values().chain(clients.try_iter()) {
            caught(|| client.stop());
        }
    }

    /// Returns the number of a client whose deadline has passed.
    fn due(&self, now: Instant) -> Option<usize> {
        let first = self.deadlines.first().filter(|(at, _)| *at <= now);
        first.map(|(_, number)| *number)
    }

    /// Adds the clients that have come. Returns whether more may come.
    fn add_all(&mut self, clients: &Receiver<Client>) -> bool {
        loop {
            match clients.try_recv() {
                Ok(client) => caught(|| self.add(client)),
                Err(mpsc::TryRecvError::Empty) => return true,
                Err(mpsc::TryRecvError::Disconnected) => return false,
            }
        }
    }

    fn add(&mut self, mut client: Client) {
        self.last += 1;
        let registry = self.poll.registry();
        if let Err(_error) = client.socket.add_to(registry, Token(self.last)) {
            return client.stop(); // the system has no room for it
        }
        self.keep(self.last, client);
        if self.clients.len() > self.most {
            if let Some((number, oldest)) = self.clients.pop_first() {
                self.deadlines
                    .remove(&(oldest.delivering.deadline(), number));
                oldest.stop();
            }
        }
    }

    fn keep(&mut self, number: usize, client: Client) {
        self.deadlines
            .insert((client.delivering.deadline(), number));
        self.clients.insert(number, client);
    }

    /// Steps a client whose socket is ready, or whose deadline has passed.
    fn step(&mut self, number: usize) {
        let Some(client) = self.clients.remove(&number) else {
            return; // it ended after it was reported, or the thread was woken
        };
        self.deadlines
            .remove(&(client.delivering.deadline(), number));
        let Client {
            mut socket,
            delivering,
            end,
        } = client;
        match delivering.step_with(&mut socket, &mut Buffer::default()) {
            Step::Reading(delivering) | Step::Writing(delivering) => {
                let client = Client {
                    socket,
                    delivering,
                    end,
                };
                self.keep(number, client);
            }
            Step::Over(error) => {
                drop(socket);
                end.call(error);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thread_ends_once_no_more_clients_can_come() {
        let (deliveries, thread, clients) = Deliveries::new(1).unwrap();
        let thread = thread::spawn(move || thread.run(&clients));
        drop(deliveries);
        thread.join().unwrap();
    }
}
