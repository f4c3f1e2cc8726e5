//! Clients as far as a ClientHello, and rustls's, whose bytes can be seen and spoilt on their way.

use std::sync::Arc;

use lastword_acceptor::{Accepted, Config, Connection, ErrorAndAlert, Handshake, Limits, Progress};
use lastword_testkit::catalogue::{Provider, ServerProfile};
use lastword_testkit::sans_io::receive;
use rustls::{AlertDescription, ClientConfig, ClientConnection};

/// Both providers, each with a default server.
pub(crate) const PROVIDERS: [(Provider, ServerProfile); 2] = [
    (Provider::EncryptedAlerts, ServerProfile::DEFAULT),
    (
        Provider::Rustls,
        ServerProfile::DEFAULT.with_rustls_provider(),
    ),
];

/// What is accepted of a ClientHello, whole in this record.
pub(crate) fn accepted(hello: &[u8]) -> Accepted {
    match Handshake::default().receive(&mut &hello[..]).unwrap() {
        Progress::ClientHello(accepted) => accepted,
        progress => panic!("{progress:?}"),
    }
}

/// A handshake that has answered the ClientHello in this record, its answer written.
pub(crate) fn answering(config: &Config, hello: &[u8]) -> Handshake {
    let mut handshake = accepted(hello).into_handshake(config).unwrap();
    assert_ne!(flight(&mut handshake), b"");
    handshake
}

/// Why a handshake with this configuration fails when the client sends these bytes.
pub(crate) fn refused(config: &Config, mut bytes: &[u8]) -> ErrorAndAlert {
    receive(Handshake::default(), config, &mut bytes).unwrap_err()
}

pub(crate) fn client(config: Arc<ClientConfig>) -> ClientConnection {
    ClientConnection::new(config, "localhost".try_into().unwrap()).unwrap()
}

/// All that a client has to write.
pub(crate) fn written(client: &mut ClientConnection) -> Vec<u8> {
    let mut bytes = Vec::new();
    while client.wants_write() {
        client.write_tls(&mut bytes).unwrap();
    }
    bytes
}

/// All that a handshake has to write.
pub(crate) fn flight(handshake: &mut Handshake) -> Vec<u8> {
    let mut flight = Vec::new();
    while handshake.wants_write() {
        handshake.write_tls(&mut flight).unwrap();
    }
    flight
}

/// The handshake once it has answered the client's ClientHello.
pub(crate) fn greeted(client: &mut ClientConnection, config: &Config) -> Handshake {
    accepted(&written(client)).into_handshake(config).unwrap()
}

/// The handshake once the client has had the server's flight.
pub(crate) fn answered(client: &mut ClientConnection, config: &Config) -> Handshake {
    let mut handshake = greeted(client, config);
    client.read_tls(&mut &flight(&mut handshake)[..]).unwrap();
    client.process_new_packets().unwrap();
    handshake
}

/// What a handshake comes to when the client, read from and written to in turns, is altered by
/// `spoil` each time it speaks.
pub(crate) fn shake_hands(
    client: &mut ClientConnection,
    config: &Config,
    spoil: impl FnMut(&mut Vec<u8>),
) -> Result<(), ErrorAndAlert> {
    shake_hands_within(Limits::default(), client, config, spoil)
}

/// The same with other limits.
pub(crate) fn shake_hands_within(
    limits: Limits,
    client: &mut ClientConnection,
    config: &Config,
    mut spoil: impl FnMut(&mut Vec<u8>),
) -> Result<(), ErrorAndAlert> {
    let mut handshake = Handshake::new(limits);
    loop {
        let mut bytes = written(client);
        spoil(&mut bytes);
        handshake = match receive(handshake, config, &mut &bytes[..])? {
            Progress::Continue(next) => next,
            Progress::Complete(mut connection) => {
                finish(&mut connection, client);
                return Ok(());
            }
            Progress::ClientHello(_) | Progress::Authenticated(_) => unreachable!(),
        };
        client.read_tls(&mut &flight(&mut handshake)[..]).unwrap();
        client.process_new_packets().unwrap();
    }
}

/// The alert that the client reads out of what it is told.
pub(crate) fn read_by(client: &mut ClientConnection, error: &ErrorAndAlert) -> AlertDescription {
    client.read_tls(&mut error.tls()).unwrap();
    match client.process_new_packets().unwrap_err() {
        rustls::Error::AlertReceived(alert) => alert,
        other => panic!("{other}"),
    }
}

/// Whether the client reads that the server closes, and nothing else.
pub(crate) fn reads_close_notify(client: &mut ClientConnection, error: &ErrorAndAlert) -> bool {
    client.read_tls(&mut error.tls()).unwrap();
    client.process_new_packets().unwrap().peer_has_closed()
}

/// Gives the client what the server writes after its handshake.
pub(crate) fn finish(connection: &mut Connection, client: &mut ClientConnection) {
    let mut last = Vec::new();
    while connection.wants_write() {
        connection.write_tls(&mut last).unwrap();
    }
    client.read_tls(&mut &last[..]).unwrap();
    client.process_new_packets().unwrap();
}
