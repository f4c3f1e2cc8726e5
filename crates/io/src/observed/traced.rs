//! The span of a handshake, and the event of its end.

use std::time::Duration;

use lastword_acceptor::hello::AlpnProtocol;
use lastword_acceptor::{AlertDescription, Error, Phase, Reason};
use rustls::ServerConnection;
use tracing::field::Empty;
use tracing::{Level, Span, event, info_span};

use super::{End, Told};

pub(super) fn begin() -> Span {
    info_span!(target: "lastword", "handshake", peer = Empty)
}

pub(super) fn end(span: &Span, end: &End<'_>) {
    match *end {
        End::Established {
            connection,
            elapsed,
        } => established(span, connection, elapsed),
        End::Failed { error, alert, told } => failed(span, error, alert, told),
        End::PassedThrough => {
            event!(target: "lastword", parent: span, Level::DEBUG, "passed through");
        }
    }
}

fn established(span: &Span, connection: &ServerConnection, elapsed: Duration) {
    event!(
        target: "lastword",
        parent: span,
        Level::DEBUG,
        version = connection.protocol_version().and_then(|version| version.as_str()),
        cipher_suite = connection
            .negotiated_cipher_suite()
            .and_then(|suite| suite.suite().as_str()),
        alpn = connection.alpn_protocol().map(|name| AlpnProtocol(name).to_string()),
        server_name = connection.server_name(),
        duration_ms = milliseconds(elapsed),
        "established",
    );
}

fn failed(span: &Span, error: &Error, alert: Option<AlertDescription>, told: Option<Told>) {
    let received = error.peer_alert().map(|alert| alert.description);
    let direction = direction(alert, told, received);
    // the level of an event is a constant
    macro_rules! failed_at {
        ($level:expr) => {
            event!(
                target: "lastword",
                parent: span,
                $level,
                reason = error.reason().name(),
                phase = error.phase().name(),
                alert = alert.or(received).map(|alert| alert.to_string()),
                direction,
                delivery = told.map(|told| told.delivery.name()),
                server_name = error.server_name(),
                duration_ms = told.map(|told| milliseconds(told.elapsed)),
                "{error}",
            )
        };
    }
    // a port scan, a health check: not worth a line in a log
    let is_nothing = error.reason() == Reason::Closed
        && error.phase() == Phase::ClientHello
        && error.received_len() == 0;
    if is_nothing {
        failed_at!(Level::DEBUG);
    } else if error.reason() == Reason::Internal || alert == Some(AlertDescription::INTERNAL_ERROR)
    {
        // the server's own fault, whatever could be told of it
        failed_at!(Level::ERROR);
    } else {
        failed_at!(Level::INFO);
    }
}

/// Which way the alert went: `sent` if it was written to its last byte, `held` if the application
/// took it unsent, `received` if the client sent it. `None` if it could not be written whole.
fn direction(
    alert: Option<AlertDescription>,
    told: Option<Told>,
    received: Option<AlertDescription>,
) -> Option<&'static str> {
    match (alert, told, received) {
        (Some(_), Some(told), _) => told.is_written.then_some("sent"),
        (Some(_), None, _) => Some("held"),
        (None, _, Some(_)) => Some("received"),
        (None, _, None) => None,
    }
}

/// Milliseconds with two decimals.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 100_000.0).round() / 100.0
}
