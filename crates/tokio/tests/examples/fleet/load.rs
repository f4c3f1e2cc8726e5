//! Clients that connect again and again, and what came of it.

use std::collections::BTreeMap;
use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use lastword_testkit::catalogue::Versions;
use lastword_testkit::pki::{ClientProfile, Pki};
use rustls::{ClientConfig, ClientConnection, HandshakeKind, Stream};

use crate::{PATIENCE, Server};

/// Clients of both versions that connect again and again.
pub(super) struct Load {
    tally: Arc<Mutex<Tally>>,
    is_over: Arc<AtomicBool>,
    clients: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Tally {
    resumed: usize,
    full: usize,
    failed: Vec<String>,
    by_server: BTreeMap<String, usize>,
}

impl Load {
    pub(super) fn start(address: SocketAddr, pki: &Pki) -> Self {
        let (tally, is_over) = (Arc::<Mutex<Tally>>::default(), Arc::<AtomicBool>::default());
        let clients = [Versions::Tls12, Versions::Tls13]
            .repeat(3)
            .into_iter()
            .map(|versions| {
                let (tally, is_over) = (Arc::clone(&tally), Arc::clone(&is_over));
                let client = client(pki, versions);
                thread::spawn(move || {
                    while !is_over.load(Relaxed) {
                        let visited = visit(address, &client);
                        tally.lock().unwrap().add(visited);
                    }
                })
            });
        let clients = clients.collect();
        Self {
            tally,
            is_over,
            clients,
        }
    }

    /// Waits until each client has a session.
    pub(super) fn warm(self) -> Self {
        let warm = self.wait(100);
        assert_eq!(warm.failed, [""; 0]);
        self
    }

    /// Waits for at least so many handshakes since the last call, and returns them.
    fn wait(&self, handshakes: usize) -> Tally {
        let started = SystemTime::now();
        loop {
            let mut tally = self.tally.lock().unwrap();
            if tally.resumed + tally.full + tally.failed.len() >= handshakes {
                let by_server = tally.by_server.clone();
                let then = std::mem::take(&mut *tally);
                tally.by_server = by_server;
                return then;
            }
            drop(tally);
            assert!(started.elapsed().unwrap() < PATIENCE);
            thread::park_timeout(Duration::from_millis(5));
        }
    }

    /// Returns the share of resumptions in at least so many handshakes. None may fail.
    pub(super) fn share(&self, when: &str, handshakes: usize) -> f64 {
        let Tally {
            resumed,
            full,
            failed,
            ..
        } = self.wait(handshakes);
        assert_eq!(failed, [""; 0], "{when}");
        let share = resumed as f64 / (resumed + full) as f64;
        println!("{when}: {resumed} resumed, {full} full, 0 failed");
        assert!(share >= 0.98, "{when}: {share}");
        share
    }

    /// Each of the servers has served about as many handshakes as the others.
    pub(super) fn is_spread_over(&self, servers: &[Server; 3]) {
        let by_server = self.tally.lock().unwrap().by_server.clone();
        let counts = servers
            .each_ref()
            .map(|server| by_server[&server.address.to_string()]);
        let all: usize = counts.iter().sum();
        assert!(counts.iter().all(|count| count * 4 > all), "{counts:?}");
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.is_over.store(true, Relaxed);
        for client in self.clients.drain(..) {
            let _ = client.join();
        }
    }
}

impl Tally {
    fn add(&mut self, visited: Result<(HandshakeKind, String), String>) {
        match visited {
            Ok((kind, server)) => {
                *self.by_server.entry(server).or_default() += 1;
                match kind {
                    HandshakeKind::Resumed => self.resumed += 1,
                    _ => self.full += 1,
                }
            }
            Err(error) => self.failed.push(error),
        }
    }
}

/// A client that resumes its own sessions.
pub(super) fn client(pki: &Pki, versions: Versions) -> Arc<ClientConfig> {
    pki.client_config(&ClientProfile {
        versions,
        ..ClientProfile::DEFAULT
    })
}

/// Connects, and reads to the end. Returns the kind of handshake and the server, which agrees.
pub(super) fn visit(
    address: SocketAddr,
    config: &Arc<ClientConfig>,
) -> Result<(HandshakeKind, String), String> {
    let visit = || {
        let mut tcp = TcpStream::connect(address)?;
        tcp.set_read_timeout(Some(PATIENCE))?;
        let name = "localhost".try_into().unwrap();
        let mut tls = ClientConnection::new(Arc::clone(config), name).unwrap();
        let mut greeting = String::new();
        Stream::new(&mut tls, &mut tcp).read_to_string(&mut greeting)?;
        Ok((tls.handshake_kind().unwrap(), greeting))
    };
    let visited: std::io::Result<_> = visit();
    let (kind, greeting) = visited.map_err(|error| error.to_string())?;
    let (server, said) = greeting.trim_end().rsplit_once(": ").ok_or("no greeting")?;
    let is_resumed = kind == HandshakeKind::Resumed;
    match is_resumed == (said == "resumed") {
        true => Ok((kind, server.into())),
        false => Err(format!("the client says {kind:?}, and the server {said}")),
    }
}
