//! The words for an end of the handshake that the client's offer did not cause.

use std::fmt::{self, Display, Formatter};

use lastword_alert::AlertDescription;

use super::{certificate, explain_rustls};
use crate::error::{CloseKind, Error, ErrorKind};
use crate::panic::Panic;
use crate::peer_alert::PeerAlert;
use crate::phase::Phase;
use crate::text::Quoted;

/// Writes an end of the handshake that the client's offer did not cause.
pub(super) fn explain(error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    match error.kind() {
        ErrorKind::Rejected(rejection) => match error.server_name() {
            Some(name) => write!(f, "{rejection}: client asks for {name}"),
            None => rejection.fmt(f),
        },
        ErrorKind::PassedThrough => {
            f.write_str("this server passes the client through, and nothing takes it")?;
            match error.server_name() {
                Some(name) => write!(f, ": client asks for {name}"),
                None => Ok(()),
            }
        }
        ErrorKind::Panicked(panic) => explain_panic(panic, f),
        ErrorKind::Config(reason) => write!(f, "this server can serve no client: {reason}"),
        ErrorKind::PeerAlert(alert) => {
            PeerAlert(alert.description).fmt(f)?;
            match (alert.description, error.longest_record()) {
                (AlertDescription::RECORD_OVERFLOW, Some(longest)) => {
                    write!(
                        f,
                        ", and it had asked for records of at most {longest} bytes"
                    )
                }
                _ => Ok(()),
            }
        }
        ErrorKind::StreamFailed => explain_left("stream failed", error, f),
        ErrorKind::Closed(CloseKind::EndOfStream) => {
            explain_left("client closed the connection", error, f)
        }
        ErrorKind::Closed(CloseKind::CloseNotify) => {
            explain_left("client closed the connection with close_notify", error, f)
        }
        ErrorKind::Closed(CloseKind::Reset) => {
            explain_left("client reset the connection", error, f)
        }
        ErrorKind::BadClientCertificate => certificate::explain(error, f),
        ErrorKind::NoClientCertificate => certificate::explain_none(error, f),
        ErrorKind::TimedOut => explain_timeout(error, f),
        ErrorKind::Aborted => explain_aborted("server aborted the handshake", error, f),
        _ => explain_rustls(error, f),
    }
}

fn explain_panic(panic: &Panic, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str("this server's own code panicked")?;
    match panic.message() {
        Some(message) => write!(f, ": {}", Quoted(message)),
        None => Ok(()),
    }
}

/// Writes how the connection ended. What a client sends before its ClientHello, for example a PROXY
/// header, is not counted.
fn explain_left(how: &str, error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    match (error.phase(), error.received_len()) {
        (Phase::ClientHello, 0) => write!(f, "{how} before any part of a ClientHello arrived"),
        _ => explain_aborted(how, error, f),
    }
}

/// Writes that the timeout passed. A client that sent nothing may speak a protocol in which the server
/// speaks first.
fn explain_timeout(error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    explain_aborted("timed out", error, f)?;
    match (error.phase(), error.received_len()) {
        (Phase::ClientHello, 0) => {
            f.write_str(": it may wait for this server to speak first, as clients of STARTTLS do")
        }
        _ => Ok(()),
    }
}

fn explain_aborted(why: &str, error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    write!(f, "{why} {}", error.phase())?;
    match (error.phase(), error.received_len()) {
        (Phase::ClientHello, 0) => f.write_str(", nothing received"),
        (Phase::ClientHello, received) => write!(f, ", {received} bytes received"),
        _ => Ok(()),
    }
}
