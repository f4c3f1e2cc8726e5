//! The words for what rustls finds.

use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use crate::text::outside::{is_line, text, unquoted};
use proptest::prelude::*;
use rustls::enums::{ContentType, HandshakeType};
use rustls::error::{ExtendedKeyPurpose, PeerIncompatible, PeerMisbehaved};
use rustls::pki_types::UnixTime;

use super::*;
use crate::client::Client;
use crate::phase::Phase;

/// What the log says of a handshake that fails by this error.
fn said(reason: impl Into<Error>) -> String {
    let reason = RustlsError::from(reason.into());
    let client = Client::Bytes(Vec::new());
    let error = crate::Error::new(reason.kind(), Phase::AfterServerHello, client);
    let line = error.with_rustls(reason.clone()).to_string();
    // the same, but for its length
    assert!(
        line.contains(" bytes left out") || line.replace(" or its chain", "") == reason.to_string(),
        "{line}"
    );
    line.replace(" or its chain", "")
}

#[test]
fn a_certificate_that_fails_a_check_is_explained() {
    let time = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    for (error, words) in [
        (CertificateError::BadEncoding, "it cannot be parsed"),
        (
            CertificateError::UnknownIssuer,
            "its issuer is not known to this server",
        ),
        (
            CertificateError::ExpiredContext {
                time: time(1_000_090_000),
                not_after: time(1_000_000_000),
            },
            "it expired 2001-09-09 01:46:40 UTC, 1 day ago",
        ),
        (
            CertificateError::NotValidYetContext {
                time: time(951_782_400 - 7_200),
                not_before: time(951_782_400),
            },
            "it is not valid before 2000-02-29 00:00:00 UTC, 2 hours after this server's time",
        ),
        (
            CertificateError::UnsupportedSignatureAlgorithm {
                signature_algorithm_id: vec![6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1],
                supported_algorithms: Vec::new(),
            },
            "it is signed with ECDSA with SHA-1, which this server does not accept",
        ),
        (
            CertificateError::InvalidPurposeContext {
                required: ExtendedKeyPurpose::ClientAuth,
                presented: vec![
                    ExtendedKeyPurpose::ServerAuth,
                    ExtendedKeyPurpose::Other(vec![1, 3, 6, 1, 5, 5, 7, 3, 4]),
                    ExtendedKeyPurpose::Other(vec![1, 2, 3]),
                ],
            },
            "it is not for clients, but for servers, e-mail, OID 1.2.3",
        ),
        (
            CertificateError::Other(OtherError::new(Says("UnsupportedCertVersion".into()))),
            "it is not of X.509 version 3",
        ),
    ] {
        let words = format!("client certificate not accepted: {words}");
        assert_eq!(said(error), words);
    }
}

#[test]
fn an_error_has_a_subject_and_no_identifier() {
    let unexpected = Error::InappropriateMessage {
        expect_types: vec![ContentType::Handshake],
        got_type: ContentType(0x63),
    };
    let unexpected_message = Error::InappropriateHandshakeMessage {
        expect_types: vec![HandshakeType::KeyUpdate, HandshakeType(99)],
        got_type: HandshakeType::Finished,
    };
    for (said, words) in [
        (
            said(unexpected),
            "client sent an unexpected content type 99 record, this server expected handshake",
        ),
        (
            said(unexpected_message),
            "client sent an unexpected finished message, \
             this server expected key_update or handshake type 99",
        ),
        (
            said(InvalidMessage::MissingData("KeyUpdate")),
            "client sent a message with a field that ends too early",
        ),
        (
            said(InvalidMessage::DuplicateExtension(10)),
            "client sent the extension supported_groups twice",
        ),
        (
            said(PeerMisbehaved::TooManyConsecutiveHandshakeMessagesAfterHandshake),
            "client sent too many KeyUpdate messages",
        ),
        (
            said(PeerIncompatible::ExtendedMainSecretExtensionRequired),
            "client sent no extended_master_secret, which this server requires",
        ),
        (
            said(Error::DecryptError),
            "client sent a record that does not decrypt",
        ),
        (
            said(Error::General("out of reach".to_owned())),
            "this server failed: out of reach",
        ),
        (
            said(CertRevocationListError::IssuerInvalidForCrl),
            "this server cannot use its certificate revocation list: \
             its issuer may not sign revocation lists",
        ),
    ] {
        assert_eq!(said, words);
    }
}

/// Returns the source of rustls's errors, in the version that is compiled.
fn source() -> String {
    let run = |program: &str, args: &[&str]| {
        let output = Command::new(program)
            .args(args)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let version = run("rustc", &["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let cargo = env::var("CARGO").unwrap();
    // what is compiled here is downloaded
    let args = [
        "metadata",
        "--format-version",
        "1",
        "--offline",
        "--filter-platform",
    ];
    let metadata = run(&cargo, &[&args[..], &[host.unwrap()]].concat());
    let manifest = metadata
        .split("\"manifest_path\":\"")
        .filter_map(|rest| rest.split_once("/Cargo.toml\"").map(|(path, _)| path))
        .find(|path| {
            let (_, package) = path.rsplit_once('/').unwrap();
            package.starts_with("rustls-0.24.")
        });
    let files = ["error/mod.rs", "crypto/signer.rs"];
    let read = |file| fs::read_to_string(format!("{}/src/{file}", manifest.unwrap())).unwrap();
    files.map(read).concat()
}

/// Returns the variants of an enum in Rust source.
fn variants<'a>(source: &'a str, name: &str) -> Vec<&'a str> {
    let (_, rest) = source.split_once(&format!("pub enum {name} {{\n")).unwrap();
    let (body, _) = rest.split_once("\n}").unwrap();
    let lines = body.lines().filter_map(|line| line.strip_prefix("    "));
    lines
        .filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()))
        .map(|line| {
            line.split(|it: char| !it.is_ascii_alphanumeric())
                .next()
                .unwrap()
        })
        .collect()
}

/// With rustls 0.24.0-dev.2 these are 172 variants.
#[test]
fn every_variant_of_rustls_has_words() {
    let source = source();
    let mut count = 0;
    for (name, words) in [
        own::NAMES,
        message::NAMES,
        misbehaved::NAMES,
        incompatible::NAMES,
        certificate::NAMES,
        revocation::NAMES,
        encrypted_hello::NAMES,
        keys::NAMES,
    ] {
        let variants = variants(&source, name);
        let missing = |variant: &&&str| !words.contains(variant);
        assert_eq!(variants.iter().find(missing), None, "{name}");
        count += variants.len();
    }
    assert!(count >= 172, "{count}");
}

#[test]
fn a_variant_without_words_is_shown_as_words() {
    for (identifier, words) in [
        ("UnsupportedCertVersion", "unsupported certificate version"),
        ("MalformedDnsIdentifier", "malformed DNS identifier"),
        ("TrailingData(DerTypeId)", "trailing data(DerTypeId)"),
        ("", ""),
        ("7", "7"),
    ] {
        assert_eq!(Variant(identifier).to_string(), words);
    }
}

/// An error that says this.
#[derive(Debug)]
struct Says(String);

impl Display for Says {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Says {}

/// Every way in which another's text comes through rustls.
fn rustls(text: String) -> [Error; 6] {
    let other = OtherError::new(Says(text.clone()));
    [
        Error::Other(other.clone()),
        CertificateError::Other(other.clone()).into(),
        CertRevocationListError::Other(other).into(),
        CertificateError::NotValidForNameContext {
            expected: "localhost".try_into().unwrap(),
            presented: vec![text.clone(), text.clone()],
        }
        .into(),
        CertificateError::InvalidPurposeContext {
            required: ExtendedKeyPurpose::ClientAuth,
            presented: vec![ExtendedKeyPurpose::Other(
                text.bytes().map(usize::from).collect(),
            )],
        }
        .into(),
        Error::General(text),
    ]
}

proptest! {
    #[test]
    fn whatever_an_error_of_rustls_holds_it_is_one_short_line_and_forges_nothing(text in text()) {
        for reason in rustls(text) {
            let said = said(reason);
            prop_assert!(is_line(&said), "{said:?}");
            // what is outside of quotes is ours, but for plain text
            let outside = unquoted(&said);
            let is_cut = outside.ends_with(" bytes left out)");
            prop_assert!(is_cut || !outside.contains(['(', ';', '=', '"']), "{said}");
            prop_assert!(!outside.contains("client offers"), "{said}");
        }
    }
}
