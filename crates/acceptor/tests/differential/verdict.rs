//! What becomes of a client's first flight: with rustls alone, and here.

use std::fmt;

use lastword_acceptor::{ErrorAndAlert, Handshake, Progress};
use lastword_testkit::sans_io::receive;

use super::alone::Error;
use super::exceptions;
use super::server::Server;

pub(crate) use super::alone::rustls;

/// What becomes of a client with rustls alone.
pub(crate) enum Rustls {
    /// It is answered, with these bytes.
    Answers(Vec<u8>),
    /// More is awaited.
    Waits,
    /// It is refused.
    Refuses(Error),
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

/// What becomes of it here.
#[derive(Debug)]
pub(crate) enum Ours {
    Answers,
    Waits,
    Refuses(ErrorAndAlert),
}

/// What a handshake of this crate makes of them.
pub(crate) fn ours(server: &Server, mut bytes: &[u8]) -> Ours {
    match receive(Handshake::default(), &server.config, &mut bytes) {
        Ok(Progress::Continue(handshake)) if handshake.wants_write() => Ours::Answers,
        Ok(Progress::Continue(_)) => Ours::Waits,
        Ok(_) => panic!("a handshake is complete after its first flight"),
        Err(error) => Ours::Refuses(error),
    }
}

/// Compares what becomes of a client's first flight, in records, with rustls.
///
/// The error says where they differ.
pub(crate) fn compare(server: &Server, bytes: &[u8]) -> Result<(), String> {
    let rustls = rustls(server, bytes);
    let ours = ours(server, bytes);
    let agree = match (&rustls, &ours) {
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
        (Rustls::Refuses(error), _) => exceptions::not_refused(error, bytes, server),
        (Rustls::Waits, Ours::Answers) | (Rustls::Answers(_), Ours::Waits) => false,
    };
    match agree {
        true => Ok(()),
        false => Err(format!(
            "{}: rustls: {rustls:?}, here: {ours:?}",
            server.name
        )),
    }
}
