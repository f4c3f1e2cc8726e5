//! What a server of the catalogue is, whichever way it moves its bytes.

use std::net::TcpListener;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Instant;

use lastword_io::acceptor::{Config, Hello, Rejection};
use lastword_io::{Accept, Direct, Options};
use lastword_testkit::catalogue::ServerProfile;

/// What the server says of a client in its log: nothing if it was served.
pub(crate) struct Log(pub(crate) Option<String>);

/// How the server takes its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Path {
    Direct,
    Acceptor,
}

/// One client to be served, who is about to connect.
pub(crate) struct Job {
    pub(crate) listener: TcpListener,
    pub(crate) profile: ServerProfile,
    pub(crate) config: Config,
    log: Sender<Log>,
}

/// What answers every request.
pub(crate) const REPLY: &[u8] = b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi";

impl Job {
    pub(crate) fn new(
        listener: TcpListener,
        profile: ServerProfile,
        config: Config,
    ) -> (Self, Receiver<Log>) {
        let (log, logged) = mpsc::channel();
        let job = Self {
            listener,
            profile,
            config,
            log,
        };
        (job, logged)
    }

    pub(crate) fn options(&self) -> Options {
        Options::default().with_deadline(self.profile.deadline)
    }

    /// Ends it. A client that found something wrong no longer cares.
    pub(crate) fn log(self, line: Option<String>) {
        let _ = self.log.send(Log(line));
    }
}

/// What picks a configuration, or refuses.
pub(crate) trait Chooser: FnOnce(&Hello) -> Result<Config, Rejection> {}
impl<C: FnOnce(&Hello) -> Result<Config, Rejection>> Chooser for C {}

/// How a nonblocking accept begins.
pub(crate) type Begin<C> = fn(&Job, Instant) -> Accept<C>;

/// The nonblocking accept of a server that has no choice.
pub(crate) fn direct(job: &Job, now: Instant) -> Accept<Direct> {
    Accept::direct(&job.options(), now, &job.config)
}

/// The nonblocking accept of a server that chooses.
pub(crate) fn choosing(job: &Job, now: Instant) -> Accept<Box<dyn Chooser>> {
    let (profile, config) = (job.profile, job.config.clone());
    let chooser = move |hello: &Hello| profile.choose(&config, hello);
    Accept::choosing(&job.options(), now, Box::new(chooser))
}
