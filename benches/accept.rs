//! How much the accept path adds to rustls: reading a ClientHello, refusing it, and a whole
//! handshake, server side only, beside rustls as its documentation shows it.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use lastword_acceptor::{Acceptor, Config, Handshake, Limits, Progress, Rejection, Step};
use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::{ClientProfile, Pki};
use lastword_testkit::wire::HelloBuilder;
use rustls::server::Acceptor as RustlsAcceptor;
use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection};

/// From bytes to a view with name, ALPN, versions and suites at hand.
fn hello(criterion: &mut Criterion) {
    let hello = HelloBuilder::default().record();
    let mut group = criterion.benchmark_group("hello");
    group.bench_function("lastword", |b| {
        b.iter(|| {
            let step = Acceptor::default().receive(&mut black_box(&hello[..]));
            let Ok(Step::ClientHello(accepted)) = step else {
                panic!("no hello")
            };
            let view = accepted.client_hello();
            black_box((
                view.server_name(),
                view.supported_versions(),
                view.cipher_suites(),
            ));
        });
    });
    group.bench_function("rustls Acceptor", |b| {
        b.iter(|| {
            let mut acceptor = RustlsAcceptor::default();
            acceptor.read_tls(&mut black_box(&hello[..])).unwrap();
            let accepted = acceptor.accept().unwrap().unwrap();
            let view = accepted.client_hello();
            black_box((view.server_name(), view.cipher_suites()));
        });
    });
}

/// From bytes to the bytes of an alert.
fn refusal(criterion: &mut Criterion) {
    let hello = HelloBuilder::default().record();
    let mut group = criterion.benchmark_group("refusal");
    group.bench_function("lastword, unknown name", |b| {
        b.iter(|| {
            let step = Acceptor::default().receive(&mut black_box(&hello[..]));
            let Ok(Step::ClientHello(accepted)) = step else {
                panic!("no hello")
            };
            black_box(accepted.reject(Rejection::unrecognized_name()).tls());
        });
    });
    for (name, bytes) in [
        ("garbage", &[0; 64][..]),
        ("HTTP", b"GET / HTTP/1.1\r\n\r\n"),
    ] {
        group.bench_function(format!("lastword, {name}"), |b| {
            b.iter(|| {
                let refused = Acceptor::default()
                    .receive(&mut black_box(bytes))
                    .unwrap_err();
                black_box(refused.tls());
            });
        });
        group.bench_function(format!("rustls Acceptor, {name}"), |b| {
            b.iter(|| {
                let mut acceptor = RustlsAcceptor::default();
                acceptor.read_tls(&mut black_box(bytes)).unwrap();
                let (_, mut alert) = acceptor.accept().map(|_| ()).unwrap_err();
                let mut tls = Vec::new();
                alert.write_all(&mut tls).unwrap();
                black_box(tls);
            });
        });
    }
}

/// A whole handshake of TLS 1.3, the time of the server alone.
fn handshake(criterion: &mut Criterion) {
    let pki = Pki::new();
    let server = pki.server_config(&ServerProfile::DEFAULT);
    let client = pki.client_config(&ClientProfile::DEFAULT);
    let config = Config::new(Arc::clone(&server));
    let mut group = criterion.benchmark_group("handshake");
    group.bench_function("lastword", |b| {
        b.iter_custom(|times| (0..times).map(|_| with_lastword(&config, &client)).sum());
    });
    group.bench_function("rustls ServerConnection", |b| {
        b.iter_custom(|times| (0..times).map(|_| with_rustls(&server, &client)).sum());
    });
}

fn with_lastword(config: &Config, client: &Arc<ClientConfig>) -> Duration {
    let mut client = new_client(client);
    let (hello, mut flight) = (sent(&mut client), Vec::new());
    let start = Instant::now();
    let handshake = Handshake::new(config, Limits::default());
    let Ok(Progress::Continue(mut handshake)) = handshake.receive(&mut &hello[..]) else {
        panic!("no flight")
    };
    handshake.write_tls(&mut flight).unwrap();
    let first = start.elapsed();
    let answer = answered(&mut client, &flight);
    let start = Instant::now();
    let Ok(Progress::Complete(mut connection)) = handshake.receive(&mut &answer[..]) else {
        panic!("not complete")
    };
    connection.write_tls(&mut flight).unwrap();
    first + start.elapsed()
}

fn with_rustls(config: &Arc<ServerConfig>, client: &Arc<ClientConfig>) -> Duration {
    let mut client = new_client(client);
    let (hello, mut flight) = (sent(&mut client), Vec::new());
    let start = Instant::now();
    let mut connection = ServerConnection::new(Arc::clone(config)).unwrap();
    connection.read_tls(&mut &hello[..]).unwrap();
    connection.process_new_packets().unwrap();
    connection.write_tls(&mut flight).unwrap();
    let first = start.elapsed();
    let answer = answered(&mut client, &flight);
    let start = Instant::now();
    connection.read_tls(&mut &answer[..]).unwrap();
    connection.process_new_packets().unwrap();
    connection.write_tls(&mut flight).unwrap();
    assert!(!connection.is_handshaking());
    first + start.elapsed()
}

fn new_client(config: &Arc<ClientConfig>) -> ClientConnection {
    ClientConnection::new(Arc::clone(config), "localhost".try_into().unwrap()).unwrap()
}

fn sent(client: &mut ClientConnection) -> Vec<u8> {
    let mut bytes = Vec::new();
    while client.wants_write() {
        client.write_tls(&mut bytes).unwrap();
    }
    bytes
}

fn answered(client: &mut ClientConnection, mut flight: &[u8]) -> Vec<u8> {
    while !flight.is_empty() {
        client.read_tls(&mut flight).unwrap();
        client.process_new_packets().unwrap();
    }
    sent(client)
}

criterion_group!(benches, hello, refusal, handshake);
criterion_main!(benches);
