//! Whatever a stream may do short of failing, for properties.

use proptest::prelude::*;

use super::{Outcome, ScriptedStream};

/// What a stream does: every call goes through, at least at a later attempt.
#[derive(Clone, Debug)]
pub struct Schedules {
    reads: Vec<Outcome>,
    writes: Vec<Outcome>,
    flushes: Vec<Outcome>,
    shutdowns: Vec<Outcome>,
    buffering: bool,
}

impl Schedules {
    /// Has a stream do so.
    #[must_use]
    pub fn on(self, stream: ScriptedStream) -> ScriptedStream {
        let stream = match self.buffering {
            true => stream.buffering(),
            false => stream,
        };
        stream
            .reads(self.reads)
            .writes(self.writes)
            .flushes(self.flushes)
            .shutdowns(self.shutdowns)
    }
}

/// Whatever a stream may do short of failing.
pub fn schedules() -> impl Strategy<Value = Schedules> {
    let shutdowns = prop::collection::vec(Just(Outcome::WouldBlock), 0..3);
    let buffering = any::<bool>();
    (schedule(), schedule(), schedule(), shutdowns, buffering).prop_map(
        |(reads, writes, flushes, shutdowns, buffering)| Schedules {
            reads,
            writes,
            flushes,
            shutdowns,
            buffering,
        },
    )
}

/// Calls that go through, or are to be made again. Some are of no use until the first have passed.
fn schedule() -> impl Strategy<Value = Vec<Outcome>> {
    let outcome = prop_oneof![
        2 => (1_usize..9).prop_map(Outcome::UpTo),
        1 => (9_usize..500).prop_map(Outcome::UpTo),
        1 => Just(Outcome::Interrupted),
        1 => Just(Outcome::WouldBlock),
    ];
    prop::collection::vec(outcome, 0..80)
}
