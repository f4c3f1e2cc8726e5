//! The inputs to begin with: each client of the catalogue, each recorded hello, each alert.

use std::collections::BTreeSet;

use lastword_testkit::{catalogue, recorded};

use crate::{acceptor, alert, handshake, hello, proxy, record, tickets, transport};

/// A target: its name, its oracle and its seeds.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What it is called, as its program is.
    pub name: &'static str,
    /// Panics where an input does not come to what it must.
    pub check: fn(&[u8]),
    seeds: fn() -> Vec<Vec<u8>>,
}

impl Target {
    /// The inputs to begin with, in order, none twice.
    #[must_use]
    pub fn seeds(&self) -> BTreeSet<Vec<u8>> {
        (self.seeds)().into_iter().collect()
    }
}

/// All there are.
pub const TARGETS: [Target; 8] = [
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
        name: "acceptor",
        check: acceptor::check,
        seeds: || of_clients(acceptor::seeds),
    },
    Target {
        name: "handshake",
        check: handshake::check,
        seeds: handshake::seeds,
    },
    Target {
        name: "transport",
        check: transport::check,
        seeds: || [of_clients(transport::seeds), transport::seeds_served()].concat(),
    },
    Target {
        name: "tickets",
        check: tickets::check,
        seeds: tickets::seeds,
    },
];

/// The inputs that are made of what each client says first.
fn of_clients(seeds: fn(&[u8]) -> Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let cases = [catalogue::failing(), catalogue::succeeding()].concat();
    let of_cases = cases.iter().filter_map(catalogue::Case::opening);
    let of_recorded = recorded::all().iter().map(|hello| hello.bytes.to_vec());
    // what is longer is of no use to a fuzzer, which alters a byte here and there
    let all = of_cases
        .chain(of_recorded)
        .filter(|all| all.len() <= 8 << 10);
    all.flat_map(|bytes| seeds(&bytes)).collect()
}
