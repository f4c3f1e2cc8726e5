//! What is measured of a server: what half-open clients cost it, what is left over of them, and
//! how good clients fare meanwhile.

use std::time::Duration;

use super::good::{Good, Served, Visit};
use super::half_open::{HalfOpen, State};
use super::process::Process;
use super::style::Style;
use crate::failure::Failure;

/// How long good clients come at first, so that all is there that a server keeps.
const WARM_UP: Duration = Duration::from_millis(100);

/// How long they come to each of two servers in a round: so short that the machine is as busy
/// with other things in both.
const WINDOW: Duration = Duration::from_millis(50);

/// What was measured of a server with half-open clients: bytes and blocks are for all of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Measured {
    /// How many there were, and why there were no more.
    pub(super) half_open: usize,
    pub(super) lack: Option<String>,
    /// How many of them were not half open to the end.
    pub(super) gone: usize,
    /// Bytes and blocks on the heap.
    pub(super) heap: usize,
    pub(super) blocks: usize,
    /// Resident memory, 0 where it is not known.
    pub(super) resident: usize,
    /// Bytes on the heap once they were gone.
    pub(super) left_over: usize,
    /// Good clients round by round: of a server without half-open clients, and of this.
    pub(super) without: Vec<Served>,
    pub(super) with: Vec<Served>,
}

/// Measures a server with half-open clients of one kind, and two alike with clients that come for
/// one thing.
pub(super) fn measure(
    style: Style,
    state: State,
    visit: Visit,
    half_open: usize,
    rounds: usize,
) -> Result<Measured, Failure> {
    let (mut other, mut server) = (Process::start(style)?, Process::start(style)?);
    let (to_other, to_server) = (Good::new(&other, visit)?, Good::new(&server, visit)?);
    let tasks = server.reading()?.tasks;
    to_other.come(WARM_UP, &mut other)?;
    to_server.come(WARM_UP, &mut server)?;

    let before = server.idle(tasks)?;
    let held = HalfOpen::open(half_open, state, &mut server, tasks)?;
    let full = server.idle(tasks + held.len())?;
    let mut measured = Measured {
        half_open: held.len(),
        lack: held.lack.as_ref().map(ToString::to_string),
        heap: full.heap.saturating_sub(before.heap),
        blocks: full.blocks.saturating_sub(before.blocks),
        resident: full.resident.saturating_sub(before.resident),
        ..Measured::default()
    };
    for round in 0..rounds {
        // by turns first
        if round % 2 == 1 {
            measured.with.push(to_server.come(WINDOW, &mut server)?);
        }
        measured.without.push(to_other.come(WINDOW, &mut other)?);
        if round % 2 == 0 {
            measured.with.push(to_server.come(WINDOW, &mut server)?);
        }
    }
    measured.gone = held.let_go(state);
    let after = server.idle(tasks)?;
    measured.left_over = after.heap.saturating_sub(before.heap);
    Ok(measured)
}
