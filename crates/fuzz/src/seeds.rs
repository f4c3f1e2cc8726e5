//! The inputs to begin with: each client of the catalogue, each recorded hello, each alert.

use std::collections::BTreeSet;

use lastword_testkit::{catalogue, recorded};

use crate::{acceptor, handshake, transport};

/// A target: its name, its oracle and its seeds.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What it is called, as its program is.
    pub name: &'static str,
    /// Panics where an input does not come to what it must.
    pub check: fn(&[u8]),
    pub(crate) seeds: fn() -> Vec<Vec<u8>>,
}

impl Target {
    /// The inputs to begin with, in order, none twice.
    #[must_use]
    pub fn seeds(&self) -> BTreeSet<Vec<u8>> {
        (self.seeds)().into_iter().collect()
    }
}

/// The targets that depend on rustls.
pub const OVER_RUSTLS: [Target; 3] = [
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
];

/// The inputs that are made of what each client says first.
pub(crate) fn of_clients(seeds: fn(&[u8]) -> Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let cases = [catalogue::failing(), catalogue::succeeding()].concat();
    let of_cases = cases.iter().filter_map(catalogue::Case::opening);
    let of_recorded = recorded::all().iter().map(|hello| hello.bytes.to_vec());
    // what is longer is of no use to a fuzzer, which alters a byte here and there
    let all = of_cases
        .chain(of_recorded)
        .filter(|all| all.len() <= 8 << 10);
    all.flat_map(|bytes| seeds(&bytes)).collect()
}
