//! What a server holds of a client whose handshake has failed, until it has its alert.

use std::sync::Arc;

use lastword_acceptor::{AlertDescription, Config, ErrorAndAlert, Handshake, Rejection};
use lastword_testkit::catalogue::{ClientAuth, ServerProfile};
use lastword_testkit::pki::{Credentials, Pki};
use lastword_testkit::wire::{HelloBuilder, split_into_records};
use rustls::{ClientConfig, ClientConnection, RootCertStore, SupportedProtocolVersion};

use crate::handshaking::{answered, feed};
use crate::{BEFORE_HELLO, LONGEST, MOST_RECEIVED, collect, held, padded_hello};

/// What an error and its alert take besides the bytes that were received.
const ERROR: usize = 1024;

/// What rustls 0.23.46 holds for each key usage of a client certificate that lacks the right one: its
/// error has a list of lists of 8-byte numbers.
const EACH_USAGE: usize = 80;

pub(crate) fn is_bounded(pki: &Pki) {
    for record in [0x4000, 400] {
        a_long_hello_is_bounded(pki, record);
    }
    for usages in [1, 18_000] {
        many_key_usages_are_bounded(pki, usages);
    }
}

/// A hello of 64 KiB that the server refuses before rustls has it, and one that rustls refuses.
fn a_long_hello_is_bounded(pki: &Pki, record: usize) {
    let h2 = ServerProfile {
        alpn: &["h2"],
        ..ServerProfile::DEFAULT
    };
    let config = Config::new(pki.server_config(&h2)).unwrap();
    let len = LONGEST - 600;
    let no_protocol = HelloBuilder::default().alpn(&["x"]);
    let no_scheme = HelloBuilder::default()
        .alpn(&["h2"])
        .signature_algorithms(&[0x0503]);
    for (hello, alert) in [(&no_protocol, 120), (&no_scheme, 40)] {
        let message = padded_hello(hello, len);
        let bytes = split_into_records(&message, &vec![record; len / record]);
        let before = held();
        let fed = feed(before, Handshake::default(), &config, &bytes);
        let error = fed.progress.map(drop).unwrap_err();
        assert_eq!(error.alert(), Some(AlertDescription(alert)));
        is_within(&error, fed.now);
    }
    let message = padded_hello(&no_protocol, len);
    let bytes = split_into_records(&message, &vec![record; len / record]);
    let before = held();
    let accepted = collect(&bytes, 4096).end.unwrap().unwrap();
    let chosen = held() - before;
    assert!(chosen <= MOST_RECEIVED + BEFORE_HELLO, "{chosen} held");
    let error = accepted.reject(Rejection::unrecognized_name());
    is_within(&error, held() - before);
}

fn is_within(error: &ErrorAndAlert, now: usize) {
    assert!(error.error().received_len() > LONGEST - 600);
    let bound = MOST_RECEIVED + BEFORE_HELLO + ERROR;
    assert!(now <= bound, "{now} held: {error}");
}

fn client(
    pki: &Pki,
    version: &'static SupportedProtocolVersion,
    own: &Credentials,
) -> ClientConnection {
    let mut roots = RootCertStore::empty();
    roots.add(pki.ca_certificate()).unwrap();
    let config = ClientConfig::builder_with_protocol_versions(&[version])
        .with_root_certificates(roots)
        .with_client_auth_cert(vec![own.certificate()], own.key());
    ClientConnection::new(Arc::new(config.unwrap()), "localhost".try_into().unwrap()).unwrap()
}

/// What the client sent is not kept, and rustls's error is: it is many times as long.
fn many_key_usages_are_bounded(pki: &Pki, usages: usize) {
    let required = ServerProfile {
        client_auth: ClientAuth::Required,
        ..ServerProfile::DEFAULT
    };
    let config = Config::new(pki.server_config(&required)).unwrap();
    let own = pki.client_of_unknown_usages(usages);
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut client = client(pki, version, &own);
        let (handshake, says, before) = answered(&config, &mut client);
        let fed = feed(before, handshake, &config, &says);
        let error = fed.progress.map(drop).unwrap_err();
        let alert = error.alert();
        assert_eq!(alert, Some(AlertDescription::UNSUPPORTED_CERTIFICATE));
        let bound = ERROR + usages * EACH_USAGE;
        assert!(fed.now <= bound, "{} held, {usages} usages", fed.now);
    }
}
