//! Session tickets of a fleet: who accepts which ticket, and when.

mod fleet;
mod known;
mod secrets;
mod sources;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use known::{KNOWN, SESSION};
use lastword_tickets::{Secret, Tickets};
use proptest::prelude::*;
use rustls::pki_types::UnixTime;
use rustls::server::ProducesTickets;
use rustls::time_provider::TimeProvider;

/// The start of a period of 6 hours, in seconds since 1970.
const START: u64 = 81_000 * HOURS;
const HOURS: u64 = 6 * 60 * 60;

/// A clock that is set by hand.
#[derive(Clone, Debug)]
struct Clock(Arc<AtomicU64>);

impl Clock {
    fn at(seconds: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seconds)))
    }

    fn set(&self, seconds: u64) {
        self.0.store(seconds, Ordering::Relaxed);
    }
}

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = self.0.load(Ordering::Relaxed);
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

fn secret(first: u8) -> Secret {
    let bytes: Vec<u8> = (first..).take(32).collect();
    Secret::new(bytes).unwrap()
}

fn host(secrets: &[u8], clock: &Clock) -> Tickets {
    let secrets = secrets.iter().copied().map(secret).collect();
    let tickets = Tickets::new(secrets).unwrap();
    tickets.with_time_provider(Arc::new(clock.clone()))
}

#[test]
fn a_ticket_of_another_implementation_is_accepted() {
    let host = host(&[0], &Clock::at(START + 7));
    assert_eq!(host.decrypt(&KNOWN).as_deref(), Some(SESSION));
    let ours = host.encrypt(SESSION).unwrap();
    assert_eq!((ours.len(), &ours[..16]), (KNOWN.len(), &KNOWN[..16]));
}

#[test]
fn a_ticket_that_is_cut_longer_or_altered_anywhere_is_not_accepted() {
    let host = host(&[0, 1], &Clock::at(START + 7));
    for len in 0..KNOWN.len() {
        assert_eq!(host.decrypt(&KNOWN[..len]), None, "{len} bytes");
    }
    for bit in 0..KNOWN.len() * 8 {
        let mut altered = KNOWN;
        altered[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(host.decrypt(&altered), None, "bit {bit}");
    }
    assert_eq!(host.decrypt(&[&KNOWN[..], &[0]].concat()), None);
}

#[test]
fn two_tickets_have_the_same_key_name_and_nothing_else_in_common() {
    let host = host(&[0], &Clock::at(START));
    let [one, two] = [(); 2].map(|()| host.encrypt(SESSION).unwrap());
    assert_eq!(one[..16], two[..16]);
    assert!(one[16..40] != two[16..40] && one[40..] != two[40..]);
}

#[test]
fn the_key_changes_with_the_period_the_secret_and_the_lifetime() {
    let name = |host: Tickets| host.encrypt(SESSION).unwrap()[..16].to_vec();
    let at = |seconds| name(host(&[0], &Clock::at(seconds)));
    assert_eq!(at(START), at(START + HOURS - 1));
    assert_ne!(at(START), at(START + HOURS));
    assert_ne!(at(START), name(host(&[1], &Clock::at(START))));
    let other = host(&[0], &Clock::at(START)).with_lifetime(Duration::from_secs(HOURS / 2));
    assert_ne!(at(START), name(other));
}

#[test]
fn a_ticket_of_a_former_secret_is_accepted_until_it_is_removed() {
    let clock = Clock::at(START);
    let ticket = host(&[1], &clock).encrypt(SESSION).unwrap();
    let host = host(&[2, 1], &clock);
    assert_eq!(host.decrypt(&ticket).as_deref(), Some(SESSION));
    host.set_secrets(vec![secret(2)]).unwrap();
    assert_eq!(host.decrypt(&ticket), None);
    // the first secret seals
    let ticket = host.encrypt(SESSION).unwrap();
    assert_eq!(
        self::host(&[2], &clock).decrypt(&ticket).as_deref(),
        Some(SESSION)
    );
}

#[test]
fn a_lifetime_is_from_ten_minutes_to_seven_days() {
    for (lifetime, becomes) in [
        (0, 600),
        (600, 600),
        (601, 601),
        (604_800, 604_800),
        (604_801, 604_800),
        (u64::MAX, 604_800),
    ] {
        let host = host(&[0], &Clock::at(START)).with_lifetime(Duration::from_secs(lifetime));
        assert_eq!(host.lifetime(), becomes);
        let ticket = host.encrypt(SESSION).unwrap();
        assert_eq!(host.decrypt(&ticket).as_deref(), Some(SESSION));
    }
}

#[test]
fn there_is_no_ticket_without_a_time() {
    #[derive(Debug)]
    struct Broken;
    impl TimeProvider for Broken {
        fn current_time(&self) -> Option<UnixTime> {
            None
        }
    }
    let host = host(&[0], &Clock::at(START)).with_time_provider(Arc::new(Broken));
    assert_eq!((host.encrypt(SESSION), host.decrypt(&KNOWN)), (None, None));
}

#[test]
fn the_first_and_the_last_period_have_tickets_too() {
    for now in [0, u64::MAX] {
        let host = host(&[0], &Clock::at(now));
        let ticket = host.encrypt(SESSION).unwrap();
        assert_eq!(host.decrypt(&ticket).as_deref(), Some(SESSION));
    }
}

proptest! {
    /// A ticket is accepted as long as it lives, and not a second longer, wherever the period begins
    /// and however often its host has been asked between. The clock of its host is ahead by a minute at
    /// most.
    #[test]
    fn a_ticket_is_accepted_for_its_lifetime_on_every_host(
        session in prop::collection::vec(any::<u8>(), 0..300),
        lifetime in 600_u64..=604_800,
        issued in 100_000_u64..5_000_000_000,
        ages in prop::collection::vec(-70_i64..700_000, 0..8),
    ) {
        let clock = Clock::at(issued);
        let [one, two] = [clock.clone(), Clock::at(0)]
            .map(|clock| host(&[0], &clock).with_lifetime(Duration::from_secs(lifetime)));
        let ticket = one.encrypt(&session).unwrap();
        let two = two.with_time_provider(Arc::new(clock.clone()));
        let edges = [-61, -60, -1, 0, lifetime as i64, lifetime as i64 + 1];
        for age in ages.into_iter().chain(edges) {
            clock.set(issued.saturating_add_signed(age));
            let expected = (-60..=lifetime as i64).contains(&age).then(|| session.clone());
            prop_assert_eq!(&one.decrypt(&ticket), &expected, "{} s", age);
            prop_assert_eq!(&two.decrypt(&ticket), &expected, "{} s", age);
        }
    }

    #[test]
    fn bytes_that_are_no_ticket_are_not_accepted(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        is_named: bool,
    ) {
        let host = host(&[0], &Clock::at(START));
        let begin = if is_named { &KNOWN[..16] } else { &[] };
        prop_assert_eq!(host.decrypt(&[begin, &bytes].concat()), None);
    }
}
