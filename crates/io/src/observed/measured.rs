//! The figures of all handshakes. Every label has its values from a closed set.

use std::time::Duration;

use lastword_acceptor::AlertDescription;
use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

use super::{End, Told};

const HANDSHAKES: &str = "lastword_handshakes_total";
const IN_FLIGHT: &str = "lastword_handshakes_in_flight";
const DURATION: &str = "lastword_handshake_duration_seconds";
const SENT: &str = "lastword_alerts_sent_total";
const RECEIVED: &str = "lastword_alerts_received_total";
const DELIVERIES: &str = "lastword_deliveries_total";

/// Describes the metrics of this crate to the recorder that is installed. Call it once, behind the
/// installation; without it they are measured all the same.
pub fn describe_metrics() {
    describe_counter!(
        HANDSHAKES,
        "handshakes that have ended, by outcome (established, failed, passed_through, dropped) and \
         by the reason of a failure"
    );
    describe_gauge!(
        IN_FLIGHT,
        "handshakes under way, those counted whose clients are being told"
    );
    describe_histogram!(
        DURATION,
        Unit::Seconds,
        "how long handshakes took, by outcome, the telling not counted"
    );
    describe_counter!(SENT, "alerts written whole, by description");
    describe_counter!(RECEIVED, "alerts that ended a handshake, by description");
    describe_counter!(DELIVERIES, "what became of the last word to a client");
}

/// One handshake, counted until it is dropped.
#[derive(Debug)]
pub(super) struct Measured {
    ended: bool,
}

impl Measured {
    pub(super) fn begin() -> Self {
        gauge!(IN_FLIGHT).increment(1.0);
        Self { ended: false }
    }

    pub(super) fn end(mut self, end: &End<'_>) {
        self.ended = true;
        match *end {
            End::Established { elapsed, .. } => {
                ended("established", "none");
                took("established", elapsed);
            }
            End::Failed { error, alert, told } => {
                ended("failed", error.reason().name());
                if let Some(alert) = error.peer_alert() {
                    counter!(RECEIVED, "alert" => label(alert.description)).increment(1);
                }
                if let Some(told) = told {
                    took("failed", told.elapsed);
                    delivered(alert, told);
                }
            }
            End::PassedThrough => ended("passed_through", "none"),
        }
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        gauge!(IN_FLIGHT).decrement(1.0);
        if !self.ended {
            ended("dropped", "none");
        }
    }
}

fn ended(outcome: &'static str, reason: &'static str) {
    counter!(HANDSHAKES, "outcome" => outcome, "reason" => reason).increment(1);
}

fn took(outcome: &'static str, elapsed: Duration) {
    histogram!(DURATION, "outcome" => outcome).record(elapsed);
}

fn delivered(alert: Option<AlertDescription>, told: Told) {
    counter!(DELIVERIES, "delivery" => told.delivery.name()).increment(1);
    if let (Some(alert), true) = (alert, told.is_written) {
        counter!(SENT, "alert" => label(alert)).increment(1);
    }
}

/// The name of an alert: a client may send any of 256 codes, of which IANA names some thirty.
fn label(alert: AlertDescription) -> &'static str {
    alert.name().unwrap_or("unknown")
}
