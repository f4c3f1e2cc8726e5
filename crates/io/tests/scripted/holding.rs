//! The alert held back: another answer in its place, and every byte handed back.

use std::error::Error as StdError;
use std::io::{self, ErrorKind as IoErrorKind, Write};

use lastword_io::acceptor::{Config, ErrorKind, Guess, HttpMethod, Rejection};
use lastword_io::{AcceptError, TlsAcceptor};
use lastword_testkit::script::Outcome::UpTo;
use lastword_testkit::script::{Outcome, ScriptedStream};
use lastword_testkit::server;
use lastword_testkit::untimed;

use crate::scripted::{ACCEPTOR, CONFIG, Scripted, UNEXPECTED_MESSAGE, hello};

#[test]
fn answers_a_plain_request_in_plaintext() {
    let request = b"POST /form HTTP/1.1\r\nHost: example.test\r\n\r\n";
    for most in [1, 3, 1000] {
        let stream = ScriptedStream::new(request).reads(vec![UpTo(most); 10]);
        let undelivered = ACCEPTOR
            .accept_undelivered(Scripted::new(stream))
            .unwrap_err();
        let (error, mut stream, mut received) = undelivered.into_parts();
        assert_eq!(error.tls(), UNEXPECTED_MESSAGE);
        assert_eq!(
            error.to_string(),
            "client sent an HTTP POST request instead of TLS"
        );
        assert_eq!(stream.timeout, [None; 2]);
        io::Read::read_to_end(&mut stream, &mut received).unwrap();
        assert_eq!(received, request, "{most} at a time");
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .unwrap();
        assert_eq!(stream.stream.written(), b"HTTP/1.1 400 Bad Request\r\n\r\n");
    }
}

#[test]
fn answers_a_plain_request_with_a_redirect() {
    let request = b"GET /path?q HTTP/1.1\r\nHost: example.test\r\n\r\n";
    let stream = Scripted::new(ScriptedStream::new(request));
    let undelivered = ACCEPTOR.accept_undelivered(stream).unwrap_err();
    let guess = Guess::Http(HttpMethod::Get);
    assert_eq!(undelivered.not_tls(), Some(guess));
    let (_alert, mut stream, received) = undelivered.into_parts();
    let request = String::from_utf8(received).unwrap();
    let path = request.split(' ').nth(1).unwrap();
    write!(
        stream,
        "HTTP/1.1 308 Permanent Redirect\r\nLocation: https://example.test{path}\r\n\r\n"
    )
    .unwrap();
    let answer = String::from_utf8(stream.stream.written().to_vec()).unwrap();
    assert!(
        answer.contains("\r\nLocation: https://example.test/path?q\r\n"),
        "{answer}"
    );
}

#[test]
fn hands_an_ssh_client_on_untouched() {
    let banner = b"SSH-2.0-OpenSSH_9.6\r\nand what follows";
    let stream = ScriptedStream::new(banner).reads([UpTo(2), UpTo(9)]);
    let undelivered = ACCEPTOR
        .accept_undelivered(Scripted::new(stream))
        .unwrap_err();
    assert_eq!(
        undelivered.error().to_string(),
        "client sent SSH instead of TLS, first bytes 53 53 48 2d \"SSH-\""
    );
    let (_alert, mut stream, mut received) = undelivered.into_parts();
    assert_eq!(received, banner[..11]);
    assert_eq!((stream.stream.written(), stream.shut()), (&[][..], None));
    io::Read::read_to_end(&mut stream, &mut received).unwrap();
    assert_eq!(received, banner);
}

#[test]
fn hands_back_a_hello_that_was_refused_and_what_came_behind_it() {
    let bytes = [&hello()[..], b"early"].concat();
    let stream = Scripted::new(ScriptedStream::new(&bytes));
    let acceptor =
        TlsAcceptor::choosing(|_| Err::<Config, _>(Rejection::access_denied("not here")));
    let undelivered = acceptor.accept_undelivered(stream).unwrap_err();
    let (error, _, received) = undelivered.into_parts();
    assert_eq!(error.tls(), [21, 3, 3, 0, 2, 2, 49]);
    assert_eq!(received, bytes);
}

#[test]
fn gives_the_stream_back_with_a_failure() {
    let stream = Scripted::new(ScriptedStream::new(b"SSH-2.0-x\r\n"));
    let error = ACCEPTOR.accept(stream).unwrap_err();
    let (error, stream, received) = error.into_parts();
    assert!(matches!(error.kind(), ErrorKind::Hello(_)));
    assert_eq!(received, b"SSH-2.0-x\r\n");
    assert_eq!(stream.stream.written(), UNEXPECTED_MESSAGE);
}

#[test]
fn a_failure_converts_into_an_io_error_that_holds_rustls_own() {
    let groups = lastword_testkit::wire::HelloBuilder::default()
        .groups(&[0x0100])
        .key_shares(&[]);
    let stream = Scripted::new(ScriptedStream::new(&groups.record()));
    let acceptor = TlsAcceptor::choosing(|_| Ok(CONFIG.clone()));
    let error = acceptor.accept(stream).unwrap_err();
    let line = untimed(&error);
    assert!(line.starts_with("no key exchange group in common: client offers "));
    assert!(line.ends_with("; alert handshake_failure (40) sent, written; name localhost"));
    let error = io::Error::from(error);
    assert_eq!(error.kind(), IoErrorKind::InvalidData);
    assert_eq!(untimed(&error), line);
    assert!(error.get_ref().unwrap().is::<AcceptError>());
    assert_eq!(found_in(&error), Some(&server::NO_GROUP));
}

/// The error of this type in the chain of sources.
fn found_in<T: StdError + 'static>(error: &io::Error) -> Option<&T> {
    let mut error: &(dyn StdError + 'static) = error;
    while !error.is::<T>() {
        error = error.source()?;
    }
    error.downcast_ref()
}

#[test]
fn the_error_of_a_stream_converts_with_the_whole_line_and_is_its_source() {
    let stream = ScriptedStream::new(&[]).reads([Outcome::Fail(IoErrorKind::HostUnreachable)]);
    let error = ACCEPTOR.accept(Scripted::new(stream)).unwrap_err();
    let line = untimed(&error);
    assert_eq!(
        line,
        "stream failed before any part of a ClientHello arrived (host unreachable); no alert sent"
    );
    let error = io::Error::from(error);
    assert_eq!(error.kind(), IoErrorKind::HostUnreachable);
    assert_eq!(untimed(&error), line);
    let source = error.source().and_then(|it| it.downcast_ref::<io::Error>());
    assert_eq!(source.unwrap().kind(), IoErrorKind::HostUnreachable);
}

#[test]
fn other_failures_convert_into_io_errors_of_their_kinds() {
    let kind = |stream: ScriptedStream| {
        let error = ACCEPTOR.accept(Scripted::new(stream)).unwrap_err();
        let error = io::Error::from(error);
        assert!(error.source().is_none());
        error.kind()
    };
    assert_eq!(kind(ScriptedStream::new(&[])), IoErrorKind::UnexpectedEof);
    assert_eq!(
        kind(ScriptedStream::new(&[]).stays_open()),
        IoErrorKind::TimedOut
    );
    assert_eq!(kind(ScriptedStream::new(b"????")), IoErrorKind::InvalidData);
}

#[test]
fn a_client_that_leaves_without_a_byte_is_a_probe() {
    let accept = |input: &[u8]| {
        let stream = Scripted::new(ScriptedStream::new(input));
        ACCEPTOR.accept(stream).unwrap_err()
    };
    assert!(accept(&[]).is_probe());
    assert!(!accept(&[22]).is_probe());
    assert!(!accept(&hello()).is_probe());
}
