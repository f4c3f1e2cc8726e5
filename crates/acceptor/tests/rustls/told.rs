//! What a client is told: by rustls, both ways, and here.

use std::fmt;
use std::sync::Arc;

use lastword_acceptor::{Config, Handshake, Progress};
use lastword_testkit::sans_io::receive;
use rustls::server::{AcceptedAlert, Acceptor};
use rustls::{Error, ServerConfig, ServerConnection};

/// What becomes of a client that has sent all it will.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// This fatal alert, in plaintext, and not a byte more.
    Alert(u8),
    /// Nothing, and there is an error.
    Nothing,
    /// Nothing, and there is no error: more is awaited.
    Waits,
    /// A ServerHello.
    Answer,
    /// A ServerHello, though there is an error; the alert for it may stand behind.
    AnswerAndError,
    /// Something else.
    Other,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alert(code) => write!(f, "alert {code}"),
            Self::Nothing => f.write_str("silence"),
            Self::Waits => f.write_str("waiting"),
            Self::Answer => f.write_str("a ServerHello"),
            Self::AnswerAndError => f.write_str("a ServerHello and an error"),
            Self::Other => f.write_str("something else"),
        }
    }
}

impl Told {
    fn of<T, E>(result: Result<T, E>, tls: &[u8]) -> Self {
        match (result, tls) {
            (Ok(_), []) => Self::Waits,
            (Err(_), []) => Self::Nothing,
            (Err(_), [21, 3, 3, 0, 2, 2, code]) => Self::Alert(*code),
            (Ok(_), [22, 3, 3, _, _, 2, ..]) => Self::Answer,
            (Err(_), [22, 3, 3, _, _, 2, ..]) => Self::AnswerAndError,
            _ => Self::Other,
        }
    }
}

/// Through `ServerConnection::new`: what it has queued when it is done with the bytes.
pub(crate) fn direct(config: &Arc<ServerConfig>, bytes: &[u8]) -> Told {
    let Ok(mut connection) = ServerConnection::new(Arc::clone(config)) else {
        return Told::Nothing;
    };
    let result = feed(&mut connection, bytes);
    Told::of(result, &queued(&mut connection))
}

/// Has rustls process all of it.
pub(crate) fn feed(connection: &mut ServerConnection, mut bytes: &[u8]) -> Result<(), Error> {
    while !bytes.is_empty() {
        connection
            .read_tls(&mut bytes)
            .map_err(|error| Error::General(error.to_string()))?;
        connection.process_new_packets()?;
    }
    Ok(())
}

/// What it has queued.
pub(crate) fn queued(connection: &mut ServerConnection) -> Vec<u8> {
    let mut queue = Vec::new();
    while connection.wants_write() {
        connection.write_tls(&mut queue).unwrap();
    }
    queue
}

/// Through rustls's own `Acceptor`, its alert written out as its documentation has it.
pub(crate) fn acceptor(config: &Arc<ServerConfig>, mut bytes: &[u8]) -> Told {
    let mut acceptor = Acceptor::default();
    while !bytes.is_empty() {
        if acceptor.read_tls(&mut bytes).is_err() {
            return Told::Nothing;
        }
        match acceptor.accept() {
            Ok(None) => {}
            Ok(Some(accepted)) => {
                return match accepted.into_connection(Arc::clone(config)) {
                    Ok(mut connection) => Told::of::<_, Error>(Ok(()), &queued(&mut connection)),
                    Err(failed) => refused(failed),
                };
            }
            Err(failed) => return refused(failed),
        }
    }
    Told::Waits
}

fn refused((error, mut alert): (Error, AcceptedAlert)) -> Told {
    let mut tls = Vec::new();
    alert.write_all(&mut tls).unwrap();
    Told::of::<(), _>(Err(error), &tls)
}

/// By a handshake of this crate.
pub(crate) fn ours(config: &Config, mut bytes: &[u8]) -> Told {
    match receive(Handshake::default(), config, &mut bytes) {
        Ok(Progress::Continue(mut handshake)) => {
            let mut tls = Vec::new();
            while handshake.wants_write() {
                handshake.write_tls(&mut tls).unwrap();
            }
            Told::of::<_, Error>(Ok(()), &tls)
        }
        Ok(_) => Told::Other,
        Err(error) => {
            let (error, tls) = error.into_parts();
            Told::of::<(), _>(Err(error), &tls)
        }
    }
}
