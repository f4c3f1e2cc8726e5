//! Alerts delivered in the background: how many at a time.

use std::fmt;
use std::sync::Arc;

use lastword_io::AcceptError;
use tokio::sync::watch;

use crate::acceptor::Panic;

/// Alerts that are delivered in the background, at most so many at a time.
///
/// [`TlsAcceptor::accept`](crate::TlsAcceptor::accept) delivers in the background for a future that is
/// dropped: a task of its own sends what was left to send, or that the server aborts the handshake, and
/// closes the connection in order. If there are too many of those tasks, or no runtime, the alert is
/// written at once, as much as the stream takes without waiting, which is any alert unless the stream is
/// full already. A runtime that shuts down drops all its tasks: the alerts are then written at once too.
///
/// Cloning it is cheap, and clones count as one.
#[derive(Clone)]
pub struct Deliveries(Arc<Inner>);

struct Inner {
    in_flight: Arc<watch::Sender<u32>>,
    most: u32,
    on_failure: Box<dyn Fn(&AcceptError) + Send + Sync>,
}

/// One that is in flight: it counts until it is dropped.
pub(crate) struct InFlight(Arc<watch::Sender<u32>>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.send_modify(|in_flight| *in_flight -= 1);
    }
}

/// 4,096 at a time.
impl Default for Deliveries {
    fn default() -> Self {
        Self::new(4096)
    }
}

impl Deliveries {
    /// At most this many at a time. Each holds a task and a stream for no longer than
    /// [`Drain::time`](crate::Drain) and what is left of the timeout.
    #[must_use]
    pub fn new(most: u32) -> Self {
        Self(Arc::new(Inner {
            in_flight: Arc::default(),
            most,
            on_failure: Box::new(|_| {}),
        }))
    }

    /// Calls `on_failure` after each delivery in the background. It should not block. If it panics, the
    /// panic is caught.
    #[must_use]
    pub fn on_failure(self, on_failure: impl Fn(&AcceptError) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner {
            in_flight: Arc::clone(&self.0.in_flight),
            most: self.0.most,
            on_failure: Box::new(on_failure),
        }))
    }

    /// How many are in flight.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        usize::try_from(*self.0.in_flight.borrow()).unwrap_or(usize::MAX)
    }

    /// Waits until none is in flight, for example before the runtime ends.
    ///
    /// # Cancel safety
    ///
    /// It may be dropped and called again.
    pub async fn finished(&self) {
        let mut in_flight = self.0.in_flight.subscribe();
        if let Err(_closed) = in_flight.wait_for(|in_flight| *in_flight == 0).await {
            // the sender is gone: it cannot be, since `self` holds it
        }
    }

    /// One more, if there are not too many.
    pub(crate) fn begin(&self) -> Option<InFlight> {
        let begun = self.0.in_flight.send_if_modified(|in_flight| {
            let begins = *in_flight < self.0.most;
            *in_flight += u32::from(begins);
            begins
        });
        begun.then(|| InFlight(Arc::clone(&self.0.in_flight)))
    }

    /// Reports a delivery. This may be the drop of a task that panics: a second panic would end the
    /// process.
    pub(crate) fn report(&self, error: &AcceptError) {
        call(|| (self.0.on_failure)(error));
    }
}

/// Calls what is the application's and catches its panic, where that would harm others than its task.
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
