//! Sends the clients to a server, some at a time.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::authority::{Authority, AuthorityError};
use crate::catalogue::{self, Case, Target};
use crate::pki::Pki;
use crate::probe::{self, Probed};
use crate::profile::{Need, Profile};
use crate::report::{CaseResult, Report};

/// The timeout of a client if nothing else is set.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many clients are connected at a time if nothing else is set.
const AT_ONCE: usize = 16;

/// Sends failing clients to one server.
///
/// It connects only to the address that you give.
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

/// The error for a census that cannot run.
///
/// ```no_run
/// use lastword_census::{Census, Error};
///
/// match Census::new(([127, 0, 0, 1], 443).into()).run() {
///     Ok(report) => println!("{report}"),
///     Err(Error::Connect { address, .. }) => eprintln!("no server listens on {address}"),
///     Err(error) => eprintln!("{error}"),
/// }
/// ```
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
    /// The server does not answer a ClientHello with TLS.
    #[error("{address} does not speak TLS: it answers a ClientHello with {first:02x?}")]
    NotTls {
        /// The address.
        address: SocketAddr,
        /// The first bytes of the answer, at most 8.
        first: Vec<u8>,
    },
    /// No client has a name that contains this text.
    #[error("no client has {only:?} in its name")]
    NoClient {
        /// What was looked for.
        only: String,
    },
    /// The certificates of the clients could not be made.
    #[error(transparent)]
    Authority(AuthorityError),
    /// The system has not enough threads or descriptors.
    #[error("cannot start a client: {0}")]
    System(#[source] io::Error),
}

impl Census {
    /// Makes a census of the server at this address.
    ///
    /// ```
    /// use lastword_census::Census;
    ///
    /// let census = Census::new("127.0.0.1:443".parse()?);
    /// # let _: Census = census;
    /// # Ok::<(), std::net::AddrParseError>(())
    /// ```
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

    /// Sets the server name that clients ask for. Default: `localhost`.
    ///
    /// ```no_run
    /// # use lastword_census::Census;
    /// # let address = ([192, 0, 2, 1], 443).into();
    /// let report = Census::new(address).name("www.example.com").run()?;
    /// # let _ = report;
    /// # Ok::<(), lastword_census::Error>(())
    /// ```
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets the features of the server. Default: a certificate for the name, TLS 1.2 and TLS 1.3.
    ///
    /// ```no_run
    /// # use lastword_census::Census;
    /// # let address = ([127, 0, 0, 1], 443).into();
    /// use lastword_census::Profile;
    ///
    /// let mut profile = Profile::default();
    /// profile.tls13_only = true;
    /// let report = Census::new(address).profile(profile).run()?;
    /// # let _ = report;
    /// # Ok::<(), lastword_census::Error>(())
    /// ```
    pub const fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Sets the timeout of each client. Default: 5 seconds.
    ///
    /// ```no_run
    /// # use lastword_census::Census;
    /// # let address = ([127, 0, 0, 1], 443).into();
    /// use std::time::Duration;
    ///
    /// let report = Census::new(address).patience(Duration::from_secs(2)).run()?;
    /// # let _ = report;
    /// # Ok::<(), lastword_census::Error>(())
    /// ```
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Sets the number of clients that are connected at a time, at least 1. Default: 16.
    ///
    /// ```no_run
    /// # use lastword_census::Census;
    /// # let address = ([127, 0, 0, 1], 443).into();
    /// let report = Census::new(address).at_once(1).run()?; // one client after the other
    /// # let _ = report;
    /// # Ok::<(), lastword_census::Error>(())
    /// ```
    pub const fn at_once(mut self, clients: usize) -> Self {
        self.at_once = clients;
        self
    }

    /// Sets the number of rounds, at least 1. Each round sends all clients. A client's result is the worst
    /// of all rounds. Default: 1.
    ///
    /// ```no_run
    /// # use lastword_census::Census;
    /// # let address = ([127, 0, 0, 1], 443).into();
    /// let report = Census::new(address).rounds(3).run()?;
    /// for client in report.results().iter().filter(|client| !client.is_stable()) {
    ///     println!("{}: {:?}", client.name, client.rounds);
    /// }
    /// # Ok::<(), lastword_census::Error>(())
    /// ```
    pub const fn rounds(mut self, rounds: usize) -> Self {
        self.rounds = rounds;
        self
    }

    /// Sets the authority of the clients' certificates. The server must require a certificate of this
    /// authority. Then only the clients that need this are sent. Default: none.
    ///
    /// ```no_run
    /// # use lastword_census::Census;
    /// # let address = ([127, 0, 0, 1], 443).into();
    /// use lastword_census::Authority;
    ///
    /// let authority = Authority::from_key_pem(&std::fs::read_to_string("clients.key")?)?;
    /// let report = Census::new(address).authority(&authority).run()?;
    /// # let _ = report;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn authority(mut self, authority: &Authority) -> Self {
        self.authority = Some(authority.clone());
        self
    }

    /// Sends only the clients whose names contain this text. Default: all clients.
    ///
    /// ```no_run
    /// # use lastword_census::Census;
    /// # let address = ([127, 0, 0, 1], 443).into();
    /// let report = Census::new(address).only("http").run()?; // the clients that speak HTTP
    /// # let _ = report;
    /// # Ok::<(), lastword_census::Error>(())
    /// ```
    pub fn only(mut self, name: impl Into<String>) -> Self {
        self.only = name.into();
        self
    }

    /// Sends the clients and waits for all of them. A client that gets no answer ends after its timeout.
    ///
    /// ```no_run
    /// # use lastword_census::Census;
    /// # let address = ([127, 0, 0, 1], 443).into();
    /// let report = Census::new(address).run()?;
    /// println!("{report}");
    /// # Ok::<(), lastword_census::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the server cannot be reached or does not speak TLS, or a client cannot be sent: see [`Error`].
    pub fn run(&self) -> Result<Report, Error> {
        self.run_with(|_, _| {})
    }

    /// Sends the clients as [`run`](Self::run) does, and calls `progress` after each client.
    ///
    /// Its arguments are the number of clients that have ended and the number of all clients. With
    /// several rounds, a client counts once for each round.
    ///
    /// ```no_run
    /// # use lastword_census::Census;
    /// # let address = ([127, 0, 0, 1], 443).into();
    /// let report = Census::new(address).run_with(|ended, all| eprint!("\r{ended} of {all}"))?;
    /// # let _ = report;
    /// # Ok::<(), lastword_census::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`run`](Self::run).
    pub fn run_with(&self, progress: impl FnMut(usize, usize)) -> Result<Report, Error> {
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
        let Probed { notes, is_serial } = probe::server(&target, self.at_once, profile)?;
        let at_once = if is_serial { 1 } else { self.at_once };

        let mut not_sent = Vec::new();
        cases.retain(|case| match profile.lacks(case) {
            Some(need) => {
                not_sent.push((case.name, need));
                false
            }
            None => true,
        });
        let results = self.send(&cases, &target, at_once, progress)?;
        let unsupported = cases.iter().zip(&results).filter(|(_, it)| it.is_none());
        not_sent.extend(unsupported.map(|(case, _)| (case.name, Need::Ticket)));
        Ok(Report {
            address: self.address,
            name: self.name.clone(),
            took: start.elapsed(),
            notes,
            results: results.into_iter().flatten().collect(),
            not_sent,
        })
    }

    /// Sends the clients of these cases in all rounds, so many at a time. A case has no result if the
    /// server lacks what it needs.
    fn send(
        &self,
        cases: &[Case],
        target: &Target<'_>,
        at_once: usize,
        mut progress: impl FnMut(usize, usize),
    ) -> Result<Vec<Option<CaseResult>>, Error> {
        let rounds = (0..self.rounds.max(1)).flat_map(|_| cases.iter().enumerate());
        let queue = rounds.collect::<VecDeque<_>>();
        let visits = queue.len();
        let queue = Mutex::new(queue);
        let mut results: Vec<Option<CaseResult>> = vec![None; cases.len()];
        thread::scope(|scope| {
            let (send, ends) = mpsc::channel();
            for _ in 0..at_once.clamp(1, cases.len().max(1)) {
                let (send, queue) = (send.clone(), &queue);
                scope.spawn(move || visit_all(queue, target, &send));
            }
            drop(send);
            for (count, (at, visited)) in (1..).zip(ends) {
                progress(count, visits);
                match (visited, results.get_mut(at)) {
                    (Ok(result), Some(slot)) => *slot = Some(result.worse(slot.take())),
                    (Err(error), _) if error.kind() == io::ErrorKind::Unsupported => {}
                    (Err(error), _) => return Err(Error::System(error)),
                    (Ok(_), None) => {}
                }
            }
            Ok(results)
        })
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
