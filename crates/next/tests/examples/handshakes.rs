//! Counts what the server does in a handshake and for its data: run it under callgrind.
//!
//! ```console
//! $ cargo build --release --example handshakes
//! $ valgrind --tool=callgrind --toggle-collect='*server_step*' target/release/examples/handshakes full 20
//! ```
#![forbid(unsafe_code)]

use std::env;
use std::io::Write;

use lastword_acceptor::{Config, Connection, Handshake, Limits, Progress};
use lastword_testkit::catalogue::{ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Pki};
use rustls::ClientConnection;

enum Server {
    Handshake(Handshake),
    Complete(Connection),
}

/// What is counted: the server takes these bytes, and answers.
#[inline(never)]
fn server_step(server: Server, config: &Config, mut bytes: &[u8], answer: &mut Vec<u8>) -> Server {
    let server = match server {
        Server::Handshake(mut handshake) => loop {
            match handshake.receive(&mut bytes).unwrap() {
                Progress::ClientHello(accepted) => {
                    handshake = accepted.into_handshake(config).unwrap();
                }
                Progress::Continue(mut handshake) => {
                    while handshake.wants_write() {
                        handshake.write_tls(answer).unwrap();
                    }
                    break Server::Handshake(handshake);
                }
                Progress::Complete(connection) => break Server::Complete(connection),
                Progress::Authenticated(_) => unreachable!(),
            }
        },
        complete @ Server::Complete(_) => complete,
    };
    let Server::Complete(mut connection) = server else {
        return server;
    };
    while !bytes.is_empty() {
        connection.read_tls(&mut bytes).unwrap();
        connection.process().unwrap();
        while let Ok(plaintext) = connection.plaintext() {
            let len = plaintext.len();
            let echo = plaintext.to_vec();
            connection.consume(len);
            connection.write(&echo).unwrap();
        }
        while connection.wants_write() {
            connection.write_tls(answer).unwrap();
        }
    }
    while connection.wants_write() {
        connection.write_tls(answer).unwrap();
    }
    Server::Complete(connection)
}

fn written(client: &mut ClientConnection) -> Vec<u8> {
    let mut bytes = Vec::new();
    while client.wants_write() {
        client.write_tls(&mut bytes).unwrap();
    }
    bytes
}

fn hear(client: &mut ClientConnection, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        client.read_tls(&mut bytes).unwrap();
        client.process_new_packets().unwrap();
        std::io::copy(&mut client.reader(), &mut std::io::sink()).ok();
    }
}

fn main() {
    let mut args = env::args().skip(1);
    let what = args.next().unwrap_or_default();
    let count: usize = args.next().map_or(1, |count| count.parse().unwrap());
    let pki = Pki::new();
    let profile = match what.contains("sealed") {
        true => ServerProfile::DEFAULT,
        false => ServerProfile::DEFAULT.with_rustls_provider(),
    };
    let config = Config::new(pki.server_config(&profile)).unwrap();
    let client = ClientProfile {
        versions: match what.contains("tls12") {
            true => Versions::Tls12,
            false => Versions::Tls13,
        },
        ..ClientProfile::DEFAULT
    };
    let data = match what.contains("bulk") {
        true => 64,
        false => 0,
    };
    for _ in 0..count {
        // a configuration of its own: no resumption
        let config_of_client = pki.client_config(&client);
        let name = "localhost".try_into().unwrap();
        let mut client = ClientConnection::new(config_of_client, name).unwrap();
        let mut server = Server::Handshake(Handshake::new(Limits::default()));
        let mut sent = 0;
        loop {
            let bytes = written(&mut client);
            if bytes.is_empty() {
                match sent < data && !client.is_handshaking() {
                    true => client.writer().write_all(&[7; 16_384]).unwrap(),
                    false => break,
                }
                sent += 1;
                continue;
            }
            let mut answer = Vec::new();
            server = server_step(server, &config, &bytes, &mut answer);
            hear(&mut client, &answer);
        }
        assert!(matches!(server, Server::Complete(_)));
    }
}
