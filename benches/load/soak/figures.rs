//! The figures of all rounds, and the failed checks.

use std::fmt;
use std::time::Duration;

use super::leftovers::Held;
use super::notes::Tally;
use super::server::DEADLINE;

/// The number of rounds for which memory is reserved, so that their figures do not count as a leak.
const MOST_ROUNDS: usize = 1000;

/// The figures of all rounds.
#[derive(Debug)]
pub(super) struct Figures {
    /// What the process held before the first client, and after each round.
    before: Option<Held>,
    after: Vec<Held>,
    rounds: usize,
    /// The number of clients whose servers had not finished.
    stuck: usize,
    tally: Tally,
    /// The wrong results of clients.
    wrong: Vec<String>,
}

impl Figures {
    pub(super) fn new(before: Option<Held>) -> Self {
        Self {
            before,
            after: Vec::with_capacity(MOST_ROUNDS),
            rounds: 0,
            stuck: 0,
            tally: Tally::default(),
            wrong: Vec::new(),
        }
    }

    pub(super) fn rounds(&self) -> usize {
        self.rounds
    }

    /// Adds the figures of a round, and returns them as a line.
    pub(super) fn round(
        &mut self,
        most: usize,
        stuck: usize,
        took: Duration,
        tally: Tally,
        wrong: Vec<String>,
    ) -> String {
        let mut line = match self.rounds {
            0 => "warm-up: ".to_owned(),
            n => format!("round {n}: "),
        };
        line += &format!(
            "{:.1} s, at most {most} clients at a time, {} with a wrong result",
            took.as_secs_f64(),
            wrong.len()
        );
        if let Some(mut held) = self.before.and_then(Held::settled) {
            // without these figures themselves
            held.heap = held.heap.saturating_sub(self.tally.bytes() + tally.bytes());
            line += &format!(
                "; {} threads, {} descriptors, {} bytes on the heap",
                held.threads, held.descriptors, held.heap
            );
            self.after.push(held);
        }
        self.rounds += 1;
        self.stuck = stuck;
        self.tally.extend(tally);
        self.wrong.extend(wrong);
        line
    }

    /// Returns the failed checks, in words, after rounds of this number of clients.
    pub(super) fn faults(&self, clients: usize) -> Vec<String> {
        let mut faults = Vec::new();
        let mut fault = |count: usize, what: &str| {
            if count > 0 {
                faults.push(format!("{count} {what}"));
            }
        };
        fault(self.wrong.len(), "clients with a wrong result");
        fault(self.stuck, "clients whose server has not finished");
        fault(self.tally.faults.len(), "clients not accepted");
        let off =
            |elapsed: &&Duration| **elapsed < DEADLINE || **elapsed > DEADLINE + DEADLINE / 10;
        let off = self.tally.timed_out.iter().filter(off).count();
        fault(
            off,
            "slow clients closed early, or late by more than a tenth",
        );
        let slow = clients / 2 * self.rounds;
        let unmet = slow.saturating_sub(self.tally.timed_out.len());
        fault(unmet, "slow clients not closed at the deadline");
        fault(self.more(|held| held.threads), "threads leaked");
        fault(self.more(|held| held.descriptors), "descriptors leaked");
        fault(self.growth(), "bytes leaked");
        faults
    }

    /// Returns the greatest increase after a round, compared with before the first client.
    fn more(&self, of: impl Fn(&Held) -> usize) -> usize {
        let before = self.before.as_ref().map_or(0, &of);
        let most = self.after.iter().map(&of).max().unwrap_or_default();
        most.saturating_sub(before)
    }

    /// Returns by how many bytes the heap has grown since the warm-up.
    fn growth(&self) -> usize {
        match (self.after.first(), self.after.last()) {
            (Some(first), Some(last)) => last.heap.saturating_sub(first.heap),
            _ => 0,
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally {
            served,
            left,
            held,
            delivered,
            reset,
            timed_out,
            faults,
        } = &self.tally;
        let refused = held.len();
        let others = refused.saturating_sub(delivered + reset);
        for (words, count) in counted(self.wrong.iter().chain(faults)) {
            writeln!(f, "WRONG {words} ({count} times)")?;
        }
        writeln!(f, "served      {served}")?;
        writeln!(
            f,
            "refused     {refused}: {delivered} alerts delivered, {reset} reset by the client, {others} otherwise"
        )?;
        writeln!(f, "timed out   {}, {}", timed_out.len(), spread(timed_out))?;
        writeln!(f, "closed      {left} by the client")?;
        writeln!(
            f,
            "held        a thread, by a refused client: {}",
            spread(held)
        )?;
        match (self.before, self.after.first(), self.after.last()) {
            (Some(_), Some(first), Some(last)) => writeln!(
                f,
                "leaked      {} threads, {} descriptors; \
                 {} bytes on the heap after the warm-up, {} at the end",
                self.more(|held| held.threads),
                self.more(|held| held.descriptors),
                first.heap,
                last.heap
            ),
            _ => writeln!(f, "leaked      not checked: there is no /proc"),
        }
    }
}

/// Returns the median and the worst time, in milliseconds.
fn spread(times: &[Duration]) -> String {
    let mut times = times.to_vec();
    times.sort_unstable();
    let milliseconds = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e3);
    format!(
        "median {:.1} ms, worst {:.1} ms",
        milliseconds(times.get(times.len() / 2)),
        milliseconds(times.last())
    )
}

/// Returns each text once, with its number, the most frequent first.
fn counted<'a>(words: impl Iterator<Item = &'a String>) -> Vec<(&'a str, usize)> {
    let mut counted: Vec<(&str, usize)> = Vec::new();
    for words in words {
        match counted.iter_mut().find(|(known, _)| known == words) {
            Some((_, count)) => *count += 1,
            None => counted.push((words, 1)),
        }
    }
    counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After a warm-up and a round of two clients, one of them slow, each of which held this.
    fn figures(held: [Held; 2], timed_out: Duration) -> Figures {
        let tally = Tally {
            served: 2,
            timed_out: vec![timed_out; 2],
            ..Tally::default()
        };
        Figures {
            before: Some(HELD),
            after: held.into(),
            rounds: 2,
            stuck: 0,
            tally,
            wrong: Vec::new(),
        }
    }

    const HELD: Held = Held {
        threads: 8,
        descriptors: 12,
        heap: 2 << 20,
    };

    #[test]
    fn nothing_is_wrong_if_no_more_is_held_than_was() {
        let more = Held {
            heap: HELD.heap - 7,
            ..HELD
        };
        let none: [&str; 0] = [];
        assert_eq!(figures([HELD, more], DEADLINE).faults(2), none);
        let late = DEADLINE + DEADLINE / 10;
        assert_eq!(figures([HELD, HELD], late).faults(2), none);
    }

    #[test]
    fn whatever_is_left_over_is_named_and_counted() {
        let more = Held {
            threads: 9,
            descriptors: 15,
            heap: HELD.heap + 7,
        };
        assert_eq!(
            figures([HELD, more], DEADLINE).faults(2),
            ["1 threads leaked", "3 descriptors leaked", "7 bytes leaked"]
        );
    }

    #[test]
    fn a_deadline_met_early_or_late_or_not_at_all_is_a_fault() {
        let missed = ["2 slow clients closed early, or late by more than a tenth"];
        let early = DEADLINE - Duration::from_nanos(1);
        assert_eq!(figures([HELD, HELD], early).faults(2), missed);
        let late = DEADLINE + DEADLINE / 10 + Duration::from_nanos(1);
        assert_eq!(figures([HELD, HELD], late).faults(2), missed);
        assert_eq!(
            figures([HELD, HELD], DEADLINE).faults(4),
            ["2 slow clients not closed at the deadline"]
        );
    }

    #[test]
    fn clients_told_wrong_and_clients_that_stay_are_faults() {
        let mut figures = figures([HELD, HELD], DEADLINE);
        figures.wrong.push("tls13: no reply".into());
        figures.stuck = 3;
        figures.tally.faults.push("accept: no".into());
        assert_eq!(
            figures.faults(2),
            [
                "1 clients with a wrong result",
                "3 clients whose server has not finished",
                "1 clients not accepted"
            ]
        );
        assert!(
            figures
                .to_string()
                .starts_with("WRONG tls13: no reply (1 times)\n")
        );
    }

    #[test]
    fn says_the_median_and_the_worst() {
        let times = [30, 10, 20].map(Duration::from_millis);
        assert_eq!(spread(&times), "median 20.0 ms, worst 30.0 ms");
        assert_eq!(spread(&[]), "median 0.0 ms, worst 0.0 ms");
    }
}
