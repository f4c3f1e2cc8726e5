//! The time for a good client, with different numbers of half-open clients.

use lastword_benches::report::{self, Figure, Measure};

use super::good::{Served, Visit};
use super::half_open::State;
use super::measure::measure;
use super::room::Room;
use super::style::Style;
use crate::failure::Failure;

/// The numbers of half-open clients.
const NUMBERS: [usize; 3] = [10, 1_000, 10_000];

/// Prints a table of the time for a good client, with each number of half-open clients and without.
pub(super) fn print(room: &Room, rounds: usize) -> Result<(), Failure> {
    let mut figures = Vec::new();
    for number in NUMBERS.map(|number| number.min(room.connections())) {
        for visit in Visit::ALL {
            let measured = measure(Style::Accept, State::HalfHello, visit, number, rounds)?;
            let Some(ratio) = measured.ratio().filter(|_| measured.gone == 0) else {
                continue;
            };
            let (work, without) = (measured.half_open, each(&measured.without));
            let work = format!("growth/{visit}, {work} half-open");
            figures.extend(
                [
                    ("lastword tokio", without / ratio),
                    ("none half-open", without),
                ]
                .map(|(way, time)| Figure::new(&work, way, Measure::Time, time)),
            );
        }
    }
    report::print(&figures);
    Ok(())
}

/// The time for each client of all rounds, in nanoseconds.
fn each(rounds: &[Served]) -> f64 {
    let time: f64 = rounds.iter().map(|served| served.took.as_secs_f64()).sum();
    let clients: usize = rounds.iter().map(|served| served.clients).sum();
    time * 1e9 / clients as f64
}
