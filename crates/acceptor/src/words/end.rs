//! The words for an end of the handshake that the client's offer did not cause.

use std::fmt::{self, Display, Formatter};

use lastword_alert::{Alert, AlertDescription};
use lastword_record::{ContentType, LengthLimit, Records};

use super::{certificate, explain_rustls};
use crate::backend::error::RustlsError;
use crate::backend::malformed;
use crate::error::{CloseKind, Error, ErrorKind};
use crate::panic::Panic;
use crate::peer_alert::PeerAlert;
use crate::phase::Phase;
use crate::text::{FirstBytes, Quoted};

/// Writes an end of the handshake that the client's offer did not cause.
pub(super) fn explain(error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    match error.kind() {
        ErrorKind::Rejected(rejection) => {
            f.write_str(match rejection.alert() {
                AlertDescription::INTERNAL_ERROR => "this server failed: ",
                _ => "this server refused the client: ",
            })?;
            rejection.fmt(f)?;
            explain_name(error, f)
        }
        ErrorKind::PassedThrough => {
            f.write_str("this server passes the client through, but nothing took the connection")?;
            explain_name(error, f)
        }
        ErrorKind::Panicked(panic) => explain_panic(panic, f),
        ErrorKind::Config(reason) => write!(f, "this server can serve no client: {reason}"),
        ErrorKind::PeerAlert(alert) => explain_alert(alert.description, error, f),
        ErrorKind::StreamFailed => explain_left("stream failed", error, f),
        ErrorKind::Closed(kind) => {
            let how = match kind {
                CloseKind::EndOfStream => "client closed the connection",
                CloseKind::CloseNotify => "client closed the connection with close_notify",
                CloseKind::Reset => "client reset the connection",
            };
            explain_left(how, error, f)
        }
        ErrorKind::BadClientCertificate => certificate::explain(error, f),
        ErrorKind::NoClientCertificate => certificate::explain_none(error, f),
        ErrorKind::TimedOut => explain_timeout(error, f),
        ErrorKind::Aborted => explain_aborted("server aborted the handshake", error, f),
        ErrorKind::TooLong => {
            explain_rustls(error, f)?;
            let is_of_message = error.rustls().is_some_and(RustlsError::is_message_too_long);
            match error.message().filter(|_| is_of_message) {
                Some(message) => write!(f, ": its {message}"),
                None => Ok(()),
            }
        }
        ErrorKind::Malformed => {
            explain_rustls(error, f)?;
            explain_place(error, f)
        }
        _ => explain_rustls(error, f),
    }
}

/// Writes where a malformed message is malformed.
fn explain_place(error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    match (error.client_hello(), error.message()) {
        (Some(hello), _) => match malformed::extension(&hello) {
            Some(extension) => write!(f, ", in the {extension} extension of its ClientHello"),
            None => f.write_str(", in its ClientHello"),
        },
        (None, Some(message)) => write!(f, ", in its {message} message"),
        (None, None) => Ok(()),
    }
}

/// Writes the server name that the client asked for.
fn explain_name(error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    match (error.server_name(), error.server_name_ip()) {
        (Some(name), _) => write!(f, ": client asks for {name}"),
        (None, Some(ip)) => write!(f, ": client asks for {ip}"),
        (None, None) => Ok(()),
    }
}

/// Writes that the client sent this alert before its ClientHello was complete.
pub(super) fn explain_early_alert(
    alert: AlertDescription,
    error: &Error,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    if alert == AlertDescription::CLOSE_NOTIFY {
        let how = "client closed the connection with close_notify";
        return write!(f, "{how} {}", error.phase());
    }
    write!(f, "{} {}", PeerAlert(alert).without_words(), error.phase())?;
    match PeerAlert(alert).words() {
        Some(words) => write!(f, ": {words}"),
        None => Ok(()),
    }
}

/// Writes what the client says of this server.
fn explain_alert(alert: AlertDescription, error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    PeerAlert(alert).fmt(f)?;
    match (alert, error.longest_record()) {
        (AlertDescription::RECORD_OVERFLOW, Some(longest)) => {
            write!(
                f,
                ", and it had asked for records of at most {longest} bytes"
            )
        }
        _ => certificate::explain_server(alert, error, f),
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
    explain_aborted("handshake timed out", error, f)?;
    match (error.phase(), error.received_len()) {
        (Phase::ClientHello, 0) => f.write_str(
            ": the client may wait for this server to speak first, as clients of STARTTLS do",
        ),
        _ => Ok(()),
    }
}

fn explain_aborted(why: &str, error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    match error.received_since() {
        Some(_) if error.phase() == Phase::ServerHello => {
            write!(f, "{why} after the HelloRetryRequest")?;
        }
        _ => write!(f, "{why} {}", error.phase())?,
    }
    let is_answered = matches!(error.phase(), Phase::ServerHello | Phase::AfterServerHello);
    match (error.phase(), error.received_since()) {
        (Phase::ClientHello, _) => {
            write!(f, ", {} received", Count(error.received_len() as u64))?;
            explain_bytes(error, f)?;
        }
        (_, Some(received)) if is_answered => {
            write!(f, ", {} received since", Count(received.into()))?;
        }
        _ => {}
    }
    match warning(error) {
        Some(alert) => {
            write!(f, ", after {}", PeerAlert(alert).as_warning())?;
            certificate::explain_server(alert, error, f)
        }
        None => Ok(()),
    }
}

/// Shows the first bytes, if they cannot be the first of a TLS record.
fn explain_bytes(error: &Error, f: &mut Formatter<'_>) -> fmt::Result {
    let received = error.received();
    match received.first_chunk() {
        Some([20..=23, 3]) => Ok(()),
        None if matches!(received.first(), None | Some(20..=23)) => Ok(()),
        _ => write!(f, ": {}", FirstBytes(&received)),
    }
}

/// Returns the last alert of the client that did not end the connection.
fn warning(error: &Error) -> Option<AlertDescription> {
    if let Some(alert) = error.warning() {
        return Some(alert);
    }
    let received = error.received();
    let alerts = Records::new(&received, LengthLimit::PLAINTEXT)
        .filter(|record| record.header.content_type == ContentType::ALERT);
    Alert::parse(alerts.last()?.payload)
        .ok()
        .map(|alert| alert.description)
}

/// A number of bytes, in words.
struct Count(u64);

impl Display for Count {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("nothing"),
            1 => f.write_str("1 byte"),
            count => write!(f, "{count} bytes"),
        }
    }
}
