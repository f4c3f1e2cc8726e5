//! Records of a wrong type after the client's Finished.

use std::io::Write;

use crate::handshake::clients::{PROVIDERS, written};
use crate::handshake::finished::{UNKNOWN_TYPE, before_finished_to, complete, config};
use lastword_acceptor::{Connection, ConnectionError};
use lastword_testkit::catalogue::Versions;
use lastword_testkit::pki::Pki;
use lastword_testkit::wire::HelloBuilder;
use rustls::{AlertDescription, ClientConnection, Error};

const IN_PLAINTEXT: &str = "client sent a plaintext handshake record after the ServerHello";

/// rustls 0.23.46 answers the first with decode_error and the second with bad_record_mac. It accepts the
/// last two: it decrypts a record whatever its outer type is.
#[test]
fn a_record_of_a_wrong_type_is_unexpected_in_any_read_after_the_finished() {
    let pki = Pki::new();
    for (wrong, words) in [
        (Wrong::Unknown, UNKNOWN_TYPE),
        (Wrong::Plaintext, IN_PLAINTEXT),
        (Wrong::Data, IN_PLAINTEXT),
        (Wrong::CloseNotify, IN_PLAINTEXT),
    ] {
        for (_, profile) in PROVIDERS {
            for most in [1, 2, 5, 6, 40, usize::MAX] {
                let config = config(&pki, Versions::Tls13);
                let (mut client, handshake) = before_finished_to(&profile, &pki, config);
                let connection = complete(handshake, &written(&mut client), usize::MAX).unwrap();
                client.writer().write_all(b"a request").unwrap();
                let request = written(&mut client);
                let later = [request, wrong.record(&mut client)].concat();
                let (mut connection, error) = receive(connection, &later, most);
                assert_eq!(error.unwrap().to_string(), words, "{wrong:?} {most}");
                assert_eq!(connection.plaintext().unwrap(), b"a request");
                let mut output = Vec::new();
                while connection.wants_write() {
                    connection.write_tls(&mut output).unwrap();
                }
                client.read_tls(&mut &output[..]).unwrap();
                let told = Error::AlertReceived(AlertDescription::UnexpectedMessage);
                assert_eq!(client.process_new_packets().unwrap_err(), told);
            }
        }
    }
}

/// Gives a connection the bytes in chunks of this length, until it fails.
fn receive(
    mut connection: Connection,
    bytes: &[u8],
    most: usize,
) -> (Connection, Option<ConnectionError>) {
    for mut chunk in bytes.chunks(most) {
        assert_ne!(connection.read_tls(&mut chunk).unwrap(), 0);
        assert_eq!(chunk, b"");
        if let Err(error) = connection.process() {
            return (connection, Some(error));
        }
    }
    (connection, None)
}

/// A record of a wrong type.
#[derive(Clone, Copy, Debug)]
enum Wrong {
    Unknown,
    Plaintext,
    /// Application data in a record whose outer type is handshake.
    Data,
    CloseNotify,
}

impl Wrong {
    fn record(self, client: &mut ClientConnection) -> Vec<u8> {
        match self {
            Self::Unknown => return vec![99, 3, 3, 0, 1, 7],
            Self::Plaintext => return HelloBuilder::default().record(),
            Self::Data => client.writer().write_all(b"more").unwrap(),
            Self::CloseNotify => client.send_close_notify(),
        }
        let mut record = written(client);
        record[0] = 22;
        record
    }
}

/// rustls cannot be made to send record_overflow for so long a record.
#[test]
fn a_record_that_is_too_long_is_told_the_same_however_its_header_is_split() {
    let pki = Pki::new();
    for (_, profile) in PROVIDERS {
        for versions in [Versions::Tls12, Versions::Tls13] {
            let record = [&[23, 3, 3, 0x48, 1][..], &[7; 60]].concat();
            for split in 0..record.len() {
                let config = config(&pki, versions);
                let (mut client, handshake) = before_finished_to(&profile, &pki, config);
                let mut connection =
                    complete(handshake, &written(&mut client), usize::MAX).unwrap();
                hear(&mut client, &mut connection).unwrap();
                let (first, second) = record.split_at(split);
                let error = [first, second].into_iter().find_map(|mut part| {
                    if !part.is_empty() {
                        assert_ne!(connection.read_tls(&mut part).unwrap(), 0);
                    }
                    connection.process().err()
                });
                let words = "client sent a record of 18433 bytes, and at most 18432 are allowed";
                assert_eq!(error.unwrap().to_string(), words, "{versions:?} {split}");
                let told = hear(&mut client, &mut connection).unwrap_err();
                let expected = Error::AlertReceived(AlertDescription::DecodeError);
                assert_eq!(told, expected, "{versions:?} {split}");
            }
        }
    }
}

/// The error does not depend on the records after it, or on how they are cut.
#[test]
fn the_first_record_that_fails_is_the_error_in_any_cut() {
    let pki = Pki::new();
    let altered = [&[23, 3, 3, 0, 32][..], &[7; 32]].concat();
    let cipher_change = vec![20, 3, 3, 0, 1, 1];
    for (first, told) in [
        (altered, AlertDescription::BadRecordMac),
        (cipher_change, AlertDescription::UnexpectedMessage),
    ] {
        for (_, profile) in PROVIDERS {
            for versions in [Versions::Tls12, Versions::Tls13] {
                let mut all_words = Vec::new();
                for behind in [vec![], vec![99, 3, 3, 0, 1, 7], vec![23, 3, 3, 0x48, 1]] {
                    let bytes = [&first[..], &behind].concat();
                    for most in [1, 6, 40, usize::MAX] {
                        let config = config(&pki, versions);
                        let (mut client, handshake) = before_finished_to(&profile, &pki, config);
                        let finished = written(&mut client);
                        let connection = complete(handshake, &finished, usize::MAX).unwrap();
                        let (mut connection, error) = receive(connection, &bytes, most);
                        all_words.push(error.unwrap().to_string());
                        let heard = hear(&mut client, &mut connection).unwrap_err();
                        assert_eq!(heard, Error::AlertReceived(told), "{versions:?} {most}");
                    }
                }
                all_words.dedup();
                assert_eq!(all_words.len(), 1, "{versions:?}: {all_words:?}");
            }
        }
    }
}

fn hear(client: &mut ClientConnection, connection: &mut Connection) -> Result<(), Error> {
    let mut output = Vec::new();
    while connection.wants_write() {
        connection.write_tls(&mut output).unwrap();
    }
    client.read_tls(&mut &output[..]).unwrap();
    client.process_new_packets().map(drop)
}
