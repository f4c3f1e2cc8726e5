//! Whole handshakes, the server's part of them.

use std::sync::Arc;

use lastword_acceptor::{Config, Connection, Handshake, Progress};
use lastword_testkit::catalogue::ClientAuth;
use lastword_testkit::pki::Identity;
use lastword_tickets::{Secret, Tickets};
use rustls::crypto::ring::Ticketer;
use rustls::server::{Acceptor as RustlsAcceptor, ProducesTickets};
use rustls::{HandshakeKind, NamedGroup, ServerConfig, ServerConnection};

use crate::client::Client;
use crate::servers::{self, Like, Server};
use crate::work::{Meter, Work};

pub(super) fn works() -> Vec<Work> {
    let server = servers::server(&[], ClientAuth::No);
    let asking = servers::server(&[], ClientAuth::Required);
    let like = Like::DEFAULT;
    let p256 = Like {
        group: NamedGroup::secp256r1,
        ..like
    };
    // the certificate's curve too must be one of the client's (RFC 8422 5.1): OpenSSL insists
    let tls12 = Like {
        version: &rustls::version::TLS12,
        ..p256
    };
    let resuming = Like {
        resumes: true,
        ..like
    };
    let with_certificate = Like {
        identity: Identity::Known,
        ..like
    };
    let resuming_with_certificate = Like {
        resumes: true,
        ..with_certificate
    };
    let works = [
        work("handshake/TLS 1.3 X25519", &server, like),
        work("handshake/TLS 1.3 P-256", &server, p256),
        work("handshake/TLS 1.2", &server, tls12),
        work("handshake/resumption", &server, resuming),
        work("handshake/mTLS", &asking, with_certificate),
        work(
            "handshake/mTLS resumption",
            &asking,
            resuming_with_certificate,
        ),
    ];
    let tickets = by_ticket("handshake/ticket", resuming);
    let works = works.into_iter().chain([tickets]);
    works.chain(post_quantum()).collect()
}

/// A resumption without a store: rustls's ticketer, and that of `lastword-tickets`.
fn by_ticket(name: &str, like: Like) -> Work {
    let secret = Secret::new([7; 32]).expect("it is long enough");
    let tickets = Tickets::new(vec![secret]).expect("there is one");
    let tickets: Arc<dyn ProducesTickets> = Arc::new(tickets);
    let rustls = Ticketer::new().expect("there are random bytes");
    let [with_tickets, with_rustls] = [tickets, rustls].map(|each| servers::with_ticketer(&each));
    Work::new(name, Client::new(&like.config()).sent().len())
        .parts("lastword", run::<Ours, _>(like, with_rustls.ours))
        .parts("lastword-tickets", run::<Ours, _>(like, with_tickets.ours))
        .parts(
            "rustls lastword-tickets",
            run::<Theirs, _>(like, with_tickets.rustls),
        )
        .parts("rustls", run::<Theirs, _>(like, with_rustls.rustls))
}

#[cfg(not(feature = "aws-lc-rs"))]
fn post_quantum() -> Option<Work> {
    None
}

/// Without OpenSSL, whose 3.0 does not know the group.
#[cfg(feature = "aws-lc-rs")]
fn post_quantum() -> Option<Work> {
    let like = Like {
        group: NamedGroup::X25519MLKEM768,
        provider: servers::post_quantum_provider,
        ..Like::DEFAULT
    };
    let server = servers::post_quantum();
    Some(of_rustls("handshake/TLS 1.3 X25519MLKEM768", &server, like))
}

fn work(name: &str, server: &Server, like: Like) -> Work {
    let work = of_rustls(name, server, like);
    #[cfg(feature = "openssl")]
    let work = with_openssl(work, like);
    work
}

fn of_rustls(name: &str, server: &Server, like: Like) -> Work {
    let bytes = Client::new(&like.config()).sent().len();
    let (ours, theirs) = (&server.ours, &server.rustls);
    let encrypted_alerts = server.encrypted_alerts.clone();
    Work::new(name, bytes)
        .parts("lastword", run::<Ours, _>(like, ours.clone()))
        .parts(
            "lastword encrypted alerts",
            run::<Ours, _>(like, encrypted_alerts),
        )
        .parts(
            "rustls Acceptor",
            run::<TheirChosen, _>(like, Arc::clone(theirs)),
        )
        .parts("rustls", run::<Theirs, _>(like, Arc::clone(theirs)))
}

#[cfg(feature = "openssl")]
fn with_openssl(work: Work, like: Like) -> Work {
    use super::libssl::{Connection, Refuses, Server};

    let server = Server {
        asks: like.identity != Identity::None,
        ..Server::DEFAULT
    };
    let looking = Server {
        refuses: Refuses::NobodyAtHello,
        ..server
    };
    work.parts("OpenSSL", run::<Connection, _>(like, server.context()))
        .parts(
            "OpenSSL hello_cb",
            run::<Connection, _>(like, looking.context()),
        )
}

/// A server during a handshake of two flights.
pub(super) trait Serving<C>: Sized {
    /// Takes the client's first flight and answers it.
    fn first(config: &C, hello: &[u8], flight: &mut Vec<u8>) -> Self;

    /// Takes the client's second flight and writes what is left to write.
    fn second(&mut self, answer: &[u8], flight: &mut Vec<u8>);
}

/// One handshake. A client that resumes has made one before.
fn run<S: Serving<C>, C>(like: Like, server: C) -> impl FnMut(&mut dyn Meter) {
    let config = like.config();
    let mut times = 0;
    move |meter| {
        let mut client = Client::new(&config);
        let hello = client.sent();
        let mut flight = Vec::with_capacity(1 << 14);
        let mut serving = None;
        meter.measure(&mut || serving = Some(S::first(&server, &hello, &mut flight)));
        let answer = client.answer(&flight);
        flight.clear();
        let mut serving = serving.expect("it has been measured");
        meter.measure(&mut || serving.second(&answer, &mut flight));
        client.take(&flight);
        assert!(client.is_done());
        let resumed = client.connection().handshake_kind() == Some(HandshakeKind::Resumed);
        assert_eq!(resumed, like.resumes && times > 0);
        times += 1;
    }
}

/// Ours during and after a handshake. It is kept to the end, as rustls's is, so that its drop is not measured.
enum Ours {
    Handshaking(Handshake),
    #[expect(dead_code, reason = "it is kept, not looked at")]
    Complete(Connection),
    Nothing,
}

impl Serving<Config> for Ours {
    fn first(config: &Config, mut hello: &[u8], flight: &mut Vec<u8>) -> Self {
        let Progress::ClientHello(accepted) =
            Handshake::default().receive(&mut hello).expect("good")
        else {
            panic!("no hello")
        };
        let mut handshake = accepted.into_handshake(config).expect("good");
        while handshake.wants_write() {
            handshake.write_tls(flight).expect("a Vec is written to");
        }
        Self::Handshaking(handshake)
    }

    fn second(&mut self, mut answer: &[u8], flight: &mut Vec<u8>) {
        let Self::Handshaking(handshake) = std::mem::replace(self, Self::Nothing) else {
            panic!("complete already")
        };
        let progress = handshake.receive(&mut answer).expect("good");
        let Progress::Complete(mut connection) = progress else {
            panic!("not complete")
        };
        while connection.wants_write() {
            connection.write_tls(flight).expect("a Vec is written to");
        }
        *self = Self::Complete(connection);
    }
}

/// rustls's connection, as its documentation shows it.
struct Theirs(ServerConnection);

impl Serving<Arc<ServerConfig>> for Theirs {
    fn first(config: &Arc<ServerConfig>, hello: &[u8], flight: &mut Vec<u8>) -> Self {
        let connection = ServerConnection::new(Arc::clone(config));
        let mut connection = connection.expect("it is a configuration");
        feed(&mut connection, hello);
        write(&mut connection, flight);
        Self(connection)
    }

    fn second(&mut self, answer: &[u8], flight: &mut Vec<u8>) {
        feed(&mut self.0, answer);
        write(&mut self.0, flight);
    }
}

/// rustls's, the configuration chosen by the ClientHello, as its documentation shows it.
struct TheirChosen(ServerConnection);

impl Serving<Arc<ServerConfig>> for TheirChosen {
    fn first(config: &Arc<ServerConfig>, mut hello: &[u8], flight: &mut Vec<u8>) -> Self {
        let mut acceptor = RustlsAcceptor::default();
        acceptor.read_tls(&mut hello).expect("a slice is read");
        let Ok(Some(accepted)) = acceptor.accept() else {
            panic!("no hello")
        };
        let connection = accepted.into_connection(Arc::clone(config));
        let mut connection = connection.map_err(|(error, _)| error).expect("good");
        write(&mut connection, flight);
        Self(connection)
    }

    fn second(&mut self, answer: &[u8], flight: &mut Vec<u8>) {
        feed(&mut self.0, answer);
        write(&mut self.0, flight);
    }
}

fn feed(connection: &mut ServerConnection, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        connection.read_tls(&mut bytes).expect("a slice is read");
        connection.process_new_packets().expect("good");
    }
}

fn write(connection: &mut ServerConnection, flight: &mut Vec<u8>) {
    while connection.wants_write() {
        connection.write_tls(flight).expect("a Vec is written to");
    }
}
