//! Delivery of the last bytes: they are written and flushed, then the stream is closed in order.

use std::fmt;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use lastword_acceptor::Connection;

use crate::machine::{
    Buffer, Flush, Machine, Moved, Next, Outgoing, Step, Wrote, is_reset, read, step, try_read,
};
use crate::options::{Drain, after};
use crate::transport::Transport;

/// What became of the alert to a client, or of the last bytes of a connection.
///
/// ```
/// use lastword_io::Delivery;
///
/// assert_eq!(Delivery::PeerReset.name(), "peer_reset");
/// assert_eq!(Delivery::PeerReset.to_string(), "reset by the client");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// There was nothing to send.
    NothingToSend,
    /// All was written to the system. Nothing proves that the client has read it.
    ///
    /// There are three cases. The client keeps its side open for longer than the limits of [`Drain`].
    /// Or it closed its side before the alert was written, for example after it sent a request. Or
    /// the stream has no write side to shut, or is a blocking stream without
    /// [`set_nonblocking`](Transport::set_nonblocking).
    Written,
    /// All was written, and then the client closed without a reset: the client has read it.
    ///
    /// The client's side was open just before the alert was written and was closed afterwards. A
    /// client that closes its socket without reading the alert resets the connection. Two other
    /// clients look the same: one that only shuts its write side while it waits, and one that
    /// closed while the alert was on its way.
    Delivered,
    /// The client reset the connection, before all was written or after.
    PeerReset,
    /// Writing timed out before all was written.
    TimedOut,
    /// The stream failed, or took no more, before all was written.
    Failed,
}

impl Delivery {
    /// Returns a short stable name, in snake case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NothingToSend => "nothing_to_send",
            Self::Written => "written",
            Self::Delivered => "delivered",
            Self::PeerReset => "peer_reset",
            Self::TimedOut => "timed_out",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NothingToSend => "nothing to send",
            Self::Written => "written",
            Self::Delivered => "delivered",
            Self::PeerReset => "reset by the client",
            Self::TimedOut => "not written in time",
            Self::Failed => "not written",
        })
    }
}

/// An orderly close of a nonblocking stream.
///
/// It writes what is left and `close_notify`, shuts the write side, and reads what the client still
/// sends, within the limits of [`Drain`]. It always ends. Then close the stream.
///
/// ```no_run
/// use std::net::TcpStream;
/// use lastword_io::step::{Close, Step};
///
/// fn ready(close: Close, stream: &mut TcpStream) -> Option<Close> {
///     match close.step(stream) {
///         Step::Reading(close) | Step::Writing(close) => Some(close), // until the stream is ready
///         Step::Over(delivery) => {
///             eprintln!("closed: {delivery}");
///             None
///         }
///     }
/// }
/// ```
#[derive(Debug)]
#[must_use = "the client waits for the end"]
pub struct Close {
    /// Its connection is `None` if there is nothing to write.
    closing: Closing<Option<Connection>>,
}

impl Close {
    /// Starts to close a connection. `now` is the time by the clock of the stream:
    /// [`Transport::now`].
    ///
    /// ```no_run
    /// # use std::net::TcpStream;
    /// # use lastword_io::acceptor::Connection;
    /// use lastword_io::step::Close;
    /// use lastword_io::{Drain, Transport};
    ///
    /// # fn start(connection: Connection, stream: &TcpStream) -> Close {
    /// let close = Close::new(connection, Drain::default(), stream.now()); // then step it
    /// # close
    /// # }
    /// ```
    pub fn new(mut connection: Connection, drain: Drain, now: Instant) -> Self {
        connection.send_close_notify();
        Self {
            closing: Closing::new(Some(connection), drain, now, now),
        }
    }

    /// Starts to close a stream without a connection, after all was written, for example an alert.
    /// It shuts the write side, and reads what the client still sends.
    ///
    /// ```no_run
    /// # use std::net::TcpStream;
    /// use std::io::Write;
    /// use lastword_io::step::Close;
    /// use lastword_io::{Drain, Transport};
    ///
    /// # fn start(stream: &mut TcpStream) -> std::io::Result<Close> {
    /// stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")?;
    /// let close = Close::without_connection(Drain::default(), stream.now()); // then step it
    /// # Ok(close)
    /// # }
    /// ```
    pub fn without_connection(drain: Drain, now: Instant) -> Self {
        Self {
            closing: Closing::new(None, drain, now, now),
        }
    }

    /// Returns the deadline. Step the close at that time, even if the stream is not ready.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        Machine::deadline(&self.closing)
    }

    /// Steps the close until the stream would block. Its result is what became of the last bytes.
    ///
    /// ```
    /// use std::io::Cursor;
    /// use std::time::Instant;
    /// use lastword_io::step::{Close, Step};
    /// use lastword_io::{Delivery, Drain, Plain};
    ///
    /// let mut stream = Plain(Cursor::new(Vec::new()));
    /// let close = Close::without_connection(Drain::default(), Instant::now());
    /// assert!(matches!(close.step(&mut stream), Step::Over(Delivery::NothingToSend)));
    /// ```
    pub fn step(self, stream: &mut impl Transport) -> Step<Self, Delivery> {
        self.step_with(stream, &mut Buffer::default())
    }

    /// Steps the close until the stream would block, and reads into this buffer.
    pub fn step_with(
        self,
        stream: &mut impl Transport,
        buffer: &mut Buffer,
    ) -> Step<Self, Delivery> {
        match step(self.closing, stream, buffer) {
            Step::Reading(closing) => Step::Reading(Self { closing }),
            Step::Writing(closing) => Step::Writing(Self { closing }),
            Step::Over((_, delivery)) => Step::Over(delivery),
        }
    }
}

/// An orderly close in progress, after an alert or after what a connection has left to write.
///
/// The bytes are written and flushed, and the write side is shut. Then the stream is read until the
/// client closes too or the drain reaches its limits. Failures in it are not returned as errors: they
/// only change the [`Delivery`].
#[derive(Debug)]
pub(crate) struct Closing<O> {
    outgoing: O,
    drain: Drain,
    /// The deadline of the current stage.
    deadline: Instant,
    /// The deadline of the drain, whenever it begins.
    end: Instant,
    stage: Stage,
    client: Client,
    /// The delivery, unless the drain finds out more.
    delivery: Delivery,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    /// Nothing is written yet, and it is not known whether the client has closed.
    Looking(Flush),
    Writing(Flush),
    /// All is written and flushed; shutting the write side blocks.
    Shutting,
    /// The write side is shut; this many bytes more are read.
    Draining {
        left: u64,
    },
}

/// What is known of the client's side of the stream. A close proves that the client has read the
/// alert only if it came after the alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Client {
    /// Nothing is known yet: a close may follow the received bytes.
    Unknown,
    /// It was open when the alert was about to be written, or later.
    Open,
    /// It cannot be known without waiting.
    Unknowable,
}

/// How often the stream is read before the alert is written, for at most 256 KiB.
const LOOKS: usize = 64;

/// The minimum time for writing, which is enough for an alert that fits into the stream's buffer.
const WRITING: Duration = Duration::from_millis(100);

impl<O: Outgoing> Closing<O> {
    /// `deadline` is the deadline of the handshake. Writing has the time until then, or the drain's
    /// time if that is longer. The drain ends at the latest its own time after `deadline`, or after
    /// `now` if the deadline has passed.
    pub(crate) fn new(outgoing: O, drain: Drain, deadline: Instant, now: Instant) -> Self {
        let (stage, client, delivery) = match outgoing.wants_write() {
            true => (
                Stage::Looking(Flush::default()),
                Client::Unknown,
                Delivery::Written,
            ),
            false => {
                let writing = Stage::Writing(Flush::default());
                (writing, Client::Unknowable, Delivery::NothingToSend)
            }
        };
        Self {
            outgoing,
            drain,
            deadline: deadline.max(after(now, drain.time.max(WRITING))),
            end: after(deadline.max(now), drain.time),
            stage,
            client,
            delivery,
        }
    }

    /// Does this flush too, if it is due.
    pub(crate) fn with_flush(mut self, due: Flush) -> Self {
        if let Stage::Looking(flush) | Stage::Writing(flush) = &mut self.stage {
            *flush = due;
        }
        self
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

    /// Ends the close at once.
    pub(crate) fn stop(self) -> (O, Delivery) {
        let delivery = match self.stage {
            Stage::Looking(_) | Stage::Writing(_) => Delivery::TimedOut,
            Stage::Shutting | Stage::Draining { .. } => Delivery::Written,
        };
        self.end(delivery)
    }
}

impl<O: Outgoing> Machine for Closing<O> {
    type Over = (O, Delivery);

    fn deadline(&self) -> Instant {
        self.deadline
    }

    fn advance(self, stream: &mut impl Transport, buffer: &mut Buffer) -> Next<Self, Self::Over> {
        match self.stage {
            Stage::Looking(flush) => self.look(flush, stream, buffer),
            Stage::Writing(flush) => self.write(flush, stream),
            Stage::Shutting => self.shut(stream),
            Stage::Draining { left } => self.drain(left, stream, buffer),
        }
    }
}

impl<O: Outgoing> Closing<O> {
    /// Reads and throws away what has arrived, to know whether the client closed before the alert.
    fn look(
        mut self,
        flush: Flush,
        stream: &mut impl Transport,
        buffer: &mut Buffer,
    ) -> Next<Self, (O, Delivery)> {
        for _ in 0..LOOKS {
            if self.drain.bytes == 0 {
                break;
            }
            match try_read(stream, buffer.bytes()) {
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
        self.write(flush, stream)
    }

    fn write(mut self, mut flush: Flush, stream: &mut impl Transport) -> Next<Self, (O, Delivery)> {
        if stream.now() >= self.deadline {
            return self.over(Delivery::TimedOut);
        }
        match flush.write_all(stream, &mut self.outgoing) {
            Wrote::All => self.shut(stream),
            Wrote::Blocked => {
                self.stage = Stage::Writing(flush);
                Next::Writing(self)
            }
            Wrote::Failed(error) if is_reset(&error) => self.over(Delivery::PeerReset),
            Wrote::Failed(_) => self.over(Delivery::Failed),
        }
    }

    fn shut(mut self, stream: &mut impl Transport) -> Next<Self, (O, Delivery)> {
        if stream.now() >= self.deadline {
            return self.over(Delivery::Written);
        }
        match stream.shutdown_write() {
            Err(error) if error.kind() == ErrorKind::Interrupted => self.shut(stream),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.stage = Stage::Shutting;
                Next::Writing(self)
            }
            // without a shut write side, a client may wait for our end of the stream: do not wait for
            // its
            Err(error) if error.kind() == ErrorKind::Unsupported => self.over(Delivery::Written),
            // after other errors the connection is broken, which the drain finds out
            Ok(()) | Err(_) => {
                let left = self.drain.bytes;
                self.stage = Stage::Draining { left };
                self.deadline = after(stream.now(), self.drain.time).min(self.end);
                Next::Again(self)
            }
        }
    }

    /// Reads and throws away, so that the socket can be closed without a reset.
    fn drain(
        mut self,
        mut left: u64,
        stream: &mut impl Transport,
        buffer: &mut Buffer,
    ) -> Next<Self, (O, Delivery)> {
        while left > 0 && stream.now() < self.deadline {
            let is_known = self.client != Client::Unknown;
            let moved = match is_known {
                true => read(stream, buffer.bytes()),
                false => try_read(stream, buffer.bytes()),
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
        // a client that closed with unread bytes has sent a reset
        let delivery = match (stream.take_error(), self.client) {
            (Ok(None), Client::Open) => Delivery::Delivered,
            (Ok(None), Client::Unknown | Client::Unknowable) => Delivery::Written,
            (Ok(Some(_)) | Err(_), _) => Delivery::PeerReset,
        };
        self.over(delivery)
    }
}
