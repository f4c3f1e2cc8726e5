//! How alerts are delivered in the background: how many at a time, and what if there is no runtime.

use std::future::Future;
use std::iter::repeat_n;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lastword_testkit::script::Outcome::{UpTo, WouldBlock};
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::untimed;
use lastword_tokio::step::{Accepting, Options};
use lastword_tokio::{AcceptError, Deliveries, Drain, Undelivered};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::task::{coop, yield_now};
use tokio::time::{Instant, sleep, timeout};

use crate::scripted::stream::Wake;
use crate::scripted::{
    CANCELED, GARBAGE, Scripted, UNEXPECTED_MESSAGE, hello, paused, poll_once, soon, undecided,
};

/// A client that is refused, over this stream.
async fn refused_over(stream: Scripted, deliveries: &Deliveries) -> Undelivered<Scripted> {
    let acceptor = undecided().with_deliveries(deliveries.clone());
    soon(acceptor.accept_undelivered(stream)).await.unwrap_err()
}

/// A client that is refused and never closes, so that its delivery takes the drain.
async fn refused(deliveries: &Deliveries) -> (Undelivered<Scripted>, Scripted) {
    let stream = Scripted::new(ScriptedStream::new(GARBAGE).stays_open());
    let remote = stream.clone();
    (refused_over(stream, deliveries).await, remote)
}

const DRAIN: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn counts_those_in_flight() {
    let deliveries = Deliveries::new(9);
    assert_eq!(deliveries.in_flight(), 0);
    for in_flight in 1..=3 {
        let (undelivered, _) = refused(&deliveries.clone()).await;
        drop(undelivered);
        assert_eq!(deliveries.in_flight(), in_flight);
    }
    sleep(DRAIN - Duration::from_millis(1)).await;
    assert_eq!(deliveries.in_flight(), 3);
    sleep(Duration::from_millis(2)).await;
    assert_eq!(deliveries.in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn has_finished_once_all_are_delivered() {
    let deliveries = Deliveries::new(2);
    let started = Instant::now();
    soon(deliveries.finished()).await; // there is none
    assert_eq!(started.elapsed(), Duration::ZERO);
    let (first, of_first) = refused(&deliveries).await;
    drop(first);
    sleep(DRAIN / 2).await;
    let (second, of_second) = refused(&deliveries).await;
    drop(second);
    soon(deliveries.finished()).await;
    assert_eq!(started.elapsed(), DRAIN / 2 + DRAIN);
    for remote in [of_first, of_second] {
        assert_eq!(remote.shut().as_deref(), Some(&UNEXPECTED_MESSAGE[..]));
        assert!(remote.is_closed());
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_for_them_to_finish_does_not_block_others() {
    let deliveries = Deliveries::new(3);
    drop(refused(&deliveries).await.0);
    let mut finished = pin!(deliveries.finished());
    assert!(poll_once(finished.as_mut()).is_none());
    assert_eq!(deliveries.in_flight(), 1);
    // it is pending at every byte, and delivered in the background all the same
    let writes = repeat_n([WouldBlock, UpTo(1)], 7).flatten();
    let stream = Scripted::new(ScriptedStream::new(GARBAGE).writes(writes));
    let remote = stream.clone();
    drop(refused_over(stream, &deliveries).await);
    assert_eq!(deliveries.in_flight(), 2);
    soon(finished).await;
    assert_eq!(remote.shut().as_deref(), Some(&UNEXPECTED_MESSAGE[..]));
}

#[tokio::test(start_paused = true)]
async fn one_too_many_ends_the_oldest_early() {
    let deliveries = Deliveries::new(2);
    let (first, of_first) = refused(&deliveries).await;
    let (second, of_second) = refused(&deliveries).await;
    let (third, of_third) = refused(&deliveries).await;
    drop(first);
    drop(second);
    yield_now().await; // both are drained
    drop(third);
    assert_eq!(deliveries.in_flight(), 2);
    yield_now().await;
    assert_eq!(of_first.shut().as_deref(), Some(&UNEXPECTED_MESSAGE[..]));
    assert!(of_first.is_closed() && !of_second.is_closed() && !of_third.is_closed());
    soon(deliveries.finished()).await;
    assert!(of_second.is_closed() && of_third.is_closed());
    assert_eq!(of_third.shut().as_deref(), Some(&UNEXPECTED_MESSAGE[..]));
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_ends_before_it_began_is_written_all_the_same() {
    let deliveries = Deliveries::new(1);
    let (first, of_first) = refused(&deliveries).await;
    let (second, of_second) = refused(&deliveries).await;
    drop(first);
    drop(second);
    soon(deliveries.finished()).await;
    assert_eq!(of_first.shut().as_deref(), Some(&UNEXPECTED_MESSAGE[..]));
    assert_eq!(of_second.shut().as_deref(), Some(&UNEXPECTED_MESSAGE[..]));
}

#[tokio::test(start_paused = true)]
async fn one_too_many_is_written_as_much_as_its_stream_takes() {
    let deliveries = Deliveries::new(0);
    let stream = ScriptedStream::new(GARBAGE).writes([UpTo(3), WouldBlock]);
    let stream = Scripted::new(stream);
    let remote = stream.clone();
    drop(refused_over(stream, &deliveries).await);
    assert_eq!((remote.written(), remote.shut()), (vec![21, 3, 3], None));
    assert!(remote.is_closed());
    soon(deliveries.finished()).await;
}

/// The second panic comes while the first drops the client: it would end the process.
#[tokio::test(start_paused = true)]
async fn a_client_dropped_by_a_panic_has_its_alert_though_on_failure_panics_too() {
    let deliveries = Deliveries::new(0).on_failure(|_| panic!("a planted panic"));
    let stream = Scripted::new(ScriptedStream::new(&hello()));
    let remote = stream.clone();
    let accepting = Accepting::new(stream, &Options::default()).in_background(&deliveries);
    let task = async {
        let _accepted = accepting.await;
        panic!("another planted panic")
    };
    let panicked = tokio::spawn(task).await.unwrap_err();
    assert!(panicked.is_panic());
    assert_eq!(remote.shut().as_deref(), Some(&CANCELED[..]));
}

#[tokio::test(start_paused = true)]
async fn reports_each_delivery() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let reported = Arc::clone(&lines);
    let report = move |error: &AcceptError| reported.lock().unwrap().push(untimed(error));
    let deliveries = Deliveries::new(1).on_failure(report);
    let first = refused(&deliveries).await;
    let second = refused(&deliveries).await;
    drop(first);
    drop(second); // at once, since it is one too many
    soon(deliveries.finished()).await;
    let words = "client sent an HTTP GET request instead of TLS; alert unexpected_message (10) sent, written";
    assert_eq!(*lines.lock().unwrap(), [words, words]);
}

#[tokio::test(start_paused = true)]
async fn a_delivery_ends_within_the_timeout_and_the_drain() {
    let deliveries = Deliveries::new(1);
    let acceptor = undecided()
        .with_deliveries(deliveries.clone())
        .with_timeout(Duration::from_secs(5))
        .with_drain(Drain::default().with_time(Duration::from_secs(2)));
    let never_writes = ScriptedStream::new(GARBAGE).writes(repeat_n(WouldBlock, 9999));
    let stream = Scripted::new(never_writes);
    let undelivered = soon(acceptor.accept_undelivered(stream)).await.unwrap_err();
    let started = Instant::now();
    drop(undelivered);
    soon(deliveries.finished()).await;
    assert_eq!(started.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_client_whose_choice_is_not_made_is_told_that_the_server_aborts() {
    let deliveries = Deliveries::new(1);
    let stream = Scripted::new(ScriptedStream::new(&hello()));
    let remote = stream.clone();
    let acceptor = undecided().with_deliveries(deliveries.clone());
    let moment = Duration::from_millis(1);
    assert!(timeout(moment, acceptor.accept(stream)).await.is_err());
    assert_eq!(deliveries.in_flight(), 1);
    soon(deliveries.finished()).await;
    assert_eq!(remote.shut().as_deref(), Some(&CANCELED[..]));
    assert!(remote.is_closed());
}

#[tokio::test(start_paused = true)]
async fn a_failure_held_back_can_be_given_to_other_deliveries() {
    let (own, others) = (Deliveries::new(1), Deliveries::new(1));
    let (undelivered, remote) = refused(&own).await;
    drop(undelivered.in_background(&others));
    assert_eq!((own.in_flight(), others.in_flight()), (0, 1));
    soon(others.finished()).await;
    assert_eq!(remote.shut().as_deref(), Some(&UNEXPECTED_MESSAGE[..]));
}

/// A stream that wakes its task without a runtime.
fn without_timers(stream: ScriptedStream) -> Scripted {
    Scripted::new(stream).waking(repeat_n(Wake::AtOnce, 99))
}

/// What is left of a client that is dropped where there is no runtime.
fn dropped_outside<F>(accept: impl FnOnce(Scripted) -> F, stream: ScriptedStream) -> Scripted
where
    F: Future,
{
    let stream = without_timers(stream);
    let remote = stream.clone();
    let runtime = paused();
    let inside = runtime.enter();
    let mut accepting = Box::pin(accept(stream));
    assert!(poll_once(accepting.as_mut()).is_none());
    drop(inside);
    drop(accepting);
    assert!(remote.is_closed());
    remote
}

#[test]
fn outside_a_runtime_an_alert_is_written_at_once() {
    let deliveries = Deliveries::new(9);
    let acceptor = undecided().with_deliveries(deliveries.clone());
    let half = ScriptedStream::new(&hello()[..40]).stays_open();
    let remote = dropped_outside(|stream| acceptor.accept(stream), half);
    assert_eq!(remote.shut().as_deref(), Some(&CANCELED[..]));

    let stuck = ScriptedStream::new(&hello()[..40])
        .stays_open()
        .writes([UpTo(9), WouldBlock]);
    let remote = dropped_outside(|stream| acceptor.accept(stream), stuck);
    assert_eq!(remote.written(), CANCELED[..9]);
    assert_eq!(deliveries.in_flight(), 0);
}

#[test]
fn outside_a_runtime_an_alert_that_was_cut_is_continued() {
    let accept = |stream| undecided().accept(stream);
    let cut = ScriptedStream::new(GARBAGE).writes([UpTo(2), WouldBlock]);
    let remote = dropped_outside(accept, cut);
    assert_eq!(remote.shut().as_deref(), Some(&UNEXPECTED_MESSAGE[..]));
}

#[test]
fn a_client_in_a_task_of_a_runtime_that_ends_has_its_alert_at_once() {
    let deliveries = Deliveries::new(9);
    let stream = without_timers(ScriptedStream::new(&hello()[..40]).stays_open());
    let remote = stream.clone();
    let runtime = paused();
    let acceptor = undecided().with_deliveries(deliveries.clone());
    let accept = async move { acceptor.accept(stream).await };
    runtime.spawn(accept);
    runtime.block_on(yield_now());
    drop(runtime);
    assert!(remote.is_closed());
    assert_eq!(remote.shut().as_deref(), Some(&CANCELED[..]));
    assert_eq!(deliveries.in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_has_used_its_budget_writes_an_alert_at_once() {
    let (mut client, server) = duplex(4096);
    client.write_all(GARBAGE).await.unwrap();
    let acceptor = undecided().with_deliveries(Deliveries::new(0));
    let undelivered = soon(acceptor.accept_undelivered(server)).await.unwrap_err();
    while coop::has_budget_remaining() {
        poll_once(coop::consume_budget());
    }
    drop(undelivered);
    let mut received = Vec::new();
    client.read_to_end(&mut received).await.unwrap();
    assert_eq!(received, UNEXPECTED_MESSAGE);
}
