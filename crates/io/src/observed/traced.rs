//! The span of a handshake, and the event of its end.

use std::time::Duration;

use lastword_acceptor::hello::AlpnProtocol;
use lastword_acceptor::{AlertDescription, Certificate, Connection, Error, HandshakeInfo, Reason};
use tracing::field::Empty;
use tracing::{Level, Span, event, info_span};

use super::certificate::Fields;
use super::{Delivered, End};
use crate::error::milliseconds;
use crate::options::LevelOf;

/// The span of a handshake.
#[derive(Debug)]
pub(super) struct Traced {
    span: Span,
    level: LevelOf,
}

impl Traced {
    pub(super) fn begin(level: LevelOf) -> Self {
        let span = info_span!(target: "lastword", "handshake", peer = Empty);
        Self { span, level }
    }

    pub(super) const fn span(&self) -> &Span {
        &self.span
    }

    pub(super) fn would_refuse(&self, policy: &'static str, error: &Error) {
        event!(
            target: "lastword",
            parent: &self.span,
            Level::INFO,
            policy,
            reason = error.reason().name(),
            server_name = error.server_name(),
            "would be refused: {error}",
        );
    }

    pub(super) fn end(&self, end: &End<'_>) {
        let span = &self.span;
        match *end {
            End::Established {
                connection,
                elapsed,
            } => established(span, connection, elapsed),
            End::Failed {
                error,
                is_probe,
                alert,
                delivered,
            } => {
                let level = (self.level)(error, default_level(error, is_probe, alert));
                failed(span, level, error, alert, delivered);
            }
            End::PassedThrough => {
                event!(target: "lastword", parent: span, Level::DEBUG, "passed through");
            }
        }
    }
}

/// A fault of the server's is an error. A probe, or a client that does not speak TLS, is nothing that
/// an operator must know of.
fn default_level(error: &Error, is_probe: bool, alert: Option<AlertDescription>) -> Level {
    let is_internal = alert == Some(AlertDescription::INTERNAL_ERROR);
    match error.reason() {
        _ if is_probe => Level::DEBUG,
        Reason::NotTls => Level::DEBUG,
        Reason::Internal => Level::ERROR,
        _ if is_internal => Level::ERROR,
        _ => Level::INFO,
    }
}

fn established(span: &Span, connection: &Connection, elapsed: Duration) {
    let info = connection.handshake_info();
    let (offer, measures) = (&info.offer, &info.measures);
    let certificate = Fields::new(|| info.client_certificate.map(|der| Certificate::new(der)));
    event!(
        target: "lastword",
        parent: span,
        Level::DEBUG,
        version = info.version.map(|version| version.to_string()),
        cipher_suite = info.cipher_suite.map(|suite| suite.to_string()),
        group = info.group.map(|group| group.to_string()),
        signature_scheme = connection.signature_scheme().map(|scheme| scheme.to_string()),
        post_quantum = info.is_post_quantum(),
        handshake_kind = info.kind_name(),
        alpn = info.alpn_protocol.map(|name| AlpnProtocol(name).to_string()),
        server_name = info.server_name,
        client_certificate = info.client_certificate.is_some(),
        certificate_subject = certificate.subject(),
        certificate_issuer = certificate.issuer(),
        certificate_serial = certificate.serial(),
        certificate_sha256 = certificate.sha256(),
        offered_version = offer.newest_version.map(|version| version.to_string()),
        offered_cipher_suites = offer.cipher_suites,
        offered_groups = offer.named_groups,
        offered_key_shares = offer.key_shares,
        offered_alpn = offer.alpn_protocols,
        offered_post_quantum = offer.post_quantum,
        offered_early_data = offer.early_data,
        ja4 = ja4(&info),
        duration_ms = milliseconds(elapsed),
        client_hello_ms = measures.client_hello().map(milliseconds),
        answered_ms = measures.answered().map(milliseconds),
        finished_ms = measures.finished().map(milliseconds),
        verdict_ms = measures.verdict().map(milliseconds),
        received_bytes = measures.received(),
        sent_bytes = measures.sent(),
        "established",
    );
}

#[cfg(feature = "ja4")]
fn ja4(info: &HandshakeInfo<'_>) -> Option<String> {
    info.ja4.map(|ja4| ja4.to_string())
}

#[cfg(not(feature = "ja4"))]
const fn ja4(_: &HandshakeInfo<'_>) -> Option<&'static str> {
    None
}

fn failed(
    span: &Span,
    level: Level,
    error: &Error,
    alert: Option<AlertDescription>,
    delivered: Option<Delivered>,
) {
    let received = error.peer_alert().map(|alert| alert.description);
    let direction = direction(alert, delivered, received);
    let certificate = Fields::new(|| error.client_certificate());
    // a macro, because the level of an event must be a constant
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
                required_alert = error.required_alert().map(|alert| alert.to_string()),
                delivery = delivered.map(|delivered| delivered.delivery.name()),
                server_name = error.server_name(),
                certificate_subject = certificate.subject(),
                certificate_issuer = certificate.issuer(),
                certificate_serial = certificate.serial(),
                certificate_sha256 = certificate.sha256(),
                duration_ms = delivered.map(|delivered| milliseconds(delivered.elapsed)),
                "{}",
                error.summary(),
            )
        };
    }
    match level {
        Level::ERROR => failed_at!(Level::ERROR),
        Level::WARN => failed_at!(Level::WARN),
        Level::INFO => failed_at!(Level::INFO),
        Level::DEBUG => failed_at!(Level::DEBUG),
        Level::TRACE => failed_at!(Level::TRACE),
    }
}

/// Returns the direction of the alert: `sent` if it was written to its last byte, `held` if the
/// application took it unsent, `received` if the client sent it. `None` if it was not written to its
/// end.
fn direction(
    alert: Option<AlertDescription>,
    delivered: Option<Delivered>,
    received: Option<AlertDescription>,
) -> Option<&'static str> {
    match (alert, delivered, received) {
        (Some(_), Some(delivered), _) => delivered.is_written.then_some("sent"),
        (Some(_), None, _) => Some("held"),
        (None, _, Some(_)) => Some("received"),
        (None, _, None) => None,
    }
}
