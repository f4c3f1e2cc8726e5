//! What a server of the catalogue is, whichever way it moves its bytes.

use std::net::TcpListener;
use std::sync::mpsc::{self, Receiver, Sender};

use lastword_io::acceptor::Config;
use lastword_io::{Incoming, TlsAcceptor};
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

    /// The acceptor for this client.
    pub(crate) fn acceptor(&self, path: Path) -> TlsAcceptor {
        let (profile, config) = (self.profile, self.config.clone());
        let acceptor = match path {
            Path::Direct => TlsAcceptor::new(config),
            Path::Acceptor => TlsAcceptor::choosing(move |incoming: &Incoming| {
                profile.choose(&config, incoming.hello())
            }),
        };
        acceptor
            .with_authorizer(move |_| profile.authorize())
            .with_timeout(self.profile.deadline)
    }

    /// Ends it. A client that found something wrong no longer cares.
    pub(crate) fn log(self, line: Option<String>) {
        let _ = self.log.send(Log(line));
    }
}
