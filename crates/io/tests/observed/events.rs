//! One span a handshake, and one event at its end.

use lastword_io::acceptor::Rejection;
use lastword_io::{Options, Plain, accept, accept_direct, begin_direct};
use lastword_testkit::observed::events;
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::wire::{self, HelloBuilder};

use crate::{CONFIG, established, refused};

#[test]
fn a_client_that_is_told_an_alert() {
    let lines = events(|| drop(refused(b"SSH-2.0-x\r\n")));
    assert_eq!(
        lines,
        [
            "INFO handshake: lastword: not TLS but SSH reason=\"not_tls\" phase=\"client_hello\" \
             alert=\"unexpected_message\" direction=\"sent\" delivery=\"written\""
        ]
    );
}

#[test]
fn a_client_that_sends_an_alert() {
    let lines = events(|| drop(refused(&wire::alert(2, 40))));
    assert_eq!(
        lines,
        [
            "INFO handshake: lastword: client sent the alert handshake_failure (40) before its \
             ClientHello reason=\"peer_alert\" phase=\"client_hello\" alert=\"handshake_failure\" \
             direction=\"received\" delivery=\"nothing_to_send\""
        ]
    );
}

#[test]
fn a_client_that_asked_for_a_name() {
    let hello = HelloBuilder::default().server_name("other.test").record();
    let lines = events(|| {
        let stream = Plain(ScriptedStream::new(&hello));
        let refused = accept(stream, &Options::default(), |_| {
            Err(Rejection::unrecognized_name())
        });
        drop(refused.unwrap_err());
    });
    assert_eq!(lines.len(), 1);
    assert!(
        lines[0].ends_with(
            "reason=\"rejected\" phase=\"server_hello\" alert=\"unrecognized_name\" \
             direction=\"sent\" delivery=\"written\" server_name=\"other.test\""
        ),
        "{lines:?}"
    );
}

#[test]
fn a_client_that_says_nothing_is_not_worth_a_line_in_a_log() {
    let lines = events(|| drop(refused(b"")));
    assert_eq!(
        lines,
        [
            "DEBUG handshake: lastword: client closed the connection before the ClientHello \
             was complete reason=\"closed\" phase=\"client_hello\" delivery=\"nothing_to_send\""
        ]
    );
}

#[test]
fn a_fault_of_the_servers_is_an_error() {
    let hello = HelloBuilder::default().record();
    let lines = events(|| {
        let stream = Plain(ScriptedStream::new(&hello));
        let refused = accept(stream, &Options::default(), |_| {
            Err(std::io::Error::other("no disk"))?
        });
        drop(refused.unwrap_err());
    });
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with("ERROR handshake: "), "{lines:?}");
    assert!(lines[0].contains(" alert=\"internal_error\" "), "{lines:?}");
}

#[test]
fn an_alert_that_is_handed_to_the_application_is_held_and_not_sent() {
    let lines = events(|| {
        let stream = Plain(ScriptedStream::new(b"SSH-2.0-x\r\n"));
        let held = begin_direct(stream, &Options::default(), &CONFIG).unwrap_err();
        drop(held.into_parts());
    });
    assert_eq!(
        lines,
        [
            "INFO handshake: lastword: not TLS but SSH reason=\"not_tls\" phase=\"client_hello\" \
             alert=\"unexpected_message\" direction=\"held\""
        ]
    );
}

#[test]
fn an_alert_that_is_not_written_whole_is_not_sent() {
    use lastword_testkit::script::Outcome::{Fail, UpTo};
    use std::io::ErrorKind::{ConnectionReset, Other};
    for (end, delivery) in [(Other, "failed"), (ConnectionReset, "peer_reset")] {
        let lines = events(|| {
            let stream = ScriptedStream::new(b"SSH-2.0-x\r\n").writes([UpTo(6), Fail(end)]);
            let stream = Plain(stream);
            drop(accept_direct(stream, &Options::default(), &CONFIG).unwrap_err());
        });
        assert_eq!(
            lines,
            [format!(
                "INFO handshake: lastword: not TLS but SSH reason=\"not_tls\" \
                 phase=\"client_hello\" alert=\"unexpected_message\" delivery=\"{delivery}\""
            )]
        );
    }
}

#[test]
fn a_handshake_that_succeeds_and_what_the_chooser_says_in_its_span() {
    let lines = events(|| drop(established()));
    let chosen = lines.iter().filter(|line| line.starts_with("INFO"));
    let chosen: Vec<_> = chosen.collect();
    assert_eq!(chosen, ["INFO handshake: observed: choosing"]);
    let end = lines.last().unwrap();
    assert_eq!(
        end,
        "DEBUG handshake: lastword: established version=\"TLSv1_3\" \
         cipher_suite=\"TLS13_AES_256_GCM_SHA384\" server_name=\"localhost\""
    );
}
