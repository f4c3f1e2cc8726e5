//! Programs before and after they move to this crate: how many lines change, and that both run.

#[rustfmt::skip]
#[path = "acceptor/before.rs"]
mod acceptor_before;
#[rustfmt::skip] // its `use` lines stand where they stood
#[path = "acceptor/after.rs"]
mod acceptor_after;
#[rustfmt::skip]
#[path = "lazy/before.rs"]
mod lazy_before;
#[rustfmt::skip]
#[path = "lazy/after.rs"]
mod lazy_after;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};

use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::{ClientProfile, Pki};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

static PKI: LazyLock<Pki> = LazyLock::new(Pki::new);

/// How many lines of `before` have gone, and how many of `after` are new, in the longest common
/// subsequence of lines.
fn changed(before: &str, after: &str) -> (usize, usize) {
    let (before, after): (Vec<_>, Vec<_>) = (before.lines().collect(), after.lines().collect());
    let mut lengths = vec![0; after.len() + 1];
    for old in &before {
        let mut diagonal = 0;
        for (i, new) in after.iter().enumerate() {
            let above = lengths[i + 1];
            lengths[i + 1] = match old == new {
                true => diagonal + 1,
                false => above.max(lengths[i]),
            };
            diagonal = above;
        }
    }
    let common = lengths[after.len()];
    (before.len() - common, after.len() - common)
}

#[test]
fn changed_lines_are_counted() {
    assert_eq!(changed("a\nb\nc\n", "a\nb\nc\n"), (0, 0));
    assert_eq!(changed("a\nb\nc\n", "a\nx\nc\n"), (1, 1));
    assert_eq!(changed("a\nb\nc\nd\n", "b\ny\nz\nd\n"), (2, 2));
    assert_eq!(changed("a\nb\nc\n", "b\n"), (2, 0));
}

#[test]
fn a_server_of_tls_acceptor_changes_one_line() {
    let before = include_str!("acceptor/before.rs");
    let after = include_str!("acceptor/after.rs");
    assert_eq!(changed(before, after), (1, 1));
}

#[test]
fn a_server_of_lazy_config_acceptor_has_three_new_lines() {
    let before = include_str!("lazy/before.rs");
    let after = include_str!("lazy/after.rs");
    assert_eq!(changed(before, after), (5, 3));
}

async fn bind() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// What a client reads from the server, after it has sent these bytes.
async fn client(address: SocketAddr, name: &'static str, bytes: &[u8]) -> String {
    let connector = TlsConnector::from(PKI.client_config(&ClientProfile::DEFAULT));
    let tcp = TcpStream::connect(address).await.unwrap();
    let name = name.try_into().unwrap();
    let mut client = connector.connect(name, tcp).await.unwrap();
    client.write_all(bytes).await.unwrap();
    client.shutdown().await.unwrap();
    let mut text = String::new();
    client.read_to_string(&mut text).await.unwrap();
    text
}

/// What a client in plaintext is told.
async fn told(address: SocketAddr) -> Vec<u8> {
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(b"SSH-2.0-x\r\n").await.unwrap();
    let mut told = Vec::new();
    let _ = client.read_to_end(&mut told).await; // it may be reset, before the move
    told
}

#[tokio::test]
async fn the_server_of_tls_acceptor_runs_before_and_after() {
    let (listener, address) = bind().await;
    tokio::spawn(acceptor_before::serve(
        listener,
        PKI.server_chain(),
        PKI.server_key(),
    ));
    assert_eq!(client(address, "localhost", b"echo").await, "echo");

    let (listener, address) = bind().await;
    tokio::spawn(acceptor_after::serve(
        listener,
        PKI.server_chain(),
        PKI.server_key(),
    ));
    assert_eq!(client(address, "localhost", b"echo").await, "echo");
    assert_eq!(told(address).await, [21, 3, 3, 0, 2, 2, 10]);
}

#[tokio::test]
async fn the_server_of_lazy_config_acceptor_runs_before_and_after() {
    let config = PKI.server_config(&ServerProfile::DEFAULT);
    let by_name = Arc::new(HashMap::from([(
        "example.test".into(),
        Arc::clone(&config),
    )]));

    let (listener, address) = bind().await;
    let sites = lazy_before::Sites {
        by_name: Arc::clone(&by_name),
        fallback: Arc::clone(&config),
    };
    tokio::spawn(lazy_before::serve(listener, sites));
    assert_eq!(client(address, "example.test", b"").await, "hello\n");

    let (listener, address) = bind().await;
    let sites = lazy_after::Sites {
        by_name,
        fallback: config,
    };
    tokio::spawn(lazy_after::serve(listener, sites));
    assert_eq!(client(address, "example.test", b"").await, "hello\n");
    assert_eq!(client(address, "localhost", b"").await, "hello\n");
    assert_eq!(told(address).await, [21, 3, 3, 0, 2, 2, 10]);
}
