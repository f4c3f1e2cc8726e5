//! The targets: the greatest value of a way of ours, or its greatest ratio to a peer.

use super::Figure;
use super::Measure::{self, Allocations, Calls, Held, Instructions, Processor, Time};

/// A target for one of our ways.
pub(super) struct Target {
    /// It is for the works whose names begin so.
    works: &'static str,
    way: &'static str,
    measure: Measure,
    pub(super) peer: Option<&'static str>,
    /// The greatest ratio to the peer, or the greatest value if there is no peer.
    pub(super) most: f64,
}

impl Target {
    pub(super) fn is_for(&self, ours: &Figure) -> bool {
        let is_its_work = ours.work.starts_with(self.works);
        is_its_work && ours.way == self.way && ours.measure == self.measure
    }
}

#[rustfmt::skip]
const fn of(works: &'static str, way: &'static str, measure: Measure, peer: &'static str, most: f64) -> Target {
    Target { works, way, measure, peer: Some(peer), most }
}

#[rustfmt::skip]
const fn most(works: &'static str, measure: Measure, most: f64) -> Target {
    Target { works, way: "lastword", measure, peer: None, most }
}

/// The length in bytes of the first half of a ClientHello, which has been received.
const HALF: f64 = 891.0;

/// The allocations of a refusal: the collecting buffer, and the error.
const REFUSED: f64 = 2.0;

/// If several targets are for one work and one peer, the first applies.
#[rustfmt::skip]
pub(super) const TARGETS: &[Target] = &[
    most("record/", Instructions, 30.0),
    of("record/", "lastword", Instructions, "tls-parser header", 1.0),
    of("record/", "lastword", Instructions, "tls-parser record", 1.0),
    of("record/", "lastword", Instructions, "tokio-util", 1.0),
    most("record/", Allocations, 0.0),
    of("hello/", "lastword", Instructions, "rustls Acceptor", 1.0 / 6.0),
    of("hello/", "lastword", Instructions, "tls-parser", 1.0 / 2.5),
    of("hello/", "lastword parse", Instructions, "tls-parser", 1.0 / 2.5),
    most("hello/", Allocations, 1.0),
    of("refusal/ALPN", "lastword", Instructions, "rustls Acceptor", 0.01),
    of("refusal/", "lastword", Instructions, "rustls Acceptor", 1.0 / 8.0),
    most("refusal/", Allocations, REFUSED),
    of("handshake/", "lastword", Instructions, "rustls", 1.005),
    of("handshake/", "lastword encrypted alerts", Instructions, "lastword", 1.007),
    of("stream/read 16 KiB", "lastword tokio encrypted alerts", Instructions, "lastword tokio", 1.001),
    of("stream/write 16 KiB", "lastword tokio encrypted alerts", Instructions, "lastword tokio", 1.001),
    most("half-open/nothing", Held, 256.0),
    most("half-open/half a hello", Held, 512.0 + HALF),
    of("half-open/hello complete", "lastword", Held, "rustls Acceptor", 1.0),
    of("half-open/awaiting Finished", "lastword", Held, "rustls", 1.0),
    of("half-open/future", "lastword tokio", Held, "LazyConfigAcceptor", 0.5),
    most("calls/handshake", Calls, 4.0),
    of("calls/", "lastword", Calls, "rustls", 1.0),
    of("calls/", "lastword", Calls, "tokio-rustls", 1.0),
    of("loopback/handshake", "lastword", Processor, "rustls", 1.01),
    of("loopback/handshake", "lastword tokio", Processor, "tokio-rustls", 1.01),
    of("loopback/resumption", "lastword", Processor, "rustls", 1.01),
    of("loopback/resumption", "lastword tokio", Processor, "tokio-rustls", 1.01),
    of("loopback/unknown name", "lastword", Processor, "rustls", 1.1),
    of("loopback/ALPN", "lastword", Processor, "rustls", 1.0 / 3.0),
    of("growth/", "lastword tokio", Time, "none half-open", 1.1),
];
