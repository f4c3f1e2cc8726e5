//! What becomes of a client whose chooser panics, in every style.

use std::panic::{AssertUnwindSafe, catch_unwind};

use lastword_io::acceptor::{ClientHello, Config, ErrorKind, Reason, Rejection};
use lastword_io::{Accept, Options, Step, Transport, accept, begin};
use lastword_testkit::script::ScriptedStream;

use crate::{Scripted, hello};

/// The alert `internal_error`, as it stands on the wire.
const INTERNAL_ERROR: [u8; 7] = [21, 3, 3, 0, 2, 2, 80];

const WORDS: &str = "this server's own code panicked: a planted panic; \
                     alert internal_error (80) delivered";

fn panics(_: &ClientHello<'_>) -> Result<Config, Rejection> {
    panic!("a planted panic")
}

fn stream() -> Scripted {
    Scripted::new(ScriptedStream::new(&hello()).closes_when_told()).without_timeouts()
}

#[test]
fn accept_sends_internal_error_and_then_resumes_the_panic() {
    let mut stream = stream();
    let accepted = || drop(accept(&mut stream, &Options::default(), panics));
    let payload = catch_unwind(AssertUnwindSafe(accepted)).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"a planted panic"));
    assert_eq!(stream.shut(), Some(&INTERNAL_ERROR[..]));
}

#[test]
fn begin_holds_the_alert_of_a_panic_back_and_delivers_it() {
    let undelivered = begin(stream(), &Options::default(), panics).unwrap_err();
    let kind = undelivered.error().error().kind();
    assert!(matches!(kind, ErrorKind::Panicked(_)), "{kind:?}");
    assert_eq!(undelivered.error().tls(), INTERNAL_ERROR);
    let failure = undelivered.deliver();
    assert_eq!(failure.to_string(), WORDS);
    assert_eq!(failure.error().reason(), Reason::Internal);
    let resumed = catch_unwind(AssertUnwindSafe(|| failure.resume_panic()));
    let payload = resumed.unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"a planted panic"));
    failure.resume_panic(); // once is enough
    assert_eq!(failure.into_stream().shut(), Some(&INTERNAL_ERROR[..]));
}

#[test]
fn a_stepped_handshake_reports_the_panic_and_does_not_resume_it() {
    let mut stream = stream();
    let accept = Accept::choosing(&Options::default(), stream.now(), panics);
    let Step::Over(Err(report)) = accept.step(&mut stream) else {
        panic!("the client has closed");
    };
    assert_eq!(report.to_string(), WORDS);
    assert_eq!(stream.shut(), Some(&INTERNAL_ERROR[..]));
}
