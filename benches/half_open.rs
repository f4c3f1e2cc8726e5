//! What one connection holds on which the client does not go on, the value itself counted.

use std::alloc::System;
use std::io::{self, sink};
use std::pin::pin;
use std::sync::Arc;

use lastword_acceptor::{Accepted, Config, Handshake, Progress};
use lastword_testkit::catalogue::ClientAuth;
use lastword_testkit::recorded;
use lastword_tokio::step::Accept;
use rustls::server::Acceptor as RustlsAcceptor;
use rustls::{ServerConfig, ServerConnection};
use stats_alloc::{Region, StatsAlloc};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use crate::report::{Figure, Measure};
use crate::servers::{self, Server};

/// Counts what each holds, by an allocator that all memory comes from.
///
/// # Panics
///
/// If a recorded ClientHello is none.
#[must_use]
pub fn figures(allocator: &StatsAlloc<System>) -> Vec<Figure> {
    let hello = recorded::all()
        .iter()
        .find(|each| each.name == "chromium-148.0.7778.167");
    let hello = hello.expect("it is recorded").bytes;
    let half = &hello[..hello.len() / 2];
    let Server {
        rustls,
        ours,
        encrypted_alerts,
    } = servers::server(&[], ClientAuth::No);
    // sessions and whatever else is kept for all
    drop(answered(&ours, hello));
    let mut heap = Heap {
        allocator,
        figures: Vec::new(),
    };

    heap.held("nothing", "lastword", Handshake::default);
    heap.held("nothing", "rustls Acceptor", RustlsAcceptor::default);
    heap.held("nothing", "rustls", || connection(&rustls, &[]));

    heap.held("half a hello", "lastword", || collecting(half));
    heap.held("half a hello", "rustls Acceptor", || their_acceptor(half));
    heap.held("half a hello", "rustls", || connection(&rustls, half));

    heap.held("hello complete", "lastword", || accepted(hello));
    heap.held("hello complete", "rustls Acceptor", || {
        their_acceptor(hello)
            .accept()
            .map_err(|(error, _)| error)
            .expect("good")
    });

    heap.held("awaiting Finished", "lastword", || answered(&ours, hello));
    heap.held("awaiting Finished", "lastword encrypted alerts", || {
        answered(&encrypted_alerts, hello)
    });
    heap.held("awaiting Finished", "rustls Acceptor", || {
        their_chosen(&rustls, hello)
    });
    heap.held("awaiting Finished", "rustls", || connection(&rustls, hello));

    let ours = size_of::<Accept<TcpStream>>();
    let theirs = size(|io| lazily(io, rustls));
    heap.add("future", "lastword tokio", ours);
    heap.add("future", "LazyConfigAcceptor", theirs);
    heap.figures
}

/// How many bytes a future has, whatever it holds on the heap once it is polled.
fn size<F>(_: impl FnOnce(TcpStream) -> F) -> usize {
    size_of::<F>()
}

/// As tokio-rustls's documentation has it, that of a client that fails included.
async fn lazily(io: TcpStream, config: Arc<ServerConfig>) -> io::Result<TlsStream<TcpStream>> {
    let mut acceptor = pin!(LazyConfigAcceptor::new(RustlsAcceptor::default(), io));
    match acceptor.as_mut().await {
        Ok(start) => start.into_stream(config).await,
        Err(error) => {
            if let Some(mut io) = acceptor.take_io() {
                io.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await?;
            }
            Err(error)
        }
    }
}

struct Heap<'a> {
    allocator: &'a StatsAlloc<System>,
    figures: Vec<Figure>,
}

impl Heap<'_> {
    fn held<T>(&mut self, state: &str, way: &str, make: impl FnOnce() -> T) {
        let region = Region::new(self.allocator);
        let held = Box::new(make());
        let change = region.change();
        drop(held);
        let bytes = change.bytes_allocated - change.bytes_deallocated;
        self.add(state, way, bytes);
    }

    fn add(&mut self, state: &str, way: &str, bytes: usize) {
        let work = format!("half-open/{state}");
        let figure = Figure::new(work, way, Measure::Held, bytes as f64);
        self.figures.push(figure);
    }
}

fn collecting(mut bytes: &[u8]) -> Handshake {
    match Handshake::default().receive(&mut bytes) {
        Ok(Progress::Continue(handshake)) => handshake,
        other => panic!("{other:?}"),
    }
}

fn accepted(mut bytes: &[u8]) -> Accepted {
    match Handshake::default().receive(&mut bytes) {
        Ok(Progress::ClientHello(accepted)) => accepted,
        other => panic!("{other:?}"),
    }
}

fn answered(config: &Config, hello: &[u8]) -> Handshake {
    written(accepted(hello).into_handshake(config).expect("good"))
}

fn written(mut handshake: Handshake) -> Handshake {
    while handshake.wants_write() {
        handshake.write_tls(&mut sink()).expect("it is swallowed");
    }
    handshake
}

fn their_acceptor(mut bytes: &[u8]) -> RustlsAcceptor {
    let mut acceptor = RustlsAcceptor::default();
    acceptor.read_tls(&mut bytes).expect("a slice is read");
    acceptor
}

fn their_chosen(config: &Arc<ServerConfig>, hello: &[u8]) -> ServerConnection {
    let Ok(Some(accepted)) = their_acceptor(hello).accept() else {
        panic!("no hello")
    };
    let connection = accepted.into_connection(Arc::clone(config));
    let mut connection = connection.map_err(|(error, _)| error).expect("good");
    write(&mut connection);
    connection
}

fn connection(config: &Arc<ServerConfig>, mut bytes: &[u8]) -> ServerConnection {
    let mut connection = ServerConnection::new(Arc::clone(config)).expect("it is a configuration");
    while !bytes.is_empty() {
        connection.read_tls(&mut bytes).expect("a slice is read");
        connection.process_new_packets().expect("good");
    }
    write(&mut connection);
    connection
}

fn write(connection: &mut ServerConnection) {
    while connection.wants_write() {
        connection.write_tls(&mut sink()).expect("it is swallowed");
    }
}
