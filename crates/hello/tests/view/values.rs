//! What the view says of well-formed hellos, value by value.

use lastword_hello::{
    CipherSuite, ClientHello, Extension, ExtensionType, NamedGroup, SignatureScheme,
};
use lastword_record::ProtocolVersion;

use crate::view::builder::{
    Body, RANDOM, extension, typical, u8_vector, u16_vector, with_extensions,
};

#[test]
fn shows_the_fields_of_a_typical_hello() {
    let message = typical();
    let hello = ClientHello::parse(&message).unwrap();
    assert_eq!(hello.message(), message);
    assert_eq!(hello.legacy_version(), ProtocolVersion::TLS_1_2);
    assert_eq!(hello.random(), &RANDOM);
    assert_eq!(hello.session_id(), [5; 32]);
    assert_eq!(
        hello.cipher_suites().collect::<Vec<_>>(),
        [
            CipherSuite(0x0a0a),
            CipherSuite::TLS_AES_128_GCM_SHA256,
            CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV,
        ]
    );
    assert_eq!(hello.compression_methods(), [0, 1]);
}

#[test]
fn shows_the_extensions_of_a_typical_hello() {
    let message = typical();
    let hello = ClientHello::parse(&message).unwrap();
    assert_eq!(hello.server_name_as_sent(), Some("www.example.com"));
    let protocols: Vec<_> = hello.alpn().unwrap().collect();
    assert_eq!(protocols, [&b"h2"[..], b"http/1.1"]);
    let versions: Vec<_> = hello.supported_versions().unwrap().collect();
    let grease = ProtocolVersion(0x3a3a);
    assert_eq!(
        versions,
        [grease, ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2]
    );
    let groups: Vec<_> = hello.named_groups().unwrap().collect();
    let [hybrid, x25519, p256] = [
        NamedGroup::X25519MLKEM768,
        NamedGroup::X25519,
        NamedGroup::SECP256R1,
    ];
    assert_eq!(groups, [NamedGroup(0x2a2a), hybrid, x25519, p256]);
    let schemes: Vec<_> = hello.signature_schemes().unwrap().collect();
    assert_eq!(
        schemes,
        [
            SignatureScheme::ECDSA_SECP256R1_SHA256,
            SignatureScheme::RSA_PSS_RSAE_SHA256,
            SignatureScheme::RSA_PKCS1_SHA256,
        ]
    );
    let shares: Vec<_> = hello.key_share_groups().unwrap().collect();
    assert_eq!(shares, [x25519, p256]);
}

#[test]
fn goes_through_all_extensions_in_order_and_finds_each() {
    let message = typical();
    let hello = ClientHello::parse(&message).unwrap();
    let types: Vec<_> = hello
        .extensions()
        .map(|each| each.extension_type.0)
        .collect();
    assert_eq!(types, [0x1a1a, 0, 0xff01, 10, 16, 13, 51, 43, 45, 0x4a4a]);
    let last = Extension {
        extension_type: ExtensionType(0x4a4a),
        data: &[0],
    };
    assert_eq!(hello.extensions().last(), Some(last));
    for Extension {
        extension_type,
        data,
    } in hello.extensions()
    {
        assert_eq!(hello.extension(extension_type), Some(data));
    }
    assert_eq!(hello.extension(ExtensionType::PADDING), None);
}

#[test]
fn a_hello_may_end_before_the_extensions() {
    let message = Body::default().message();
    let hello = ClientHello::parse(&message).unwrap();
    assert_eq!(hello.extensions().count(), 0);
    assert_eq!(hello.extension(ExtensionType::SERVER_NAME), None);
    assert_eq!(hello.server_name_as_sent(), None);
    assert_eq!(hello.alpn(), None);
    assert_eq!(hello.supported_versions(), None);
    assert_eq!(hello.named_groups(), None);
    assert_eq!(hello.signature_schemes(), None);
    assert_eq!(hello.key_share_groups(), None);
    assert_eq!(hello.session_id(), []);
}

#[test]
fn a_block_of_no_extensions_is_as_good_as_none() {
    let message = with_extensions(&[]);
    assert_eq!(
        ClientHello::parse(&message).unwrap().extensions().count(),
        0
    );
}

#[test]
fn what_it_has_no_method_for_is_not_looked_into() {
    let message = with_extensions(&[
        extension(5, &[0xff]),
        extension(35, &[]),
        extension(41, &[]),
    ]);
    let hello = ClientHello::parse(&message).unwrap();
    assert_eq!(
        hello.extension(ExtensionType::STATUS_REQUEST),
        Some(&[0xff][..])
    );
    assert_eq!(
        hello.extension(ExtensionType::SESSION_TICKET),
        Some(&[][..])
    );
    assert_eq!(
        hello.extension(ExtensionType::PRE_SHARED_KEY),
        Some(&[][..])
    );
}

#[test]
fn offered_versions_are_those_of_the_extension_or_the_legacy_version() {
    let message = typical();
    let hello = ClientHello::parse(&message).unwrap();
    let offered: Vec<_> = hello.offered_versions().collect();
    assert_eq!(
        offered,
        [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2]
    );
    let mut message = Body::default().message();
    for (legacy, version) in [
        ([3, 1], ProtocolVersion::TLS_1_0),
        ([9, 9], ProtocolVersion(0x0909)),
    ] {
        message[4..6].copy_from_slice(&legacy);
        let hello = ClientHello::parse(&message).unwrap();
        assert_eq!(hello.offered_versions().collect::<Vec<_>>(), [version]);
    }
}

#[test]
fn a_client_may_offer_no_key_share_yet() {
    let message = with_extensions(&[extension(51, &u16_vector(&[]))]);
    let hello = ClientHello::parse(&message).unwrap();
    assert_eq!(hello.key_share_groups().unwrap().count(), 0);
}

/// The server name of a hello whose `server_name` holds these names of these types.
fn server_name_of(names: &[(u8, &[u8])]) -> Option<String> {
    let list = names
        .iter()
        .flat_map(|(kind, name)| [vec![*kind], u16_vector(name)].concat());
    let message = with_extensions(&[extension(0, &u16_vector(&list.collect::<Vec<_>>()))]);
    ClientHello::parse(&message)
        .unwrap()
        .server_name_as_sent()
        .map(String::from)
}

#[test]
fn a_server_name_is_shown_in_the_clients_spelling_without_a_dot_at_its_end() {
    assert_eq!(
        server_name_of(&[(0, b"EXAMPLE.Test")]).as_deref(),
        Some("EXAMPLE.Test")
    );
    assert_eq!(
        server_name_of(&[(0, b"example.com.")]).as_deref(),
        Some("example.com")
    );
}

#[test]
fn an_ip_address_for_a_server_name_is_ignored() {
    assert_eq!(server_name_of(&[(0, b"127.0.0.1")]), None);
    assert_eq!(server_name_of(&[(0, b"2001:db8::1")]), None);
}

#[test]
fn what_is_behind_a_name_of_another_type_is_ignored() {
    let names: [(u8, &[u8]); 3] = [(0, b"a.example"), (7, b"?"), (0, b"b.example")];
    assert_eq!(server_name_of(&names).as_deref(), Some("a.example"));
}

#[test]
fn debug_output_of_extensions_is_their_types_and_their_bytes() {
    let message = with_extensions(&[extension(0x1a1a, &[]), extension(45, &[1, 0xab])]);
    let mut extensions = ClientHello::parse(&message).unwrap().extensions();
    let expected = "[GREASE(0x1a1a): [], psk_key_exchange_modes(0x002d): [01, ab]]";
    assert_eq!(format!("{extensions:?}"), expected);
    let last = "Some(psk_key_exchange_modes(0x002d): [01, ab])";
    assert_eq!(format!("{:?}", extensions.nth(1)), last);
}

#[test]
fn debug_output_says_what_a_log_wants_to_say() {
    let extensions = [
        extension(
            0,
            &u16_vector(&[&[0][..], &u16_vector(b"example.com")].concat()),
        ),
        extension(16, &u16_vector(&u8_vector(b"h2\xff"))),
    ];
    let message = with_extensions(&extensions);
    assert_eq!(
        format!("{:?}", ClientHello::parse(&message).unwrap()),
        "ClientHello { legacy_version: TLS 1.2(0x0303), server_name_as_sent: Some(\"example.com\"), \
         alpn: Some([\"h2\\xff\"]), supported_versions: None, \
         cipher_suites: [TLS_AES_128_GCM_SHA256(0x1301)], named_groups: None, \
         signature_schemes: None, key_share_groups: None, .. }"
    );
}
