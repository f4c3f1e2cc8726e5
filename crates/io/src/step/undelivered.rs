//! A failed handshake whose alert is held back, and its delivery.

use std::io;
use std::time::{Duration, Instant};

use lastword_acceptor::{ErrorAndAlert, ErrorKind, Guess, hello};

use crate::delivery::{Closing, Delivery};
use crate::error::{AcceptError, Failed};
use crate::machine::{Buffer, Machine, Next, Outgoing, Step, step, within};
use crate::observed::{Attempt, Delivered, End};
use crate::transport::Transport;

/// A failed handshake whose alert is not yet sent.
///
/// [`deliver`](Self::deliver) it. Or take the bytes with [`into_parts`](Self::into_parts), for a
/// client that speaks another protocol.
///
/// ```
/// use std::io::Cursor;
/// use std::time::Instant;
/// use lastword_io::Plain;
/// use lastword_io::acceptor::{AlertDescription, Guess};
/// use lastword_io::step::{Accepting, Options, Step};
///
/// let mut stream = Plain(Cursor::new(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()));
/// let step = Accepting::new(&Options::default(), Instant::now()).step(&mut stream);
/// let Step::Over(Err(undelivered)) = step else {
///     unreachable!("the client does not speak TLS");
/// };
/// assert_eq!(undelivered.error().alert(), Some(AlertDescription::UNEXPECTED_MESSAGE));
/// assert_eq!(undelivered.not_tls(), Some(Guess::Ssh));
/// assert!(!undelivered.is_passed_through());
/// assert!(undelivered.received().starts_with(b"SSH-"));
/// ```
#[derive(Debug)]
#[must_use = "the client has not got its alert"]
pub struct Undelivered {
    failed: Box<Failed>,
    attempt: Attempt,
}

/// An alert being delivered.
///
/// The alert is written and flushed, and the write side is shut. Then what the client still sends is
/// read, within the limits of [`Drain`](crate::Drain). It always ends. Then close the stream.
///
/// ```no_run
/// use std::net::TcpStream;
/// use lastword_io::step::{Delivering, Step};
///
/// /// Steps a client that is ready or whose deadline has passed. `None`: close the stream.
/// fn ready(delivering: Delivering, stream: &mut TcpStream) -> Option<Delivering> {
///     match delivering.step(stream) {
///         Step::Reading(delivering) | Step::Writing(delivering) => {
///             println!("wait until {:?}", delivering.deadline());
///             Some(delivering)
///         }
///         Step::Over(error) => {
///             eprintln!("{error}");
///             None
///         }
///     }
/// }
/// ```
#[derive(Debug)]
#[must_use = "the client waits for its alert"]
pub struct Delivering {
    closing: Closing<Box<Failed>>,
    attempt: Attempt,
    elapsed: Duration,
}

impl Undelivered {
    pub(crate) fn new(
        error: ErrorAndAlert,
        io: Option<io::Error>,
        unused: Vec<u8>,
        attempt: Attempt,
    ) -> Self {
        let failed = Box::new(Failed { error, io, unused });
        Self { failed, attempt }
    }

    /// Returns why the handshake failed, and the alert for the client.
    pub fn error(&self) -> &ErrorAndAlert {
        &self.failed.error
    }

    /// Returns what the client seems to speak, if it does not speak TLS.
    #[must_use]
    pub fn not_tls(&self) -> Option<Guess> {
        match self.error().error().kind() {
            ErrorKind::Hello(hello::Error::NotTls(guess)) => Some(*guess),
            _ => None,
        }
    }

    /// Starts the delivery of the alert. `now` is the time by the clock of the stream:
    /// [`Transport::now`].
    ///
    /// ```
    /// # use lastword_io::{Transport, step::{Delivering, Undelivered}};
    /// # fn deliver(undelivered: Undelivered, stream: &impl Transport) -> Delivering {
    /// let delivering = undelivered.deliver(stream.now()); // then step it
    /// # delivering
    /// # }
    /// ```
    pub fn deliver(self, now: Instant) -> Delivering {
        let Self { failed, attempt } = self;
        Delivering {
            closing: Closing::new(failed, attempt.drain, attempt.deadline, now),
            elapsed: attempt.elapsed(now),
            attempt,
        }
    }

    /// Starts the delivery of these bytes instead of the alert, for example an HTTP response to a
    /// client that does not speak TLS. `now` is the time by the clock of the stream:
    /// [`Transport::now`].
    ///
    /// ```
    /// # use lastword_io::{Transport, step::{Delivering, Undelivered}};
    /// use lastword_io::acceptor::Guess;
    ///
    /// # fn deliver(undelivered: Undelivered, stream: &impl Transport) -> Delivering {
    /// match undelivered.not_tls() {
    ///     Some(Guess::Http(_)) => {
    ///         let answer = b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec();
    ///         undelivered.answer(answer, stream.now())
    ///     }
    ///     _ => undelivered.deliver(stream.now()),
    /// }
    /// # }
    /// ```
    pub fn answer(mut self, answer: Vec<u8>, now: Instant) -> Delivering {
        let failed = *self.failed;
        self.failed = Box::new(Failed {
            error: failed.error.with_answer(answer),
            ..failed
        });
        self.deliver(now)
    }

    /// Returns whether the chooser [passes the client through](crate::choose::Choice::pass_through).
    /// Then the handshake has not failed.
    #[must_use]
    pub fn is_passed_through(&self) -> bool {
        matches!(self.error().error().kind(), ErrorKind::PassedThrough)
    }

    /// Returns every byte that was read, if the chooser [passes the client
    /// through](crate::choose::Choice::pass_through).
    ///
    /// ```
    /// # use std::io::{self, Write};
    /// # use std::net::TcpStream;
    /// # use lastword_io::step::Undelivered;
    /// # fn end(undelivered: Undelivered, mut server: TcpStream) -> io::Result<()> {
    /// match undelivered.into_passed_through() {
    ///     Ok(received) => server.write_all(&received)?, // then copy both ways
    ///     Err(_undelivered) => { /* deliver it */ }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns `self` if the handshake has failed.
    pub fn into_passed_through(self) -> Result<Vec<u8>, Self> {
        if !self.is_passed_through() {
            return Err(self);
        }
        let Self { failed, attempt } = self;
        let (error, _alert) = failed.error.into_parts();
        let mut received = error.into_received();
        received.extend_from_slice(&failed.unused);
        attempt.observed.end(&End::PassedThrough);
        Ok(received)
    }

    /// Returns the error with its alert, and every byte that was read and is of use to another
    /// protocol: see [`Error::received`](lastword_acceptor::Error::received).
    ///
    /// ```
    /// # use lastword_io::step::Undelivered;
    /// # fn take(undelivered: Undelivered) {
    /// let (error, received) = undelivered.into_parts();
    /// println!("{error}, after {} bytes", received.len());
    /// let _alert = error.tls(); // yours to send
    /// # }
    /// ```
    #[must_use = "the client has not got its alert"]
    pub fn into_parts(self) -> (ErrorAndAlert, Vec<u8>) {
        let received = self.received();
        let Failed { error, unused, .. } = *self.failed;
        self.attempt.observed.end(&End::Failed {
            error: error.error(),
            is_probe: error.error().is_probe() && unused.is_empty(),
            alert: error.alert(),
            delivered: None,
        });
        (error, received)
    }

    /// Returns every byte that was read and is of use to another protocol: see
    /// [`Error::received`](lastword_acceptor::Error::received).
    #[must_use]
    pub fn received(&self) -> Vec<u8> {
        let mut received = self.error().error().received().into_owned();
        received.extend_from_slice(&self.failed.unused);
        received
    }
}

impl Outgoing for Failed {
    fn wants_write(&self) -> bool {
        !self.error.tls().is_empty()
    }

    fn write_tls(&mut self, wr: &mut dyn io::Write) -> io::Result<usize> {
        let tls = self.error.tls();
        let written = within(wr.write(tls)?, tls)?;
        self.error.advance(written);
        Ok(written)
    }
}

impl Delivering {
    /// Steps the delivery until the stream would block.
    pub fn step(self, stream: &mut impl Transport) -> Step<Self, AcceptError> {
        self.step_with(stream, &mut Buffer::default())
    }

    /// Steps the delivery until the stream would block, and reads into this buffer.
    pub fn step_with(
        self,
        stream: &mut impl Transport,
        buffer: &mut Buffer,
    ) -> Step<Self, AcceptError> {
        step(self, stream, buffer)
    }

    /// Ends the delivery at once, and returns what is known of it.
    ///
    /// ```
    /// # use lastword_io::step::Delivering;
    /// /// Ends the deliveries that are not over when the process ends.
    /// fn exit(deliveries: Vec<Delivering>) {
    ///     for delivering in deliveries {
    ///         eprintln!("{}", delivering.stop());
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn stop(self) -> AcceptError {
        let (failed, delivery) = self.closing.stop();
        delivered(*failed, delivery, self.elapsed, self.attempt)
    }

    /// Returns the deadline. Step this state at that time, even if the stream is not ready.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        Machine::deadline(self)
    }
}

impl Machine for Delivering {
    type Over = AcceptError;

    fn deadline(&self) -> Instant {
        Machine::deadline(&self.closing)
    }

    fn advance(self, stream: &mut impl Transport, buffer: &mut Buffer) -> Next<Self, AcceptError> {
        let Self {
            closing,
            attempt,
            elapsed,
        } = self;
        let again = |closing, attempt| Self {
            closing,
            attempt,
            elapsed,
        };
        match closing.advance(stream, buffer) {
            Next::Reading(closing) => Next::Reading(again(closing, attempt)),
            Next::Writing(closing) => Next::Writing(again(closing, attempt)),
            Next::Again(closing) => Next::Again(again(closing, attempt)),
            Next::Over((failed, delivery)) => {
                Next::Over(delivered(*failed, delivery, elapsed, attempt))
            }
        }
    }
}

/// Reports what became of the alert, to the caller and to the observers.
fn delivered(
    failed: Failed,
    delivery: Delivery,
    elapsed: Duration,
    attempt: Attempt,
) -> AcceptError {
    let is_flushed = !matches!(delivery, Delivery::TimedOut | Delivery::Failed);
    let delivered = Delivered {
        delivery,
        is_written: is_flushed && !failed.wants_write(),
        elapsed,
    };
    let error = AcceptError::new(failed, delivery, elapsed);
    attempt.observed.end(&End::Failed {
        error: error.error(),
        is_probe: error.is_probe(),
        alert: error.alert(),
        delivered: Some(delivered),
    });
    error
}
