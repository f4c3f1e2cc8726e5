//! Alerts delivered in the background, and the limit for their number.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use lastword_io::AcceptError;
use tokio::select;
use tokio::sync::{Notify, watch};

use crate::acceptor::Panic;
use crate::client::Io;
use crate::limit::Limit;
use crate::step::Delivering;

/// Delivers alerts in the background, up to a limit of deliveries at a time.
///
/// If the future of [`TlsAcceptor::accept`](crate::TlsAcceptor::accept) is dropped, a task of its
/// own sends the alert and closes the connection in order. At the limit, a further delivery ends the
/// oldest one early, and closes its connection. If there is no runtime, as much of the alert is
/// written at once as the stream takes without waiting. That is the whole alert, unless the stream is
/// full. If the runtime shuts down, it drops these tasks, and their alerts are written in the same way.
///
/// A clone is cheap and shares the limit.
///
/// ```no_run
/// # use lastword_tokio::acceptor::Config;
/// use std::time::Duration;
/// use lastword_tokio::{Deliveries, TlsAcceptor};
/// use tokio::net::TcpStream;
/// use tokio::time::timeout;
///
/// # async fn serve(config: Config, tcp: TcpStream) {
/// let deliveries = Deliveries::new(1000).on_failure(|error| eprintln!("{error}"));
/// let acceptor = TlsAcceptor::new(config).with_deliveries(deliveries.clone());
///
/// // after 3 seconds the future is dropped, and its alert is sent in the background
/// if let Ok(Ok(_stream)) = timeout(Duration::from_secs(3), acceptor.accept(tcp)).await {
///     // read and write
/// }
/// println!("{} alerts in flight", deliveries.in_flight());
/// deliveries.finished().await; // before the runtime ends
/// # }
/// ```
#[derive(Clone)]
pub struct Deliveries(Arc<Inner>);

struct Inner {
    all: Arc<watch::Sender<All>>,
    most: u32,
    on_failure: Box<dyn Fn(&AcceptError) + Send + Sync>,
}

/// All deliveries.
#[derive(Default)]
struct All {
    next: u64,
    /// The deliveries in flight by their numbers, so the oldest is the first.
    in_flight: BTreeMap<u64, Arc<Notify>>,
    /// The number of deliveries that have been notified to end early, and have not ended yet.
    ending: u32,
}

impl All {
    fn add(&mut self, end_early: Arc<Notify>, most: usize) -> u64 {
        if self.in_flight.len() >= most {
            if let Some((_, oldest)) = self.in_flight.pop_first() {
                oldest.notify_one();
                self.ending += 1;
                Limit::Deliveries.reached();
            }
        }
        let number = self.next;
        self.next += 1;
        self.in_flight.insert(number, end_early);
        number
    }

    fn remove(&mut self, number: u64) {
        if self.in_flight.remove(&number).is_none() {
            self.ending -= 1;
        }
    }

    fn is_empty(&self) -> bool {
        self.in_flight.is_empty() && self.ending == 0
    }
}

/// A delivery in flight. It counts until it is dropped or is to end early.
pub(crate) struct InFlight {
    all: Arc<watch::Sender<All>>,
    number: u64,
    end_early: Arc<Notify>,
}

impl InFlight {
    /// Delivers the alert. Ends early if there is no more room for this delivery.
    pub(crate) async fn deliver<IO: Io>(&self, mut delivering: Delivering<IO>) -> AcceptError<IO> {
        select! {
            biased;
            error = &mut delivering => error,
            () = self.end_early.notified() => delivering.stop(),
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.all.send_modify(|all| all.remove(self.number));
    }
}

/// The default limit: 4,096 deliveries at a time.
impl Default for Deliveries {
    fn default() -> Self {
        Self::new(4096)
    }
}

impl Deliveries {
    /// Creates it with a limit: at most `most` deliveries at a time. Each holds a task and a stream
    /// for at most the rest of the timeout plus [`Drain::time`](crate::Drain). If `most` is 0, each alert
    /// is written at once, as without a runtime.
    ///
    /// ```
    /// use lastword_tokio::Deliveries;
    ///
    /// let deliveries = Deliveries::new(1000);
    /// assert_eq!(deliveries.in_flight(), 0);
    /// ```
    #[must_use]
    pub fn new(most: u32) -> Self {
        Self(Arc::new(Inner {
            all: Arc::default(),
            most,
            on_failure: Box::new(|_| {}),
        }))
    }

    /// Sets a callback that is called after each delivery in the background. It should not block.
    /// If it panics, the panic is caught.
    ///
    /// ```
    /// use lastword_tokio::Deliveries;
    ///
    /// let deliveries = Deliveries::default().on_failure(|error| eprintln!("{error}"));
    /// # let _: Deliveries = deliveries;
    /// ```
    #[must_use]
    pub fn on_failure(self, on_failure: impl Fn(&AcceptError) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner {
            all: Arc::clone(&self.0.all),
            most: self.0.most,
            on_failure: Box::new(on_failure),
        }))
    }

    /// Returns the number of deliveries in flight.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.0.all.borrow().in_flight.len()
    }

    /// Waits until no delivery is in flight, for example before the runtime ends.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use lastword_tokio::Deliveries;
    /// use tokio::time::timeout;
    ///
    /// /// Waits for the last alerts, for at most 2 seconds.
    /// async fn end(deliveries: &Deliveries) {
    ///     if timeout(Duration::from_secs(2), deliveries.finished()).await.is_err() {
    ///         eprintln!("{} alerts are not delivered", deliveries.in_flight());
    ///     }
    /// }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn finished(&self) {
        let mut all = self.0.all.subscribe();
        if let Err(_closed) = all.wait_for(All::is_empty).await {
            // unreachable: `self` holds the sender
        }
    }

    /// Starts a delivery. If the limit is reached, the oldest one ends early: it has had the most time.
    /// `None` if no delivery may be in flight.
    pub(crate) fn begin(&self) -> Option<InFlight> {
        let most = usize::try_from(self.0.most).unwrap_or(usize::MAX);
        if most == 0 {
            return None;
        }
        let end_early = Arc::new(Notify::new());
        let mut number = 0;
        self.0
            .all
            .send_modify(|all| number = all.add(Arc::clone(&end_early), most));
        Some(InFlight {
            all: Arc::clone(&self.0.all),
            number,
            end_early,
        })
    }

    /// Reports a delivery. This may run while a task that panicked is dropped: a second panic would
    /// abort the process.
    pub(crate) fn report(&self, error: &AcceptError) {
        call(|| (self.0.on_failure)(error));
    }
}

/// Calls a callback of the application and catches its panic, which would harm other clients too.
pub(crate) fn call(callback: impl FnOnce()) {
    if let Err(_panic) = Panic::catch(callback) {
        // the panic hook has printed it, and there is no caller to resume it in
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_how_many_there_may_be_and_are() {
        let shown = format!("{:?}", Deliveries::new(7));
        assert_eq!(shown, "Deliveries { most: 7, in_flight: 0, .. }");
    }
}
