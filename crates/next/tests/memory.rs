//! How much memory a client takes while its handshake waits for it, and while its connection is idle.
#![forbid(unsafe_code)]

use std::alloc::System;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use lastword_testkit::catalogue::{ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Pki};
use lastword_tokio::TlsAcceptor;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The most bytes of a client that is waited for, and of an idle connection.
const MOST: usize = 3_300;

/// The bytes on the heap.
fn held() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// The bytes that go with this value, itself included.
fn of<T>(value: T) -> usize {
    let value = Box::new(value);
    let before = held();
    drop(value);
    before - held()
}

/// Polls a future once, and panics if it is complete.
async fn poll_once(future: Pin<&mut impl Future>) {
    let mut future = future;
    poll_fn(|cx| {
        assert!(future.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
}

async fn connect(pki: &Pki, profile: &ClientProfile, io: DuplexStream) -> TlsStream<DuplexStream> {
    let connector = TlsConnector::from(pki.client_config(profile));
    let name = "localhost".try_into().unwrap();
    connector.connect(name, io).await.unwrap()
}

/// The bytes of the accept path before the client's Finished, and of the idle stream.
async fn measured(server: &ServerProfile, versions: Versions) -> [usize; 2] {
    let pki = Pki::new();
    let acceptor = TlsAcceptor::from(pki.server_config(server));
    let profile = ClientProfile {
        versions,
        ..ClientProfile::DEFAULT
    };
    let (client, server) = duplex(1 << 16);
    let mut accepting = Box::pin(acceptor.accept(server));
    let mut connecting = Box::pin(connect(&pki, &profile, client));
    poll_once(connecting.as_mut()).await;
    poll_once(accepting.as_mut()).await;
    let waiting = of(accepting);

    let (client, server) = duplex(1 << 16);
    let (stream, mut client) =
        tokio::join!(acceptor.accept(server), connect(&pki, &profile, client));
    let mut stream = stream.unwrap();
    client.write_all(b"a request").await.unwrap();
    stream.read_exact(&mut [0; 9]).await.unwrap();
    stream.write_all(b"an answer").await.unwrap();
    stream.flush().await.unwrap();
    client.read_exact(&mut [0; 9]).await.unwrap();
    {
        let mut reading = [0; 9];
        let mut reading = Box::pin(stream.read(&mut reading));
        poll_once(reading.as_mut()).await;
    }
    [waiting, of(stream)]
}

#[tokio::test(flavor = "current_thread")]
async fn a_connection_holds_no_buffers_while_it_waits() {
    let own = ServerProfile::DEFAULT;
    for server in [own.with_rustls_provider(), own] {
        for versions in [Versions::Tls13, Versions::Tls12] {
            let found = measured(&server, versions).await;
            let is_small = found.iter().all(|bytes| *bytes <= MOST);
            assert!(is_small, "{:?} {versions:?}: {found:?}", server.provider);
        }
    }
}
