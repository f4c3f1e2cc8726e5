//! The ways in which an alert gets lost, each tried in every style: all but the endless loops.
//!
//! A future that is dropped with the alert half written is none of them here: nothing of this
//! crate is a future. What is not stepped to its end is `#[must_use]`, and a step that has written
//! half of an alert hands back the state that writes the other.

use std::time::Duration;

use lastword_io::step::Options;
use lastword_io::{AcceptError, Delivery, Drain};
use lastword_record::{ContentType, ProtocolVersion};
use lastword_testkit::script::Outcome::{Interrupted, UpTo, WouldBlock};
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::wire::{self, records};

use crate::scripted::styles::{STYLES, Style};
use crate::scripted::{CONFIG, Scripted, UNEXPECTED_MESSAGE, hello};

const GARBAGE: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

fn refuse(style: Style, stream: ScriptedStream) -> (AcceptError, Scripted) {
    refuse_within(style, stream, &Options::default())
}

fn refuse_within(
    style: Style,
    stream: ScriptedStream,
    options: &Options,
) -> (AcceptError, Scripted) {
    let scripted = Scripted::new(stream.closes_when_told()).ticking();
    style.accept_any(scripted, options, &CONFIG).unwrap_err()
}

/// Asserts that just this was written, and flushed, when the write side was shut, and that the
/// client's end of the stream was read behind it.
fn told(style: Style, stream: ScriptedStream, tls: &[u8]) {
    let (error, stream) = refuse(style, stream);
    assert_eq!(stream.shut(), Some(tls), "{style:?}");
    assert_eq!(error.delivery(), Delivery::Delivered, "{style:?}");
    assert_eq!(stream.stream.unread(), 0, "{style:?}");
}

#[test]
fn an_error_does_not_return_before_its_alert_is_written() {
    for style in STYLES {
        told(style, ScriptedStream::new(GARBAGE), &UNEXPECTED_MESSAGE);
    }
}

#[test]
fn an_alert_cut_at_any_byte_is_written_to_its_end() {
    for style in STYLES {
        for cut in 0..=UNEXPECTED_MESSAGE.len() {
            let writes = [UpTo(cut), WouldBlock, Interrupted, UpTo(1), WouldBlock];
            let stream =
                ScriptedStream::new(GARBAGE).writes(writes.into_iter().skip(usize::from(cut == 0)));
            told(style, stream, &UNEXPECTED_MESSAGE);
        }
    }
}

/// What is written when the client waits behind its hello: the server's flight, and when it has
/// waited in vain, a `close_notify`, sealed.
#[test]
fn a_flight_cut_at_any_byte_is_written_to_its_end() {
    let moment = Duration::from_millis(50);
    let options = Options::default()
        .with_timeout(moment)
        .with_drain(Drain::default().with_time(moment));
    for style in STYLES {
        for cut in 1..700 {
            let stream = ScriptedStream::new(&hello()).stays_open().writes([
                UpTo(cut),
                WouldBlock,
                Interrupted,
                UpTo(3),
                WouldBlock,
            ]);
            let (error, stream) = refuse_within(style, stream, &options);
            assert_eq!(error.delivery(), Delivery::Written, "{style:?} at {cut}");
            let tls = stream.shut().unwrap();
            let records = records(tls);
            assert_eq!(records.concat(), tls, "{style:?} at {cut}");
            let types: Vec<u8> = records.iter().map(|record| record[0]).collect();
            assert_eq!(types[..3], [22, 20, 23], "{style:?} at {cut}");
            assert_eq!(
                records.last().unwrap()[..5],
                [23, 3, 3, 0, 19],
                "{style:?} at {cut}"
            );
        }
    }
}

#[test]
fn an_alert_is_flushed_though_flushing_takes_several_calls() {
    for style in STYLES {
        let stream =
            ScriptedStream::new(GARBAGE)
                .buffering()
                .flushes([WouldBlock, Interrupted, WouldBlock]);
        told(style, stream, &UNEXPECTED_MESSAGE);
    }
}

#[test]
fn what_is_still_in_flight_is_read_before_the_close() {
    let upload = [GARBAGE, &[b'x'; 65_536]].concat();
    for style in STYLES {
        let reads = [UpTo(4096), WouldBlock, UpTo(1), Interrupted, WouldBlock];
        let stream = ScriptedStream::new(&upload).reads(reads);
        told(style, stream, &UNEXPECTED_MESSAGE);
    }
}

/// The conditions for which rustls 0.23 queues nothing, on one of its paths or on both, each with
/// the client's bytes and the alert that is required.
fn rows_without_a_queue() -> [(&'static str, Vec<u8>, u8); 8] {
    let long = wire::record(
        ContentType::HANDSHAKE,
        ProtocolVersion::TLS_1_0,
        &[1, 0, 255, 255],
    );
    let half = wire::record(
        ContentType::HANDSHAKE,
        ProtocolVersion::TLS_1_0,
        &hello()[5..9],
    );
    let empty_alert = wire::record(ContentType::ALERT, ProtocolVersion::TLS_1_0, &[]);
    let long_alert = wire::record(ContentType::ALERT, ProtocolVersion::TLS_1_0, &[1, 0, 0]);
    [
        ("application_data first", vec![23, 3, 3, 0, 1, 0], 10),
        ("change_cipher_spec first", vec![20, 3, 3, 0, 1, 1], 10),
        ("empty alert", empty_alert, 10),
        ("alert of three bytes", long_alert, 50),
        ("twenty warnings", wire::alert(1, 90).repeat(20), 10),
        (
            "client key exchange first",
            wire::record(
                ContentType::HANDSHAKE,
                ProtocolVersion::TLS_1_0,
                &[16, 0, 0, 0],
            ),
            10,
        ),
        (
            "hello with a record between",
            [half, vec![23, 3, 3, 0, 1, 0]].concat(),
            10,
        ),
        ("hello of 65,535 bytes and its header", long, 50),
    ]
}

#[test]
fn there_is_an_alert_where_rustls_queues_none() {
    for (row, bytes, alert) in rows_without_a_queue() {
        for style in STYLES {
            let (error, stream) = refuse(style, ScriptedStream::new(&bytes).stays_open());
            assert_eq!(
                error.alert().map(|alert| alert.0),
                Some(alert),
                "{row} {style:?}"
            );
            assert_eq!(
                stream.shut(),
                Some(&[21, 3, 3, 0, 2, 2, alert][..]),
                "{row} {style:?}"
            );
        }
    }
}
