//! What rustls 0.24 makes of a client alone, and its errors.

use rustls_next::error::AlertDescription;
use rustls_next::{Connection, ServerSide, VecInput};

use super::server::Server;
use super::verdict::Rustls;

pub(crate) use rustls_next::error::{Error, InvalidMessage, PeerMisbehaved};

/// What `Connection::new` makes of the bytes.
pub(crate) fn rustls(server: &Server, mut bytes: &[u8]) -> Rustls {
    let config = server.config.rustls().clone();
    let mut connection = Connection::<ServerSide, _>::new(config).unwrap();
    let (mut input, mut answer) = (VecInput::default(), Vec::new());
    while !bytes.is_empty() {
        if input.read(&mut bytes).is_err() {
            return Rustls::Refuses(InvalidMessage::HandshakePayloadTooLarge.into());
        }
        let received = connection.read_tls(&mut input, &mut answer);
        if let Err(error) = received.handle_all(&mut Vec::new()) {
            return Rustls::Refuses(error);
        }
    }
    match answer.is_empty() {
        true => Rustls::Waits,
        false => Rustls::Answers(answer),
    }
}

/// Whether it is the error of a `user_canceled` that is no warning. If it is not fatal either, rustls 0.24
/// has an error of its own for it.
pub(crate) fn is_user_canceled(error: &Error) -> bool {
    matches!(
        error,
        Error::AlertReceived(AlertDescription::UserCanceled)
            | Error::PeerMisbehaved(PeerMisbehaved::IllegalAlertLevel(
                _,
                AlertDescription::UserCanceled
            ))
    )
}
