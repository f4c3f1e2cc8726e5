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
