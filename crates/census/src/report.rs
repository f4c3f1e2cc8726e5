//! The results of the clients that were sent to a server.

use std::cmp::Reverse;
use std::net::SocketAddr;
use std::time::Duration;

use lastword_alert::AlertDescription;

use crate::catalogue::{Case, Judgement, Observed};
use crate::end::End;
use crate::probe::Note;
use crate::profile::Need;
use crate::verdict::{Told, Verdict};

/// The results of all clients of a census.
///
/// ```
/// use lastword_census::{Report, Verdict};
///
/// fn show(report: &Report) {
///     println!("{report}"); // `{report:#}` shows every client
///     println!("{} of {} right", report.count(Verdict::Right), report.results().len());
///     for client in report.bad() {
///         println!("{}: {}", client.name, client.verdict);
///     }
///     println!("{:?}, {} clients not sent", report.notes(), report.not_sent().len());
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Report {
    pub(crate) address: SocketAddr,
    pub(crate) name: String,
    pub(crate) took: Duration,
    pub(crate) notes: Vec<Note>,
    pub(crate) results: Vec<CaseResult>,
    pub(crate) not_sent: Vec<(&'static str, Need)>,
}

/// The result of one client, with the result that is required.
///
/// ```
/// use lastword_census::CaseResult;
///
/// fn show(client: &CaseResult) {
///     println!("{} {}: got {:?}, then {}", client.name, client.does, client.received, client.end);
///     if !client.verdict.is_good() {
///         println!("required {:?} ({}): {}", client.required, client.reference, client.matters);
///     }
///     println!("{:?}, in all rounds: {}", client.took, client.is_stable());
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CaseResult {
    /// The name of the client.
    pub name: &'static str,
    /// What the client does.
    pub does: &'static str,
    /// The alerts that the client must get.
    pub required: &'static [AlertDescription],
    /// The reference that requires them, for example a section of an RFC.
    pub reference: &'static str,
    /// Why the result matters, for one line of a report.
    pub matters: &'static str,
    /// The alerts that it could read.
    pub received: Vec<AlertDescription>,
    /// How the connection ended.
    pub end: End,
    /// The answer that it got, compared with the required one.
    pub told: Told,
    /// The result.
    pub verdict: Verdict,
    /// The time from the start of the connection until the first alert was read, if it could read one.
    pub told_after: Option<Duration>,
    /// The time from the start of the connection to its end.
    pub took: Duration,
    /// The results of all rounds.
    pub rounds: Vec<Verdict>,
}

impl CaseResult {
    pub(crate) fn new(case: &Case, observed: &Observed, took: Duration) -> Self {
        let Judgement { told, verdict, .. } = case.judge(observed);
        Self {
            name: case.name,
            does: case.does,
            required: case.required.alerts(),
            reference: case.reference,
            matters: case.matters,
            received: observed.alerts.iter().map(|it| it.description).collect(),
            end: observed.end,
            verdict,
            told,
            told_after: observed.told_after,
            took,
            rounds: vec![verdict],
        }
    }

    /// Returns the worse of two rounds.
    pub(crate) fn worse(self, other: Option<Self>) -> Self {
        let Some(other) = other else {
            return self;
        };
        let rounds = [&other.rounds[..], &self.rounds[..]].concat();
        let worse = if self.verdict > other.verdict {
            self
        } else {
            other
        };
        Self { rounds, ..worse }
    }

    /// Returns whether all rounds had the same result.
    #[must_use]
    pub fn is_stable(&self) -> bool {
        self.rounds.iter().all(|verdict| *verdict == self.verdict)
    }
}

impl Report {
    /// Returns the results of all clients that were sent, in the order of the handshake.
    #[must_use]
    pub fn results(&self) -> &[CaseResult] {
        &self.results
    }

    /// Returns the bad results, the worst first.
    pub fn bad(&self) -> impl Iterator<Item = &CaseResult> {
        let mut bad: Vec<_> = self.results.iter().collect();
        bad.retain(|result| !result.verdict.is_good());
        bad.sort_by_key(|result| Reverse(result.verdict));
        bad.into_iter()
    }

    /// Returns the properties of the server that were found before the clients were sent.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Returns the clients that were not sent, and what they need.
    #[must_use]
    pub fn not_sent(&self) -> &[(&'static str, Need)] {
        &self.not_sent
    }

    /// Returns how many clients had this result.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        let results = self.results.iter();
        results.filter(|result| result.verdict == verdict).count()
    }
}
