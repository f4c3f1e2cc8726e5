//! What the extensions say that are read when asked for, value by value.

use lastword_hello::{
    CertificateCompressionAlgorithm, CertificateType, CipherSuite, ClientHello, EcPointFormat,
    EchClientHelloType, NamedGroup, PskIdentity, PskKeyExchangeMode, SignatureScheme,
};

use crate::view::builder::{Body, extension, typical, u8_vector, u16_vector, with_extensions};

/// What `look` sees in a hello whose only extension has this code and holds this data.
pub(crate) fn seen<T>(code: u16, data: &[u8], look: impl FnOnce(ClientHello<'_>) -> T) -> T {
    let message = with_extensions(&[extension(code, data)]);
    look(ClientHello::parse(&message).unwrap())
}

/// The elements of a list, if there is one.
fn all<T>(list: Option<impl Iterator<Item = T>>) -> Option<Vec<T>> {
    list.map(Iterator::collect)
}

#[test]
fn key_shares_come_with_their_bytes() {
    let message = typical();
    let hello = ClientHello::parse(&message).unwrap();
    let shares: Vec<_> = hello.key_shares().unwrap().collect();
    let shares: Vec<_> = shares
        .iter()
        .map(|share| (share.group, share.key_exchange))
        .collect();
    let expected = [
        (NamedGroup::X25519, &[9; 32][..]),
        (NamedGroup::SECP256R1, &[4]),
    ];
    assert_eq!(shares, expected);
    assert_eq!(
        format!("{:?}", hello.key_shares().unwrap()),
        "[x25519(0x001d): 32 bytes, secp256r1(0x0017): 1 bytes]"
    );
    assert_eq!(
        format!("{:?}", hello.key_share_groups().unwrap()),
        "[x25519(0x001d), secp256r1(0x0017)]"
    );
}

#[test]
fn an_ip_address_in_place_of_a_server_name() {
    let look = |hello: ClientHello<'_>| {
        (
            hello.server_name_ip(),
            hello.server_name_as_sent().is_some(),
        )
    };
    let named = |name: &[u8]| u16_vector(&[&[0][..], &u16_vector(name)].concat());
    for address in ["192.0.2.7", "2001:db8::8", "::ffff:10.0.0.1"] {
        let ip = Some(address.parse().unwrap());
        assert_eq!(seen(0, &named(address.as_bytes()), look), (ip, false));
    }
    // from a client that was seen: 192.0.2.7 with a length of 12 is the whole extension
    let client = b"\x00\x0c\x00\x00\x09192.0.2.7";
    let ip = Some("192.0.2.7".parse().unwrap());
    assert_eq!(seen(0, client, look), (ip, false));
    for name in ["example.com", "1.example", "example.com."] {
        assert_eq!(seen(0, &named(name.as_bytes()), look), (None, true));
    }
    assert_eq!(seen(1, &[], look), (None, false));
}

#[test]
fn signature_schemes_for_certificates() {
    let look = |hello: ClientHello<'_>| all(hello.signature_schemes_cert());
    let [rsa, ecdsa] = [
        SignatureScheme::RSA_PKCS1_SHA256,
        SignatureScheme::ECDSA_SECP256R1_SHA256,
    ];
    assert_eq!(seen(50, &[0, 4, 4, 1, 4, 3], look), Some(vec![rsa, ecdsa]));
    for malformed in [&[][..], &[0, 0], &[0, 1, 4], &[0, 2, 4, 1, 0]] {
        assert_eq!(seen(50, malformed, look), None);
    }
}

#[test]
fn psk_key_exchange_modes_and_their_grease() {
    let look = |hello: ClientHello<'_>| all(hello.psk_key_exchange_modes());
    let modes = seen(45, &[3, 1, 0, 0x2a], look).unwrap();
    let [with_dhe, alone, grease] = modes[..] else {
        panic!("{modes:?}")
    };
    assert_eq!(with_dhe, PskKeyExchangeMode::PSK_DHE_KE);
    assert_eq!(alone, PskKeyExchangeMode::PSK_KE);
    assert_eq!((grease.is_grease(), alone.is_grease()), (true, false));
    assert_eq!(
        format!("{modes:?}"),
        "[psk_dhe_ke(0x01), psk_ke(0x00), GREASE(0x2a)]"
    );
    assert_eq!(seen(45, &[0], look), None);
    assert_eq!(seen(45, &[2, 1], look), None);
}

/// `pre_shared_key` with these identities and one binder.
fn pre_shared_key(identities: &[&[u8]]) -> Vec<u8> {
    let identities = identities
        .iter()
        .flat_map(|identity| [&u16_vector(identity)[..], &[1, 2, 3, 4]].concat());
    let binders = u16_vector(&u8_vector(&[8; 32]));
    [u16_vector(&identities.collect::<Vec<_>>()), binders].concat()
}

#[test]
fn psk_identities_with_their_ages() {
    let data = pre_shared_key(&[b"first", b"2"]);
    let identities = seen(41, &data, |hello| {
        let identities = hello.psk_identities().unwrap();
        assert_eq!(identities.count(), 2);
        assert_eq!(format!("{identities:?}"), "[5 bytes, 1 bytes]");
        identities
            .map(|each| (each.identity.to_vec(), each.obfuscated_ticket_age))
            .collect::<Vec<_>>()
    });
    let age = 0x0102_0304;
    assert_eq!(identities, [(b"first".to_vec(), age), (b"2".to_vec(), age)]);
}

#[test]
fn psk_identities_that_are_malformed() {
    let look = |hello: ClientHello<'_>| hello.psk_identities().map(Iterator::count);
    assert_eq!(seen(41, &pre_shared_key(&[b"a"]), look), Some(1));
    assert_eq!(seen(41, &pre_shared_key(&[]), look), None);
    assert_eq!(seen(41, &pre_shared_key(&[b""]), look), None);
    let mut data = pre_shared_key(&[b"a"]);
    data.push(0);
    assert_eq!(seen(41, &data, look), None);
    data.truncate(9); // without binders
    assert_eq!(seen(41, &data, look), None);
    assert_eq!(seen(41, &[0, 3, 0, 1, 9, 0, 0], look), None);
}

#[test]
fn extensions_that_say_all_by_being_there() {
    for (code, look) in [
        (
            42,
            (|hello| hello.early_data()) as fn(ClientHello<'_>) -> bool,
        ),
        (23, |hello| hello.extended_master_secret()),
        (49, |hello| hello.post_handshake_auth()),
    ] {
        assert!(seen(code, &[], look));
        assert!(seen(code, &[7], look));
        assert!(!seen(0x1234, &[], look));
    }
}

#[test]
fn a_session_ticket_may_be_empty() {
    let look = |hello: ClientHello<'_>| hello.session_ticket().map(<[u8]>::to_vec);
    assert_eq!(seen(35, &[], look), Some(vec![]));
    assert_eq!(seen(35, &[1, 2], look), Some(vec![1, 2]));
    assert_eq!(seen(36, &[1, 2], look), None);
}

#[test]
fn an_outer_and_an_inner_encrypted_client_hello() {
    let look = |hello: ClientHello<'_>| hello.encrypted_client_hello();
    assert_eq!(seen(0xfe0d, &[1], look), Some(EchClientHelloType::INNER));
    assert_eq!(
        seen(0xfe0d, &[0, 0, 1], look),
        Some(EchClientHelloType::OUTER)
    );
    assert_eq!(seen(0xfe0d, &[9], look), Some(EchClientHelloType(9)));
    assert_eq!(seen(0xfe0d, &[], look), None);
    assert_eq!(EchClientHelloType(9).to_string(), "0x09");
}

#[test]
fn a_status_request_asks_for_ocsp_or_something_else() {
    let look = |hello: ClientHello<'_>| hello.asks_for_ocsp();
    assert!(seen(5, &[1, 0, 0, 0, 0], look));
    assert!(seen(5, &[1, 0, 1, 9, 0, 1, 8], look));
    for other in [
        &[2, 0, 0, 0, 0][..],
        &[],
        &[1],
        &[1, 0, 0],
        &[1, 0, 0, 0, 0, 0],
        &[1, 0, 1, 0, 0],
    ] {
        assert!(!seen(5, other, look), "{other:?}");
    }
}

#[test]
fn ec_point_formats() {
    let look = |hello: ClientHello<'_>| all(hello.ec_point_formats());
    let expected = [EcPointFormat::UNCOMPRESSED, EcPointFormat(7)];
    assert_eq!(seen(11, &[2, 0, 7], look), Some(expected.to_vec()));
    assert_eq!(seen(11, &[0], look), None);
}

#[test]
fn renegotiation_is_told_in_two_ways() {
    let look = |hello: ClientHello<'_>| hello.renegotiation_info().map(<[u8]>::to_vec);
    assert_eq!(seen(0xff01, &[0], look), Some(vec![]));
    assert_eq!(seen(0xff01, &[2, 8, 9], look), Some(vec![8, 9]));
    assert_eq!(seen(0xff01, &[], look), None);
    assert!(!seen(0xff01, &[0], |hello| hello.renegotiation_scsv()));
    let CipherSuite(scsv) = CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV;
    let message = Body {
        cipher_suites: u16_vector(&[[0x13, 0x01], scsv.to_be_bytes()].concat()),
        ..Body::default()
    }
    .message();
    assert!(ClientHello::parse(&message).unwrap().renegotiation_scsv());
}

#[test]
fn types_of_certificate_for_either_side() {
    let client = |hello: ClientHello<'_>| all(hello.client_cert_types());
    let server = |hello: ClientHello<'_>| all(hello.server_cert_types());
    let expected = vec![CertificateType::RAW_PUBLIC_KEY, CertificateType::X509];
    assert_eq!(seen(19, &[2, 2, 0], client), Some(expected.clone()));
    assert_eq!(seen(20, &[2, 2, 0], server), Some(expected));
    assert_eq!(seen(19, &[2, 2, 0], server), None);
    assert_eq!(seen(20, &[0], server), None);
}

#[test]
fn certificate_authorities_by_their_names() {
    let look = |hello: ClientHello<'_>| {
        let names = hello.certificate_authorities();
        names.map(|names| (names.map(<[u8]>::to_vec).collect(), format!("{names:?}")))
    };
    let names: Vec<Vec<u8>> = vec![vec![0x30, 0], vec![0x30]];
    let data = u16_vector(&[u16_vector(&names[0]), u16_vector(&names[1])].concat());
    assert_eq!(
        seen(47, &data, look),
        Some((names, "[[30, 00], [30]]".to_owned()))
    );
    for malformed in [&[0, 0][..], &[0, 2, 0, 0], &[0, 3, 0, 2, 9], &[0, 1, 0]] {
        assert_eq!(seen(47, malformed, look), None);
    }
}

#[test]
fn a_cookie_is_not_empty() {
    let look = |hello: ClientHello<'_>| hello.cookie().map(<[u8]>::to_vec);
    assert_eq!(seen(44, &[0, 2, 8, 9], look), Some(vec![8, 9]));
    assert_eq!(seen(44, &[0, 0], look), None);
    assert_eq!(seen(44, &[0, 2, 8], look), None);
}

#[test]
fn padding_is_only_counted() {
    let look = |hello: ClientHello<'_>| hello.padding();
    assert_eq!(seen(21, &[0; 300], look), Some(300));
    assert_eq!(seen(21, &[7], look), Some(1));
    assert_eq!(seen(22, &[7], look), None);
}

#[test]
fn algorithms_to_compress_certificates() {
    let look = |hello: ClientHello<'_>| all(hello.certificate_compression_algorithms());
    let expected = [
        CertificateCompressionAlgorithm::BROTLI,
        CertificateCompressionAlgorithm(0x0a0a),
    ];
    let shown = format!("{expected:?}");
    assert_eq!(
        seen(27, &[4, 0, 2, 0x0a, 0x0a], look),
        Some(expected.to_vec())
    );
    assert_eq!(shown, "[brotli(0x0002), 0x0a0a(0x0a0a)]"); // RFC 8701 reserves none of these
    for malformed in [&[0][..], &[3, 0, 2, 0], &[2, 0]] {
        assert_eq!(seen(27, malformed, look), None);
    }
}

#[test]
fn nothing_is_seen_of_extensions_that_are_not_there() {
    let message = Body::default().message();
    let hello = ClientHello::parse(&message).unwrap();
    assert_eq!(hello.key_shares(), None);
    assert_eq!(hello.signature_schemes_cert(), None);
    assert_eq!(hello.psk_key_exchange_modes(), None);
    assert_eq!(hello.psk_identities(), None);
    assert_eq!(hello.session_ticket(), None);
    assert_eq!(hello.encrypted_client_hello(), None);
    assert_eq!(hello.ec_point_formats(), None);
    assert_eq!(hello.renegotiation_info(), None);
    assert_eq!(hello.record_size_limit(), None);
    assert_eq!(hello.max_fragment_length(), None);
    assert_eq!(hello.longest_record(), None);
    assert_eq!(hello.client_cert_types(), None);
    assert_eq!(hello.server_cert_types(), None);
    assert_eq!(hello.certificate_authorities(), None);
    assert_eq!(hello.cookie(), None);
    assert_eq!(hello.padding(), None);
    assert_eq!(hello.certificate_compression_algorithms(), None);
    let said = [
        hello.early_data(),
        hello.asks_for_ocsp(),
        hello.extended_master_secret(),
        hello.renegotiation_scsv(),
        hello.post_handshake_auth(),
    ];
    assert_eq!(said, [false; 5]);
}

#[test]
fn a_psk_identity_is_shown_without_its_bytes() {
    let identity = PskIdentity {
        identity: b"secret",
        obfuscated_ticket_age: 0,
    };
    assert_eq!(format!("{identity:?}"), "6 bytes");
}
