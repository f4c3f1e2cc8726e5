//! Measures a server: the cost of half-open clients, the memory that is not freed after them, and
//! the speed of good clients meanwhile.

use std::time::Duration;

use super::good::{Good, Served, Visit};
use super::half_open::{HalfOpen, State};
use super::process::Process;
use super::style::Style;
use crate::failure::Failure;

/// How long good clients connect at the start, so that the server has allocated all that it keeps.
const WARM_UP: Duration = Duration::from_millis(100);

/// How long they connect to each of two servers in a round. It is short, so that other programs
/// disturb both in the same way.
const WINDOW: Duration = Duration::from_millis(50);

/// What was measured of a server with half-open clients: bytes and blocks are for all of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Measured {
    /// The number of half-open clients, and why there were not more.
    pub(super) half_open: usize,
    pub(super) lack: Option<String>,
    /// The number of them that did not stay half open.
    pub(super) gone: usize,
    /// Bytes and blocks on the heap.
    pub(super) heap: usize,
    pub(super) blocks: usize,
    /// Resident memory in bytes; 0 if it is not known.
    pub(super) resident: usize,
    /// Bytes on the heap that were not freed after they were closed.
    pub(super) left_over: usize,
    /// The good clients of each round: at a server without half-open clients, and at this one.
    pub(super) without: Vec<Served>,
    pub(super) with: Vec<Served>,
}

/// Measures a server with half-open clients of one kind, and two equal servers with good clients of
/// one kind.
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
