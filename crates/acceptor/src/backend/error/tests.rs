//! The words for what rustls finds.

use std::sync::Arc;

use lastword_testkit::outside::{is_line, text, unquoted};
use proptest::prelude::*;
use rustls::pki_types::UnixTime;
use rustls::{
    CertRevocationListError, ContentType, ExtendedKeyPurpose, HandshakeType, OtherError,
    PeerMisbehaved,
};

use super::*;
use crate::error::Client;
use crate::phase::Phase;

#[test]
fn says_which_check_a_certificate_failed() {
    for (error, words) in [
        (CertificateError::BadEncoding, "it cannot be parsed"),
        (CertificateError::Expired, "it has expired"),
        (CertificateError::NotValidYet, "it is not valid yet"),
        (CertificateError::Revoked, "it is revoked"),
        (CertificateError::UnknownIssuer, "its issuer is not known"),
        (
            CertificateError::UnknownRevocationStatus,
            "whether it is revoked is not known",
        ),
        (
            CertificateError::BadSignature,
            "its signature does not verify",
        ),
        (CertificateError::InvalidPurpose, "it is not for clients"),
        (
            CertificateError::UnhandledCriticalExtension,
            "UnhandledCriticalExtension",
        ),
    ] {
        assert_eq!(
            said(error),
            format!("client certificate not accepted: {words}")
        );
    }
}

/// What the log says of a handshake that fails by this error.
fn said(reason: impl Into<Error>) -> String {
    let reason = RustlsError::from(reason.into());
    let client = Client::Bytes(Vec::new());
    let error = crate::Error::new(reason.kind(), Phase::AfterServerHello, client);
    let line = error.with_rustls(reason.clone()).to_string();
    // the same, but for its length
    assert!(
        line.contains(" bytes left out") || line == reason.to_string(),
        "{line}"
    );
    line
}

#[test]
fn rustls_own_words_are_not_quoted() {
    let unexpected = Error::InappropriateMessage {
        expect_types: vec![ContentType::Handshake],
        got_type: ContentType::Unknown(0x63),
    };
    let time = UnixTime::since_unix_epoch;
    let expired = CertificateError::ExpiredContext {
        time: time(std::time::Duration::from_secs(3)),
        not_after: time(std::time::Duration::from_secs(1)),
    };
    for (said, words) in [
        (
            said(unexpected),
            "unexpected content type 99 record, expected handshake",
        ),
        (
            said(PeerMisbehaved::SelectedUnofferedKxGroup),
            "client misbehaved: selected unoffered key exchange group",
        ),
        (said(Error::DecryptError), "cannot decrypt peer's message"),
        (
            said(Error::General("out of reach".to_owned())),
            "unexpected error: out of reach",
        ),
        (
            said(expired),
            "client certificate not accepted: certificate expired: verification time 3 (UNIX), \
             but certificate is not valid after 1 (2 seconds ago)",
        ),
    ] {
        assert_eq!(said, words);
    }
}

#[test]
fn rustls_identifiers_are_shown_as_words() {
    use InvalidMessage as Invalid;
    let unexpected = Error::InappropriateHandshakeMessage {
        expect_types: vec![HandshakeType::KeyUpdate, HandshakeType::Unknown(99)],
        got_type: HandshakeType::Finished,
    };
    for (said, words) in [
        (
            said(unexpected),
            "unexpected finished message, expected key_update or handshake type 99",
        ),
        (
            said(Invalid::InvalidContentType),
            "record of an unknown content type",
        ),
        (
            said(Invalid::InvalidCcs),
            "malformed message: invalid change_cipher_spec",
        ),
        (
            said(Invalid::MissingData("KeyUpdate")),
            "malformed message: missing data (KeyUpdate)",
        ),
        (
            said(Invalid::DuplicateExtension(10)),
            "malformed message: duplicate extension (10)",
        ),
        (
            said(PeerMisbehaved::TooManyKeyUpdateRequests),
            "client misbehaved: too many key update requests",
        ),
        (
            said(PeerIncompatible::ExtendedMasterSecretExtensionRequired),
            "client is incompatible: extended master secret extension required",
        ),
        (
            said(PeerMisbehaved::MissingPskExtensionInSecondClientHello),
            "client misbehaved: missing PSK extension in second client hello",
        ),
    ] {
        assert_eq!(said, words);
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
    let other = OtherError(Arc::new(Says(text.clone())));
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
            prop_assert!(is_cut || !outside.contains(['(', ';', ',', '=', '"']), "{said}");
            prop_assert!(!outside.contains("client offers"), "{said}");
        }
    }
}
