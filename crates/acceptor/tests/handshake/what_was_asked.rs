//! The words for a server name that is not one, and for a record that is too long for the client.

use crate::handshake::words::{DEFAULT, said, words};
use lastword_testkit::catalogue::Required;
use lastword_testkit::wire::{ExtensionType, HelloBuilder, alert};

#[test]
fn shows_a_server_name_that_is_malformed() {
    for (name, shown) in [
        ("known.example:8443", "known.example:8443"),
        ("a;\n", r#""a;\n""#),
        ("\u{202e}", r#""\u{202e}""#),
    ] {
        let hello = HelloBuilder::default().server_name(name);
        let expected = format!(
            "client sent a malformed ClientHello, server_name extension: the host name is not a DNS name: {shown}"
        );
        assert_eq!(said(DEFAULT, &hello), expected);
        // in records of a byte
        let message = hello.message();
        let records = message.iter().flat_map(|byte| [22, 3, 3, 0, 1, *byte]);
        let said = words(DEFAULT, &records.collect::<Vec<_>>(), Required::Silent);
        assert_eq!(said, expected);
    }
}

#[test]
fn a_client_that_finds_a_record_too_long_had_asked_for_shorter_ones() {
    let too_long = alert(2, 22);
    for (hello, end) in [
        (HelloBuilder::tls12(), ""),
        (
            HelloBuilder::tls12().extension(ExtensionType::MAX_FRAGMENT_LENGTH, &[1]),
            ", and it had asked for records of at most 512 bytes",
        ),
    ] {
        let bytes = [hello.record(), too_long.to_vec()].concat();
        let expected = format!(
            "client sent the alert record_overflow (22): this server sent a longer record than it \
            accepts{end}"
        );
        assert_eq!(words(DEFAULT, &bytes, Required::Silent), expected);
    }
}
