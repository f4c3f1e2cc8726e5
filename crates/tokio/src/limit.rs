//! The limits for the number of clients, and a metric that counts when a limit is reached.

/// A limit for the number of clients at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Limit {
    Handshakes,
    HandshakesPerAddress,
    Deliveries,
}

impl Limit {
    /// Counts that a client has reached the limit.
    #[cfg(feature = "metrics")]
    pub(crate) fn reached(self) {
        let name = match self {
            Self::Handshakes => "handshakes",
            Self::HandshakesPerAddress => "handshakes_per_address",
            Self::Deliveries => "deliveries",
        };
        metrics::counter!(REACHED, "limit" => name).increment(1);
    }

    #[cfg(not(feature = "metrics"))]
    pub(crate) fn reached(self) {}
}

#[cfg(feature = "metrics")]
const REACHED: &str = "lastword_limits_reached_total";

/// Describes the metrics of this crate to the installed recorder. Call it once, after the recorder is
/// installed. The metrics are recorded without it too.
///
/// ```
/// // after the recorder is installed
/// lastword_tokio::describe_metrics();
/// ```
#[cfg(feature = "metrics")]
pub fn describe_metrics() {
    lastword_io::describe_metrics();
    metrics::describe_counter!(
        REACHED,
        "clients that reached a limit for the number of clients: handshakes (the client waits), \
         handshakes_per_address (it is refused), deliveries (the oldest delivery ends early)"
    );
}
