//! Between a HelloRetryRequest and the ServerHello: nothing is encrypted yet.

use crate::paths::{Outcome, Path, Server, chunks, run};
use lastword_acceptor::{AlertDescription, Config, Handshake, Limits};
use lastword_testkit::catalogue::{Required, ServerProfile};
use lastword_testkit::pki::Pki;
use lastword_testkit::wire::{ExtensionType, HelloBuilder};

/// A client that is asked to retry.
fn first() -> HelloBuilder {
    HelloBuilder::default().key_shares(&[])
}

/// A client that has retried as it was asked to.
fn second() -> HelloBuilder {
    HelloBuilder::default()
}

const EARLY_DATA: ExtensionType = ExtensionType(42);
const COOKIE: ExtensionType = ExtensionType(44);
const PADDING: ExtensionType = ExtensionType(21);
const ECH: ExtensionType = ExtensionType(0xfe0d);

/// Whether a client is answered who is asked to retry and then sends these bytes.
fn is_answered(first: &HelloBuilder, behind: &[u8]) -> bool {
    let server = Server::new(&Pki::new(), ServerProfile::DEFAULT);
    let bytes = [&first.record()[..], behind].concat();
    let outcomes = [&[][..], &[1], &[3, 70]].map(|sizes| {
        [Path::Direct, Path::Acceptor]
            .map(|path| run(&server, path, &chunks(&bytes, sizes), Required::Silent))
    });
    let words = |outcome: &Outcome| match outcome {
        Outcome::Ended { words, .. } => words.clone(),
        Outcome::Waits { .. } => String::new(),
    };
    let ends: Vec<_> = outcomes.into_iter().flatten().collect();
    assert!(
        ends.iter().all(|end| words(end) == words(&ends[0])),
        "{ends:?}"
    );
    words(&ends[0]) == "client closed the connection after the ServerHello"
}

/// What a client is told who is asked to retry and then sends these bytes.
fn told(first: &HelloBuilder, behind: &[u8], end: Required) -> (Vec<u8>, String) {
    let server = Server::new(&Pki::new(), ServerProfile::DEFAULT);
    let bytes = [&first.record()[..], behind].concat();
    let whole = run(&server, Path::Direct, &[&bytes], end);
    let Outcome::Ended { tls, words, .. } = whole else {
        panic!("{whole:?}")
    };
    for path in [Path::Direct, Path::Acceptor] {
        match run(&server, path, &chunks(&bytes, &[3]), end) {
            Outcome::Ended { tls: cut, .. } => assert_eq!(cut, tls),
            Outcome::Waits { .. } => panic!("the client is awaited"),
        }
    }
    (tls, words)
}

/// The alert, fatal and in plaintext.
fn alert(code: u8) -> Vec<u8> {
    vec![21, 3, 3, 0, 2, 2, code]
}

#[test]
fn tells_a_client_in_plaintext_what_is_wrong_with_its_retry() {
    let another_name = second().server_name("example.test").record();
    let interleaved = [22, 3, 3, 0, 1, 1, 23, 3, 3, 0, 1, 0];
    let endless = [22, 3, 3, 0, 4, 1, 0xff, 0xff, 0xff];
    let warnings = [21, 3, 3, 0, 2, 1, 90].repeat(64);
    for (behind, code) in [
        (&another_name[..], 47),
        (&interleaved, 10),
        (&endless, 50),
        (&warnings, 10),
        (&[99, 3, 3, 0, 1], 10),
        (&[22, 3, 3, 0, 0], 10),
        (&[22, 3, 3, 0x50, 0], 22),
    ] {
        assert_eq!(
            told(&first(), behind, Required::Silent).0,
            alert(code),
            "{behind:02x?}"
        );
    }
}

#[test]
fn cancels_a_client_that_does_not_retry() {
    const CANCELLED: Required = Required::Alerts(&[AlertDescription::USER_CANCELED]);
    let (tls, words) = told(&first(), &[], CANCELLED);
    assert_eq!(tls, [21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0]);
    assert_eq!(words, "deadline passed before the ServerHello");
}

/// Rejected early data is passed over, and what is empty of it is counted.
#[test]
fn tells_a_client_in_plaintext_that_its_early_data_is_empty_too_often() {
    let first = first().extension(ExtensionType(42), &[]); // early_data
    let empty = [23, 3, 3, 0, 0].repeat(33);
    let (tls, words) = told(&first, &empty, Required::Silent);
    assert_eq!(tls, alert(10));
    assert_eq!(
        words,
        "more than 32 application_data records without a payload in a row"
    );
}

#[test]
fn a_second_hello_may_differ_where_rfc_8446_lets_it() {
    let psk = [0, 7, 0, 1, 7, 0, 0, 0, 0, 0, 33, 32]
        .into_iter()
        .chain([0; 32]);
    let psk: Vec<u8> = psk.collect();
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
            modes(first()).extension(ExtensionType::PRE_SHARED_KEY, &psk),
            modes(second()).extension(ExtensionType::PRE_SHARED_KEY, &psk),
        ),
    ] {
        assert!(is_answered(&first, &second.record()), "{second:?}");
    }
}

/// The choice was made by the first.
#[test]
fn a_second_hello_that_differs_is_told_illegal_parameter() {
    const DIFFERS: &str = "second ClientHello differs from the first in its ";
    let altered = |alter: fn(&mut HelloBuilder)| {
        let mut hello = second();
        alter(&mut hello);
        hello
    };
    let psk = [0, 7, 0, 1, 7, 0, 0, 0, 0, 0, 33, 32]
        .into_iter()
        .chain([0; 32]);
    let psk: Vec<u8> = psk.collect();
    for (first, second, field) in [
        (first(), altered(|it| it.random[31] ^= 1), "random"),
        (
            first(),
            altered(|it| it.session_id[0] ^= 1),
            "legacy_session_id",
        ),
        (
            first(),
            altered(|it| it.session_id.clear()),
            "legacy_session_id",
        ),
        (
            first(),
            altered(|it| it.legacy_version = 0x0302),
            "legacy_version",
        ),
        (first(), altered(|it| it.suites.swap(0, 1)), "cipher_suites"),
        (
            first(),
            altered(|it| it.suites.truncate(1)),
            "cipher_suites",
        ),
        (
            first(),
            altered(|it| it.compression.push(1)),
            "legacy_compression_methods",
        ),
        (
            first().alpn(&["h2"]),
            second().alpn(&["http/1.1"]),
            "application_layer_protocol_negotiation extension",
        ),
        (
            first().alpn(&["h2"]),
            second(),
            "application_layer_protocol_negotiation extension",
        ),
        (
            first(),
            second().alpn(&["h2"]),
            "application_layer_protocol_negotiation extension",
        ),
        (
            first(),
            second().groups(&[0x001d]),
            "supported_groups extension",
        ),
        (
            first(),
            second().signature_algorithms(&[0x0403]),
            "signature_algorithms extension",
        ),
        (
            first(),
            second().supported_versions(&[0x0304]),
            "supported_versions extension",
        ),
        (
            first(),
            second().supported_versions(&[0x0303]),
            "supported_versions extension",
        ),
        (first(), HelloBuilder::tls12(), "cipher_suites"),
        (
            first(),
            second().server_name("example.test"),
            "server_name extension",
        ),
        (
            first(),
            second().extension(ExtensionType(0x1234), &[]),
            "0x1234 extension",
        ),
        (
            first(),
            second().extension(ExtensionType::PRE_SHARED_KEY, &psk),
            "pre_shared_key extension",
        ),
    ] {
        let (tls, words) = told(&first, &second.record(), Required::Silent);
        assert_eq!(tls, alert(47), "{second:?}");
        assert_eq!(words, format!("{DIFFERS}{field}"));
    }
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
        "second ClientHello differs from the first in its extensions"
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
        "second ClientHello has more key shares than the one asked for"
    );
    illegal(&[point(0x0017)]);
    illegal(&[]);
    let none = second().without(ExtensionType::KEY_SHARE).record();
    let (tls, words) = told(&first(), &none, Required::Silent);
    assert_eq!(tls, alert(109));
    assert_eq!(
        words,
        "ClientHello of TLS 1.3 without the extension key_share"
    );
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
        let handshake = Handshake::new(&server, limits);
        handshake
            .receive(&mut &bytes[..])
            .map(drop)
            .map_err(|error| error.to_string())
    };
    refused(&padded(1000)).unwrap();
    let words = refused(&padded(3000)[..9]).unwrap_err();
    assert!(words.contains("longer than the limit of 2000"), "{words}");
    let long = [22, 3, 3, 0x40, 1];
    let (tls, _) = told(&first(), &long, Required::Silent);
    assert_eq!(tls, alert(22));
}

#[test]
fn only_what_may_come_between_two_hellos_does() {
    let specs = |count| [20, 3, 3, 0, 1, 1].repeat(count);
    let data = [23, 3, 3, 0, 20]
        .into_iter()
        .chain([7; 20])
        .collect::<Vec<_>>();
    let early = first().extension(EARLY_DATA, &[]);
    let then = |between: &[u8]| [between, &second().record()].concat();
    assert!(is_answered(&first(), &then(&specs(2))));
    assert!(is_answered(
        &first(),
        &then(&[21, 3, 3, 0, 2, 1, 90].repeat(4))
    ));
    assert!(is_answered(
        &early,
        &then(&[&specs(1)[..], &data.repeat(50)].concat())
    ));
    let fragment = &second().record()[..];
    let interleaved = [&[22, 3, 1, 0, 1, 1][..], &specs(1), fragment].concat();
    let after_fragment = [&[22, 3, 1, 0, 1, 1][..], &data].concat();
    for (first, behind, code) in [
        (first(), then(&specs(3)), 10),
        (first(), then(&[20, 3, 3, 0, 1, 2]), 10),
        (first(), then(&[20, 3, 3, 0, 2, 1, 1]), 10),
        (first(), then(&[20, 3, 3, 0, 0]), 10),
        (first(), then(&data), 10),
        (early.clone(), then(&[23, 3, 3, 0x41, 1]), 22),
        (early.clone(), after_fragment, 10),
        (first(), interleaved, 10),
        (first(), then(&[21, 3, 3, 0, 2, 1, 90].repeat(5)), 10),
        (first(), then(&[22, 3, 3, 0, 4, 2, 0, 0, 0]), 10),
        (first(), [&[22, 3, 3, 0, 5, 1, 0, 0, 0, 0][..]].concat(), 10),
    ] {
        assert_eq!(
            told(&first, &behind, Required::Silent).0,
            alert(code),
            "{behind:02x?}"
        );
    }
}

#[test]
fn rejected_early_data_between_two_hellos_counts_by_its_content() {
    let early = first().extension(EARLY_DATA, &[]);
    let records = |content: usize, count: usize| {
        let [high, low] = u16::try_from(content + 17).unwrap().to_be_bytes();
        let record = [&[23, 3, 3, high, low][..], &vec![7; content + 17]].concat();
        record.repeat(count)
    };
    let then = |between: Vec<u8>| [&between[..], &second().record()].concat();
    for (content, count) in [(1, 16_384), (100, 163), (16_384, 1)] {
        let bytes = [&early.record()[..], &then(records(content, count))].concat();
        let server = Server::new(&Pki::new(), ServerProfile::DEFAULT);
        let sizes = chunks(&bytes, &[4096]);
        let outcome = run(&server, Path::Direct, &sizes, Required::Served);
        assert_eq!(outcome, Outcome::Waits { answered: true }, "{content}");
    }
    for (content, count) in [(1, 16_385), (100, 164), (16_384, 2)] {
        let (tls, words) = told(&early, &then(records(content, count)), Required::Silent);
        assert_eq!(tls, alert(10));
        assert_eq!(
            words,
            "more than 16384 bytes of early data, which is rejected"
        );
    }
}

#[test]
fn a_client_that_ends_instead_of_retrying_is_told_nothing() {
    let (tls, words) = told(&first(), &[21, 3, 3, 0, 2, 2, 40], Required::Silent);
    assert_eq!(tls, b"");
    assert!(
        words.starts_with("client sent the alert handshake_failure (40)"),
        "{words}"
    );
    let (tls, words) = told(&first(), &[21, 3, 3, 0, 2, 1, 0], Required::Silent);
    assert_eq!(tls, b"");
    assert_eq!(words, "client closed the connection before the ServerHello");
}
