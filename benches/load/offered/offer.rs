//! The event loop of the clients. It starts each client at its time, and steps the clients that are ready.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lastword_testkit::pki::Pki;
use mio::{Events, Interest, Poll, Token};
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, SignatureScheme};

use super::arrivals::Arrivals;
use super::client::{Client, Fared, Plan};
use super::kind::{Kind, Script};
use super::outcome::Outcome;
use super::usage::Usage;

/// What the clients send, by kind.
pub(super) struct Plans(HashMap<Kind, Arc<Plan>>);

impl Plans {
    /// Clients resume only sessions that clients of the same plans have stored.
    pub(super) fn new(pki: &Pki) -> Self {
        let all = Kind::GOOD.into_iter().chain(Kind::BAD);
        Self(all.map(|kind| (kind, Arc::new(plan(kind, pki)))).collect())
    }
}

fn plan(kind: Kind, pki: &Pki) -> Plan {
    match kind.script() {
        Script::Tls {
            profile,
            resumes,
            upload,
        } => {
            let mut config = Arc::unwrap_or_clone(pki.client_config(&profile));
            config.resumption = match resumes {
                true => Resumption::in_memory_sessions(64),
                false => Resumption::disabled(),
            };
            config.dangerous().set_certificate_verifier(Arc::new(Any));
            let config = Arc::new(config);
            Plan::Tls { config, upload }
        }
        Script::Raw { bytes, pace, then } => Plan::Raw { bytes, pace, then },
    }
}

/// Takes any server, and verifies no signature: a client should cost less than a server.
#[derive(Debug)]
struct Any;

impl ServerCertVerifier for Any {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256]
    }
}

/// How often the use of the server is looked at.
const SAMPLE: Duration = Duration::from_millis(250);

/// A poll waits whole milliseconds. Before an arrival that is nearer, it does not wait.
const NEAR: Duration = Duration::from_millis(2);

/// The clients in progress.
struct Loop<'a> {
    plans: &'a Plans,
    server: SocketAddr,
    poll: Poll,
    clients: HashMap<usize, Client>,
    timers: BinaryHeap<Reverse<(Instant, usize)>>,
    last: usize,
    outcome: Outcome,
}

/// Sends clients to a server for this long, waits for the last of them, and returns how they fared.
/// `process` is the server's.
pub(super) fn offer(
    mut arrivals: Arrivals,
    window: Duration,
    plans: &Plans,
    (server, process): (SocketAddr, u32),
) -> io::Result<Outcome> {
    let mut all = Loop {
        plans,
        server,
        poll: Poll::new()?,
        clients: HashMap::new(),
        timers: BinaryHeap::new(),
        last: 0,
        outcome: Outcome::new(),
    };
    let before = Usage::of(process);
    let start = Instant::now();
    let mut next = Some(arrivals.next());
    let mut sampled = start;
    let mut usage = before;
    while next.is_some() || !all.clients.is_empty() {
        let now = Instant::now();
        if now >= sampled + SAMPLE {
            sampled = now;
            usage = usage.peak(Usage::of(process));
        }
        // a few at a time, so that those in progress have their turn
        for _ in 0..32 {
            let Some((at, kind)) = next.filter(|(at, _)| start + *at <= now) else {
                break;
            };
            all.begin(kind, start + at, now);
            next = Some(arrivals.next()).filter(|(at, _)| *at < window);
        }
        all.turn(next.map(|(at, _)| start + at), sampled + SAMPLE)?;
    }
    all.outcome.usage = usage.peak(Usage::of(process)).since(before);
    Ok(all.outcome)
}

impl Loop<'_> {
    fn begin(&mut self, kind: Kind, intended: Instant, now: Instant) {
        self.last += 1;
        self.outcome.late = self.outcome.late.max(now - intended);
        let plan = &self.plans.0[&kind];
        let addresses = (source(kind, self.last), self.server);
        let begun = Client::connect(addresses, kind, plan, intended).and_then(|mut client| {
            let both = Interest::READABLE | Interest::WRITABLE;
            let registry = self.poll.registry();
            registry.register(&mut client.stream, Token(self.last), both)?;
            Ok(client)
        });
        match begun {
            Ok(client) => {
                self.timers.push(Reverse((client.wakes, self.last)));
                self.clients.insert(self.last, client);
            }
            Err(error) => {
                eprintln!("load: a client could not start: {error}");
                self.outcome.add(kind, None, Fared::default());
            }
        }
    }

    /// Steps the clients that are ready, or whose time has come.
    fn turn(&mut self, next: Option<Instant>, sample: Instant) -> io::Result<()> {
        let now = Instant::now();
        let timer = self.timers.peek().map(|Reverse((at, _))| *at);
        let until = [next, timer, Some(sample)].into_iter().flatten().min();
        let left = until.map_or(SAMPLE, |until| until.saturating_duration_since(now));
        let mut events = Events::with_capacity(256);
        self.poll
            .poll(
                &mut events,
                Some(if left < NEAR {
                    Duration::ZERO
                } else {
                    left - NEAR
                }),
            )
            .or_else(|error| match error.kind() {
                io::ErrorKind::Interrupted => Ok(()),
                _ => Err(error),
            })?;
        for event in &events {
            self.step(event.token().0);
        }
        let now = Instant::now();
        while let Some(Reverse((at, token))) = self.timers.peek().copied() {
            if at > now {
                break;
            }
            self.timers.pop();
            self.step(token);
        }
        Ok(())
    }

    fn step(&mut self, token: usize) {
        let Some(client) = self.clients.get_mut(&token) else {
            return; // it is over
        };
        let before = client.wakes;
        let Some(fared) = client.step(Instant::now()) else {
            if client.wakes != before {
                self.timers.push(Reverse((client.wakes, token)));
            }
            return;
        };
        let latency = fared.replied.map(|at| at - client.intended);
        self.outcome.add(client.kind, latency, fared);
        self.clients.remove(&token);
    }
}

/// Good clients come from a thousand addresses, failing ones from eight.
fn source(kind: Kind, number: usize) -> SocketAddr {
    let [.., high, low] = (number as u64).to_be_bytes();
    let address = match kind.is_good() {
        true => Ipv4Addr::new(127, 1, high % 4, low.max(1)),
        false => Ipv4Addr::new(127, 2, 0, low % 8 + 1),
    };
    (address, 0).into()
}
