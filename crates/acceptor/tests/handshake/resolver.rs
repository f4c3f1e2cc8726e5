//! A certificate resolver that has none for a client: rustls 0.23.46 says access_denied.

use std::sync::{Arc, Mutex};

use crate::handshake::clients::{self, accepted};
use lastword_acceptor::{Config, ErrorAndAlert, Phase, Reason, Rejection};
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
    clients::refused(&Config::new(config).unwrap(), &hello.record())
}

#[test]
fn answers_a_name_without_a_certificate_with_unrecognized_name() {
    let error = refused(&HelloBuilder::default());
    assert_eq!(error.tls(), [21, 3, 3, 0, 2, 2, 112]);
    assert_eq!(
        error.to_string(),
        "this server has no certificate for the client: it asks for localhost"
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
        "this server has no certificate for the client: it sends no server name"
    );
    assert_eq!(error.error().reason(), Reason::Name);
}

/// RFC 6066 section 3 does not permit it, and clients send it all the same.
#[test]
fn answers_an_ip_address_in_a_names_place_with_unrecognized_name() {
    for (name, shown) in [("192.0.2.7", "192.0.2.7"), ("2001:DB8::7", "2001:db8::7")] {
        let error = refused(&HelloBuilder::default().server_name(name));
        assert_eq!(error.tls(), [21, 3, 3, 0, 2, 2, 112]);
        assert_eq!(
            error.to_string(),
            format!(
                "this server has no certificate for the client: its server name is an IP address, {shown}"
            )
        );
    }
}

#[test]
fn a_chooser_that_wants_a_name_and_gets_an_ip_address_refuses_with_unrecognized_name() {
    let reject =
        |hello: HelloBuilder| accepted(&hello.record()).reject(Rejection::missing_server_name());
    let error = reject(HelloBuilder::default().server_name("192.0.2.7"));
    assert_eq!(error.tls(), [21, 3, 3, 0, 2, 2, 112]);
    assert_eq!(
        error.to_string(),
        "this server refused the client: a server name is required and an IP address came: client asks for 192.0.2.7"
    );
    let error = reject(HelloBuilder::default().without(ExtensionType::SERVER_NAME));
    assert_eq!(error.tls(), [21, 3, 3, 0, 2, 2, 109]);
}

/// Keeps the name that rustls gives it.
#[derive(Debug, Default)]
struct Names(Mutex<Option<String>>);

impl ResolvesServerCert for Names {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        *self.0.lock().unwrap() = hello.server_name().map(str::to_owned);
        None
    }
}

#[test]
fn gives_a_name_in_lower_case_as_rustls_gives_it_to_a_resolver() {
    for sent in ["EXAMPLE.Test", "EXAMPLE.Test.", "example.test"] {
        let hello = HelloBuilder::default().server_name(sent);
        let accepted = accepted(&hello.record());
        assert_eq!(accepted.server_name(), Some("example.test"), "{sent}");

        let names = Arc::new(Names::default());
        let mut config = (*Pki::new().server_config(&ServerProfile::DEFAULT)).clone();
        config.cert_resolver = Arc::clone(&names) as _;
        let config = Config::from(config);
        let error = accepted.into_handshake(&config).unwrap_err();
        let given = names.0.lock().unwrap().take();
        assert_eq!(given.as_deref(), Some("example.test"), "{sent}");
        assert_eq!(error.error().server_name(), given.as_deref(), "{sent}");
        assert_eq!(
            error.to_string(),
            "this server has no certificate for the client: it asks for example.test"
        );
    }
}
