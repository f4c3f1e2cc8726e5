//! What a run found out: how the clients fared, and what the server used.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::client::Fared;
use super::kind::Kind;
use super::usage::Usage;

/// The time within which a good client should be served.
pub(super) const SOON: Duration = Duration::from_millis(50);

/// How the clients of one kind fared.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) offered: u64,
    pub(super) served: u64,
    /// Those with an alert and without a reset.
    pub(super) told: u64,
    pub(super) reset: u64,
    pub(super) gave_up: u64,
}

/// What a run found out.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) kinds: BTreeMap<Kind, Tally>,
    /// Of good clients that were served: microseconds from the intended arrival to the reply.
    pub(super) latency: Histogram<u64>,
    /// The longest time by which the load program started a client too late.
    pub(super) late: Duration,
    pub(super) usage: Usage,
}

impl Outcome {
    pub(super) fn new() -> Self {
        #[expect(clippy::expect_used, reason = "the bounds are constants")]
        let latency = Histogram::new_with_bounds(1, 60_000_000, 3).expect("valid bounds");
        Self {
            kinds: BTreeMap::new(),
            latency,
            late: Duration::ZERO,
            usage: Usage::default(),
        }
    }

    pub(super) fn add(&mut self, kind: Kind, latency: Option<Duration>, fared: Fared) {
        let tally = self.kinds.entry(kind).or_default();
        tally.offered += 1;
        tally.told += u64::from(fared.told && !fared.reset);
        tally.reset += u64::from(fared.reset);
        tally.gave_up += u64::from(fared.gave_up);
        if let Some(latency) = latency {
            tally.served += 1;
            if kind.is_good() {
                self.latency.saturating_record(latency.as_micros() as u64);
            }
        }
    }

    fn sum(&self, of: impl Fn(Kind) -> bool, what: impl Fn(&Tally) -> u64) -> u64 {
        let kinds = self.kinds.iter().filter(|(kind, _)| of(**kind));
        kinds.map(|(_, tally)| what(tally)).sum()
    }

    pub(super) fn offered(&self) -> u64 {
        self.sum(Kind::is_good, |tally| tally.offered)
    }

    pub(super) fn clients(&self) -> u64 {
        self.sum(|_| true, |tally| tally.offered)
    }

    pub(super) fn served(&self) -> u64 {
        self.latency.len()
    }

    /// The good clients that were served soon, in percent of those offered.
    pub(super) fn soon(&self) -> f64 {
        let soon = self.latency.count_between(0, SOON.as_micros() as u64);
        percent(soon, self.offered())
    }

    /// A quantile of the latency of good clients, in milliseconds. Clients that were not served
    /// count as the slowest.
    pub(super) fn quantile(&self, quantile: f64) -> f64 {
        let (offered, served) = (self.offered() as f64, self.served() as f64);
        if served == 0.0 || quantile * offered > served {
            return f64::INFINITY;
        }
        let quantile = quantile * offered / served;
        self.latency.value_at_quantile(quantile) as f64 / 1000.0
    }

    /// The failing clients that wait for their alert and got it without a reset, in percent.
    pub(super) fn told(&self) -> f64 {
        let told = self.sum(Kind::waits_for_alert, |tally| tally.told);
        percent(told, self.sum(Kind::waits_for_alert, |tally| tally.offered))
    }

    /// The clients of all kinds that saw a reset, in percent.
    pub(super) fn reset(&self) -> f64 {
        percent(self.sum(|_| true, |tally| tally.reset), self.clients())
    }

    /// The server's processor time for a client, in microseconds.
    pub(super) fn processor(&self) -> f64 {
        self.usage.processor.as_secs_f64() * 1e6 / self.clients().max(1) as f64
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    match whole {
        0 => f64::NAN,
        whole => 100.0 * part as f64 / whole as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_is_not_served_counts_as_the_slowest() {
        let mut outcome = Outcome::new();
        for n in 1..=9 {
            let latency = Some(Duration::from_millis(n * 10));
            outcome.add(Kind::Full, latency, Fared::default());
        }
        outcome.add(Kind::Full, None, Fared::default());
        assert!((49.0..51.0).contains(&outcome.quantile(0.5)));
        assert!((89.0..91.0).contains(&outcome.quantile(0.9)));
        assert_eq!(outcome.quantile(0.99), f64::INFINITY);
        assert_eq!(outcome.soon(), 50.0);
    }

    #[test]
    fn an_alert_with_a_reset_does_not_count() {
        let mut outcome = Outcome::new();
        let told = Fared {
            told: true,
            ..Fared::default()
        };
        outcome.add(Kind::Http, None, told);
        outcome.add(
            Kind::Garbage,
            None,
            Fared {
                reset: true,
                ..told
            },
        );
        outcome.add(Kind::Resets, None, Fared::default()); // waits for none
        assert_eq!(outcome.told(), 50.0);
    }
}
