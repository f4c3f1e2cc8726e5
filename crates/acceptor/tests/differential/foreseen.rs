//! What `Config::check` foresees is what a handshake does.

use std::sync::Arc;

use lastword_acceptor::hello::ClientHello;
use lastword_acceptor::{AlertDescription, Config, Error, ErrorKind, Phase, Reason};
use lastword_testkit::catalogue::{ServerProfile, Versions};
use lastword_testkit::recorded;
use lastword_testkit::wire::{ExtensionType, HelloBuilder, split_into_records};
use proptest::prelude::*;
use proptest::sample::Index;
use rustls::crypto::{ActiveKeyExchange, SupportedKxGroup, ring};
use rustls::server::ResolvesServerCertUsingSni;

use crate::differential::generated::{hello, of_versions};
use crate::differential::mutations::{Change, Damage, change, damage, fields};
use crate::differential::real::messages;
use crate::differential::server::{PKI, SERVERS, Server, named};
use crate::differential::verdict::{Ours, ours};

/// The alert for an error that was foreseen, as the docs of `Config::check` list it.
fn alert(kind: &ErrorKind) -> AlertDescription {
    match kind {
        ErrorKind::Config(_) => AlertDescription::INTERNAL_ERROR,
        ErrorKind::NoVersionInCommon => AlertDescription::PROTOCOL_VERSION,
        ErrorKind::InappropriateFallback => AlertDescription::INAPPROPRIATE_FALLBACK,
        ErrorKind::MissingExtension(_) => AlertDescription::MISSING_EXTENSION,
        ErrorKind::KeyShareNotOffered(_) => AlertDescription::ILLEGAL_PARAMETER,
        ErrorKind::NoApplicationProtocol => AlertDescription::NO_APPLICATION_PROTOCOL,
        ErrorKind::NoCipherSuiteInCommon(_)
        | ErrorKind::NoGroupInCommon
        | ErrorKind::Incompatible => AlertDescription::HANDSHAKE_FAILURE,
        other => panic!("{other:?} is not in the docs of Config::check"),
    }
}

/// Whether a handshake that fails because of this must have been foreseen.
fn is_foreseeable(error: &Error) -> bool {
    let reason = error.rustls().map(ToString::to_string);
    match error.kind() {
        ErrorKind::Config(_)
        | ErrorKind::NoVersionInCommon
        | ErrorKind::InappropriateFallback
        | ErrorKind::NoCipherSuiteInCommon(_)
        | ErrorKind::MissingExtension(_)
        | ErrorKind::KeyShareNotOffered(_)
        | ErrorKind::NoApplicationProtocol
        | ErrorKind::NoGroupInCommon => true,
        ErrorKind::Incompatible => reason.is_some_and(|words| words.contains("extension required")),
        _ => false,
    }
}

fn agree(server: &Server, message: &[u8]) -> Result<(), String> {
    let Ok(hello) = ClientHello::parse(message) else {
        return Ok(());
    };
    let served = ours(server, &split_into_records(message, &[1 << 14; 8]));
    let fault = match (server.config.check(&hello), &served) {
        (Err(foresees), Ours::Refuses(refused)) => {
            let (foreseen, error) = (foresees.error(), refused.error());
            let (said, says) = (foreseen.to_string(), error.to_string());
            let kinds = [foreseen.kind(), error.kind()].map(|kind| format!("{kind:?}"));
            let is_same = said == says
                && kinds[0] == kinds[1]
                && foreseen.reason() == error.reason()
                && foreseen.phase() == error.phase()
                && foreseen.rustls() == error.rustls()
                && foreseen.server_name() == error.server_name()
                && foreseen.versions() == error.versions()
                && foresees.alert() == Some(alert(foreseen.kind()))
                && foresees.alert() == refused.alert();
            // a message over the limit of rustls is not collected
            (!is_same && message.len() <= 65_536).then_some(format!("{said}, but: {says}"))
        }
        (Err(foreseen), _) => Some(format!("{foreseen}, but it is served")),
        (Ok(()), Ours::Refuses(refused)) if is_foreseeable(refused.error()) => {
            Some(format!("not foreseen: {}", refused.error()))
        }
        (Ok(()), _) => None,
    };
    fault.map_or(Ok(()), |fault| Err(format!("{}: {fault}", server.name)))
}

proptest! {
    #[test]
    fn of_a_hello_made_up(server: Index, hello in prop_oneof![hello().boxed(), of_versions().boxed()]) {
        let agree = agree(server.get(&SERVERS), &hello.message());
        agree.map_err(TestCaseError::fail)?;
    }

    #[test]
    fn of_a_real_hello_that_was_changed(
        server: Index,
        which: Index,
        changes in prop::collection::vec(change(), 0..4),
        damages in prop::collection::vec(damage(), 0..2),
    ) {
        let mut hello = fields(&messages()[which.index(messages().len())]);
        for change in changes {
            Change::apply(change, &mut hello, messages());
        }
        let mut message = hello.message();
        for damage in damages {
            Damage::apply(damage, &mut message);
        }
        agree(server.get(&SERVERS), &message).map_err(TestCaseError::fail)?;
    }
}

#[test]
fn of_every_recorded_hello() {
    for recorded in recorded::all() {
        for server in SERVERS.iter() {
            assert_eq!(
                agree(server, &recorded.message()),
                Ok(()),
                "{}",
                recorded.name
            );
        }
    }
}

/// The error of a check on one of the servers, in words.
fn said(server: &str, hello: &HelloBuilder) -> String {
    let server = named(server);
    let message = hello.message();
    assert_eq!(agree(server, &message), Ok(()));
    let error = server.config.check(&ClientHello::parse(&message).unwrap());
    error.unwrap_err().to_string()
}

#[test]
fn it_has_the_words_of_the_refusal() {
    let hello = HelloBuilder::default();
    let old = HelloBuilder::tls12();
    let mut other_suite = hello.clone();
    other_suite.suites = vec![0x0a0a, 0x1304];
    for (server, hello, words) in [
        (
            "TLS 1.3 alone",
            old.clone(),
            "no protocol version in common: client offers TLS 1.2 or older, server has TLS 1.3",
        ),
        (
            "both versions",
            hello.clone().without(ExtensionType::KEY_SHARE),
            "client sent no key_share, which TLS 1.3 requires",
        ),
        (
            "TLS 1.2 alone",
            old.clone().without(ExtensionType::SIGNATURE_ALGORITHMS),
            "client sent no signature_algorithms, so it accepts only signatures with SHA-1, which this server does not make",
        ),
        (
            "both versions, ALPN",
            hello.clone().alpn(&["spdy/1"]),
            "no application protocol in common: client offers spdy/1, server has h2, http/1.1",
        ),
        (
            "TLS 1.2 alone",
            old.without(ExtensionType::SUPPORTED_GROUPS),
            "no key exchange group in common: client offers none because it sent no supported_groups, \
             server has x25519, secp256r1, secp384r1",
        ),
    ] {
        assert_eq!(said(server, &hello), words);
    }
    assert!(
        said("both versions", &other_suite).starts_with("no cipher suite of TLS 1.3 in common")
    );
}

#[test]
fn the_error_knows_the_client_and_the_server() {
    let message = HelloBuilder::tls12().message();
    let hello = ClientHello::parse(&message).unwrap();
    let server = &named("TLS 1.3 alone").config;
    let error = server.check(&hello).unwrap_err();
    let error = error.error();
    assert_eq!(error.client_hello(), Some(hello));
    assert_eq!(error.server_name(), hello.server_name_as_sent());
    assert_eq!(error.config().unwrap().versions(), server.versions());
    assert_eq!(
        (error.phase(), error.reason()),
        (Phase::ServerHello, Reason::Version)
    );
}

#[test]
fn a_client_without_extended_master_secret_is_refused_if_it_is_required() {
    let message = HelloBuilder::tls12()
        .without(ExtensionType::EXTENDED_MASTER_SECRET)
        .message();
    let hello = ClientHello::parse(&message).unwrap();
    let profile = ServerProfile {
        versions: Versions::Tls12,
        ..ServerProfile::DEFAULT
    };
    let mut config = rustls::ServerConfig::clone(&PKI.server_config(&profile));
    assert!(Config::from(config.clone()).check(&hello).is_ok());
    config.require_ems = true;
    let server = Server {
        name: "extended master secret required",
        config: config.into(),
    };
    assert_eq!(agree(&server, &message), Ok(()));
    let error = server.config.check(&hello).unwrap_err();
    let words = "client sent no extended_master_secret, which this server requires";
    assert_eq!(error.to_string(), words);
}

#[test]
fn a_group_that_nobody_here_has_is_not_in_common() {
    let hello = HelloBuilder::tls12().extension(
        ExtensionType::SUPPORTED_GROUPS,
        &[0, 4, 0x11, 0xec, 1, 0], // X25519MLKEM768 and ffdhe2048
    );
    assert!(said("TLS 1.2 alone", &hello).starts_with("no key exchange group in common"));
}

/// A group of finite fields, which ring does not have.
#[derive(Debug)]
struct FiniteField;

impl SupportedKxGroup for FiniteField {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, rustls::Error> {
        Err(rustls::Error::General("for the name alone".into()))
    }

    fn name(&self) -> rustls::NamedGroup {
        rustls::NamedGroup::FFDHE2048
    }
}

/// RFC 7919 section 4.
#[test]
fn a_server_of_tls12_chooses_a_finite_field_if_the_client_names_none() {
    let mut provider = ring::default_provider();
    provider.kx_groups.push(&FiniteField);
    let builder = rustls::ServerConfig::builder_with_provider(provider.into())
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap();
    let resolver = ResolvesServerCertUsingSni::new();
    let config = Config::from(
        builder
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(resolver)),
    );
    let foresees = |hello: HelloBuilder| {
        let message = hello.message();
        let checked = config.check(&ClientHello::parse(&message).unwrap());
        checked.map_err(|error| error.error().reason())
    };
    let hello = HelloBuilder::tls12;
    let groups = ExtensionType::SUPPORTED_GROUPS;
    assert_eq!(foresees(hello().without(groups)), Ok(()));
    let with = |group: [u8; 2]| hello().extension(groups, &[&[0, 2], &group[..]].concat());
    assert_eq!(foresees(with([0x11, 0xec])), Ok(()));
    assert_eq!(foresees(with([1, 0])), Ok(()));
    assert_eq!(foresees(with([1, 1])), Err(Reason::Group)); // ffdhe3072
}
