//! What each work must come to: a bound, or a ratio to a peer.

use super::figures::Measure::{self, Allocations, Instructions};

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

/// The collecting buffer, and the error that is returned: one block.
const REFUSED: f64 = 2.0;

/// All there are. The first that a work begins with holds.
pub(super) const TARGETS: &[Target] = &[
    most("record/", Instructions, 30.0),
    of(
        "record/",
        "lastword",
        Instructions,
        "tls-parser header",
        1.0,
    ),
    of(
        "record/",
        "lastword",
        Instructions,
        "tls-parser record",
        1.0,
    ),
    of("record/", "lastword", Instructions, "tokio-util", 1.0),
    most("record/", Allocations, 0.0),
    of(
        "hello/",
        "lastword",
        Instructions,
        "rustls Acceptor",
        1.0 / 6.0,
    ),
    of("hello/", "lastword", Instructions, "tls-parser", 1.0 / 2.5),
    of(
        "hello/",
        "lastword parse",
        Instructions,
        "tls-parser",
        1.0 / 2.5,
    ),
    most("hello/", Allocations, 1.0),
    of(
        "refusal/ALPN",
        "lastword",
        Instructions,
        "rustls Acceptor",
        0.01,
    ),
    of(
        "refusal/",
        "lastword",
        Instructions,
        "rustls Acceptor",
        1.0 / 8.0,
    ),
    of(
        "refusal/",
        "lastword direct",
        Instructions,
        "rustls Acceptor",
        1.0 / 8.0,
    ),
    most("refusal/", Allocations, REFUSED),
    of("handshake/", "lastword", Instructions, "rustls", 1.005),
    of(
        "handshake/",
        "lastword direct",
        Instructions,
        "rustls",
        1.005,
    ),
];
