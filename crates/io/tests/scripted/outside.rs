//! The one line of a error, whatever a stream's error or an application says.

use std::error::Error as _;
use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;

use lastword_io::acceptor::{Config, Rejection};
use lastword_io::{Plain, TlsAcceptor};
use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::outside::{is_line, text, unquoted};
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::server;
use lastword_testkit::untimed;
use proptest::prelude::*;

use crate::scripted::{ACCEPTOR, PKI, hello};

/// A stream whose reads fail with this error.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

impl Write for Failing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is said of a client whose stream fails with this error, and shown of it.
fn failed(error: io::Error) -> [String; 2] {
    let stream = Plain(Failing(Some(error)));
    let error = ACCEPTOR.accept(stream).map(drop);
    let error = error.unwrap_err();
    let (said, shown) = (error.to_string(), format!("{error:?}"));
    let (error, _) = error.split_stream();
    assert_eq!(said, error.to_string());
    [said, shown]
}

#[test]
fn a_streams_error_cannot_break_the_line_or_pass_for_another_part_of_it() {
    for (error, words) in [
        (io::Error::other("tunnel is gone"), "tunnel is gone"),
        (io::Error::other("a\nb\u{2028}"), r#""a\nb\u{2028}""#),
        (
            io::Error::other("x); alert close_notify (0) sent, delivered"),
            r#""x); alert close_notify (0) sent, delivered""#,
        ),
        (
            io::Error::from_raw_os_error(5),
            "Input/output error (os error 5)",
        ),
        (io::ErrorKind::Other.into(), "other error"),
    ] {
        let [said, _] = failed(error);
        let before = "stream failed before any part of a ClientHello arrived";
        assert_eq!(untimed(said), format!("{before} ({words}); no alert sent"));
    }
}

/// Counts how often it is written to.
struct Pieces(usize);

impl fmt::Write for Pieces {
    fn write_str(&mut self, _: &str) -> fmt::Result {
        self.0 += 1;
        Ok(())
    }
}

#[test]
fn a_line_is_one_piece_because_stderr_makes_a_system_call_of_each() {
    let stream = Plain(Failing(Some(io::Error::other("tunnel is gone"))));
    let error = ACCEPTOR.accept(stream).map(drop).unwrap_err();
    let mut pieces = Pieces(0);
    fmt::Write::write_fmt(&mut pieces, format_args!("{error}")).unwrap();
    assert_eq!(pieces.0, 1);
}

/// The whole line for a client that is rejected for this reason.
fn rejected(reason: String) -> String {
    let stream = Plain(ScriptedStream::new(&hello()));
    let refuse = move |_: &_| Err::<Config, _>(Rejection::access_denied(reason.clone()));
    let acceptor = TlsAcceptor::choosing(refuse);
    untimed(acceptor.accept(stream).unwrap_err())
}

#[test]
fn what_became_of_the_alert_is_said_after_the_longest_words() {
    let end = " bytes left out): client asks for localhost; alert access_denied (49) sent, written";
    let said = rejected("x".repeat(100_000));
    assert!(said.ends_with(end) && is_line(&said), "{said}");
}

#[test]
fn the_io_error_of_a_failure_is_one_line_too() {
    let converted = |words: fn() -> String| {
        let mut config = Arc::unwrap_or_clone(PKI.server_config(&ServerProfile::DEFAULT));
        server::cannot_sign(&mut config, &PKI, words);
        let stream = Plain(ScriptedStream::new(&hello()));
        let acceptor = TlsAcceptor::new(Config::from(config));
        let error = io::Error::from(acceptor.accept(stream).unwrap_err());
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        error
    };
    let plain = converted(|| "out of reach".to_owned());
    let line =
        "this server failed: out of reach; alert internal_error (80) sent, written; name localhost";
    assert_eq!(untimed(&plain), line);

    let forging = converted(|| "x\nINFO forged".to_owned());
    let line = r#"this server failed: "x\nINFO forged"; alert internal_error (80) sent, written; name localhost"#;
    assert_eq!(untimed(&forging), line);
    let source = forging.source().and_then(|it| it.downcast_ref());
    assert_eq!(source, Some(&server::general("x\nINFO forged")));
}

proptest! {
    #[test]
    fn any_error_of_a_stream_is_part_of_one_short_line(text in text()) {
        let [said, shown] = failed(io::Error::other(text));
        prop_assert!(is_line(&said), "{said:?}");
        prop_assert!(is_line(&shown), "{shown:?}");
        let outside = unquoted(&said);
        prop_assert_eq!(outside.matches("; alert ").count(), 0, "{}", said);
        prop_assert!(untimed(outside).ends_with("); no alert sent"), "{said}");
    }

    #[test]
    fn any_reason_of_a_rejection_is_part_of_one_short_line(reason in text()) {
        let said = rejected(reason);
        prop_assert!(is_line(&said), "{said:?}");
        let outside = unquoted(&said);
        let end = ": client asks for localhost; alert access_denied (49) sent, written";
        prop_assert!(outside.ends_with(end), "{said}");
        prop_assert_eq!(outside.matches("; alert ").count(), 1, "{}", said);
    }
}
