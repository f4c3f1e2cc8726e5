//! A connection whose handshake is complete, with tickets still to write.

use std::io::{Read, Write};

use lastword_acceptor::{Connection, Progress};
use lastword_testkit::wire::records;
use rustls::ClientConnection;

use crate::sealed::after::answered;
use crate::sealed::audit;
use crate::sealed::peer::hear;
use crate::sealed::scenario::{Scenario, written};

/// Returns a client whose handshake is complete, and a connection with tickets to write.
fn unwritten(scenario: &Scenario) -> (ClientConnection, Connection) {
    let (config, mut client) = scenario.pair();
    let handshake = answered(&config, &mut client);
    match handshake.receive(&mut &written(&mut client)[..]) {
        Ok(Progress::Complete(connection)) => (client, connection),
        other => panic!("{other:?}"),
    }
}

#[test]
fn keys_can_be_updated_before_the_tickets_are_written() {
    let (mut client, mut connection) = unwritten(&Scenario::TLS13);
    connection.as_rustls_mut().refresh_traffic_keys().unwrap();
    connection.write(b"an answer").unwrap();
    hear(&mut client, &written(&mut connection));
    let mut answer = [0; 9];
    client.reader().read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"an answer");
    audit::check();
}

#[test]
fn a_connection_ends_after_its_keys_were_updated() {
    let (mut client, mut connection) = unwritten(&Scenario::TLS13);
    connection.as_rustls_mut().refresh_traffic_keys().unwrap();
    let error = connection.end(lastword_acceptor::End::Aborted);
    client.read_tls(&mut error.tls()).unwrap();
    let state = client.process_new_packets().unwrap();
    assert!(state.peer_has_closed());
    audit::check();
}

/// A writer that takes nothing.
struct Blocked;

impl Write for Blocked {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::WouldBlock.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The limit is rustls's: 64 KiB.
#[test]
fn a_client_that_does_not_read_bounds_what_is_buffered() {
    for scenario in [Scenario::TLS13, Scenario::TLS12] {
        for sends in [false, true] {
            let (mut client, mut connection) = unwritten(&scenario);
            let mut accepted = 0;
            for _ in 0..20 {
                accepted += connection.write(&[7; 1 << 14]).unwrap();
                connection.write_tls(&mut Blocked).unwrap_err();
                if sends && scenario == Scenario::TLS13 {
                    client.writer().write_all(b"x").unwrap();
                    let said = written(&mut client);
                    connection.read_tls(&mut &said[..]).unwrap();
                    connection.process().unwrap();
                }
            }
            assert!(accepted <= 1 << 16, "{accepted} bytes buffered");
            let bytes = written(&mut connection);
            let mut read = Vec::new();
            for record in records(&bytes) {
                hear(&mut client, record);
                let end = client.reader().read_to_end(&mut read).unwrap_err();
                assert_eq!(end.kind(), std::io::ErrorKind::WouldBlock);
            }
            assert_eq!(read.len(), accepted);
            audit::check();
        }
    }
}

/// A close_notify and an answer to a KeyUpdate, in any order.
#[test]
fn a_connection_that_closes_still_answers() {
    for written_before in [false, true] {
        let (mut client, mut connection) = unwritten(&Scenario::TLS13);
        connection.write(b"an answer").unwrap();
        connection.send_close_notify();
        if written_before {
            hear(&mut client, &written(&mut connection));
        }
        client.refresh_traffic_keys().unwrap();
        client.writer().write_all(b"a request").unwrap();
        let said = written(&mut client);
        connection.read_tls(&mut &said[..]).unwrap();
        connection.process().unwrap();
        assert_eq!(connection.plaintext().unwrap(), b"a request");
        hear(&mut client, &written(&mut connection));
        let mut rustls = connection.into_rustls().unwrap();
        rustls.writer().write_all(b"late").unwrap();
        let late = written(&mut rustls);
        assert!(
            records(&late).iter().all(|record| record[0] == 23),
            "{late:02x?}"
        );
        let mut answer = Vec::new();
        client.reader().read_to_end(&mut answer).unwrap();
        assert_eq!(answer, b"an answer");
        audit::check();
    }
}
