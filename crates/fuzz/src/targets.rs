//! All targets.

use crate::seeds::{OVER_RUSTLS, Target, of_clients};
use crate::{alert, hello, proxy, record, tickets};

/// All there are.
#[must_use]
pub fn all() -> Vec<Target> {
    [&OTHERS[..], &OVER_RUSTLS].concat()
}

/// Those that do not depend on rustls, and the one of tickets.
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
