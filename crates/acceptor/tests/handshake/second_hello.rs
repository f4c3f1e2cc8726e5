//! The second ClientHello beside the first: what may differ, and what must not.

use crate::handshake::retry::{EARLY_DATA, PADDING, alert, first, is_answered, second, told};
use lastword_acceptor::{Config, Handshake, Limits};
use lastword_testkit::catalogue::{Required, ServerProfile};
use lastword_testkit::pki::Pki;
use lastword_testkit::sans_io::receive;
use lastword_testkit::wire::{ExtensionType, HelloBuilder};

const COOKIE: ExtensionType = ExtensionType(44);
const ECH: ExtensionType = ExtensionType(0xfe0d);

/// One identity of one byte, and its binder (RFC 8446 section 4.2.11).
fn psk() -> Vec<u8> {
    [&[0, 7, 0, 1, 7, 0, 0, 0, 0, 0, 33, 32][..], &[0; 32]].concat()
}

#[test]
fn a_second_hello_may_differ_where_rfc_8446_lets_it() {
    // an outer one, its payload of one byte (RFC 9849 section 5)
    let ech = |payload| [0, 0, 1, 0, 1, 7, 0, 0, 0, 1, payload];
    let modes = |hello: HelloBuilder| hello.extension(ExtensionType(45), &[1, 1]);
    let mut reordered = second();
    reordered.extensions.as_mut().unwrap().reverse();
    for (first, second) in [
        (first(), second()),
        (first(), reordered),
        (first(), second().extension(COOKIE, &[0, 1, 7])),
        (first(), second().extension(PADDING, &[0; 9])),
        (first().extension(PADDING, &[0; 9]), second()),
        (first().extension(EARLY_DATA, &[]), second()),
        (
            first().extension(ECH, &ech(1)),
            second().extension(ECH, &ech(2)),
        ),
        (
            modes(first()).extension(ExtensionType::PRE_SHARED_KEY, &psk()),
            modes(second()).extension(ExtensionType::PRE_SHARED_KEY, &psk()),
        ),
    ] {
        assert!(is_answered(&first, &second.record()), "{second:?}");
    }
}

/// Whom the first was chosen for, the second must be. In each of these it differs.
fn assert_differs(first: &HelloBuilder, second: &HelloBuilder, field: &str) {
    let (tls, words) = told(first, &second.record(), Required::Silent);
    assert_eq!(tls, alert(47), "{second:?}");
    assert_eq!(
        words,
        format!("client changed its {field} in the second ClientHello")
    );
}

#[test]
fn a_second_hello_with_another_field_is_told_illegal_parameter() {
    let altered = |alter: fn(&mut HelloBuilder)| {
        let mut hello = second();
        alter(&mut hello);
        hello
    };
    for (second, field) in [
        (altered(|it| it.random[31] ^= 1), "random"),
        (altered(|it| it.session_id[0] ^= 1), "legacy_session_id"),
        (altered(|it| it.session_id.clear()), "legacy_session_id"),
        (altered(|it| it.legacy_version = 0x0302), "legacy_version"),
        (altered(|it| it.suites.swap(0, 1)), "cipher_suites"),
        (altered(|it| it.suites.truncate(1)), "cipher_suites"),
        (
            altered(|it| it.compression.push(1)),
            "legacy_compression_methods",
        ),
        (HelloBuilder::tls12(), "cipher_suites"),
    ] {
        assert_differs(&first(), &second, field);
    }
}

#[test]
fn a_second_hello_with_another_extension_is_told_illegal_parameter() {
    for (second, field) in [
        (second().groups(&[0x001d]), "supported_groups extension"),
        (
            second().signature_algorithms(&[0x0403]),
            "signature_algorithms extension",
        ),
        (
            second().supported_versions(&[0x0304]),
            "supported_versions extension",
        ),
        (
            second().supported_versions(&[0x0303]),
            "supported_versions extension",
        ),
        (
            second().server_name("example.test"),
            "server_name extension",
        ),
        (
            second().extension(ExtensionType(0x1234), &[]),
            "0x1234 extension",
        ),
        (
            second().extension(ExtensionType::PRE_SHARED_KEY, &psk()),
            "pre_shared_key extension",
        ),
    ] {
        assert_differs(&first(), &second, field);
    }
}

/// The chooser took the client for its protocol.
#[test]
fn a_second_hello_with_another_protocol_is_told_illegal_parameter() {
    let alpn = "application_layer_protocol_negotiation extension";
    assert_differs(&first().alpn(&["h2"]), &second().alpn(&["http/1.1"]), alpn);
    assert_differs(&first().alpn(&["h2"]), &second(), alpn);
    assert_differs(&first(), &second().alpn(&["h2"]), alpn);
}

#[test]
fn a_second_hello_with_many_extensions_is_compared_whole() {
    let with = |hello: HelloBuilder, last: u8| {
        (0..200).fold(hello, |hello, number| {
            let content = [if number == 199 { last } else { 0 }];
            hello.extension(ExtensionType(0x2000 + number), &content)
        })
    };
    assert!(is_answered(&with(first(), 0), &with(second(), 0).record()));
    let (tls, words) = told(
        &with(first(), 0),
        &with(second(), 1).record(),
        Required::Silent,
    );
    assert_eq!(tls, alert(47));
    assert_eq!(
        words,
        "client changed its extensions in the second ClientHello"
    );
}

#[test]
fn a_second_hello_has_the_one_share_that_was_asked_for() {
    let point = |group: u16| (group, &[4; 65][..]);
    let x25519 = (0x001d, &[9; 32][..]);
    let illegal = |shares: &[(u16, &[u8])]| {
        let (tls, words) = told(
            &first(),
            &second().key_shares(shares).record(),
            Required::Silent,
        );
        assert_eq!(tls, alert(47), "{words}");
        words
    };
    let more = illegal(&[x25519, point(0x0017)]);
    assert_eq!(
        more,
        "client sent more key shares in its second ClientHello than it was asked for"
    );
    illegal(&[point(0x0017)]);
    illegal(&[]);
    let none = second().without(ExtensionType::KEY_SHARE).record();
    let (tls, words) = told(&first(), &none, Required::Silent);
    assert_eq!(tls, alert(109));
    assert_eq!(words, "client sent no key_share, which TLS 1.3 requires");
}

#[test]
fn a_second_hello_may_come_in_records_of_any_version_and_length() {
    let message = second().message();
    let in_records = |version: [u8; 2], most: usize| {
        message
            .chunks(most)
            .flat_map(|chunk| {
                let [high, low] = u16::try_from(chunk.len()).unwrap().to_be_bytes();
                [&[22, version[0], version[1], high, low][..], chunk].concat()
            })
            .collect::<Vec<_>>()
    };
    for (version, most) in [([3, 3], 1), ([0, 0], 1000), ([9, 9], 7), ([0xff, 0xff], 50)] {
        assert!(is_answered(&first(), &in_records(version, most)));
    }
}

#[test]
fn a_second_hello_is_held_to_the_limits_of_the_first() {
    let padded = |len| second().extension(PADDING, &vec![0; len]).record();
    let server = Config::new(Pki::new().server_config(&ServerProfile::DEFAULT)).unwrap();
    let refused = |bytes: &[u8]| {
        let limits = Limits::default().with_hello_len(2000);
        let bytes = [&first().record()[..], bytes].concat();
        receive(Handshake::new(limits), &server, &mut &bytes[..])
            .map(drop)
            .map_err(|error| error.to_string())
    };
    refused(&padded(1000)).unwrap();
    let words = refused(&padded(3000)[..9]).unwrap_err();
    assert!(words.contains("at most 2000 are allowed"), "{words}");
    let long = [22, 3, 3, 0x40, 1];
    let (tls, _) = told(&first(), &long, Required::Silent);
    assert_eq!(tls, alert(22));
}
