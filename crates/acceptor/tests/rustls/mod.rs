//! What rustls 0.23.46 does today where it is not what is required, and the facts we build on.
//!
//! A test that fails here says that rustls has changed. Where it now does what is required, the
//! correction for it may go; where not, the correction must be looked at again.

mod before_hello;
mod facts;
mod negotiation;
mod row;
mod server;
mod told;

use lastword_acceptor::Config;
use lastword_testkit::pki::Pki;

use crate::rustls::row::Row;
use crate::rustls::told::{Told, acceptor, direct, ours};

/// The version that all of this was measured with.
const RUSTLS: &str = "0.23.46";

fn rows() -> Vec<Row> {
    [before_hello::rows(), negotiation::rows()].concat()
}

/// What to do if rustls no longer does in a row what it did when the row was written.
fn changed(condition: &str, now: Told, then: Told, required: Told, way: &str) -> Option<String> {
    let advice = match now == required {
        true => "the correction in lastword may go",
        false => "the correction in lastword must be looked at again",
    };
    (now != then).then(|| {
        format!(
            "rustls now answers {condition} with {now}, {way}, not {then} as {RUSTLS}: {advice}"
        )
    })
}

#[test]
fn rustls_does_in_every_row_what_it_did_when_the_row_was_written() {
    let pki = Pki::new();
    let mut all = Vec::new();
    for row in rows() {
        let config = row.server.config(&pki);
        let (by_connection, by_acceptor) =
            (direct(&config, &row.bytes), acceptor(&config, &row.bytes));
        let check = |now, then, way| changed(row.condition, now, then, row.required, way);
        all.extend(check(
            by_connection,
            row.direct,
            "through ServerConnection::new",
        ));
        all.extend(check(by_acceptor, row.acceptor, "through Acceptor"));
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn every_row_is_one_in_which_rustls_does_not_do_what_is_required() {
    for row in rows() {
        let today = [row.direct, row.acceptor];
        assert_ne!(today, [row.required; 2], "{}", row.condition);
    }
}

#[test]
fn what_is_required_is_done_here_in_every_row() {
    let pki = Pki::new();
    for row in rows() {
        let config = Config::new(row.server.config(&pki)).unwrap();
        assert_eq!(ours(&config, &row.bytes), row.required, "{}", row.condition);
    }
}
