//! The capacity of a server: how many good clients a second it serves in time.

use super::arrivals::{Arrivals, Rates};
use super::figures::median;
use super::outcome::Outcome;
use super::server::Server;
use super::{Bench, Failure};

/// A server is at its capacity if a hundredth of the good clients wait for longer, in milliseconds.
const MOST: f64 = 50.0;

/// The first rate that is tried, in clients a second.
const FIRST: f64 = 1000.0;

/// How often the interval of a search is halved. The result is within 1 %.
const HALVINGS: usize = 5;

/// Searches the capacity of each server, in turn and again in each round, and prints a table.
pub(super) fn print(bench: &Bench, servers: &[Server], rounds: usize) -> Result<(), Failure> {
    let mut found = vec![Vec::new(); servers.len()];
    for round in 0..rounds {
        for (server, found) in servers.iter().zip(&mut found) {
            bench.progress(&format!(
                "capacity of {}, round {}",
                server.name(),
                round + 1
            ));
            found.push(search(bench, *server)?);
        }
    }
    println!("server          good clients a second, p99 below 50 ms: median, each; cpu, us");
    for (server, found) in servers.iter().zip(found) {
        let rates: Vec<f64> = found.iter().map(|(rate, _)| *rate).collect();
        let each: Vec<String> = rates.iter().map(|rate| format!("{rate:.0}")).collect();
        let processor = median(found.iter().map(|(_, processor)| *processor).collect());
        let (name, median) = (server.name(), median(rates));
        println!(
            "{name:<15} {median:>5.0}: {}; {processor:.0}",
            each.join(" ")
        );
    }
    Ok(())
}

/// The highest rate, and the processor time for a client at it, in microseconds.
fn search(bench: &Bench, server: Server) -> Result<(f64, f64), Failure> {
    let at = |good| {
        let outcome = bench.run(server, Arrivals::new(Rates { good, bad: 0.0 }))?;
        Ok::<_, Failure>(is_in_time(&outcome).then(|| outcome.processor()))
    };
    let (mut low, mut high) = (0.0, FIRST);
    let mut processor = f64::NAN;
    while let Some(found) = at(high)? {
        processor = found;
        (low, high) = (high, high * 2.0);
    }
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        match at(middle)? {
            Some(found) => (low, processor) = (middle, found),
            None => high = middle,
        }
    }
    Ok((low, processor))
}

fn is_in_time(outcome: &Outcome) -> bool {
    outcome.quantile(0.99) < MOST
}
