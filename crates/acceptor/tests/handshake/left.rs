//! The words for a client that leaves.

use crate::handshake::words::{DEFAULT, words};
use lastword_acceptor::AlertDescription;
use lastword_testkit::catalogue::Required;
use lastword_testkit::wire::{HelloBuilder, alert};

#[test]
fn names_the_phase_in_which_the_client_left_or_was_waited_for() {
    const CANCELLED: Required = Required::Alerts(&[AlertDescription::USER_CANCELED]);
    let hello = HelloBuilder::default().record();
    for (bytes, end, expected) in [
        (
            &[][..],
            Required::Silent,
            "client closed the connection before any part of a ClientHello arrived",
        ),
        (
            &hello,
            Required::Silent,
            "client closed the connection after the ServerHello, nothing received since",
        ),
        (
            &[],
            CANCELLED,
            "handshake timed out before the ClientHello was complete, nothing received: the client may wait for this \
             server to speak first, as clients of STARTTLS do",
        ),
        (
            &hello[..9],
            CANCELLED,
            "handshake timed out before the ClientHello was complete, 9 bytes received",
        ),
        (
            &hello,
            CANCELLED,
            "handshake timed out after the ServerHello, nothing received since",
        ),
    ] {
        assert_eq!(words(DEFAULT, bytes, end), expected);
    }
}

#[test]
fn names_the_warning_after_which_the_client_left() {
    let hello = HelloBuilder::tls12().record();
    let warning = alert(1, 48);
    for (bytes, expected) in [
        (
            [&hello[..], &warning].concat(),
            "client closed the connection after the ServerHello, 7 bytes received since, after the \
             alert unknown_ca (48): it does not trust this server's certificate, whose issuer it \
             does not know",
        ),
        (
            alert(1, 90).to_vec(),
            "client closed the connection before the ClientHello was complete, 7 bytes received, \
             after the alert user_canceled (90): its user canceled the handshake",
        ),
        (
            b"\xff\xfb\x01".to_vec(),
            "client closed the connection before the ClientHello was complete, 3 bytes received: \
             ff fb 01",
        ),
    ] {
        let line = words(DEFAULT, &bytes, Required::Silent);
        let reason = line.split("; this server sent ").next();
        assert_eq!(reason, Some(expected));
    }
}
