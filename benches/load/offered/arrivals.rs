//! When clients arrive, and which: open arrivals, at a rate that does not depend on the server.

use std::fmt;
use std::time::Duration;

use super::kind::Kind;

/// Clients a second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rates {
    pub(super) good: f64,
    pub(super) bad: f64,
}

/// The arrivals of one run: a Poisson process, the same in each run with the same rates.
pub(super) struct Arrivals {
    rates: Rates,
    /// Only this kind arrives.
    only: Option<Kind>,
    random: u64,
    next: Duration,
    good: usize,
    bad: usize,
}

/// Of ten good clients, six have no session, three resume one, and one has a certificate.
const GOOD: [Kind; 10] = [
    Kind::Full,
    Kind::Resumed,
    Kind::Full,
    Kind::ClientCertificate,
    Kind::Full,
    Kind::Resumed,
    Kind::Full,
    Kind::Full,
    Kind::Resumed,
    Kind::Full,
];

impl fmt::Display for Rates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} good and {} failing clients a second",
            self.good, self.bad
        )
    }
}

impl Arrivals {
    pub(super) fn new(rates: Rates) -> Self {
        Self {
            rates,
            only: None,
            random: 0x9e37_79b9_7f4a_7c15,
            next: Duration::ZERO,
            good: 0,
            bad: 0,
        }
    }

    /// The arrivals of one kind alone, at this rate a second.
    pub(super) fn of(kind: Kind, rate: f64) -> Self {
        let rates = Rates {
            good: rate,
            bad: 0.0,
        };
        Self {
            only: Some(kind),
            ..Self::new(rates)
        }
    }

    /// A number from 0 to below 1 (xorshift64*).
    fn random(&mut self) -> f64 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        let bits = self.random.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11;
        bits as f64 / (1_u64 << 53) as f64
    }

    /// Returns the next arrival: its time since the start, and the kind.
    pub(super) fn next(&mut self) -> (Duration, Kind) {
        let all = self.rates.good + self.rates.bad;
        let pause = -(1.0 - self.random()).ln() / all;
        self.next += Duration::from_secs_f64(pause);
        let is_good = self.random() * all < self.rates.good;
        let kind = match (self.only, is_good) {
            (Some(kind), _) => kind,
            (None, true) => {
                self.good += 1;
                GOOD[self.good % GOOD.len()]
            }
            (None, false) => {
                self.bad += 1;
                Kind::BAD[self.bad % Kind::BAD.len()]
            }
        };
        (self.next, kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_of_each_arrive_as_the_rates_say() {
        let mut arrivals = Arrivals::new(Rates {
            good: 1000.0,
            bad: 3000.0,
        });
        let (mut good, mut bad) = (0_i32, 0_i32);
        loop {
            match arrivals.next() {
                (at, _) if at >= Duration::from_secs(10) => break,
                (_, kind) if kind.is_good() => good += 1,
                _ => bad += 1,
            }
        }
        assert!((good - 10_000).abs() < 300, "{good}");
        assert!((bad - 30_000).abs() < 500, "{bad}");
    }
}
