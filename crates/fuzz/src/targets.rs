//! The list of all targets.

use crate::seeds::{OVER_RUSTLS, Target, of_clients};
use crate::{alert, hello, proxy, record, tickets};

/// Returns all targets.
#[must_use]
pub fn all() -> Vec<Target> {
    [&OTHERS[..], &OVER_RUSTLS].concat()
}

/// The targets that run over one version of rustls, or without it.
const OTHERS: [Target; 5] = [
    Target {
        name: "record",
        check: record::check,
        seeds: || [of_clients(record::seeds), record::seeds_of_others()].concat(),
    },
    Target {
        name: "alert",
        check: alert::check,
        seeds: alert::seeds,
    },
    Target {
        name: "hello",
        check: hello::check,
        seeds: || of_clients(hello::seeds),
    },
    Target {
        name: "proxy",
        check: proxy::check,
        seeds: proxy::seeds,
    },
    Target {
        name: "tickets",
        check: tickets::check,
        seeds: tickets::seeds,
    },
];
