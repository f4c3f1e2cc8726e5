//! A server and the clients that are sent to it, one after the other.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use lastword_census::catalogue::{Case, Names, Observed, ServerProfile, Target};
use lastword_census::pki::Pki;

use super::{PATHS, STYLES};
use crate::failure::Failure;
use crate::server::{Policy, Server, Style};

/// How long a client waits for its server, and this program for the server's word on a client:
/// longer than any handshake and its close.
const PATIENCE: Duration = Duration::from_secs(20);

/// The servers, one of each style for each profile, and the certificates that all of them have.
pub(super) struct Servers {
    pub(super) pki: Arc<Pki>,
    lanes: Vec<[Lane; PATHS]>,
}

/// A server, to which one client goes at a time: so its next word is on that client.
pub(super) struct Lane {
    pki: Arc<Pki>,
    pub(super) profile: ServerProfile,
    pub(super) style: Style,
    address: SocketAddr,
    ended: Receiver<Farewell>,
}

/// A client's visit to a server.
#[derive(Clone, Debug)]
pub(super) struct Visit<T> {
    /// What the client saw.
    pub(super) seen: T,
    /// How long that took, the server's end not counted.
    pub(super) took: Duration,
    /// What the server said once it was done with it.
    pub(super) farewell: Farewell,
}

/// How a server was done with a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Farewell {
    /// It was served.
    Served,
    /// Its handshake failed, and these words are in the log.
    Logged(String),
    /// The server never said.
    Missing,
}

impl Farewell {
    /// The words in the log.
    pub(super) fn log(self) -> Option<String> {
        match self {
            Self::Logged(words) => Some(words),
            Self::Served | Self::Missing => None,
        }
    }

    /// In what it is wrong for a client that is to be served, or not to be.
    pub(super) fn wrong(&self, served: bool) -> Option<&'static str> {
        match self {
            Self::Missing => Some("the server never finished with it"),
            Self::Served if !served => Some("the server logged nothing"),
            Self::Logged(_) if served => Some("the server logged a client that it served"),
            Self::Served | Self::Logged(_) => None,
        }
    }
}

impl Servers {
    pub(super) fn new() -> Self {
        Self {
            pki: Arc::new(Pki::new()),
            lanes: Vec::new(),
        }
    }

    /// The servers with this profile, in the order of the styles, started if they do not run yet.
    pub(super) fn lanes(&mut self, profile: ServerProfile) -> Result<&mut [Lane; PATHS], Failure> {
        let mut known = self.lanes.iter();
        let at = match known.position(|[lane, ..]| lane.profile == profile) {
            Some(at) => at,
            None => {
                let started = STYLES.map(|style| Lane::start(&self.pki, profile, style));
                let [direct, acceptor, nonblocking, tokio] = started;
                self.lanes.push([direct?, acceptor?, nonblocking?, tokio?]);
                self.lanes.len() - 1
            }
        };
        Ok(&mut self.lanes[at])
    }

    /// All that run.
    pub(super) fn all(&mut self) -> impl Iterator<Item = &mut Lane> {
        self.lanes.iter_mut().flatten()
    }
}

impl Lane {
    fn start(pki: &Arc<Pki>, profile: ServerProfile, style: Style) -> Result<Self, Failure> {
        let names = match profile.names {
            Names::Any => None,
            Names::Only(names) => Some(names.iter().map(ToString::to_string).collect()),
        };
        let policy = Policy {
            names,
            refuses: profile.refuses,
            verdict: profile.verdict,
        };
        let mut server = Server::new(style, pki.server_config(&profile), policy)?;
        server.timeout = profile.deadline;

        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Failure::listen)?;
        let address = listener.local_addr().map_err(Failure::listen)?;
        let (tell, ended) = mpsc::channel();
        thread::spawn(move || {
            let Err(error) = server.watch(&listener, move |line| {
                let farewell = match line {
                    None => Farewell::Served,
                    Some(line) => Farewell::Logged(line.words.clone()),
                };
                // nobody listens any more if it was too late
                let _ = tell.send(farewell);
            });
            eprintln!("a server ended: {error}"); // and its clients have no farewell
        });
        Ok(Self {
            pki: Arc::clone(pki),
            profile,
            style,
            address,
            ended,
        })
    }

    /// Sends a client of the catalogue.
    pub(super) fn case(&mut self, case: &Case) -> Visit<io::Result<Observed>> {
        let pki = Arc::clone(&self.pki);
        self.client(|address| case.run(&Target::new(address, &pki, PATIENCE)))
    }

    /// Sends a client, which connects once, and waits until the server is done with it too.
    pub(super) fn client<T>(&mut self, client: impl FnOnce(SocketAddr) -> T) -> Visit<T> {
        let start = Instant::now();
        let seen = client(self.address);
        let took = start.elapsed();
        let farewell = self.ended.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            // a word that comes later would be taken for one on the next client
            if let Ok(another) = Self::start(&self.pki, self.profile, self.style) {
                *self = another;
            }
            Farewell::Missing
        });
        Visit {
            seen,
            took,
            farewell,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_has_one_server_of_each_style_in_their_order() {
        let mut servers = Servers::new();
        let other = ServerProfile {
            alpn: &["h2"],
            ..ServerProfile::DEFAULT
        };
        let [first, _, again] = [ServerProfile::DEFAULT, other, ServerProfile::DEFAULT]
            .map(|profile| servers.lanes(profile).unwrap().each_ref().map(place));
        assert_eq!(first.map(|(style, _)| style), STYLES);
        assert_eq!(again, first);
        assert_eq!(servers.all().count(), 2 * PATHS);
    }

    fn place(lane: &Lane) -> (Style, SocketAddr) {
        (lane.style, lane.address)
    }
}
