//! The ways in which an alert gets lost, each tried in every style, but for endless loops and dropped
//! futures.

use std::iter::repeat_n;
use std::time::Duration;

use lastword_testkit::catalogue::{self, Case};
use lastword_testkit::script::Outcome::{Interrupted, UpTo, WouldBlock};
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::wire::{alert, records};
use lastword_tokio::step::Options;
use lastword_tokio::{AcceptError, Delivery, Drain};

use crate::scripted::stream::Wake;
use crate::scripted::styles::{STYLES, Style};
use crate::scripted::{CONFIG, GARBAGE, Scripted, UNEXPECTED_MESSAGE, hello};

async fn refuse(style: Style, stream: Scripted) -> AcceptError<Scripted> {
    let options = Options::default();
    let accepted = style.accept_any(stream, &options, &CONFIG).await;
    accepted.unwrap_err()
}

/// Asserts that just this was written, and flushed, when the write side was shut, and that the
/// client's end of the stream was read after it.
async fn delivered(style: Style, stream: Scripted, tls: &[u8]) {
    let failure = refuse(style, stream).await;
    assert_eq!(failure.delivery(), Delivery::Delivered, "{style:?}");
    let stream = failure.into_stream();
    assert_eq!(stream.shut().as_deref(), Some(tls), "{style:?}");
    assert_eq!(stream.unread(), 0, "{style:?}");
}

#[tokio::test(start_paused = true)]
async fn an_error_does_not_return_before_its_alert_is_written() {
    for style in STYLES {
        let stream = Scripted::new(ScriptedStream::new(GARBAGE).closes_when_told());
        delivered(style, stream, &UNEXPECTED_MESSAGE).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_alert_cut_at_any_byte_is_written_to_its_end() {
    for style in STYLES {
        for cut in 0..=UNEXPECTED_MESSAGE.len() {
            for wake in [Wake::AtOnce, Wake::Later] {
                let writes = [UpTo(cut), WouldBlock, Interrupted, UpTo(1), WouldBlock];
                let writes = writes.into_iter().skip(usize::from(cut == 0));
                let stream = ScriptedStream::new(GARBAGE).closes_when_told();
                let stream = Scripted::new(stream.writes(writes));
                let stream = stream.waking(repeat_n(wake, 9));
                delivered(style, stream, &UNEXPECTED_MESSAGE).await;
            }
        }
    }
}

/// A client that goes silent after its ClientHello gets the server's flight, and at the timeout an
/// encrypted `close_notify`.
#[tokio::test(start_paused = true)]
async fn a_flight_cut_at_any_byte_is_written_to_its_end() {
    let moment = Duration::from_millis(50);
    let options = Options::default()
        .with_timeout(moment)
        .with_drain(Drain::default().with_time(moment));
    for (cut, style) in (1..700).zip(STYLES.into_iter().cycle()) {
        let writes = [UpTo(cut), WouldBlock, Interrupted, UpTo(3), WouldBlock];
        let stream = ScriptedStream::new(&hello()).stays_open().writes(writes);
        let accepted = style.accept_any(Scripted::new(stream), &options, &CONFIG);
        let failure = accepted.await.unwrap_err();
        assert_eq!(failure.delivery(), Delivery::Written, "{style:?} at {cut}");
        let tls = failure.into_stream().shut().unwrap();
        let records = records(&tls);
        let types: Vec<u8> = records.iter().map(|record| record[0]).collect();
        assert_eq!(types[..3], [22, 20, 23], "{style:?} at {cut}");
        let last = records.last().unwrap();
        assert_eq!(last[..5], [23, 3, 3, 0, 19], "{style:?} at {cut}");
        assert_eq!(last.len(), 24, "{style:?} at {cut}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_alert_is_flushed_though_flushing_takes_several_calls() {
    for style in STYLES {
        let flushes = [WouldBlock, Interrupted, WouldBlock];
        let stream = ScriptedStream::new(GARBAGE).buffering().flushes(flushes);
        let stream = Scripted::new(stream.closes_when_told());
        delivered(style, stream, &UNEXPECTED_MESSAGE).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_still_in_flight_is_read_before_the_close() {
    let upload = [GARBAGE, &[b'x'; 65_536]].concat();
    for style in STYLES {
        let reads = [UpTo(4096), WouldBlock, UpTo(1), Interrupted, WouldBlock];
        let stream = Scripted::new(ScriptedStream::new(&upload).reads(reads));
        delivered(style, stream, &UNEXPECTED_MESSAGE).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_late_is_read_before_the_close() {
    let stream = Scripted::new(ScriptedStream::new(GARBAGE).stays_open());
    let remote = stream.clone();
    let late = async {
        tokio::time::sleep(Duration::from_millis(900)).await;
        remote.feed(&[b'x'; 9000]);
    };
    let (failure, ()) = tokio::join!(refuse(Style::Direct, stream), late);
    assert_eq!(failure.delivery(), Delivery::Written); // it never closed
    assert_eq!(failure.into_stream().unread(), 0);
}

/// The clients for which rustls 0.23 queues nothing, on one of its paths or on both.
fn without_a_queue() -> Vec<Case> {
    let names = [
        "application-data-first",
        "change-cipher-spec-first",
        "interleaved-hello",
        "overlong-alert",
        "empty-alert",
        "warning-flood",
        "finished-first",
        "hello-declared-too-long",
    ];
    let mut cases = catalogue::failing();
    cases.retain(|case| names.contains(&case.name));
    assert_eq!(cases.len(), names.len(), "{cases:?}");
    cases
}

#[tokio::test(start_paused = true)]
async fn there_is_an_alert_where_rustls_queues_none() {
    for case in without_a_queue() {
        for style in STYLES {
            let stream = ScriptedStream::new(&case.opening().unwrap()).stays_open();
            let failure = refuse(style, Scripted::new(stream)).await;
            let [required] = case.required.alerts() else {
                panic!("{}: {:?}", case.name, case.required);
            };
            assert_eq!(failure.alert(), Some(*required), "{} {style:?}", case.name);
            let shut = failure.into_stream().shut();
            assert_eq!(shut, Some(alert(2, required.0)), "{} {style:?}", case.name);
        }
    }
}
