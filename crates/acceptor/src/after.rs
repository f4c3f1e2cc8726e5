//! What comes right after a handshake, in the same read as its last record.

use lastword_alert::AlertDescription;
use lastword_record::{ContentType, Header, LengthLimit};
use rustls::{Error as RustlsError, ProtocolVersion, ServerConnection};

use crate::alerts::{self, Failed};
use crate::driver::{self, Failure};
use crate::error::Client;
use crate::gate::RecordError;
use crate::kept_error::{Reads, reads};
use crate::{Error, ErrorAndAlert, ErrorKind, Phase};

/// Why a connection goes no further.
enum Stopped {
    /// rustls found an error.
    Failed(Failure),
    /// The client sent a record for which rustls has another alert. The right one is queued.
    Refused(RecordError, AlertDescription),
}

/// Has a connection whose handshake is complete process `bytes`, as many as rustls takes.
///
/// It is not left to the connection's next use: that reads the socket first, and a client that
/// waits for its alert sends nothing.
///
/// # Errors
///
/// If the bytes fail and bring nothing for the application to read first. If they do, the connection
/// keeps the error, its alert queued, and [`kept_error`](crate::kept_error) returns it.
pub(crate) fn receive(
    mut connection: Box<ServerConnection>,
    bytes: &mut &[u8],
) -> Result<Box<ServerConnection>, ErrorAndAlert> {
    match process(&mut connection, bytes) {
        Ok(()) => Ok(connection),
        Err(stopped) => {
            *bytes = &[]; // nothing is read after an error
            fail(connection, stopped)
        }
    }
}

/// Goes on with a connection whose handshake is complete and that rustls has found an error in.
pub(crate) fn failed(
    connection: Box<ServerConnection>,
    failure: Failure,
) -> Result<Box<ServerConnection>, ErrorAndAlert> {
    fail(connection, Stopped::Failed(failure))
}

fn fail(
    mut connection: Box<ServerConnection>,
    stopped: Stopped,
) -> Result<Box<ServerConnection>, ErrorAndAlert> {
    if has_plaintext(&mut connection) {
        // RFC 8446 6: an alert is never answered
        if !matches!(
            stopped,
            Stopped::Failed(Failure::Rustls(RustlsError::AlertReceived(_)))
        ) {
            // does nothing if rustls has queued an alert
            connection.send_close_notify();
        }
        return Ok(connection);
    }
    let (phase, client) = (Phase::Established, Client::agreed(&connection));
    Err(match stopped {
        Stopped::Failed(failure) => Failed {
            failure,
            phase,
            client,
        }
        .decide(&mut connection),
        Stopped::Refused(error, alert) => {
            let error = Error::new(ErrorKind::Record(error), phase, client);
            ErrorAndAlert::queue(error, alert, driver::drain(&mut connection))
        }
    })
}

fn process(connection: &mut ServerConnection, bytes: &mut &[u8]) -> Result<(), Stopped> {
    while !bytes.is_empty() {
        match reads(connection) {
            Reads::More => {}
            Reads::Full => return Ok(()), // the rest comes once plaintext is read
            // RFC 8446 6.1: what comes after close_notify is ignored, whatever it is
            Reads::Closed => {
                *bytes = &[];
                return Ok(());
            }
        }
        let mut record = *bytes;
        if let Some(content_type) = bytes.first() {
            check(connection, ContentType(*content_type))?;
        }
        if let Some(header) = bytes.first_chunk() {
            let header = Header::from_bytes(*header);
            check_length(connection, header)?;
            let len = Header::LEN + usize::from(header.length);
            record = bytes.get(..len).unwrap_or(bytes);
        }
        let rest = bytes.get(record.len()..).unwrap_or_default();
        while !record.is_empty() {
            match connection.read_tls(&mut record) {
                Ok(1..) => driver::process(connection).map_err(Stopped::Failed)?,
                // full of plaintext: the rest comes once that is read
                Ok(0) | Err(_) => {
                    *bytes = bytes
                        .get(bytes.len() - rest.len() - record.len()..)
                        .unwrap_or_default();
                    return Ok(());
                }
            }
        }
        *bytes = rest;
    }
    Ok(())
}

/// RFC 8446 5: a record of an unknown type, or a message in plaintext -> unexpected_message. rustls
/// 0.23 has decode_error for the one and bad_record_mac for the other.
fn check(connection: &mut ServerConnection, content_type: ContentType) -> Result<(), Stopped> {
    /// RFC 8446 5, RFC 5246 7.1: a change_cipher_spec after the handshake -> unexpected_message
    const CHANGE_CIPHER_SPEC: &[u8] = &[20, 3, 3, 0, 1, 1];

    let is_tls13 = connection.protocol_version() == Some(ProtocolVersion::TLSv1_3);
    let known = ContentType::CHANGE_CIPHER_SPEC..=ContentType::APPLICATION_DATA;
    let refused = match content_type {
        ContentType::HANDSHAKE if is_tls13 => RecordError::NotEncrypted(content_type),
        _ if known.contains(&content_type) => return Ok(()),
        _ => RecordError::UnexpectedContentType(content_type),
    };
    Err(provoke(connection, CHANGE_CIPHER_SPEC, refused))
}

/// RFC 8446 5.2: longer than 2^14 + 256 -> record_overflow. Up to 2^14 + 2,048 rustls says it, and
/// cannot be asked to for what is longer.
fn check_length(connection: &mut ServerConnection, header: Header) -> Result<(), Stopped> {
    /// a content type that is none -> decode_error, in rustls 0.23.46
    const NO_RECORD: &[u8] = &[0xff, 3, 3, 0, 1];

    let Err(overflow) = header.check_length(LengthLimit::TLS12_CIPHERTEXT) else {
        return Ok(());
    };
    let refused = RecordError::TooLong(overflow);
    Err(provoke(connection, NO_RECORD, refused))
}

/// Has rustls queue an alert for a record that is refused. In the middle of a message rustls takes
/// any record for an encrypted one: bad_record_mac.
fn provoke(connection: &mut ServerConnection, mut record: &[u8], refused: RecordError) -> Stopped {
    let provoked =
        driver::buffer(connection, &mut record).and_then(|()| driver::process(connection));
    match provoked {
        Err(Failure::Rustls(error)) => Stopped::Refused(refused, alerts::encrypted(&error)),
        Err(failure) => Stopped::Failed(failure),
        Ok(()) => {
            debug_assert!(false, "rustls takes {record:02x?}");
            Stopped::Refused(refused, AlertDescription::CLOSE_NOTIFY)
        }
    }
}

/// Whether the application has something to read, early data included.
fn has_plaintext(connection: &mut ServerConnection) -> bool {
    let has_early_data = connection.early_data().is_some();
    let reader = connection.reader();
    has_early_data
        || reader
            .into_first_chunk()
            .is_ok_and(|chunk| !chunk.is_empty())
}
