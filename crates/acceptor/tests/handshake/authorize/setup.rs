//! A server that asks for certificates, and a client that waits for its verdict.

use std::io::Write;
use std::sync::Arc;

use lastword_acceptor::{Authenticated, Config, Connection, Handshake, Progress};
use lastword_testkit::catalogue::{ClientAuth, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Identity, Pki};
use lastword_testkit::sans_io::receive;
use rustls::{ClientConfig, ClientConnection};

use super::EARLY_DATA;
use crate::handshake::clients::{client, flight, written};

/// A handshake at whose end the application gives its verdict.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Full,
    Resumed,
    EarlyData,
}

pub(super) const KINDS: [(Versions, Kind); 5] = [
    (Versions::Tls13, Kind::Full),
    (Versions::Tls13, Kind::Resumed),
    (Versions::Tls13, Kind::EarlyData),
    (Versions::Tls12, Kind::Full),
    (Versions::Tls12, Kind::Resumed),
];

/// A server that asks for certificates, and the configuration of its clients.
pub(super) struct Setup {
    pub(super) server: Config,
    pub(super) client: Arc<ClientConfig>,
    pub(super) versions: Versions,
    pub(super) kind: Kind,
}

impl Setup {
    pub(super) fn new(profile: &ServerProfile, versions: Versions, kind: Kind) -> Self {
        let pki = Pki::new();
        let mut server = Arc::unwrap_or_clone(pki.server_config(&ServerProfile {
            client_auth: ClientAuth::Required,
            ..*profile
        }));
        server.max_early_data_size = 1 << 14;
        let mut config = Arc::unwrap_or_clone(pki.client_config(&ClientProfile {
            versions,
            identity: Identity::Known,
            ..ClientProfile::DEFAULT
        }));
        config.enable_early_data = kind == Kind::EarlyData;
        let setup = Self {
            server: Config::new(server).unwrap(),
            client: Arc::new(config),
            versions,
            kind,
        };
        if kind != Kind::Full {
            let (mut client, authenticated, _) = setup.waiting(usize::MAX, b"");
            let connection = authenticated.accept(&mut &[][..]).unwrap();
            hear(&mut client, &written_by(connection).1);
        }
        setup
    }

    /// Returns a client that waits for the verdict, and the bytes that are not taken. It sends `request`
    /// right after its Finished, in TLS 1.3. The server gets at most so many bytes at once.
    pub(super) fn waiting(
        &self,
        most: usize,
        request: &[u8],
    ) -> (ClientConnection, Authenticated, Vec<u8>) {
        let mut client = client(Arc::clone(&self.client));
        if let Some(mut early_data) = client.early_data() {
            early_data.write_all(EARLY_DATA).unwrap();
        }
        let mut handshake = Handshake::default().authorizing();
        let mut said = written(&mut client);
        loop {
            let mut rest = &said[..];
            while !rest.is_empty() {
                let mut chunk = &rest[..most.min(rest.len())];
                let before = chunk.len();
                let progress = receive(handshake, &self.server, &mut chunk).unwrap();
                rest = &rest[before - chunk.len()..];
                match progress {
                    Progress::Continue(next) => handshake = next,
                    Progress::Authenticated(authenticated) => {
                        return (client, authenticated, rest.to_vec());
                    }
                    other => panic!("{other:?}"),
                }
            }
            hear(&mut client, &flight(&mut handshake));
            said = written(&mut client);
            if !client.is_handshaking() {
                client.writer().write_all(request).unwrap();
                said.extend(written(&mut client));
            }
        }
    }

    /// Returns whether the client has a session to resume, which it got since the setup.
    pub(super) fn has_new_session(&self, client: &ClientConnection) -> bool {
        match self.versions {
            Versions::Tls13 => client.tls13_tickets_received() > 0,
            _ => !client.is_handshaking() && self.kind == Kind::Full,
        }
    }
}

/// Gives the client these bytes. Its error is kept.
pub(super) fn hear(client: &mut ClientConnection, mut bytes: &[u8]) {
    while !bytes.is_empty() && client.read_tls(&mut bytes).unwrap() > 0 {
        drop(client.process_new_packets());
    }
}

pub(super) fn written_by(mut connection: Connection) -> (Connection, Vec<u8>) {
    let mut bytes = Vec::new();
    while connection.wants_write() {
        connection.write_tls(&mut bytes).unwrap();
    }
    (connection, bytes)
}
