//! Whether the certificates and the default hello are good: rustls is asked, in memory.

use lastword_census::catalogue::{ClientAuth, ServerProfile, Versions};
use lastword_census::pki::{ClientProfile, Identity, Pki, SERVER_NAMES};
use lastword_census::wire::{BASE_POINT_P256, BASE_POINT_X25519, HelloBuilder};
use rustls::{
    CertificateError, ClientConnection, Error, ProtocolVersion, ServerConnection, SideData,
};

/// Carries a handshake to its end, and says which side failed first and why.
fn handshake(
    pki: &Pki,
    server: &ServerProfile,
    client: &ClientProfile,
    name: &'static str,
) -> Result<Option<ProtocolVersion>, (Side, Error)> {
    let mut server = ServerConnection::new(pki.server_config(server)).unwrap();
    let name = name.replace('*', "any").try_into().unwrap();
    let mut client = ClientConnection::new(pki.client_config(client), name).unwrap();
    while client.is_handshaking() || server.is_handshaking() {
        carry(&mut client, &mut server).map_err(|error| (Side::Server, error))?;
        carry(&mut server, &mut client).map_err(|error| (Side::Client, error))?;
    }
    Ok(client.protocol_version())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Client,
    Server,
}

fn carry<A: SideData, B: SideData>(
    from: &mut rustls::ConnectionCommon<A>,
    to: &mut rustls::ConnectionCommon<B>,
) -> Result<(), Error> {
    let mut bytes = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut bytes).unwrap();
    }
    let mut bytes = &bytes[..];
    while !bytes.is_empty() {
        to.read_tls(&mut bytes).unwrap();
        to.process_new_packets()?;
    }
    Ok(())
}

const REQUIRED: ServerProfile = ServerProfile {
    client_auth: ClientAuth::Required,
    ..ServerProfile::DEFAULT
};

fn with(identity: Identity) -> ClientProfile {
    ClientProfile {
        identity,
        ..ClientProfile::DEFAULT
    }
}

#[test]
fn the_server_s_certificate_is_good_for_each_of_its_names() {
    let pki = Pki::new();
    for name in SERVER_NAMES {
        let version = handshake(&pki, &ServerProfile::DEFAULT, &ClientProfile::DEFAULT, name);
        assert_eq!(version, Ok(Some(ProtocolVersion::TLSv1_3)), "{name}");
    }
}

#[test]
fn a_profile_s_version_is_the_one_spoken() {
    let pki = Pki::new();
    for (versions, spoken) in [
        (Versions::Tls12, ProtocolVersion::TLSv1_2),
        (Versions::Tls13, ProtocolVersion::TLSv1_3),
    ] {
        let server = ServerProfile {
            versions,
            ..ServerProfile::DEFAULT
        };
        let version = handshake(&pki, &server, &ClientProfile::DEFAULT, "localhost");
        assert_eq!(version, Ok(Some(spoken)));
        let client = ClientProfile {
            versions,
            ..ClientProfile::DEFAULT
        };
        let version = handshake(&pki, &ServerProfile::DEFAULT, &client, "localhost");
        assert_eq!(version, Ok(Some(spoken)));
    }
}

#[test]
fn only_the_known_client_s_certificate_is_accepted() {
    let pki = Pki::new();
    let outcome = |identity| handshake(&pki, &REQUIRED, &with(identity), "localhost");
    assert_eq!(outcome(Identity::Known), Ok(Some(ProtocolVersion::TLSv1_3)));
    assert_eq!(
        outcome(Identity::None),
        Err((Side::Server, Error::NoCertificatesPresented))
    );
    assert_eq!(
        outcome(Identity::UnknownCa),
        Err((Side::Server, CertificateError::UnknownIssuer.into()))
    );
    let expired = outcome(Identity::Expired).unwrap_err();
    assert!(
        matches!(
            expired,
            (
                Side::Server,
                Error::InvalidCertificate(CertificateError::ExpiredContext { .. })
            )
        ),
        "{expired:?}"
    );
}

#[test]
fn a_certificate_that_is_asked_for_and_not_required_may_be_left_out() {
    let optional = ServerProfile {
        client_auth: ClientAuth::Optional,
        ..ServerProfile::DEFAULT
    };
    let outcome = handshake(&Pki::new(), &optional, &with(Identity::None), "localhost");
    assert_eq!(outcome, Ok(Some(ProtocolVersion::TLSv1_3)));
}

#[test]
fn a_client_that_distrusts_refuses_the_server() {
    let client = ClientProfile {
        distrusts: true,
        ..ClientProfile::DEFAULT
    };
    let outcome = handshake(&Pki::new(), &ServerProfile::DEFAULT, &client, "localhost");
    assert_eq!(
        outcome,
        Err((Side::Client, CertificateError::UnknownIssuer.into()))
    );
}

#[test]
fn what_openssl_is_given_is_pem() {
    let pki = Pki::new();
    let client = pki.client(Identity::Known).unwrap();
    assert!(pki.ca_pem().starts_with("-----BEGIN CERTIFICATE-----"));
    assert!(
        client
            .certificate_pem()
            .starts_with("-----BEGIN CERTIFICATE-----")
    );
    assert!(client.key_pem().starts_with("-----BEGIN PRIVATE KEY-----"));
}

/// The type of the first handshake message with which a server answers a hello, and in what
/// version it is; the hello must be accepted.
fn answer(versions: Versions, hello: &HelloBuilder) -> (u8, Option<ProtocolVersion>) {
    let profile = ServerProfile {
        versions,
        ..ServerProfile::DEFAULT
    };
    let mut server = ServerConnection::new(Pki::new().server_config(&profile)).unwrap();
    server.read_tls(&mut &hello.record()[..]).unwrap();
    server.process_new_packets().unwrap();
    let mut bytes = Vec::new();
    server.write_tls(&mut bytes).unwrap();
    // RFC 8446 4.1.3: a ServerHello with this random is a HelloRetryRequest
    assert_ne!(bytes[11..15], [0xcf, 0x21, 0xad, 0x74]);
    (bytes[5], server.protocol_version())
}

#[test]
fn the_default_hello_draws_a_server_hello_of_each_version() {
    let hello = HelloBuilder::default();
    for (versions, version) in [
        (Versions::Both, ProtocolVersion::TLSv1_3),
        (Versions::Tls13, ProtocolVersion::TLSv1_3),
        (Versions::Tls12, ProtocolVersion::TLSv1_2),
    ] {
        assert_eq!(answer(versions, &hello), (2, Some(version)));
    }
    let tls12 = HelloBuilder::tls12();
    assert_eq!(
        answer(Versions::Both, &tls12),
        (2, Some(ProtocolVersion::TLSv1_2))
    );
}

#[test]
fn every_kind_of_key_share_is_one_that_a_server_can_work_with() {
    let hello = HelloBuilder::default().alpn(&["h2"]);
    for hello in [
        hello.clone().random_key_share().unwrap(),
        hello.clone().key_shares(&[(0x001d, &BASE_POINT_X25519)]),
        hello
            .clone()
            .groups(&[0x0017])
            .key_shares(&[(0x0017, &BASE_POINT_P256)]),
    ] {
        let (message, _) = answer(Versions::Tls13, &hello);
        assert_eq!(message, 2);
    }
}

#[test]
fn the_default_hello_has_these_bytes_up_to_its_extensions() {
    let record = HelloBuilder::default().record();
    let expected = [
        &[22, 3, 1, 0, 194, 1, 0, 0, 190, 3, 3][..],
        &[0x5a; 32],
        &[32],
        &[0xa5; 32],
        &[
            0, 12, 0x13, 1, 0x13, 2, 0x13, 3, 0xc0, 0x2b, 0xc0, 0x2c, 0xcc, 0xa9,
        ],
        &[1, 0, 0, 105],
        &[0, 0, 0, 14, 0, 12, 0, 0, 9],
        b"localhost",
    ];
    assert_eq!(&record[..expected.concat().len()], expected.concat());
}
