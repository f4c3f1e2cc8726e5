//! Hosts of a fleet resume the sessions of each other.

use std::sync::Arc;

use lastword_acceptor::{Config, Handshake, HandshakeKind, Progress};
use lastword_testkit::catalogue::{ClientAuth, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Identity, Pki};
use lastword_testkit::sans_io::receive;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};

use crate::{Clock, HOURS, START, host};

/// A server whose clock, for tickets, is this one.
fn server(pki: &Pki, client_auth: ClientAuth, secrets: &[u8], clock: &Clock) -> Config {
    let mut config = pki.server_config(&ServerProfile {
        client_auth,
        ..ServerProfile::DEFAULT
    });
    Arc::make_mut(&mut config).ticketer = Arc::new(host(secrets, clock));
    Config::new(config).unwrap().with_resumption_scope("fleet")
}

fn written(client: &mut ClientConnection) -> Vec<u8> {
    let mut bytes = Vec::new();
    while client.wants_write() {
        client.write_tls(&mut bytes).unwrap();
    }
    bytes
}

fn read(client: &mut ClientConnection, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        client.read_tls(&mut bytes).unwrap();
        client.process_new_packets().unwrap();
    }
}

/// The kind of a handshake of this client.
fn handshake(server: &Config, config: &Arc<ClientConfig>) -> HandshakeKind {
    let name = ServerName::try_from("localhost").unwrap();
    let mut client = ClientConnection::new(Arc::clone(config), name).unwrap();
    let mut handshake = Handshake::default();
    loop {
        let bytes = written(&mut client);
        match receive(handshake, server, &mut &bytes[..]).unwrap() {
            Progress::Continue(next) => handshake = next,
            Progress::Complete(mut connection) => {
                let mut last = Vec::new();
                while connection.wants_write() {
                    connection.write_tls(&mut last).unwrap();
                }
                read(&mut client, &last);
                return connection.handshake_kind().unwrap();
            }
            other => panic!("{other:?}"),
        }
        let mut flight = Vec::new();
        while handshake.wants_write() {
            handshake.write_tls(&mut flight).unwrap();
        }
        read(&mut client, &flight);
    }
}

#[test]
fn a_session_of_one_host_is_resumed_by_another_for_a_lifetime() {
    for client_auth in [ClientAuth::No, ClientAuth::Required] {
        for versions in [Versions::Tls12, Versions::Tls13] {
            let pki = Pki::new();
            let [one, two] = [START + HOURS - 1, START + HOURS - 31].map(Clock::at);
            let hosts = [&one, &two].map(|clock| server(&pki, client_auth, &[0], clock));
            let client = pki.client_config(&ClientProfile {
                identity: Identity::Known,
                versions,
                ..ClientProfile::DEFAULT
            });
            let case = format!("{client_auth:?} {versions:?}");
            assert_eq!(handshake(&hosts[0], &client), HandshakeKind::Full, "{case}");
            // its clock is 30 seconds behind
            assert_eq!(
                handshake(&hosts[1], &client),
                HandshakeKind::Resumed,
                "{case}"
            );
            two.set(START + HOURS + 10);
            assert_eq!(
                handshake(&hosts[1], &client),
                HandshakeKind::Resumed,
                "{case}"
            );
            let foreign = server(&pki, client_auth, &[1], &two);
            assert_eq!(handshake(&foreign, &client), HandshakeKind::Full, "{case}");
        }
    }
}
