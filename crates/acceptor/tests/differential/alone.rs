//! What rustls makes of a client alone, and its errors.

use rustls::{AlertDescription, ServerConnection};

use super::server::Server;
use super::verdict::Rustls;

pub(crate) use rustls::{Error, InvalidMessage, PeerMisbehaved};

/// What `ServerConnection::new` makes of the bytes.
pub(crate) fn rustls(server: &Server, mut bytes: &[u8]) -> Rustls {
    let mut connection = ServerConnection::new(server.config.rustls().clone()).unwrap();
    while !bytes.is_empty() {
        if connection.read_tls(&mut bytes).is_err() {
            return Rustls::Refuses(InvalidMessage::HandshakePayloadTooLarge.into());
        }
        if let Err(error) = connection.process_new_packets() {
            return Rustls::Refuses(error);
        }
    }
    let mut answer = Vec::new();
    while connection.wants_write() {
        connection.write_tls(&mut answer).unwrap();
    }
    match answer.is_empty() {
        true => Rustls::Waits,
        false => Rustls::Answers(answer),
    }
}

/// Whether it is the error of a `user_canceled` that is no warning.
pub(crate) fn is_user_canceled(error: &Error) -> bool {
    matches!(error, Error::AlertReceived(AlertDescription::UserCanceled))
}
