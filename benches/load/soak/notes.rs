//! What the servers note: the clients that are connected, how each client ended, and the failures.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lastword::io::Delivery;

/// The limit for failures that are kept, so that a server without descriptors does not fill the
/// memory too.
const MOST_FAULTS: usize = 1000;

/// How a client ended, as its server saw it.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    Served,
    /// Its handshake failed: how long it held a thread, from its acceptance to the end of the
    /// close, and what became of the alert.
    Refused(Duration, Delivery),
    /// The deadline passed: how long the handshake took.
    TimedOut(Duration),
    /// It closed or reset the connection.
    Left,
}

/// What all servers note.
#[derive(Debug, Default)]
pub(super) struct Notes {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    present: usize,
    most: usize,
    came: usize,
    tally: Tally,
}

/// How clients ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) served: usize,
    pub(super) left: usize,
    /// How long each refused client held a thread.
    pub(super) held: Vec<Duration>,
    /// How many of them got the alert and closed, and how many reset the connection.
    pub(super) delivered: usize,
    pub(super) reset: usize,
    /// How long the handshakes took that timed out.
    pub(super) timed_out: Vec<Duration>,
    /// The failures, in words.
    pub(super) faults: Vec<String>,
}

impl Notes {
    /// Notes a new client.
    pub(super) fn begin(&self) {
        let mut state = self.state();
        state.present += 1;
        state.most = state.most.max(state.present);
        state.came += 1;
        self.changed.notify_all();
    }

    /// One of them is gone.
    pub(super) fn end(&self, end: End) {
        let mut state = self.state();
        state.tally.add(end);
        state.present = state.present.saturating_sub(1);
        self.changed.notify_all();
    }

    /// Something is wrong that is no client's doing. Of the same many times, some are noted.
    pub(super) fn fault(&self, words: String) {
        let faults = &mut self.state().tally.faults;
        if faults.len() < MOST_FAULTS {
            faults.push(words);
        }
    }

    /// Waits until no client is there, or until `patience` is at its end, and says how many are.
    pub(super) fn wait(&self, patience: Duration) -> usize {
        self.wait_while(patience, |state| state.present > 0).present
    }

    /// Waits until so many have come since the notes were last taken, or until `patience` is at
    /// its end, and says whether they have.
    pub(super) fn wait_for(&self, clients: usize, patience: Duration) -> bool {
        let state = self.wait_while(patience, |state| state.came < clients);
        state.came >= clients
    }

    /// How many were there at once at most, and how they ended, since this was last asked.
    pub(super) fn take(&self) -> (usize, Tally) {
        let state = &mut *self.state();
        let most = std::mem::replace(&mut state.most, state.present);
        state.came = 0;
        (most, std::mem::take(&mut state.tally))
    }

    fn wait_while(
        &self,
        patience: Duration,
        condition: impl Fn(&State) -> bool,
    ) -> MutexGuard<'_, State> {
        let waited = self
            .changed
            .wait_timeout_while(self.state(), patience, |state| condition(state));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // a count stays one after a panic
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tally {
    /// The bytes on the heap that it takes.
    pub(super) fn bytes(&self) -> usize {
        (self.held.capacity() + self.timed_out.capacity()) * size_of::<Duration>()
    }

    fn add(&mut self, end: End) {
        match end {
            End::Served => self.served += 1,
            End::Left => self.left += 1,
            End::TimedOut(elapsed) => self.timed_out.push(elapsed),
            End::Refused(held, delivery) => {
                self.held.push(held);
                match delivery {
                    Delivery::Delivered => self.delivered += 1,
                    Delivery::PeerReset => self.reset += 1,
                    _ => {}
                }
            }
        }
    }

    /// Adds those of another round.
    pub(super) fn extend(&mut self, other: Self) {
        self.served += other.served;
        self.left += other.left;
        self.held.extend(other.held);
        self.delivered += other.delivered;
        self.reset += other.reset;
        self.timed_out.extend(other.timed_out);
        self.faults.extend(other.faults);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_those_who_are_there_and_how_they_ended() {
        let notes = Notes::default();
        notes.begin();
        notes.begin();
        notes.end(End::Served);
        assert_eq!(notes.wait(Duration::ZERO), 1);
        assert!(notes.wait_for(2, Duration::from_secs(20)));
        assert!(!notes.wait_for(3, Duration::ZERO));
        notes.end(End::Refused(Duration::from_millis(7), Delivery::PeerReset));
        assert_eq!(notes.wait(Duration::from_secs(20)), 0);
        let (most, tally) = notes.take();
        assert_eq!((most, tally.served, tally.reset), (2, 1, 1));
        assert_eq!(tally.held, [Duration::from_millis(7)]);
        assert_eq!(notes.take().0, 0);
    }
}
