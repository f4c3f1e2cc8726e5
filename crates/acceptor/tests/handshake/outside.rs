//! Text from outside the workspace cannot break, forge or flood the one line of an error.

use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, LazyLock};

use crate::handshake::clients::{accepted, client, shake_hands};
use lastword_acceptor::{Config, ErrorAndAlert, Rejection};
use lastword_testkit::catalogue::{ServerProfile, Versions};
use lastword_testkit::outside::{is_line, text, unquoted};
use lastword_testkit::pki::{ClientProfile, Identity, Pki};
use lastword_testkit::wire::HelloBuilder;
use proptest::prelude::*;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{AlgorithmIdentifier, CertificateDer, UnixTime, alg_id};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, ExtendedKeyPurpose,
    OtherError, ServerConfig, SignatureScheme,
};

/// A verifier that refuses every certificate for this reason.
#[derive(Debug)]
struct Refusing(Error);

impl ClientCertVerifier for Refusing {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Err(self.0.clone())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256]
    }
}

/// What becomes of a client whose certificate is refused for this reason.
fn refused(reason: Error) -> ErrorAndAlert {
    let pki = Pki::new();
    let config = ServerConfig::builder()
        .with_client_cert_verifier(Arc::new(Refusing(reason)))
        .with_single_cert(pki.server_chain(), pki.server_key())
        .unwrap();
    let mut client = client(pki.client_config(&ClientProfile {
        versions: Versions::Tls12,
        identity: Identity::Known,
        ..ClientProfile::DEFAULT
    }));
    shake_hands(&mut client, &Config::new(config).unwrap(), |_| {}).unwrap_err()
}

/// Why a client is refused by a verifier that returns this error.
fn why(reason: Error) -> String {
    refused(reason).error().summary().to_string()
}

/// What the line says before the reason of a rejection.
const REFUSED: &str = "this server refused the client: ";

fn rejected(rejection: impl Into<Rejection>) -> ErrorAndAlert {
    accepted(&HelloBuilder::default().record()).reject(rejection.into())
}

/// An error with words of somebody else's, for `Display` and for `Debug`.
struct Hostile(&'static str);

impl fmt::Display for Hostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Hostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl StdError for Hostile {}

/// A server of h2.
static H2: LazyLock<Config> = LazyLock::new(|| {
    Config::new(Pki::new().server_config(&ServerProfile {
        alpn: &["h2"],
        ..ServerProfile::DEFAULT
    }))
    .unwrap()
});

const FORGED: &str = "CN=x\r\n2026-01-01 INFO forged\u{1b}[31m";

#[test]
fn a_verifiers_words_cannot_begin_another_line() {
    assert_eq!(
        why(Error::General(FORGED.to_owned())),
        r#"this server failed: "CN=x\r\n2026-01-01 INFO forged\x1b[31m""#
    );
    let other = OtherError(Arc::new(Hostile(FORGED)));
    assert_eq!(
        why(Error::Other(other.clone())),
        r#"this server failed: "CN=x\r\n2026-01-01 INFO forged\x1b[31m""#
    );
    assert_eq!(
        why(CertificateError::Other(other).into()),
        r#"client certificate not accepted: "CN=x\r\n2026-01-01 INFO forged\x1b[31m""#
    );
}

#[test]
fn the_key_usages_of_a_large_certificate_are_cut() {
    let presented = (0..5000).map(|_| ExtendedKeyPurpose::Other(vec![1, 3, 6, 1, 5, 5, 7, 3, 1]));
    let error = refused(Error::InvalidCertificate(
        CertificateError::InvalidPurposeContext {
            required: ExtendedKeyPurpose::ClientAuth,
            presented: presented.collect(),
        },
    ));
    let said = error.error().summary().to_string();
    assert_eq!(
        said,
        "client certificate or its chain not accepted: it is not for clients, \
         but for servers, servers, servers, servers, servers, servers and 4994 more"
    );
    assert!(is_line(&format!("{error:?}")), "{error:?}");
}

#[test]
fn an_algorithm_that_is_malformed_is_not_shown() {
    let supported: Vec<AlgorithmIdentifier> = vec![alg_id::RSA_PSS_SHA512; 20];
    let said = why(Error::InvalidCertificate(
        CertificateError::UnsupportedSignatureAlgorithmContext {
            signature_algorithm_id: vec![6, 9, 42],
            supported_algorithms: supported,
        },
    ));
    let words = "client certificate or its chain not accepted: \
                 it is signed with a malformed algorithm, which this server does not accept";
    assert_eq!(said, words);
}

#[test]
fn an_application_protocol_cannot_pass_for_another_part_of_the_line() {
    let hello = HelloBuilder::default().alpn(&["no, ne; name admin.example", "spdy/3"]);
    let error = accepted(&hello.record()).into_connection(&H2);
    assert_eq!(
        error.unwrap_err().to_string(),
        "no application protocol in common: client offers \"no, ne; name admin.examp\".., spdy/3, \
         server has h2"
    );
}

#[test]
fn the_longest_names_leave_room_for_what_the_server_has() {
    let h2 = ServerProfile {
        alpn: &["h2", "http/1.1"],
        ..ServerProfile::DEFAULT
    };
    let config = Config::new(Pki::new().server_config(&h2)).unwrap();
    let names: Vec<String> = (0..30).map(|_| "\u{0}".repeat(255)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let error = accepted(&HelloBuilder::default().alpn(&names).record()).into_connection(&config);
    let said = error.unwrap_err().to_string();
    let end = " and 18 more, server has h2, http/1.1";
    assert!(said.ends_with(end) && is_line(&said), "{said}");
}

#[test]
fn the_longest_names_of_suites_leave_room_for_what_the_server_has() {
    let config = Config::new(Pki::new().server_config(&ServerProfile::DEFAULT)).unwrap();
    let hello = HelloBuilder {
        suites: vec![0xcca9; 40],
        ..HelloBuilder::default()
    };
    let said = accepted(&hello.record()).into_connection(&config);
    let said = said.unwrap_err().to_string();
    let end = " and 28 more, server has TLS_AES_256_GCM_SHA384, TLS_AES_128_GCM_SHA256, \
               TLS_CHACHA20_POLY1305_SHA256";
    assert!(said.ends_with(end) && is_line(&said), "{said}");
}

#[test]
fn the_reason_of_a_rejection_is_escaped_and_quoted_where_it_must_be() {
    for (reason, shown) in [
        ("by policy", "by policy"),
        ("tenant acme-1/eu: no route", "tenant acme-1/eu: no route"),
        ("", "\"\""),
        (" blank ", "\" blank \""),
        ("a\u{202e}b\u{2028}c", r#""a\u{202e}b\u{2028}c""#),
        ("\u{200b}\u{feff}\u{61c}", r#""\u{200b}\u{feff}\u{61c}""#),
        ("M\u{fc}ller", "\"M\u{fc}ller\""),
        ("a; alert x", "\"a; alert x\""),
        ("a\"b\\c", r#""a\"b\\c""#),
        ("x: client asks for y", "\"x: client asks for y\""),
        ("x level=error", "\"x level=error\""),
        ("x (12 bytes left out)", "\"x (12 bytes left out)\""),
    ] {
        let rejection = Rejection::access_denied(reason);
        assert_eq!(rejection.to_string(), shown);
        let line = format!("{REFUSED}{shown}: client asks for localhost");
        assert_eq!(rejected(rejection).to_string(), line);
    }
}

#[test]
fn a_reason_that_quotes_for_itself_is_quoted_only_if_it_breaks_the_line() {
    for (reason, shown) in [
        (r#"it begins with "\x16", as TLS does"#, None),
        ("by policy", None),
        ("a\nb", Some(r#""a\nb""#)),
        ("a\u{202e}b", Some(r#""a\u{202e}b""#)),
    ] {
        let rejection = Rejection::access_denied(reason).without_quotes();
        assert_eq!(rejection.to_string(), shown.unwrap_or(reason));
    }
    let long = "x".repeat(1025);
    let said = Rejection::access_denied(long).without_quotes().to_string();
    assert!(said.starts_with('"') && said.len() <= 512, "{said}");
}

#[test]
fn a_reason_is_cut_and_says_by_how_much() {
    let said = rejected(Rejection::access_denied("x".repeat(10_000))).to_string();
    let shown = said.matches('x').count();
    assert_eq!(
        said,
        format!(
            "{REFUSED}\"{}\".. ({} bytes left out): client asks for localhost",
            "x".repeat(shown),
            10_000 - shown
        )
    );
    assert!((400..512).contains(&shown), "{shown}");
}

#[test]
fn what_is_shown_for_programmers_is_escaped_and_cut_too() {
    let error = rejected(Hostile("a\n\u{202e}"));
    for shown in [format!("{error:?}"), format!("{:?}", error.error())] {
        assert!(is_line(&shown), "{shown}");
        assert!(shown.contains(r#"a\n\u{202e}"#), "{shown}");
    }
    let rejection = Rejection::from(Hostile("a\n\u{202e}"));
    assert_eq!(
        format!("{rejection:?}"),
        r"Rejection { alert: internal_error(80), source: Some(a\n\u{202e}) }"
    );
    let error = refused(Error::Other(OtherError(Arc::new(Hostile(FORGED)))));
    assert!(is_line(&format!("{error:?}")), "{error:?}");
}

#[test]
fn an_error_that_cannot_be_shown_is_shown_as_far_as_it_can() {
    #[derive(Debug)]
    struct Broken;
    impl fmt::Display for Broken {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("half a")?;
            Err(fmt::Error)
        }
    }
    impl StdError for Broken {}
    assert_eq!(
        rejected(Broken).to_string(),
        "this server failed: half a: client asks for localhost"
    );
}

#[test]
fn a_line_is_as_short_as_is_asked_for() {
    let error = rejected(Rejection::access_denied("x".repeat(300)));
    let whole = error.to_string();
    assert!(whole.ends_with("x: client asks for localhost"));
    let short = format!("{error:.100}");
    assert!(short.len() <= 100, "{short}");
    let (shown, left_out) = short.split_once(".. (").unwrap();
    let left_out = left_out.strip_suffix(" bytes left out)").unwrap();
    let left_out: usize = left_out.parse().unwrap();
    assert_eq!(shown.len() + left_out, whole.len());
}

proptest! {
    #[test]
    fn whatever_the_reason_is_it_is_one_short_line_and_forges_nothing(reason in text()) {
        let error = rejected(Rejection::access_denied(reason.clone()));
        let said = error.to_string();
        prop_assert!(is_line(&said), "{said:?}");
        prop_assert!(is_line(&format!("{error:?}")), "{error:?}");
        let outside = unquoted(&said);
        let end = ": client asks for localhost";
        prop_assert!(outside.ends_with(end), "{said}");
        prop_assert_eq!(outside.matches("client asks for").count(), 1, "{}", said);
        let left_out = outside.trim_end_matches(end).trim_start_matches(REFUSED);
        let is_ours = left_out.is_empty() || left_out.starts_with(".. (");
        // what is not quoted says nothing that the line says by itself
        prop_assert!(is_ours || said == format!("{REFUSED}{reason}{end}"), "{said}");
        prop_assert!(is_ours || !reason.contains(|c: char| ";,\"\\()=".contains(c)), "{said}");
    }

    #[test]
    fn whatever_a_client_offers_it_is_one_short_line(
        names in prop::collection::vec(text().prop_filter("a name", |n| (1..256).contains(&n.len())), 1..20)
    ) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let hello = HelloBuilder::default().alpn(&names).record();
        let error = accepted(&hello).into_connection(&H2).unwrap_err();
        let said = error.to_string();
        prop_assert!(is_line(&said), "{said:?}");
        let outside = unquoted(&said);
        prop_assert!(outside.ends_with(", server has h2"), "{said}");
        prop_assert_eq!(outside.matches("server has").count(), 1, "{}", said);
    }
}
