//! What becomes of a client whose future is dropped, at any of its polls and at any cut of a write.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use lastword_testkit::catalogue::Versions;
use lastword_testkit::pki::ClientProfile;
use lastword_testkit::script::Outcome::{UpTo, WouldBlock};
use lastword_testkit::script::{Client, ScriptedStream};
use lastword_testkit::wire::records;
use lastword_tokio::Deliveries;
use lastword_tokio::step::{Accepting, Options};
use proptest::prelude::*;
use tokio::time::sleep;

use crate::scripted::schedules::{versions, weather};
use crate::scripted::{
    CANCELED, GARBAGE, Scripted, UNEXPECTED_MESSAGE, acceptor, choosing, client, hello, paused,
    poll_once, soon, undecided, with_client,
};

/// Polls a future so many times, or until it is ready, with a moment after each that is long enough
/// for what a stream waits for.
pub(crate) async fn polled<F: Future + Unpin>(future: &mut F, polls: usize) -> Option<F::Output> {
    for _ in 0..polls {
        if let Some(output) = poll_once(&mut *future) {
            return Some(output);
        }
        sleep(Duration::from_millis(5)).await;
    }
    None
}

/// What has been written when a future is dropped after each of its polls. It writes no more than it
/// had, and the stream is closed as it is.
async fn dropped_at_each_poll<F>(
    stream: impl Fn() -> ScriptedStream,
    accept: impl Fn(Scripted) -> F,
) -> Vec<Vec<u8>>
where
    F: Future + Unpin,
{
    let mut written = Vec::new();
    for polls in 0.. {
        let stream = Scripted::new(stream());
        let remote = stream.clone();
        let mut future = accept(stream);
        if polled(&mut future, polls).await.is_some() {
            break;
        }
        let before = remote.written();
        drop(future);
        sleep(Duration::from_secs(60)).await;
        assert!(remote.is_closed());
        assert_eq!((remote.written(), remote.shut()), (before.clone(), None));
        written.push(before);
    }
    written
}

/// So many bytes and then a pause, again and again.
pub(crate) fn pieces(bytes: usize) -> impl Iterator<Item = lastword_testkit::script::Outcome> {
    std::iter::repeat_n([UpTo(bytes), WouldBlock], 999).flatten()
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_for_a_client_dropped_before_its_hello_is_complete() {
    let stream = || ScriptedStream::new(&hello()).reads(pieces(10));
    let accept = |stream| Accepting::new(stream, &Options::default());
    let written = dropped_at_each_poll(stream, accept).await;
    assert!(written.len() > 10 && written.iter().all(Vec::is_empty));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_for_a_client_dropped_while_a_configuration_is_chosen() {
    let stream = Scripted::new(ScriptedStream::new(&hello()));
    let remote = stream.clone();
    let mut accepted = Box::pin(undecided().accept_local(stream));
    assert!(polled(&mut accepted, 9).await.is_none());
    drop(accepted);
    assert!(remote.is_closed());
    assert_eq!((remote.written(), remote.shut()), (vec![], None));
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_is_dropped_has_written_what_the_stream_took() {
    let stream = || with_client(speaking(Versions::Tls13)).writes(pieces(100));
    let accept = |stream| acceptor().accept_local(stream);
    let written = dropped_at_each_poll(stream, accept).await;
    assert!(written.len() > 8 && written.is_sorted_by_key(Vec::len));
    for written in written {
        // whole records, and the begin of one perhaps, in the flight's order
        let types: Vec<u8> = records(&written).iter().map(|record| record[0]).collect();
        assert_eq!(types, [22, 20, 23, 23][..types.len()]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_alert_that_is_dropped_is_cut_where_the_stream_was() {
    let stream = || ScriptedStream::new(GARBAGE).writes(pieces(2));
    let accept = |stream| acceptor().accept_local(stream);
    let written = dropped_at_each_poll(stream, accept).await;
    let cuts = [0, 2, 4, 6].map(|cut| UNEXPECTED_MESSAGE[..cut].to_vec());
    assert_eq!(written, cuts);
}

pub(crate) fn speaking(versions: Versions) -> Client {
    client(&ClientProfile {
        versions,
        ..ClientProfile::DEFAULT
    })
}

/// In which state a client is dropped.
#[derive(Clone, Copy, Debug)]
enum State {
    /// Half of its hello has arrived.
    Accepting,
    /// Its hello has, and nobody takes it up.
    Accepted,
    /// A configuration is chosen, for as long as that takes.
    Choosing,
    /// It is refused, and not told.
    Undelivered,
    /// It is refused, and being told.
    Delivering,
    /// It is refused by a handshake with a configuration at hand.
    Direct,
}

const STATES: [State; 6] = [
    State::Accepting,
    State::Accepted,
    State::Choosing,
    State::Undelivered,
    State::Delivering,
    State::Direct,
];

impl State {
    fn stream(self) -> ScriptedStream {
        match self {
            Self::Accepting => ScriptedStream::new(&hello()[..40]).stays_open(),
            Self::Accepted | Self::Choosing => ScriptedStream::new(&hello()),
            Self::Undelivered | Self::Delivering | Self::Direct => ScriptedStream::new(GARBAGE),
        }
    }

    /// Accepts a client, in the background if it is dropped.
    fn accept(
        self,
        stream: Scripted,
        deliveries: &Deliveries,
    ) -> Pin<Box<dyn Future<Output = ()>>> {
        match self {
            Self::Accepting | Self::Choosing | Self::Delivering => {
                let acceptor = undecided().with_deliveries(deliveries.clone());
                let accepted = acceptor.accept(stream);
                Box::pin(async { drop(accepted.await) })
            }
            Self::Accepted | Self::Undelivered => {
                let accepting = Accepting::new(stream, &Options::default());
                let accepting = accepting.in_background(deliveries);
                Box::pin(async { drop(accepting.await) })
            }
            Self::Direct => {
                let acceptor = acceptor().with_deliveries(deliveries.clone());
                let accepted = acceptor.accept(stream);
                Box::pin(async { drop(accepted.await) })
            }
        }
    }

    /// What must be written once so many bytes have been read.
    fn must_write(self, read: usize) -> &'static [u8] {
        match (self, read) {
            (_, 0) => &[],
            // `GET /` is certainly not TLS
            (Self::Undelivered | Self::Delivering | Self::Direct, 5..) => &UNEXPECTED_MESSAGE,
            _ => &CANCELED,
        }
    }
}

/// Asserts that the client has read whole records, and in the end an orderly close.
pub(crate) fn ends_in_order(remote: &Scripted, shut: &[u8]) {
    let is_whole = |record: &&[u8]| match **record {
        [_, _, _, high, low, ref payload @ ..] => {
            payload.len() == usize::from(u16::from_be_bytes([high, low]))
        }
        _ => false,
    };
    assert!(records(shut).iter().all(is_whole), "half a record");
    remote.look(|stream| {
        let client = stream.client().unwrap();
        assert_eq!(client.error(), None);
        // rustls overlooks a close_notify in plaintext
        let closed = client.has_closed() || shut.ends_with(&[21, 3, 3, 0, 2, 1, 0]);
        assert!(closed || shut.is_empty(), "no close_notify");
    });
}

proptest! {
    #![proptest_config(lastword_testkit::cases(128))]

    /// The alert that was decided is continued from the byte where it was cut. If none was, the client
    /// is told that the server aborts.
    #[test]
    fn a_client_dropped_in_the_background_gets_its_alert_to_the_last_byte(
        state in prop::sample::select(&STATES[..]),
        polls in 0_usize..60,
        weather in weather(),
    ) {
        let stream = weather.on(state.stream());
        let remote = stream.clone();
        let deliveries = Deliveries::new(1);
        let read = paused().block_on(async {
            let mut accepted = state.accept(stream, &deliveries);
            let _ = polled(&mut accepted, polls).await;
            let read = state.stream().unread() - remote.unread();
            drop(accepted);
            soon(deliveries.finished()).await;
            read
        });
        prop_assert_eq!(remote.shut(), Some(state.must_write(read).to_vec()));
        prop_assert!(remote.is_closed());
    }

    /// Whatever has been written of the server's flight, the client reads whole records, and in the
    /// end an orderly close.
    #[test]
    fn a_handshake_dropped_in_the_background_ends_in_order_at_any_cut(
        versions in versions(),
        polls in 0_usize..100,
        chosen: bool,
        weather in weather(),
    ) {
        let stream = weather.on(with_client(speaking(versions)));
        let remote = stream.clone();
        let deliveries = Deliveries::new(1);
        let dropped = paused().block_on(async {
            let acceptor = if chosen { choosing() } else { acceptor() };
            let acceptor = acceptor.with_deliveries(deliveries.clone());
            let mut accepted = acceptor.accept(stream);
            let dropped = polled(&mut accepted, polls).await.is_none();
            drop(accepted);
            soon(deliveries.finished()).await;
            dropped
        });
        if dropped {
            let shut = remote.shut().expect("not closed in order");
            ends_in_order(&remote, &shut);
        }
    }
}
