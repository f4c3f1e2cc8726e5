//! What an error says of a message that rustls cannot parse.

use lastword_testkit::catalogue::{ClientAuth, Required, ServerProfile, Versions};
use lastword_testkit::server;
use lastword_testkit::wire::{ExtensionType, HelloBuilder, split_into_records};

use crate::handshake::words::{DEFAULT, said, words};

/// The words for an empty field. rustls 0.24 has one error for all fields.
fn empty(field: &str, required: &str) -> String {
    match server::MINOR {
        23 => format!("client sent an empty {field} where TLS requires {required}"),
        _ => "client sent an empty field where TLS requires content".to_owned(),
    }
}

#[test]
fn names_the_extension_of_a_hello_that_rustls_cannot_parse() {
    let (empty_list, empty_value) = (empty("list", "one item"), empty("value", "content"));
    let (empty_list, empty_value) = (&empty_list[..], &empty_value[..]);
    let field = "client sent a message with a field that ends too early";
    let early = "client sent a message that ends too early";
    let trailing = "client sent a message with bytes after its end";
    for (code, data, why, name) in [
        (5, &[1, 0][..], field, "status_request"),
        (11, &[0], empty_list, "ec_point_formats"),
        (19, &[0], empty_list, "client_certificate_type"),
        (20, &[1, 0, 0], trailing, "server_certificate_type"),
        (23, &[0], trailing, "extended_master_secret"),
        (27, &[1, 0], field, "compress_certificate"),
        (42, &[1], trailing, "early_data"),
        (44, &[0, 0], empty_value, "cookie"),
        (45, &[0], empty_list, "psk_key_exchange_modes"),
        (47, &[0], field, "certificate_authorities"),
        (0xfe0d, &[0], field, "encrypted_client_hello"),
        (0xff01, &[1], early, "renegotiation_info"),
        (41, &[0, 0, 0, 0], empty_list, "pre_shared_key"),
    ] {
        let hello = HelloBuilder::default().extension(ExtensionType(code), data);
        let expected = format!("{why}, in the {name} extension of its ClientHello");
        assert_eq!(said(DEFAULT, &hello), expected);
    }
    // the first of two, behind more than a record of others
    let many = (0x1000..0x2000).fold(HelloBuilder::default(), |hello, code| {
        hello.extension(ExtensionType(code), b"ignored")
    });
    let hello = many
        .extension(ExtensionType(45), &[0])
        .extension(ExtensionType(44), &[0, 0])
        .message();
    let expected =
        format!("{empty_list}, in the psk_key_exchange_modes extension of its ClientHello");
    let records = split_into_records(&hello, &[9_000; 5]);
    assert_eq!(words(DEFAULT, &records, Required::Silent), expected);
}

#[test]
fn names_the_message_that_rustls_cannot_parse() {
    let required = ServerProfile {
        client_auth: ClientAuth::Required,
        versions: Versions::Tls12,
        ..DEFAULT
    };
    let hello = HelloBuilder::tls12().record();
    let field = "client sent a message with a field that ends too early";
    let in_key_exchange = empty("value", "content") + ", in its client_key_exchange message";
    for (profile, record, expected) in [
        (
            DEFAULT,
            &[22, 3, 3, 0, 5, 16, 0, 0, 1, 0][..],
            in_key_exchange.as_str(),
        ),
        // in three records
        (
            required,
            &[
                22, 3, 3, 0, 1, 11, 22, 3, 3, 0, 4, 0, 0, 2, 0, 22, 3, 3, 0, 1, 0,
            ],
            &format!("{field}, in its certificate message"),
        ),
        // it may be either of two
        (
            required,
            &[22, 3, 3, 0, 9, 11, 0, 0, 1, 0, 16, 0, 0, 0],
            field,
        ),
        (
            required,
            &[22, 3, 3, 0, 4, 11, 1, 0, 0],
            "client sent a handshake message of more than 65535 bytes: its certificate",
        ),
    ] {
        let bytes = [&hello[..], record].concat();
        assert_eq!(words(profile, &bytes, Required::Silent), expected);
    }
}
