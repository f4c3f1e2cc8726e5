//! A handshake that failed, and telling the client.

use std::io;
use std::time::{Duration, Instant};

use lastword_acceptor::ErrorAndAlert;

use crate::attempt::Attempt;
use crate::failure::Report;
use crate::last_word::LastWord;
use crate::machine::{Machine, Next, step, within};
use crate::observed::{End, Told};
use crate::outgoing::Outgoing;
use crate::step::Step;
use crate::{Delivery, Transport};

/// A handshake that failed and of which the client has not been told: one of the states between
/// those that are [stepped](crate::step).
///
/// [`tell`](Self::tell) it; or take what there is with [`into_parts`](Self::into_parts), for a
/// client that speaks another protocol.
#[derive(Debug)]
#[must_use = "the client has not been told yet"]
pub struct Untold {
    failed: Box<Failed>,
    attempt: Attempt,
}

/// Why a handshake failed.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) error: ErrorAndAlert,
    /// The stream's error, if it was that.
    pub(crate) io: Option<io::Error>,
    /// What was read behind what shows the error.
    pub(crate) unused: Vec<u8>,
}

/// A client that is being told why its handshake failed: the last of the states that are
/// [stepped](crate::step).
///
/// The alert is written and flushed, the write side shut, and what the client still sends read
/// away, within the bounds of [`Drain`](crate::Drain). Whatever happens on the way, it ends. Then
/// close the stream.
#[derive(Debug)]
#[must_use = "the client waits for the last word"]
pub struct Telling {
    word: LastWord<Box<Failed>>,
    attempt: Attempt,
    elapsed: Duration,
}

impl Untold {
    pub(crate) fn new(failed: Failed, attempt: Attempt) -> Self {
        Self {
            failed: Box::new(failed),
            attempt,
        }
    }

    /// Why the handshake failed, and what the client is to be told.
    pub fn error(&self) -> &ErrorAndAlert {
        &self.failed.error
    }

    /// Begins to tell the client. `now` is by the clock of the stream: [`Transport::now`].
    pub fn tell(self, now: Instant) -> Telling {
        let Self { failed, attempt } = self;
        Telling {
            word: LastWord::new(failed, attempt.drain, attempt.until, now),
            elapsed: attempt.elapsed(now),
            attempt,
        }
    }

    /// The error with its alert, and every byte that was read and is of use to another protocol:
    /// see [`Error::received`](lastword_acceptor::Error::received).
    #[must_use = "the client has not been told yet"]
    pub fn into_parts(self) -> (ErrorAndAlert, Vec<u8>) {
        let Failed { error, unused, .. } = *self.failed;
        self.attempt.observed.end(&End::Failed {
            error: error.error(),
            alert: error.alert(),
            told: None,
        });
        let mut received = error.error().received().into_owned();
        received.extend_from_slice(&unused);
        (error, received)
    }
}

/// What is left to say to the client.
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

impl Telling {
    /// Goes on for as long as the stream does not block.
    pub fn step(self, stream: &mut impl Transport) -> Step<Self, Report> {
        step(self, stream)
    }

    /// Ends it as it is: what there is to say now.
    #[must_use]
    pub fn stop(self) -> Report {
        let (failed, delivery) = self.word.stop();
        report(*failed, delivery, self.elapsed, self.attempt)
    }

    /// When it must be stepped at the latest, whether the stream is ready or not.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.until()
    }
}

impl Machine for Telling {
    type Over = Report;

    fn until(&self) -> Instant {
        self.word.until()
    }

    fn advance(self, stream: &mut impl Transport) -> Next<Self, Report> {
        let Self {
            word,
            attempt,
            elapsed,
        } = self;
        let again = |word, attempt| Self {
            word,
            attempt,
            elapsed,
        };
        match word.advance(stream) {
            Next::Reading(word) => Next::Reading(again(word, attempt)),
            Next::Writing(word) => Next::Writing(again(word, attempt)),
            Next::Again(word) => Next::Again(again(word, attempt)),
            Next::Over((failed, delivery)) => {
                Next::Over(report(*failed, delivery, elapsed, attempt))
            }
        }
    }
}

/// What there is to say, to the caller and to those who observe the process.
fn report(failed: Failed, delivery: Delivery, elapsed: Duration, attempt: Attempt) -> Report {
    let is_flushed = !matches!(delivery, Delivery::TimedOut | Delivery::Failed);
    let told = Told {
        delivery,
        is_written: is_flushed && !failed.wants_write(),
        elapsed,
    };
    let report = Report::new(failed, delivery, elapsed);
    attempt.observed.end(&End::Failed {
        error: report.error(),
        alert: report.alert(),
        told: Some(told),
    });
    report
}
