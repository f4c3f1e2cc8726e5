//! Seeing to it that the last word arrives: written whole, flushed, and closed behind in order.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use crate::machine::{Machine, Moved, Next, is_reset, read, try_read};
use crate::options::after;
use crate::outgoing::{Flushed, Outgoing, Wrote};
use crate::{Delivery, Drain, Transport};

/// The last word to a client, under way: an alert, or what a connection has left to write.
///
/// It is written and flushed, the write side is shut, and what the client still sends is read until
/// it closes too or the drain comes to its bounds. Whatever happens on the way, it ends; and none of
/// it is an error, since there is one already.
#[derive(Debug)]
pub(crate) struct LastWord<O> {
    outgoing: O,
    drain: Drain,
    /// When the present stage must have ended.
    until: Instant,
    /// When the drain must have ended, whenever it began.
    end: Instant,
    stage: Stage,
    client: Client,
    /// What became of it if the drain finds nothing out.
    delivery: Delivery,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    /// Nothing is written, and whether the client has closed is not known.
    Looking,
    Writing(Flushed),
    /// All is written and flushed; shutting the write side blocks.
    Shutting,
    /// The write side is shut; this many bytes more are read.
    Draining {
        left: u64,
    },
}

/// What is known of the client's side of the stream. Its end proves that the client has read what
/// was written only if the end was not there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Client {
    /// Nothing yet: the end may be after what has arrived.
    Unknown,
    /// It was open when the alert was about to be written, or later.
    Open,
    /// It cannot be known without waiting.
    Unknowable,
}

/// How often the stream is read before the alert is written: 16 KiB at the most.
const LOOKS: usize = 64;

/// What writing has at the least: enough for an alert that fits into the stream's buffer.
const WRITING: Duration = Duration::from_millis(100);

impl<O: Outgoing> LastWord<O> {
    /// `until` is the deadline of the handshake. Writing has what is left to it, or the drain's time
    /// if that is more. The drain then has its own time, but no longer than its time after the
    /// deadline, or after `now` if the deadline has passed: so the most in all is both times.
    pub(crate) fn new(outgoing: O, drain: Drain, until: Instant, now: Instant) -> Self {
        let (stage, client, delivery) = match outgoing.wants_write() {
            true => (Stage::Looking, Client::Unknown, Delivery::Written),
            false => {
                let writing = Stage::Writing(Flushed::default());
                (writing, Client::Unknowable, Delivery::NothingToSend)
            }
        };
        Self {
            outgoing,
            drain,
            until: until.max(after(now, drain.time.max(WRITING))),
            end: after(until.max(now), drain.time),
            stage,
            client,
            delivery,
        }
    }

    fn over(self, delivery: Delivery) -> Next<Self, (O, Delivery)> {
        Next::Over(self.end(delivery))
    }

    fn end(self, delivery: Delivery) -> (O, Delivery) {
        let delivery = match self.delivery {
            Delivery::NothingToSend => Delivery::NothingToSend,
            _ => delivery,
        };
        (self.outgoing, delivery)
    }

    /// Ends it as it is.
    pub(crate) fn stop(self) -> (O, Delivery) {
        let delivery = match self.stage {
            Stage::Looking | Stage::Writing(_) => Delivery::TimedOut,
            Stage::Shutting | Stage::Draining { .. } => Delivery::Written,
        };
        self.end(delivery)
    }
}

impl<O: Outgoing> Machine for LastWord<O> {
    type Over = (O, Delivery);

    fn until(&self) -> Instant {
        self.until
    }

    fn advance(self, stream: &mut impl Transport) -> Next<Self, Self::Over> {
        match self.stage {
            Stage::Looking => self.look(stream),
            Stage::Writing(flushed) => self.write(flushed, stream),
            Stage::Shutting => self.shut(stream),
            Stage::Draining { left } => self.drain(left, stream),
        }
    }
}

impl<O: Outgoing> LastWord<O> {
    /// Reads and throws away what has arrived, to know whether the client had closed before.
    fn look(mut self, stream: &mut impl Transport) -> Next<Self, (O, Delivery)> {
        let mut scratch = [0; 256];
        for _ in 0..LOOKS {
            if self.drain.bytes == 0 {
                break;
            }
            match try_read(stream, &mut scratch) {
                Moved::Bytes(0) => break,
                Moved::Bytes(n) => self.drain.bytes = self.drain.bytes.saturating_sub(n as u64),
                Moved::Blocked => {
                    self.client = Client::Open;
                    break;
                }
                Moved::Failed(error) if is_reset(&error) => return self.over(Delivery::PeerReset),
                // writing finds out whether the stream is broken
                Moved::Failed(_) => {
                    self.client = Client::Unknowable;
                    break;
                }
            }
        }
        self.write(Flushed::default(), stream)
    }

    fn write(
        mut self,
        mut flushed: Flushed,
        stream: &mut impl Transport,
    ) -> Next<Self, (O, Delivery)> {
        if stream.now() >= self.until {
            return self.over(Delivery::TimedOut);
        }
        match flushed.write_all(stream, &mut self.outgoing) {
            Wrote::All => self.shut(stream),
            Wrote::Blocked => {
                self.stage = Stage::Writing(flushed);
                Next::Writing(self)
            }
            Wrote::Failed(error) if is_reset(&error) => self.over(Delivery::PeerReset),
            Wrote::Failed(_) => self.over(Delivery::Failed),
        }
    }

    fn shut(mut self, stream: &mut impl Transport) -> Next<Self, (O, Delivery)> {
        if stream.now() >= self.until {
            return self.over(Delivery::Written);
        }
        match stream.shutdown_write() {
            Err(error) if error.kind() == ErrorKind::Interrupted => self.shut(stream),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.stage = Stage::Shutting;
                Next::Writing(self)
            }
            // a client that waits for the end of the stream would wait for ours, and we for its
            Err(error) if error.kind() == ErrorKind::Unsupported => self.over(Delivery::Written),
            // other errors are those of a connection that is gone, which the drain finds out
            Ok(()) | Err(_) => {
                let left = self.drain.bytes;
                self.stage = Stage::Draining { left };
                self.until = after(stream.now(), self.drain.time).min(self.end);
                Next::Again(self)
            }
        }
    }

    /// Reads and throws away, so that the socket can be closed without a reset.
    fn drain(mut self, mut left: u64, stream: &mut impl Transport) -> Next<Self, (O, Delivery)> {
        let mut scratch = [0; 4096];
        while left > 0 && stream.now() < self.until {
            let is_known = self.client != Client::Unknown;
            let moved = match is_known {
                true => read(stream, &mut scratch),
                false => try_read(stream, &mut scratch),
            };
            match moved {
                Moved::Bytes(0) => return self.closed(stream),
                Moved::Bytes(n) => left = left.saturating_sub(n as u64),
                Moved::Blocked if is_known => {
                    self.stage = Stage::Draining { left };
                    return Next::Reading(self);
                }
                Moved::Blocked => self.client = Client::Open,
                Moved::Failed(error) if is_reset(&error) => return self.over(Delivery::PeerReset),
                Moved::Failed(_) if is_known => break,
                Moved::Failed(_) => self.client = Client::Unknowable,
            }
        }
        self.over(Delivery::Written)
    }

    /// The client has closed its side.
    fn closed(self, stream: &mut impl Transport) -> Next<Self, (O, Delivery)> {
        // a client that is gone has reset what it did not read
        let delivery = match (stream.take_error(), self.client) {
            (Ok(None), Client::Open) => Delivery::Delivered,
            (Ok(None), Client::Unknown | Client::Unknowable) => Delivery::Written,
            (Ok(Some(_)) | Err(_), _) => Delivery::PeerReset,
        };
        self.over(delivery)
    }
}
