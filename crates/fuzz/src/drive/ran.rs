//! What becomes of a client, and whether it is the same as another time.

use lastword_acceptor::record::{ContentType, LengthLimit, Record, Records};
use lastword_acceptor::{AlertDescription, Phase, Silence};
use lastword_testkit::server::ANSWERS_KEY_UPDATES_AT_ONCE;

use crate::decided;
use crate::established::Established;
use crate::glass::TAG;

/// What became of a client, and all that the server wrote.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) outcome: Outcome,
    pub(crate) output: Vec<u8>,
    /// How much of it had been written when the handshake was complete.
    pub(crate) flights: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Established(Established),
    Ended {
        words: String,
        alert: Option<AlertDescription>,
        silence: Option<Silence>,
        phase: Phase,
        /// How many of its bytes were taken, if no ServerHello was made of them.
        taken: Option<usize>,
    },
}

impl Ran {
    /// Whether the handshake is complete and all that comes after it is taken.
    pub(crate) fn is_served(&self) -> bool {
        matches!(&self.outcome, Outcome::Established(established) if !established.fails)
    }

    /// That it is the same as `other`, in which the server wrote no earlier. Who is told nothing is
    /// not told what was still to be written either.
    pub(crate) fn is_as(&self, other: &Self) {
        assert_eq!(self.outcome, other.outcome);
        match &self.outcome {
            Outcome::Ended { alert: None, .. } => {
                let (output, less) = (&self.output, &other.output);
                assert!(output.starts_with(less), "{output:02x?} {less:02x?}");
            }
            // which alert it is depends on whether what failed came in the read of the Finished
            Outcome::Established(established) if established.fails => {
                let [output, less] = [self, other].map(|ran| decided::to_alert(&ran.output));
                assert!(output.starts_with(less), "{output:02x?} {less:02x?}");
            }
            _ => assert_eq!(answered_once(&self.output), answered_once(&other.output)),
        }
    }
}

/// What a server wrote, without an answer to a KeyUpdate right after another one: rustls 0.23 answers those
/// that come in one read once (RFC 8446 section 4.6.3).
fn answered_once(output: &[u8]) -> Vec<u8> {
    let is_answer = |record: &Record<'_>| {
        let content = record.payload.strip_suffix(&TAG);
        content == Some(&[24, 0, 0, 1, 0, ContentType::HANDSHAKE.0][..])
    };
    if !ANSWERS_KEY_UPDATES_AT_ONCE {
        return output.to_vec(); // there is one in any case
    }
    let mut once = Vec::new();
    let mut answers = false;
    for record in Records::new(output, LengthLimit::TLS12_CIPHERTEXT) {
        let has_answered = std::mem::replace(&mut answers, is_answer(&record));
        if !(answers && has_answered) {
            once.extend(record.header.to_bytes());
            once.extend(record.payload);
        }
    }
    once
}
