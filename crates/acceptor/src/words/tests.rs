//! The words for what rustls finds.

use std::fmt;
use std::panic::resume_unwind;
use std::sync::Arc;

use lastword_testkit::outside::{is_line, text, unquoted};
use proptest::prelude::*;
use rustls::pki_types::UnixTime;
use rustls::{
    CertRevocationListError, ContentType, ExtendedKeyPurpose, OtherError, PeerMisbehaved,
};

use super::*;
use crate::error::Client;

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
        assert_eq!(Certificate(&error).to_string(), words);
    }
}

/// What an error says that rustls found.
fn said(reason: impl Into<Rustls>) -> String {
    let kind = ErrorKind::Rustls(reason.into());
    Error::new(kind, Phase::Finished, Client::Bytes(Vec::new())).to_string()
}

#[test]
fn rustls_own_words_are_not_quoted() {
    let unexpected = Rustls::InappropriateMessage {
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
            "received unexpected message: got ContentType(0x63) when expecting Handshake",
        ),
        (
            said(PeerMisbehaved::SelectedUnofferedKxGroup),
            "peer misbehaved: SelectedUnofferedKxGroup",
        ),
        (said(Rustls::DecryptError), "cannot decrypt peer's message"),
        (
            said(Rustls::General("out of reach".to_owned())),
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
fn rustls(text: String) -> [Rustls; 6] {
    let other = OtherError(Arc::new(Says(text.clone())));
    [
        Rustls::Other(other.clone()),
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
        Rustls::General(text),
    ]
}

#[test]
fn the_message_of_a_panic_is_quoted_where_it_must_be() {
    assert_eq!(
        panicked("no key 7".to_owned()),
        "this server's own code panicked: no key 7"
    );
    assert_eq!(
        panicked("a\nb; c".to_owned()),
        r#"this server's own code panicked: "a\nb; c""#
    );
}

/// What an error says of a panic with this message.
fn panicked(message: String) -> String {
    let panic = Panic::catch(|| resume_unwind(Box::new(message))).unwrap_err();
    let kind = ErrorKind::Panicked(panic);
    Error::new(kind, Phase::Finished, Client::Bytes(Vec::new())).to_string()
}

proptest! {
    #[test]
    fn whatever_the_message_of_a_panic_it_is_one_short_line_and_forges_nothing(text in text()) {
        let said = panicked(text);
        prop_assert!(is_line(&said), "{said:?}");
        let outside = unquoted(&said);
        let is_cut = outside.ends_with(" bytes left out)");
        prop_assert!(is_cut || !outside.contains(['(', ';', ',', '=', '"']), "{said}");
    }

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
