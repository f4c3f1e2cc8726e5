//! What becomes of a client's first flight: with rustls alone, and on the two paths.

use std::fmt;

use lastword_acceptor::{
    Acceptor, AlertDescription, ErrorAndAlert, Handshake, Limits, Progress, Step,
};
use rustls::ServerConnection;

use crate::exceptions;
use crate::server::Server;

/// What becomes of a client with rustls alone.
pub(crate) enum Rustls {
    /// It is answered, with these bytes.
    Answers(Vec<u8>),
    /// More is awaited.
    Waits,
    /// It is refused.
    Refuses(rustls::Error),
}

impl fmt::Debug for Rustls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answers(answer) => write!(f, "answers with {} bytes", answer.len()),
            Self::Waits => f.write_str("waits"),
            Self::Refuses(error) => write!(f, "refuses: {error:?}"),
        }
    }
}

/// What becomes of it on a path.
#[derive(Debug)]
pub(crate) enum Ours {
    Answers,
    Waits,
    Refuses(ErrorAndAlert),
}

/// What `ServerConnection::new` makes of the bytes.
pub(crate) fn rustls(server: &Server, mut bytes: &[u8]) -> Rustls {
    let mut connection = ServerConnection::new(server.config.rustls().clone()).unwrap();
    while !bytes.is_empty() {
        if connection.read_tls(&mut bytes).is_err() {
            return Rustls::Refuses(rustls::InvalidMessage::HandshakePayloadTooLarge.into());
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

/// What the direct path makes of them.
pub(crate) fn direct(server: &Server, mut bytes: &[u8]) -> Ours {
    let handshake = Handshake::new(&server.config, Limits::default());
    match handshake.receive(&mut bytes) {
        Ok(progress) => of_progress(progress),
        Err(error) => Ours::Refuses(error),
    }
}

/// What the path by way of an acceptor makes of them.
pub(crate) fn acceptor(server: &Server, mut bytes: &[u8]) -> Ours {
    let accepted = match Acceptor::default().receive(&mut bytes) {
        Ok(Step::NeedsInput(_)) => return Ours::Waits,
        Ok(Step::ClientHello(accepted)) => accepted,
        Err(error) => return Ours::Refuses(error),
    };
    let handshake = accepted.into_handshake(&server.config);
    match handshake.and_then(|handshake| handshake.receive(&mut bytes)) {
        Ok(progress) => of_progress(progress),
        Err(error) => Ours::Refuses(error),
    }
}

fn of_progress(progress: Progress) -> Ours {
    match progress {
        Progress::Continue(handshake) if handshake.wants_write() => Ours::Answers,
        Progress::Continue(_) => Ours::Waits,
        Progress::Complete(_) => panic!("a handshake is complete after its first flight"),
    }
}

/// Holds a client's first flight, in records, against rustls on both paths.
///
/// The error says where they differ.
pub(crate) fn compare(server: &Server, bytes: &[u8]) -> Result<(), String> {
    let rustls = rustls(server, bytes);
    let direct = direct(server, bytes);
    let acceptor = acceptor(server, bytes);
    if told(&direct) != told(&acceptor) {
        return Err(format!(
            "direct: {direct:?}, by way of an acceptor: {acceptor:?}"
        ));
    }
    let agree = match (&rustls, &direct) {
        (Rustls::Answers(_), Ours::Answers)
        | (Rustls::Waits, Ours::Waits)
        | (Rustls::Refuses(_), Ours::Refuses(_)) => true,
        (Rustls::Answers(answer), Ours::Refuses(error)) => {
            exceptions::refused(error.error().kind(), answer, bytes, server)
        }
        (Rustls::Waits, Ours::Refuses(error)) => {
            let kind = error.error().kind();
            exceptions::not_waited_for(kind) || exceptions::refused(kind, &[], bytes, server)
        }
        (Rustls::Refuses(error), _) => exceptions::not_refused(error, bytes),
        (Rustls::Waits, Ours::Answers) | (Rustls::Answers(_), Ours::Waits) => false,
    };
    match agree {
        true => Ok(()),
        false => Err(format!(
            "{}: rustls: {rustls:?}, here: {direct:?}",
            server.name
        )),
    }
}

/// What tells two verdicts apart: whether there is an answer, and the alert and the words instead.
/// Not the bytes: a ServerHello may stand in front of an alert.
fn told(ours: &Ours) -> (bool, Option<(Option<AlertDescription>, String)>) {
    match ours {
        Ours::Answers => (true, None),
        Ours::Waits => (false, None),
        Ours::Refuses(error) => (false, Some((error.alert(), error.to_string()))),
    }
}
