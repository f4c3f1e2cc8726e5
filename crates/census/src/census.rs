//! Sends the clients to a server, some at a time.

use std::collections::VecDeque;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use lastword_alert::AlertDescription;

use crate::authority::{Authority, AuthorityError};
use crate::catalogue::{self, Case, Judgement, Observed, Target};
use crate::end::End;
use crate::pki::Pki;
use crate::profile::{Need, Profile};
use crate::verdict::{Told, Verdict};

/// The timeout of a client if nothing else is set.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many clients are connected at a time if nothing else is set.
const AT_ONCE: usize = 16;

/// Sends failing clients to one server.
///
/// It connects to the address that it is given, and to no other.
///
/// ```no_run
/// use lastword_census::Census;
///
/// let report = Census::new(([127, 0, 0, 1], 443).into()).run()?;
/// assert!(report.bad().next().is_none(), "{report}");
/// # Ok::<(), lastword_census::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "it does nothing until it runs"]
pub struct Census {
    address: SocketAddr,
    name: String,
    profile: Profile,
    patience: Duration,
    at_once: usize,
    rounds: usize,
    only: String,
    authority: Option<Authority>,
}

/// Why there is no census.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server could not be reached.
    #[error("cannot connect to {address}: {source}")]
    Connect {
        /// The address.
        address: SocketAddr,
        /// The error.
        source: io::Error,
    },
    /// The server does not answer a ClientHello.
    #[error("{address} does not answer a ClientHello within {patience:?}")]
    Silent {
        /// The address.
        address: SocketAddr,
        /// How long was waited for an answer.
        patience: Duration,
    },
    /// The server answers a ClientHello with something else than TLS.
    #[error("{address} does not speak TLS: it answers a ClientHello with {first:02x?}")]
    NotTls {
        /// The address.
        address: SocketAddr,
        /// The first bytes of the answer, at most 8.
        first: Vec<u8>,
    },
    /// No client has a name with this in it.
    #[error("no client has {only:?} in its name")]
    NoClient {
        /// What was looked for.
        only: String,
    },
    /// The certificates of the clients could not be made.
    #[error(transparent)]
    Authority(AuthorityError),
    /// The system has not enough threads or descriptors.
    #[error("cannot send a client: {0}")]
    System(#[source] io::Error),
}

/// What became of all clients.
#[derive(Clone, Debug)]
pub struct Report {
    pub(crate) address: SocketAddr,
    pub(crate) name: String,
    pub(crate) took: Duration,
    pub(crate) results: Vec<CaseResult>,
    pub(crate) not_sent: Vec<(&'static str, Need)>,
}

/// What became of one client.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CaseResult {
    /// The name of the client.
    pub name: &'static str,
    /// What the client does.
    pub does: &'static str,
    /// The alerts that it must be told.
    pub required: &'static [AlertDescription],
    /// Where that is required.
    pub reference: &'static str,
    /// Why it matters.
    pub matters: &'static str,
    /// The alerts that it could read.
    pub received: Vec<AlertDescription>,
    /// How the connection ended.
    pub end: End,
    /// What it was told.
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

impl Census {
    /// Names the server.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            name: "localhost".into(),
            profile: Profile::default(),
            patience: PATIENCE,
            at_once: AT_ONCE,
            rounds: 1,
            authority: None,
            only: String::new(),
        }
    }

    /// Sets the server name that clients ask for. The default is `localhost`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets what the server has. The default is a certificate for the name, TLS 1.2 and 1.3.
    pub const fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Sets how long a client waits for the server. The default is 5 seconds.
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Sets how many clients are connected at a time, at least one. The default is 16.
    pub const fn at_once(mut self, clients: usize) -> Self {
        self.at_once = clients;
        self
    }

    /// Sets how often the clients are sent, at least once. A client's result is the worst of all rounds.
    pub const fn rounds(mut self, rounds: usize) -> Self {
        self.rounds = rounds;
        self
    }

    /// Sets the authority of the clients' certificates. The server must require one of it. Then only the
    /// clients that need this are sent.
    pub fn authority(mut self, authority: &Authority) -> Self {
        self.authority = Some(authority.clone());
        self
    }

    /// Sends only the clients with this in their names.
    pub fn only(mut self, name: impl Into<String>) -> Self {
        self.only = name.into();
        self
    }

    /// Sends the clients, and waits for all of them. A client that waits in vain ends after its timeout.
    ///
    /// # Errors
    ///
    /// If the server cannot be reached or does not speak TLS.
    pub fn run(&self) -> Result<Report, Error> {
        self.run_with(|_, _| {})
    }

    /// Does the same, and tells after each client how many have ended, of how many.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn run_with(&self, mut progress: impl FnMut(usize, usize)) -> Result<Report, Error> {
        let start = Instant::now();
        let pki = match &self.authority {
            Some(authority) => authority.pki().map_err(Error::Authority)?,
            None => Pki::new(),
        };
        let mut profile = self.profile;
        profile.client_certificates |= self.authority.is_some();
        let target = Target::new(self.address, &pki, self.patience).foreign(&self.name);
        let mut cases = catalogue::failing();
        cases.retain(|case| case.name.contains(&self.only));
        if cases.is_empty() {
            let only = self.only.clone();
            return Err(Error::NoClient { only });
        }
        self.check(&target)?;

        let mut not_sent = Vec::new();
        cases.retain(|case| match profile.lacks(case) {
            Some(need) => {
                not_sent.push((case.name, need));
                false
            }
            None => true,
        });
        let all = || cases.iter().enumerate();
        let rounds = (0..self.rounds.max(1)).flat_map(|_| all());
        let queue = rounds.collect::<VecDeque<_>>();
        let visits = queue.len();
        let queue = Mutex::new(queue);
        let mut results: Vec<Option<CaseResult>> = vec![None; cases.len()];
        let ended = thread::scope(|scope| {
            let (send, ends) = mpsc::channel();
            for _ in 0..self.at_once.clamp(1, cases.len().max(1)) {
                let (send, queue) = (send.clone(), &queue);
                scope.spawn(move || visit_all(queue, &target, &send));
            }
            drop(send);
            let mut count = 0;
            for (at, visited) in ends {
                count += 1;
                progress(count, visits);
                match (visited, results.get_mut(at)) {
                    (Ok(result), Some(slot)) => *slot = Some(result.worse(slot.take())),
                    (Err(error), _) if error.kind() == io::ErrorKind::Unsupported => {}
                    (Err(error), _) => return Err(Error::System(error)),
                    (Ok(_), None) => {}
                }
            }
            Ok(())
        });
        ended?;
        let unsupported = cases.iter().zip(&results).filter(|(_, it)| it.is_none());
        not_sent.extend(unsupported.map(|(case, _)| (case.name, Need::Ticket)));
        Ok(Report {
            address: self.address,
            name: self.name.clone(),
            took: start.elapsed(),
            results: results.into_iter().flatten().collect(),
            not_sent,
        })
    }

    /// Checks that there is a server, and that it speaks TLS.
    fn check(&self, target: &Target<'_>) -> Result<(), Error> {
        let address = self.address;
        let connected = TcpStream::connect_timeout(&address, self.patience);
        drop(connected.map_err(|source| Error::Connect { address, source })?);
        let hello = catalogue::failing()
            .into_iter()
            .find(|case| case.name == "no-common-suite");
        let Some(hello) = hello else {
            return Ok(());
        };
        let observed = hello.run(target).map_err(Error::System)?;
        let first = observed.plaintext.first_chunk::<2>();
        match first {
            Some([20..=23, 3]) => Ok(()),
            None if observed.end == End::StillOpen => Err(Error::Silent {
                address,
                patience: self.patience,
            }),
            None => Ok(()), // a server that tells nothing may still speak TLS
            Some(_) => Err(Error::NotTls {
                address,
                first: observed.plaintext.into_iter().take(8).collect(),
            }),
        }
    }
}

/// Sends one client after the other, until there are no more or nobody waits for the results.
fn visit_all(
    queue: &Mutex<VecDeque<(usize, &Case)>>,
    target: &Target<'_>,
    ends: &Sender<(usize, io::Result<CaseResult>)>,
) {
    let next = || {
        let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.pop_front()
    };
    while let Some((at, case)) = next() {
        let start = Instant::now();
        let visited = case.run(target);
        let result = visited.map(|observed| CaseResult::new(case, &observed, start.elapsed()));
        if ends.send((at, result)).is_err() {
            return;
        }
    }
}

impl CaseResult {
    fn new(case: &Case, observed: &Observed, took: Duration) -> Self {
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
    fn worse(self, other: Option<Self>) -> Self {
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
    /// Returns what became of each client that was sent, in the order of the handshake.
    #[must_use]
    pub fn results(&self) -> &[CaseResult] {
        &self.results
    }

    /// Returns the clients that were treated badly, the worst first.
    pub fn bad(&self) -> impl Iterator<Item = &CaseResult> {
        let mut bad: Vec<_> = self.results.iter().collect();
        bad.retain(|result| !result.verdict.is_good());
        bad.sort_by_key(|result| std::cmp::Reverse(result.verdict));
        bad.into_iter()
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
