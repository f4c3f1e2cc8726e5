//! What each work must come to: a bound, or a ratio to a peer.

use super::figures::Measure::{self, Allocations, Calls, Held, Instructions, Processor, Time};

/// A bound on one of our ways.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    /// The works whose names begin so.
    pub(super) works: &'static str,
    /// Our way.
    pub(super) way: &'static str,
    pub(super) measure: Measure,
    pub(super) bound: Bound,
}

/// How much it may be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bound {
    /// No more than this.
    Most(f64),
    /// No more than this many times the peer's.
    Of(&'static str, f64),
}

const fn of(
    works: &'static str,
    way: &'static str,
    measure: Measure,
    peer: &'static str,
    ratio: f64,
) -> Target {
    let bound = Bound::Of(peer, ratio);
    Target {
        works,
        way,
        measure,
        bound,
    }
}

const fn most(works: &'static str, measure: Measure, most: f64) -> Target {
    let bound = Bound::Most(most);
    Target {
        works,
        way: "lastword",
        measure,
        bound,
    }
}

/// Of a ClientHello that is cut in two: what has arrived.
const HALF: f64 = 891.0;

/// The collecting buffer, and the error that is returned: one block.
const REFUSED: f64 = 2.0;

/// All there are. Where several bear on a work and a peer, the first holds.
#[rustfmt::skip]
pub(super) const TARGETS: &[Target] = &[
    most("record/", Instructions, 30.0),
    of("record/", "lastword", Instructions, "tls-parser header", 1.0),
    of("record/", "lastword", Instructions, "tls-parser record", 1.0),
    of("record/", "lastword", Instructions, "tokio-util", 1.0),
    of("record/", "lastword", Time, "tls-parser header", 1.0),
    of("record/", "lastword", Time, "tls-parser record", 1.0),
    of("record/", "lastword", Time, "tokio-util", 1.0),
    most("record/", Allocations, 0.0),
    of("hello/", "lastword", Instructions, "rustls Acceptor", 1.0 / 6.0),
    of("hello/", "lastword", Instructions, "tls-parser", 1.0 / 2.5),
    of("hello/", "lastword parse", Instructions, "tls-parser", 1.0 / 2.5),
    of("hello/", "lastword", Time, "tls-parser", 1.0 / 2.5),
    of("hello/", "lastword parse", Time, "tls-parser", 1.0 / 2.5),
    most("hello/", Allocations, 1.0),
    of("refusal/ALPN", "lastword", Instructions, "rustls Acceptor", 0.01),
    of("refusal/", "lastword", Instructions, "rustls Acceptor", 1.0 / 8.0),
    of("refusal/", "lastword", Time, "rustls Acceptor", 1.0),
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
