//! A program before and after it moves to this crate: how many lines change, and that both run.

#[rustfmt::skip]
#[path = "acceptor/before.rs"]
#[allow(clippy::needless_pass_by_value)] // as a program has it
mod before;
#[rustfmt::skip] // its lines stand where they stood
#[path = "acceptor/after.rs"]
mod after;

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, LazyLock};
use std::thread;

use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::{ClientProfile, Pki};
use rustls::{ClientConnection, StreamOwned};

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
    assert_eq!(changed("a\nb\nc\nd\n", "b\ny\nz\nd\n"), (2, 2));
}

#[test]
fn a_server_of_acceptor_has_three_new_lines() {
    let before = include_str!("acceptor/before.rs");
    let after = include_str!("acceptor/after.rs");
    assert_eq!(changed(before, after), (12, 3));
}

fn serve(serve: impl FnOnce(&TcpListener) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || serve(&listener));
    address
}

/// What a client reads.
fn client(address: SocketAddr) -> [u8; 6] {
    let config = PKI.client_config(&ClientProfile::DEFAULT);
    let name = "localhost".try_into().unwrap();
    let connection = ClientConnection::new(config, name).unwrap();
    let mut client = StreamOwned::new(connection, TcpStream::connect(address).unwrap());
    let mut text = [0; 6];
    client.read_exact(&mut text).unwrap();
    text
}

#[test]
fn the_server_of_acceptor_runs_before_and_after() {
    let config = PKI.server_config(&ServerProfile::DEFAULT);
    let sites = Arc::new(HashMap::from([("localhost".into(), config)]));
    let own = Arc::clone(&sites);
    let address = serve(move |listener| before::serve(listener, &own).unwrap());
    assert_eq!(&client(address), b"hello\n");

    let address = serve(move |listener| after::serve(listener, &sites).unwrap());
    assert_eq!(&client(address), b"hello\n");
    let mut plain = TcpStream::connect(address).unwrap();
    plain.write_all(b"SSH-2.0-x\r\n").unwrap();
    let mut told = Vec::new();
    plain.read_to_end(&mut told).unwrap();
    assert_eq!(told, [21, 3, 3, 0, 2, 2, 10]);
}
