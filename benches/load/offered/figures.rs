//! The figures of a server at one load: the medians of the rounds, and the table of them.

use std::fmt;

use super::arrivals::Rates;
use super::outcome::Outcome;
use super::server::Server;

/// The figures of a server at one load.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    pub(super) server: Server,
    pub(super) rates: Rates,
    /// Good clients served, within 50 ms, in percent of those offered.
    pub(super) soon: f64,
    /// Milliseconds from the intended arrival to the reply.
    pub(super) median: f64,
    pub(super) p99: f64,
    p999: f64,
    /// The server's processor time for a client, in microseconds.
    pub(super) processor: f64,
    /// In MiB.
    pub(super) memory: f64,
    threads: f64,
    descriptors: f64,
    /// Failing clients with an alert and without a reset, in percent of the clients that wait for an alert.
    pub(super) told: f64,
    /// Clients that saw a reset, in percent.
    reset: f64,
    /// Connections that the system dropped, because a queue was full.
    dropped: f64,
}

impl Figures {
    pub(super) fn new(server: Server, rates: Rates, rounds: &[Outcome]) -> Self {
        let of = |figure: fn(&Outcome) -> f64| median(rounds.iter().map(figure).collect());
        Self {
            server,
            rates,
            soon: of(Outcome::soon),
            median: of(|outcome| outcome.quantile(0.5)),
            p99: of(|outcome| outcome.quantile(0.99)),
            p999: of(|outcome| outcome.quantile(0.999)),
            processor: of(Outcome::processor),
            memory: of(|outcome| outcome.usage.memory as f64 / f64::from(1 << 20)),
            threads: of(|outcome| outcome.usage.threads as f64),
            descriptors: of(|outcome| outcome.usage.descriptors as f64),
            told: of(Outcome::told),
            reset: of(Outcome::reset),
            dropped: of(|outcome| outcome.usage.dropped as f64),
        }
    }
}

/// What the columns of the table mean.
pub(super) const LEGEND: &str = "\
50ms   good clients served within 50 ms of their intended arrival, % of those offered
p..    that time, ms; a client that is not served counts as the slowest
cpu    processor time of the server for a client, us
MiB    peak of resident memory; thr, fds: threads and descriptors
told   failing clients that wait for an alert, and got it or a reply without a reset, %
reset  clients that saw a reset, %; drop: connections dropped because a queue was full
";

pub(super) const HEAD: &str =
    "server            50ms    p50    p99  p99.9  cpu   MiB  thr   fds   told reset  drop";

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<15} {:>6} {:>6} {:>6} {:>6} {:>4.0} {:>5.0} {:>4} {:>5} {:>6} {:>5} {:>5}",
            self.server.name(),
            Short(self.soon),
            Short(self.median),
            Short(self.p99),
            Short(self.p999),
            self.processor,
            self.memory,
            self.threads,
            self.descriptors,
            Short(self.told),
            Short(self.reset),
            self.dropped,
        )
    }
}

/// A number in at most six characters. `-` stands for one that does not exist.
struct Short(f64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&match self.0 {
            number if number.is_nan() => "-".into(),
            number if number.is_infinite() => "never".into(),
            number if number >= 1000.0 => format!("{number:.0}"),
            number => format!("{number:.1}"),
        })
    }
}

/// The median of some figures.
pub(super) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_as_wide_as_the_head() {
        let figures = Figures::new(Server::TokioSpawned, Rates::default(), &[]);
        let row = figures.to_string();
        assert_eq!(row.len(), HEAD.len(), "\n{HEAD}\n{row}");
    }

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median(vec![3.0, 1.0, f64::INFINITY]), 3.0);
    }
}
