//! An orderly close over a nonblocking stream.

use std::time::Instant;

use rustls::ServerConnection;

use crate::last_word::LastWord;
use crate::machine::{Machine, step};
use crate::{Delivery, Drain, Step, Transport};

/// An orderly close over a nonblocking stream: what is left to write and `close_notify` behind it,
/// the write side shut, and what the client still sends read, within the bounds of [`Drain`].
#[derive(Debug)]
#[must_use = "the client waits for the end"]
pub struct Close {
    /// `None` where the connection has nothing to write.
    word: LastWord<Option<Box<ServerConnection>>>,
}

impl Close {
    /// Begins to close. `now` is by the clock of the stream: [`Transport::now`].
    pub fn new(connection: impl Into<Box<ServerConnection>>, drain: Drain, now: Instant) -> Self {
        let mut connection = connection.into();
        connection.send_close_notify();
        Self {
            word: LastWord::new(Some(connection), drain, now, now),
        }
    }

    /// Begins to close a stream whose connection has written all that it had to, for example an
    /// alert: the write side is shut and what the client still sends is read.
    pub fn without_connection(drain: Drain, now: Instant) -> Self {
        Self {
            word: LastWord::new(None, drain, now, now),
        }
    }

    /// When it must be stepped at the latest, whether the stream is ready or not.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.word.until()
    }

    /// Goes on for as long as the stream does not block: what became of it. Then close the stream.
    pub fn step(self, stream: &mut impl Transport) -> Step<Self, Delivery> {
        match step(self.word, stream) {
            Step::Reading(word) => Step::Reading(Self { word }),
            Step::Writing(word) => Step::Writing(Self { word }),
            Step::Over((_, delivery)) => Step::Over(delivery),
        }
    }
}
