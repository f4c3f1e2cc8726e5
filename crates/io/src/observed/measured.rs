//! The metrics of all handshakes. Every label has a fixed set of values.

use std::time::Duration;

use lastword_acceptor::hello::CipherSuite;
use lastword_acceptor::{AlertDescription, HandshakeInfo, ProtocolVersion, Reason};
use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

use super::{Delivered, End};

const HANDSHAKES: &str = "lastword_handshakes_total";
const IN_FLIGHT: &str = "lastword_handshakes_in_flight";
const DURATION: &str = "lastword_handshake_duration_seconds";
const SENT: &str = "lastword_alerts_sent_total";
const RECEIVED: &str = "lastword_alerts_received_total";
const DELIVERIES: &str = "lastword_deliveries_total";
const NEGOTIATED: &str = "lastword_negotiated_total";
const LIMITS_REACHED: &str = "lastword_limits_reached_total";
const WOULD_REFUSE: &str = "lastword_would_refuse_total";

/// Describes the metrics of this crate and of lastword-tokio to the installed recorder. Call it once,
/// after the recorder is installed. The metrics are recorded without it too.
///
/// ```
/// // after the recorder is installed
/// lastword_io::describe_metrics();
/// ```
pub fn describe_metrics() {
    describe_counter!(
        HANDSHAKES,
        "handshakes that have ended, by outcome (established, failed, passed_through, dropped) and \
         by the reason of a failure"
    );
    describe_gauge!(
        IN_FLIGHT,
        "handshakes in flight, including those whose alert is being delivered"
    );
    describe_histogram!(
        DURATION,
        Unit::Seconds,
        "duration of handshakes, by outcome, without the delivery of an alert"
    );
    describe_counter!(SENT, "alerts written to their last byte, by description");
    describe_counter!(RECEIVED, "alerts that ended a handshake, by description");
    describe_counter!(DELIVERIES, "what became of the alerts of failed handshakes");
    describe_counter!(
        LIMITS_REACHED,
        "clients that reached a limit for the number of clients: handshakes (the client waits), \
         handshakes_per_address (it is refused), deliveries (the oldest delivery ends early)"
    );
    describe_counter!(
        WOULD_REFUSE,
        "clients answered that would be refused under a shadow configuration, by its policy and the \
         reason"
    );
    describe_counter!(
        NEGOTIATED,
        "handshakes that have succeeded, by version, group (none without a key exchange), cipher \
         suite, and kind (full, hello_retry_request, resumed, early_data)"
    );
}

/// Counts a client that would be refused under a shadow configuration.
pub(super) fn would_refuse(policy: &'static str, reason: Reason) {
    counter!(WOULD_REFUSE, "policy" => policy, "reason" => reason.name()).increment(1);
}

/// Counts a delivery in the background that waits at the limit, and so ends the oldest early.
#[cfg(feature = "background")]
pub(crate) fn deliveries_reached() {
    counter!(LIMITS_REACHED, "limit" => "deliveries").increment(1);
}

/// One handshake in flight. If it is dropped, it is counted as dropped.
#[derive(Debug)]
pub(super) struct Measured(());

impl Measured {
    pub(super) fn begin() -> Self {
        gauge!(IN_FLIGHT).increment(1.0);
        Self(())
    }

    pub(super) fn end(self, end: &End<'_>) {
        std::mem::forget(self); // do not count it as dropped: it has ended
        gauge!(IN_FLIGHT).decrement(1.0);
        match *end {
            End::Established {
                connection,
                elapsed,
            } => {
                negotiated(&connection.handshake_info());
                ended("established", "none");
                took("established", elapsed);
            }
            End::Failed {
                error,
                alert,
                delivered,
                ..
            } => {
                ended("failed", error.reason().name());
                if let Some(alert) = error.peer_alert() {
                    counter!(RECEIVED, "alert" => label(alert.description)).increment(1);
                }
                if let Some(delivered) = delivered {
                    took("failed", delivered.elapsed);
                    sent(alert, delivered);
                }
            }
            End::PassedThrough => ended("passed_through", "none"),
        }
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        gauge!(IN_FLIGHT).decrement(1.0);
        ended("dropped", "none");
    }
}

fn negotiated(info: &HandshakeInfo<'_>) {
    counter!(
        NEGOTIATED,
        "version" => registered(info.version.and_then(ProtocolVersion::name)),
        "group" => match info.group {
            Some(group) => registered(group.name()),
            None => "none",
        },
        "cipher_suite" => registered(info.cipher_suite.and_then(CipherSuite::name)),
        "handshake_kind" => info.kind_name(),
    )
    .increment(1);
}

/// Returns the name of a code point, or `other` for one that is not registered.
fn registered(name: Option<&'static str>) -> &'static str {
    name.unwrap_or("other")
}

fn ended(outcome: &'static str, reason: &'static str) {
    counter!(HANDSHAKES, "outcome" => outcome, "reason" => reason).increment(1);
}

fn took(outcome: &'static str, elapsed: Duration) {
    histogram!(DURATION, "outcome" => outcome).record(elapsed);
}

fn sent(alert: Option<AlertDescription>, delivered: Delivered) {
    counter!(DELIVERIES, "delivery" => delivered.delivery.name()).increment(1);
    if let (Some(alert), true) = (alert, delivered.is_written) {
        counter!(SENT, "alert" => label(alert)).increment(1);
    }
}

/// Returns the name of an alert. A client may send any of 256 codes, and IANA names about thirty.
fn label(alert: AlertDescription) -> &'static str {
    alert.name().unwrap_or("unknown")
}
