//! A certificate resolver that has none for a client: rustls 0.23.46 says access_denied.

use std::sync::Arc;

use lastword_acceptor::{Config, ErrorAndAlert, Handshake, Limits, Phase, Reason};
use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::Pki;
use lastword_testkit::wire::{ExtensionType, HelloBuilder};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

#[derive(Debug)]
struct NoCertificate;

impl ResolvesServerCert for NoCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        None
    }
}

fn refused(hello: &HelloBuilder) -> ErrorAndAlert {
    let mut config = (*Pki::new().server_config(&ServerProfile::DEFAULT)).clone();
    config.cert_resolver = Arc::new(NoCertificate);
    let handshake = Handshake::new(&Config::try_from(config).unwrap(), Limits::default());
    handshake
        .receive(&mut &hello.record()[..])
        .map(|_| ())
        .unwrap_err()
}

#[test]
fn answers_a_name_without_a_certificate_with_unrecognized_name() {
    let error = refused(&HelloBuilder::default());
    assert_eq!(error.tls(), [21, 3, 3, 0, 2, 2, 112]);
    assert_eq!(
        error.to_string(),
        "no certificate for the client: it asks for localhost"
    );
    assert_eq!(
        (error.error().phase(), error.error().reason()),
        (Phase::ServerHello, Reason::Name)
    );
}

/// Where there is more than one reason, the suites are the first that is found.
#[test]
fn is_not_asked_for_a_client_without_a_suite_in_common() {
    let of_the_other_version = HelloBuilder {
        suites: vec![0x1301],
        ..HelloBuilder::tls12()
    };
    let error = refused(&of_the_other_version);
    assert_eq!(error.tls(), [21, 3, 3, 0, 2, 2, 40]);
    assert_eq!(
        (error.error().phase(), error.error().reason()),
        (Phase::ServerHello, Reason::CipherSuite)
    );
}

#[test]
fn answers_no_name_and_no_certificate_with_missing_extension() {
    let error = refused(&HelloBuilder::default().without(ExtensionType::SERVER_NAME));
    assert_eq!(error.tls(), [21, 3, 3, 0, 2, 2, 109]);
    assert_eq!(
        error.to_string(),
        "no certificate for the client: it sends no server name"
    );
    assert_eq!(error.error().reason(), Reason::Name);
}
