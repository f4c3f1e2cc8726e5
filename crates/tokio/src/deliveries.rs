//! Alerts delivered in the background, and the limit for their number.

use std::fmt;
use std::sync::Arc;

use lastword_io::AcceptError;
use tokio::sync::watch;

use crate::acceptor::Panic;

/// Delivers alerts in the background, up to a limit of deliveries at a time.
///
/// If the future of [`TlsAcceptor::accept`](crate::TlsAcceptor::accept) is dropped, a task of its
/// own sends the alert and closes the connection in order. If the limit is reached or there is no
/// runtime, as much of the alert is written at once as the stream takes without waiting. That is
/// the whole alert, unless the stream is full. If the runtime shuts down, it drops these tasks, and
/// their alerts are written in the same way.
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
    in_flight: Arc<watch::Sender<u32>>,
    most: u32,
    on_failure: Box<dyn Fn(&AcceptError) + Send + Sync>,
}

/// A delivery in flight. It counts until it is dropped.
pub(crate) struct InFlight(Arc<watch::Sender<u32>>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.send_modify(|in_flight| *in_flight -= 1);
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
    /// for at most the rest of the timeout plus [`Drain::time`](crate::Drain).
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
            in_flight: Arc::default(),
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
            in_flight: Arc::clone(&self.0.in_flight),
            most: self.0.most,
            on_failure: Box::new(on_failure),
        }))
    }

    /// Returns the number of deliveries in flight.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        usize::try_from(*self.0.in_flight.borrow()).unwrap_or(usize::MAX)
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
        let mut in_flight = self.0.in_flight.subscribe();
        if let Err(_closed) = in_flight.wait_for(|in_flight| *in_flight == 0).await {
            // unreachable: `self` holds the sender
        }
    }

    /// Starts a delivery, unless the limit is reached.
    pub(crate) fn begin(&self) -> Option<InFlight> {
        let begun = self.0.in_flight.send_if_modified(|in_flight| {
            let begins = *in_flight < self.0.most;
            *in_flight += u32::from(begins);
            begins
        });
        begun.then(|| InFlight(Arc::clone(&self.0.in_flight)))
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
