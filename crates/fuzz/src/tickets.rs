//! Session tickets: what was sealed is opened, and one that was altered, cut or made up is not accepted.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use lastword_tickets::{Secret, Tickets};
use rustls::pki_types::UnixTime;
use rustls::server::ProducesTickets;
use rustls::time_provider::TimeProvider;

use known::{KNOWN, SESSION};

#[path = "../../tickets/tests/tickets/known.rs"]
mod known;

/// The time of the host, in seconds since 1970.
const NOW: u64 = 1_749_600_007;

#[derive(Debug)]
struct Clock;

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(NOW)))
    }
}

static HOST: LazyLock<Tickets> = LazyLock::new(|| {
    let secrets = [0, 1].map(|first| Secret::new((first..).take(32).collect::<Vec<u8>>()));
    let secrets = secrets.into_iter().collect::<Result<_, _>>().unwrap();
    let tickets = Tickets::new(secrets).unwrap();
    tickets.with_time_provider(Arc::new(Clock))
});

/// The oracle. The input is a ticket, or a session, or what is done to [`KNOWN`]: where, and what is
/// put there in place of what was.
pub fn check(input: &[u8]) {
    let expected = (input == KNOWN).then_some(SESSION);
    assert_eq!(HOST.decrypt(input).as_deref(), expected);
    let ticket = HOST.encrypt(input).unwrap();
    assert_eq!(HOST.decrypt(&ticket).as_deref(), Some(input));
    let [at, removed, put @ ..] = input else {
        return;
    };
    let start = usize::from(*at).min(KNOWN.len());
    let end = (start + usize::from(*removed)).min(KNOWN.len());
    let altered = [&KNOWN[..start], put, &KNOWN[end..]].concat();
    let expected = (altered == KNOWN).then_some(SESSION);
    assert_eq!(HOST.decrypt(&altered).as_deref(), expected);
}

/// The inputs to begin with: the ticket cut at each byte, with each byte altered, and longer.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let cut = (0..KNOWN.len() as u8).map(|at| vec![at, 255]);
    let altered = (0..KNOWN.len() as u8).map(|at| vec![at, 1, 0xff]);
    let others = [vec![], vec![KNOWN.len() as u8, 0, 0], KNOWN.to_vec()];
    cut.chain(altered).chain(others).collect()
}
