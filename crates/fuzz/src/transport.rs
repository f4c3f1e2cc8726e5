//! Accepting over a stream that is short, blocks, is interrupted, fails or ends at any call: what is
//! written is what there was to write, to the byte, and what the error reports is true.

use std::time::Duration;

use lastword_acceptor::{AlertLevel, ErrorKind, Rejection};
use lastword_io::step::Options;
use lastword_io::{AcceptError, Delivery};

use crate::client;
use crate::decided;
use crate::drive::{Choice, Client, Outcome, Ran, Writes};
use crate::input::{Input, input};
use crate::server::{SERVERS, Server};
use crate::stream::{Scripted, lets_through};
use crate::styles::{Established, STYLES, Style};

/// How long a handshake takes at the most, with its last word: the deadline, a second to drain,
/// and some for the calls that outlast them.
const LONGEST: Duration = Duration::from_secs(15);

/// Words to write to a client that is served.
const WORDS: &[u8] = b"the last word";

/// The oracle. The bytes are a length, a schedule of so many steps, and what the client sends; the
/// cut is the style of accepting and the kind of stream.
pub fn check(data: &[u8]) {
    let Some(mut input) = Input::of(data) else {
        return;
    };
    let Some((steps, rest)) = input.bytes.split_first() else {
        return;
    };
    let (schedule, bytes) = rest.split_at(rest.len().min((*steps).into()));
    input.bytes = bytes;
    let style = STYLES[usize::from(input.cut) % STYLES.len()];
    let (buffering, stays_open) = (input.cut & 4 != 0, input.cut & 8 != 0);
    // timed out, or closed by the client
    let rejects = style.chooses() && input.end >> 7 == 1;
    input.end = u8::from(stays_open) | if rejects { 12 << 4 } else { 0 };

    let client = Client::of(input);
    let stream = Scripted::new(bytes, schedule, buffering, stays_open);
    // one that blocks for long is a pause
    let through = lets_through(schedule) && client.can_pause();
    let config = &client.server.config;
    let chosen = config.clone();
    let choose = move |_: &_| match rejects {
        true => Err(Rejection::unrecognized_name()),
        false => Ok(chosen.clone()),
    };
    let options = Options::default().with_limits(client.limits());
    match style.accept(stream, &options, config, choose) {
        Ok(established) => served(&client, style, through, established),
        Err((error, stream)) => {
            check_error(client.server, &error, &stream);
            // calls that block may take all the time that there is
            let is_late =
                error.delivery() == Delivery::TimedOut && stream.elapsed() >= options.timeout;
            if through && !is_late {
                let told = stream.shut.unwrap();
                let words = error.error().to_string();
                check_told(&client, style, &told, &words);
            }
        }
    }
}

/// The inputs to begin with that these bytes make.
pub(crate) fn seeds(bytes: &[u8]) -> Vec<Vec<u8>> {
    let schedules: [&[u8]; 5] = [
        &[0; 60],
        &[3, 170, 130, 140, 2, 200, 70, 9, 5, 128, 0, 199, 20, 6],
        &[100, 10, 0, 100, 0, 0, 100, 215, 0],
        &[5, 1, 1, 255, 255, 255, 230, 250, 1],
        &[167; 246],
    ];
    let mut seeds = Vec::new();
    for (number, schedule) in (0..).zip(schedules) {
        let cut = (bytes.len() as u8).wrapping_add(number * 5);
        let bytes = [&[schedule.len() as u8], schedule, bytes].concat();
        seeds.push(input(cut % 8, cut, cut << 5, &bytes));
    }
    seeds
}

/// Those that clients make who are served.
pub(crate) fn seeds_served() -> Vec<Vec<u8>> {
    let all = (0..).zip(SERVERS.iter()).flat_map(|(setup, server)| {
        let all = client::all(server).into_iter();
        all.flat_map(move |bytes| {
            let mut seeds = seeds(&bytes);
            seeds.iter_mut().for_each(|seed| seed[0] = setup);
            seeds
        })
    });
    all.collect()
}

/// What becomes of the client without a stream, its bytes in one piece and a byte at a time.
fn without_a_stream(client: &Client<'_>, style: Style) -> [Ran; 2] {
    let choice = match style.chooses() {
        true => Choice::Application,
        false => Choice::OneForAll,
    };
    [1, 0].map(|cut| client.run(choice, cut, Writes::AtOnce))
}

/// All that the server wrote is what it must write; to who is told nothing, as much of it as was
/// written before that showed.
fn check_told(client: &Client<'_>, style: Style, written: &[u8], words: &str) {
    let [whole, bytewise] = without_a_stream(client, style);
    match whole.outcome {
        Outcome::Ended {
            words: expected,
            alert,
            ..
        } => {
            assert_eq!(words, expected);
            match alert {
                Some(_) => assert_eq!(written, whole.output, "{words}"),
                None => {
                    assert!(written.starts_with(&whole.output), "{words}");
                    assert!(bytewise.output.starts_with(written), "{words}");
                }
            }
        }
        // what failed came in the read of the Finished
        Outcome::Established(established) if established.fails => {
            let flights = &bytewise.output[..bytewise.flights];
            let is_silent = flights.starts_with(written);
            assert!(written.starts_with(flights) || is_silent, "{words}");
        }
        Outcome::Established(_) => panic!("refused, but served without a stream: {words}"),
    }
}

/// A client that was served, on a stream that lets through what is written sooner or later.
fn served(client: &Client<'_>, style: Style, through: bool, established: Established) {
    if !through {
        return;
    }
    let [whole, bytewise] = without_a_stream(client, style);
    let Outcome::Established(_) = whole.outcome else {
        panic!("served, but refused without a stream: {:?}", whole.outcome);
    };
    let (mut connection, stream) = match established {
        Established::Blocking(stream) => {
            let (stream, connection) = stream.into_inner();
            (connection, stream)
        }
        Established::Nonblocking(connection, stream) => (connection, stream),
    };
    assert_eq!(stream.stream.unflushed(), 0);
    let written = stream.stream.written().to_vec();
    decided::whole_records(&written);
    let flights = &bytewise.output[..bytewise.flights];
    assert!(written.starts_with(flights));
    // what came behind the handshake in the same read may have ended it
    while let Ok(chunk @ [_, ..]) = connection.plaintext() {
        let len = chunk.len();
        connection.consume(len);
    }
    if connection.wants_write() || connection.kept_error().is_some() {
        return;
    }
    let established = Established::Nonblocking(connection, stream);
    let (_, stream) = established.close(WORDS);
    let shut = stream.shut.unwrap();
    let behind = &shut[written.len()..];
    decided::whole_records(behind);
    assert!(behind.windows(WORDS.len()).any(|words| words == WORDS));
    let [closing] = decided::alerts(behind)[..] else {
        panic!("not closed in order: {behind:02x?}");
    };
    assert_eq!(closing.description.0, 0);
}

/// Whether what came after the Finished had failed, and its alert was not written and flushed in time:
/// then the error says that the handshake timed out, and not which alert was written.
fn is_late(error: &AcceptError, written: &[u8]) -> bool {
    let is_timed_out = matches!(error.kind(), ErrorKind::TimedOut);
    let told = decided::alerts(written);
    is_timed_out && matches!(told[..], [alert] if alert.level == AlertLevel::FATAL)
}

/// Whether what came after the Finished had failed, and the stream failed when its alert was written:
/// then the error says that the stream failed, and not which alert was written.
fn is_broken(error: &AcceptError, written: &[u8]) -> bool {
    error.io_error().is_some() && decided::alerts(written).len() == 1
}

/// What the error reports is true of the stream, whatever became of it.
fn check_error(server: &Server, error: &AcceptError, stream: &Scripted) {
    let (alert, delivery) = (error.alert(), error.delivery());
    assert_ne!(alert.is_some(), error.silence().is_some());
    assert_eq!(alert.is_none(), delivery == Delivery::NothingToSend);
    assert!(stream.elapsed() <= LONGEST, "{:?}", stream.elapsed());
    assert!(error.elapsed() <= stream.elapsed());

    let written = stream.stream.written();
    let all = matches!(delivery, Delivery::Written | Delivery::Delivered);
    if all {
        assert_eq!(stream.shut.as_deref(), Some(written), "not shut behind it");
        assert_eq!(stream.stream.unflushed(), 0);
        decided::whole_records(written);
    }
    if let Some(shut) = &stream.shut {
        let is_told = alert.is_none() || decided::is_told(server, error.error(), alert, shut);
        assert!(is_told || is_late(error, shut), "{error:?}");
    } else {
        assert!(!all);
    }
    if alert.is_none() && !is_broken(error, written) && !is_late(error, written) {
        assert_eq!(decided::alerts(written), []);
    }
}
