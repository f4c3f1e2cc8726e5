//! How last words are told in the background: how many at a time, and what if there is no runtime.

use std::future::Future;
use std::iter::repeat_n;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lastword_testkit::script::Outcome::{UpTo, WouldBlock};
use lastword_testkit::script::ScriptedStream;
use lastword_tokio::{Accepting, Deliveries, Drain, Options, Report, Undelivered, begin};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::task::{coop, yield_now};
use tokio::time::{Instant, sleep, timeout};

use crate::stream::Wake;
use crate::{
    CANCELED, GARBAGE, Scripted, UNEXPECTED_MESSAGE, hello, never, paused, poll_once, soon,
};

/// A client that is refused and never closes: telling it takes the drain.
async fn refused() -> (Undelivered<Scripted>, Scripted) {
    let stream = Scripted::new(ScriptedStream::new(GARBAGE).stays_open());
    let remote = stream.clone();
    let undelivered = soon(begin(stream, &Options::default(), never)).await;
    (undelivered.unwrap_err(), remote)
}

const DRAIN: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn counts_what_is_under_way_until_it_is_over() {
    let deliveries = Deliveries::new(9);
    let clone = deliveries.clone();
    assert_eq!(deliveries.under_way(), 0);
    for under_way in 1..=3 {
        let (undelivered, _) = refused().await;
        clone.deliver(undelivered);
        assert_eq!(deliveries.under_way(), under_way);
    }
    sleep(DRAIN - Duration::from_millis(1)).await;
    assert_eq!(deliveries.under_way(), 3);
    sleep(Duration::from_millis(2)).await;
    assert_eq!(deliveries.under_way(), 0);
}

#[tokio::test(start_paused = true)]
async fn has_finished_once_all_are_told() {
    let deliveries = Deliveries::new(2);
    let started = Instant::now();
    soon(deliveries.finished()).await; // there is none
    assert_eq!(started.elapsed(), Duration::ZERO);
    let (first, of_first) = refused().await;
    deliveries.deliver(first);
    sleep(DRAIN / 2).await;
    let (second, of_second) = refused().await;
    deliveries.deliver(second);
    soon(deliveries.finished()).await;
    assert_eq!(started.elapsed(), DRAIN / 2 + DRAIN);
    for remote in [of_first, of_second] {
        assert_eq!(remote.shut().as_deref(), Some(&UNEXPECTED_MESSAGE[..]));
        assert!(remote.is_closed());
    }
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_them_to_finish_is_in_nobodys_way() {
    let deliveries = Deliveries::new(3);
    let (first, _) = refused().await;
    deliveries.deliver(first);
    let mut finished = pin!(deliveries.finished());
    assert!(poll_once(finished.as_mut()).is_none());
    assert_eq!(deliveries.under_way(), 1);
    // it is pending at every byte, and told in the background all the same
    let writes = repeat_n([WouldBlock, UpTo(1)], 7).flatten();
    let stream = Scripted::new(ScriptedStream::new(GARBAGE).writes(writes));
    let remote = stream.clone();
    let undelivered = soon(begin(stream, &Options::default(), never)).await;
    deliveries.deliver(undelivered.unwrap_err());
    assert_eq!(deliveries.under_way(), 2);
    soon(finished).await;
    assert_eq!(remote.shut().as_deref(), Some(&UNEXPECTED_MESSAGE[..]));
}

#[tokio::test(start_paused = true)]
async fn one_too_many_is_told_at_once_and_closed() {
    let deliveries = Deliveries::new(1);
    let (first, of_first) = refused().await;
    let (second, of_second) = refused().await;
    deliveries.deliver(first);
    deliveries.deliver(second);
    assert_eq!(deliveries.under_way(), 1);
    assert_eq!(of_second.shut().as_deref(), Some(&UNEXPECTED_MESSAGE[..]));
    assert!(of_second.is_closed() && !of_first.is_closed());
    soon(deliveries.finished()).await;
    assert!(of_first.is_closed());
    // there is room again
    deliveries.deliver(refused().await.0);
    assert_eq!(deliveries.under_way(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_too_many_is_told_what_its_stream_takes() {
    let deliveries = Deliveries::new(0);
    let stream = ScriptedStream::new(GARBAGE).writes([UpTo(3), WouldBlock]);
    let stream = Scripted::new(stream);
    let remote = stream.clone();
    let undelivered = soon(begin(stream, &Options::default(), never)).await;
    deliveries.deliver(undelivered.unwrap_err());
    assert_eq!((remote.written(), remote.shut()), (vec![21, 3, 3], None));
    assert!(remote.is_closed());
    soon(deliveries.finished()).await;
}

/// The second panic comes while the first drops the client: it would end the process.
#[tokio::test(start_paused = true)]
async fn a_client_dropped_by_a_panic_is_told_though_who_is_told_of_it_panics_too() {
    let deliveries = Deliveries::new(0).on_failure(|_| panic!("a planted panic"));
    let stream = Scripted::new(ScriptedStream::new(&hello()));
    let remote = stream.clone();
    let accepting = Accepting::new(stream, &Options::default()).guarded(&deliveries);
    let task = async {
        let _accepted = accepting.await;
        panic!("another planted panic")
    };
    let panicked = tokio::spawn(task).await.unwrap_err();
    assert!(panicked.is_panic());
    assert_eq!(remote.shut().as_deref(), Some(&CANCELED[..]));
}

#[tokio::test(start_paused = true)]
async fn says_of_each_client_what_became_of_it() {
    let said = Arc::new(Mutex::new(Vec::new()));
    let lines = Arc::clone(&said);
    let say = move |report: &Report| lines.lock().unwrap().push(report.to_string());
    let deliveries = Deliveries::new(1).on_failure(say);
    deliveries.deliver(refused().await.0);
    deliveries.deliver(refused().await.0); // at once, since it is one too many
    soon(deliveries.finished()).await;
    let words = "not TLS but an HTTP GET request; alert unexpected_message (10) written";
    assert_eq!(*said.lock().unwrap(), [words, words]);
}

#[tokio::test(start_paused = true)]
async fn a_delivery_ends_within_the_deadline_and_the_drain() {
    let deliveries = Deliveries::new(1);
    let options = Options::default()
        .with_deadline(Duration::from_secs(5))
        .with_drain(Drain::default().with_time(Duration::from_secs(2)));
    let never_writes = ScriptedStream::new(GARBAGE).writes(repeat_n(WouldBlock, 9999));
    let stream = Scripted::new(never_writes);
    let undelivered = soon(begin(stream, &options, never)).await.unwrap_err();
    let started = Instant::now();
    deliveries.deliver(undelivered);
    soon(deliveries.finished()).await;
    assert_eq!(started.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_client_whose_choice_is_not_made_is_told_that_the_server_gave_up() {
    let deliveries = Deliveries::new(1);
    let stream = Scripted::new(ScriptedStream::new(&hello()));
    let remote = stream.clone();
    let accepted = deliveries.accept(stream, &Options::default(), never);
    let moment = Duration::from_millis(1);
    assert!(timeout(moment, accepted).await.is_err());
    assert_eq!(deliveries.under_way(), 1);
    soon(deliveries.finished()).await;
    assert_eq!(remote.shut().as_deref(), Some(&CANCELED[..]));
    assert!(remote.is_closed());
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
fn outside_a_runtime_a_client_is_told_at_once() {
    let deliveries = Deliveries::new(9);
    let half = ScriptedStream::new(&hello()[..40]).stays_open();
    let accept = |stream| deliveries.accept(stream, &Options::default(), never);
    let remote = dropped_outside(accept, half);
    assert_eq!(remote.shut().as_deref(), Some(&CANCELED[..]));

    let stuck = ScriptedStream::new(&hello()[..40])
        .stays_open()
        .writes([UpTo(9), WouldBlock]);
    let remote = dropped_outside(accept, stuck);
    assert_eq!(remote.written(), CANCELED[..9]);
    assert_eq!(deliveries.under_way(), 0);
}

#[test]
fn outside_a_runtime_an_alert_that_was_cut_is_continued() {
    let deliveries = Deliveries::new(9);
    let accept = async |stream| {
        let accepting = Accepting::new(stream, &Options::default());
        let undelivered = accepting.guarded(&deliveries).await.unwrap_err();
        undelivered.deliver().await
    };
    let cut = ScriptedStream::new(GARBAGE).writes([UpTo(2), WouldBlock]);
    let remote = dropped_outside(accept, cut);
    assert_eq!(remote.shut().as_deref(), Some(&UNEXPECTED_MESSAGE[..]));
}

#[test]
fn a_client_in_a_task_of_a_runtime_that_ends_is_told_at_once() {
    let deliveries = Deliveries::new(9);
    let stream = without_timers(ScriptedStream::new(&hello()[..40]).stays_open());
    let remote = stream.clone();
    let runtime = paused();
    let accepted = deliveries.accept(stream, &Options::default(), never);
    runtime.spawn(accepted);
    runtime.block_on(yield_now());
    drop(runtime);
    assert!(remote.is_closed());
    assert_eq!(remote.shut().as_deref(), Some(&CANCELED[..]));
    assert_eq!(deliveries.under_way(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_has_used_its_budget_tells_a_client_at_once() {
    let (mut client, server) = duplex(4096);
    client.write_all(GARBAGE).await.unwrap();
    let undelivered = soon(begin(server, &Options::default(), never))
        .await
        .unwrap_err();
    while coop::has_budget_remaining() {
        poll_once(coop::consume_budget());
    }
    Deliveries::new(0).deliver(undelivered);
    let mut told = Vec::new();
    client.read_to_end(&mut told).await.unwrap();
    assert_eq!(told, UNEXPECTED_MESSAGE);
}
