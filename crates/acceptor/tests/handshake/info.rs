//! The record of a handshake that succeeded.

use std::sync::Arc;
use std::time::Duration;

use lastword_acceptor::hello::{CipherSuite, ClientHello, NamedGroup, SignatureScheme};
use lastword_acceptor::{
    Config, Connection, HandshakeKind, Measures, Offer, Progress, ProtocolVersion,
};
use lastword_testkit::catalogue::{ClientAuth, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Identity, Pki};
use lastword_testkit::recorded;
use lastword_testkit::wire::{ExtensionType, HelloBuilder};
use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConnection, ServerConfig};

use crate::handshake::clients::{accepted, client, finish, flight, written};

/// The offer of a recorded ClientHello.
fn offer(name: &str) -> Offer {
    let recorded = recorded::all().iter().find(|it| it.name == name).unwrap();
    Offer::of(&ClientHello::parse(&recorded.message()).unwrap())
}

/// The counts: suites, groups, shares, protocols.
fn counts(offer: &Offer) -> [u8; 4] {
    [
        offer.cipher_suites,
        offer.named_groups,
        offer.key_shares,
        offer.alpn_protocols,
    ]
}

#[test]
fn an_offer_counts_without_grease() {
    let chromium = offer("chromium-148.0.7778.167");
    assert_eq!(counts(&chromium), [15, 4, 2, 2]);
    assert_eq!(chromium.newest_version, Some(ProtocolVersion::TLS_1_3));
    assert!(chromium.offers_tls13() && chromium.post_quantum);
    assert!(!chromium.early_data);
}

#[test]
fn an_offer_of_tls12_has_no_key_shares() {
    let curl = offer("curl-7.88.1-tls12");
    assert_eq!(curl.newest_version, Some(ProtocolVersion::TLS_1_2));
    assert!(!curl.offers_tls13() && !curl.post_quantum);
    assert_eq!(curl.key_shares, 0);
    assert_eq!(
        offer("openssl-3.0.19-tls10").newest_version,
        Some(ProtocolVersion::TLS_1_0)
    );
}

/// RFC 8446 section 4.2.1: without supported_versions a client offers TLS 1.2 or older.
#[test]
fn an_offer_without_supported_versions_is_not_tls13() {
    for (legacy_version, newest) in [
        (0x0304, Some(ProtocolVersion::TLS_1_2)),
        (0x0305, Some(ProtocolVersion::TLS_1_2)),
        (0x0302, Some(ProtocolVersion::TLS_1_1)),
        (0x0201, None),
    ] {
        let hello = HelloBuilder {
            legacy_version,
            ..HelloBuilder::tls12()
        };
        let message = hello.message();
        let offer = Offer::of(&ClientHello::parse(&message).unwrap());
        assert_eq!(offer.newest_version, newest, "{legacy_version:#06x}");
        assert!(!offer.offers_tls13(), "{legacy_version:#06x}");
    }
}

#[test]
fn an_offer_says_whether_a_group_is_post_quantum() {
    use NamedGroup as Group;
    for (group, is_post_quantum) in [
        (Group::X25519, false),
        (Group::FFDHE8192, false),
        (Group::MLKEM512, true),
        (Group::MLKEM1024, true),
        (Group::SECP256R1MLKEM768, true),
        (Group::X25519MLKEM768, true),
        (Group::CURVESM2MLKEM768, true),
        (Group::X25519KYBER768DRAFT00, true),
        (Group::SECP256R1KYBER768DRAFT00, true),
        (NamedGroup(0x11ef), false),
    ] {
        let message = HelloBuilder::default().groups(&[0x001d, group.0]).message();
        let offer = Offer::of(&ClientHello::parse(&message).unwrap());
        assert_eq!(offer.post_quantum, is_post_quantum, "{group}");
        assert_eq!(offer.named_groups, 2);
        let name = group.name().unwrap_or_default();
        let has_kem = name.contains("MLKEM") || name.contains("Kyber");
        assert_eq!(has_kem, is_post_quantum, "{group}");
    }
}

#[test]
fn an_offer_counts_protocols_without_grease() {
    let protocols = ["h2", "\u{a}\u{a}", "http/1.1", "x"];
    let message = HelloBuilder::default().alpn(&protocols).message();
    let offer = Offer::of(&ClientHello::parse(&message).unwrap());
    assert_eq!(offer.alpn_protocols, 3);
}

#[test]
fn an_offer_counts_to_255() {
    let hello = HelloBuilder {
        suites: (0..400).collect(),
        ..HelloBuilder::default()
    };
    let message = hello.extension(ExtensionType(42), &[]).message();
    let offer = Offer::of(&ClientHello::parse(&message).unwrap());
    assert_eq!(offer.cipher_suites, 255);
    assert!(offer.early_data);
}

/// The connection of a whole handshake with this client.
fn connection(config: &Config, client: &mut ClientConnection) -> Connection {
    let mut handshake = accepted(&written(client)).into_handshake(config).unwrap();
    loop {
        client.read_tls(&mut &flight(&mut handshake)[..]).unwrap();
        client.process_new_packets().unwrap();
        match handshake.receive(&mut &written(client)[..]).unwrap() {
            Progress::Continue(next) => handshake = next,
            Progress::Complete(mut connection) => {
                finish(&mut connection, client);
                return connection;
            }
            progress => panic!("{progress:?}"),
        }
    }
}

#[test]
fn it_says_what_was_negotiated() {
    let pki = Pki::new();
    let profile = ServerProfile {
        alpn: &["h2"],
        client_auth: ClientAuth::Required,
        ..ServerProfile::DEFAULT
    };
    let config = Config::new(pki.server_config(&profile)).unwrap();
    for (versions, version, suite) in [
        (
            Versions::Tls12,
            ProtocolVersion::TLS_1_2,
            CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        ),
        (
            Versions::Tls13,
            ProtocolVersion::TLS_1_3,
            CipherSuite::TLS_AES_256_GCM_SHA384,
        ),
    ] {
        let profile = ClientProfile {
            versions,
            identity: Identity::Known,
            alpn: &["spdy/1", "h2"],
            ..ClientProfile::DEFAULT
        };
        let mut client = client(pki.client_config(&profile));
        let connection = connection(&config, &mut client);
        let info = connection.handshake_info();
        assert_eq!(
            (info.version, info.cipher_suite),
            (Some(version), Some(suite))
        );
        assert_eq!(info.group, Some(NamedGroup::X25519));
        let scheme = SignatureScheme::ECDSA_SECP256R1_SHA256;
        assert_eq!(connection.signature_scheme(), Some(scheme));
        assert_eq!(
            (info.kind, info.kind_name()),
            (Some(HandshakeKind::Full), "full")
        );
        assert_eq!(info.alpn_protocol, Some(&b"h2"[..]));
        assert_eq!(info.server_name, Some("localhost"));
        assert!(info.client_certificate.is_some() && !info.early_data && !info.is_post_quantum());
        assert_eq!(info.offer.alpn_protocols, 2);
        assert_eq!(info.offer.newest_version, Some(version));
        assert_eq!(info.measures, Measures::default());
    }
}

#[test]
fn it_says_that_a_hello_retry_request_was_sent() {
    let pki = Pki::new();
    let provider = CryptoProvider {
        kx_groups: vec![ring::kx_group::SECP384R1],
        ..ring::default_provider()
    };
    let profile = pki.server_config(&ServerProfile::DEFAULT);
    let server = ServerConfig::builder_with_provider(provider.into())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::clone(&profile.cert_resolver));
    let config = Config::new(server).unwrap();
    let mut client = client(pki.client_config(&ClientProfile::DEFAULT));
    let connection = connection(&config, &mut client);
    let info = connection.handshake_info();
    assert_eq!(info.kind_name(), "hello_retry_request");
    assert_eq!(info.group, Some(NamedGroup::SECP384R1));
    // what the first ClientHello offers
    assert_eq!((info.offer.named_groups, info.offer.key_shares), (3, 1));
}

#[test]
fn it_says_whether_the_session_was_resumed_and_early_data_accepted() {
    let pki = Pki::new();
    for (max_early_data, names) in [(0, ["full", "resumed"]), (100, ["full", "early_data"])] {
        let mut server = Arc::unwrap_or_clone(pki.server_config(&ServerProfile::DEFAULT));
        server.max_early_data_size = max_early_data;
        let config = Config::new(server).unwrap();
        let mut own = Arc::unwrap_or_clone(pki.client_config(&ClientProfile::DEFAULT));
        own.enable_early_data = true;
        let own = Arc::new(own);
        let infos = names.map(|_| {
            let mut client = client(Arc::clone(&own));
            let connection = connection(&config, &mut client);
            let info = connection.handshake_info();
            (info.kind_name(), info.offer.early_data, info.early_data)
        });
        let early = max_early_data > 0;
        assert_eq!(infos, [(names[0], false, false), (names[1], early, early)]);
    }
}

#[test]
fn measures_are_kept_with_the_connection() {
    let pki = Pki::new();
    let config = Config::new(pki.server_config(&ServerProfile::DEFAULT)).unwrap();
    let mut client = client(pki.client_config(&ClientProfile::DEFAULT));
    let mut handshake = accepted(&written(&mut client))
        .into_handshake(&config)
        .unwrap();
    let measures = handshake.measures_mut().unwrap();
    measures.add_received(7);
    measures.add_received(usize::MAX);
    measures.set_client_hello(Duration::ZERO);
    measures.set_verdict(Duration::from_secs(10_000));
    client.read_tls(&mut &flight(&mut handshake)[..]).unwrap();
    client.process_new_packets().unwrap();
    let Ok(Progress::Complete(mut connection)) = handshake.receive(&mut &written(&mut client)[..])
    else {
        panic!("the handshake is not complete");
    };
    let measures = *connection.measures_mut();
    assert_eq!(connection.handshake_info().measures, measures);
    assert_eq!((measures.received(), measures.sent()), (u32::MAX.into(), 0));
    // known, though it took no time
    assert_eq!(measures.client_hello(), Some(Duration::from_micros(1)));
    assert_eq!((measures.answered(), measures.finished()), (None, None));
    assert_eq!(
        measures.verdict(),
        Some(Duration::from_micros(u32::MAX.into()))
    );
}
