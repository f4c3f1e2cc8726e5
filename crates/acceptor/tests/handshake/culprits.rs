//! Which certificate of a client's chain an error names.

use crate::handshake::certificates::{
    Made, TLS13, authority, failure, failures, failures_with, made,
};
use lastword_testkit::catalogue::Provider;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyIdMethod, KeyPair, NameConstraints, RevokedCertParams,
    SanType, SerialNumber, date_time_ymd,
};
use rustls::pki_types::CertificateRevocationListDer;

/// Fails with this chain, and checks which certificate is named, counted from one, and why.
fn names(root: &Made, chain: &[&Made], position: usize, why: &str) {
    for error in failures(&[root], chain) {
        let because = match position {
            1 => String::new(),
            _ => format!(
                " because of certificate {position} of {} in its chain",
                chain.len()
            ),
        };
        let words = format!("client certificate not accepted{because}: {why}");
        let line = error.to_string();
        assert!(line.starts_with(&words), "{line}");
        let culprit = error.client_certificate().unwrap();
        assert_eq!(culprit.der(), &*chain[position - 1].der, "{line}");
    }
}

/// The same certificate with the key of another.
fn with_key(mut made: Made, key: KeyPair) -> Made {
    made.key = key;
    made
}

/// The same certificate with another last byte, which belongs to its signature.
fn spoilt(mut made: Made) -> Made {
    let mut der = made.der.to_vec();
    *der.last_mut().unwrap() ^= 1;
    made.der = der.into();
    made
}

#[test]
fn a_client_without_the_key_of_its_certificate_is_named() {
    let root = made("root", None, authority);
    let own = made("alice", Some(&root), |_| {});
    let alice = with_key(own, KeyPair::generate().unwrap());
    let why = "the client's CertificateVerify does not verify: its key is not the certificate's; ";
    names(&root, &[&alice], 1, why);
}

#[test]
fn a_certificate_whose_signature_does_not_verify_is_named() {
    let root = made("root", None, authority);
    let why = "its signature does not verify with the key of its issuer; ";
    let alice = spoilt(made("alice", Some(&root), |_| {}));
    names(&root, &[&alice], 1, why);
    // signed by another authority of the same name
    let other = made("root", None, authority);
    let bob = made("bob", Some(&other), |_| {});
    names(&root, &[&bob], 1, why);
    let between = made("between", Some(&other), authority);
    let carol = made("carol", Some(&between), |_| {});
    names(&root, &[&carol, &between], 2, why);
}

#[test]
fn a_certificate_for_another_use_is_named() {
    let root = made("root", None, authority);
    let servers = |params: &mut CertificateParams| {
        authority(params);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    };
    let between = made("between", Some(&root), servers);
    let alice = made("alice", Some(&between), |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    });
    let why = "it is not for clients, but for servers";
    names(&root, &[&alice, &between], 2, why);

    let no_authority = made("no authority", Some(&root), |params| {
        params.is_ca = IsCa::ExplicitNoCa;
    });
    let bob = made("bob", Some(&no_authority), |_| {});
    let why = "it is not an authority's certificate, and has issued another";
    names(&root, &[&bob, &no_authority], 2, why);

    let limited = made("limited", Some(&root), |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    });
    let below = made("below", Some(&limited), authority);
    let carol = made("carol", Some(&below), |_| {});
    let why = "its chain is longer than an authority in it allows";
    names(&root, &[&carol, &below, &limited], 3, why);
    let may_have_one = made("may have one", Some(&root), |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(1));
    });
    let limited = made("limited", Some(&may_have_one), |params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    });
    let below = made("below", Some(&limited), authority);
    let erin = made("erin", Some(&below), |_| {});
    names(&root, &[&erin, &below, &limited, &may_have_one], 3, why);
    let why = "it is an authority's certificate and not a client's; ";
    names(&root, &[&limited], 1, why);
    let why = "it is an authority's certificate and not a client's: the chain may be in the wrong \
        order; ";
    names(&root, &[&limited, &carol], 1, why);
}

/// An encrypted message that is too long.
#[test]
fn a_chain_that_is_too_long_is_told() {
    let root = made("root", None, authority);
    let mut long = made("alice", Some(&root), |_| {});
    long.der = vec![0; 70_000].into();
    for error in failures(&[&root], &[&long]) {
        assert_eq!(
            error.summary().to_string(),
            "client sent a handshake message of more than 65535 bytes: its certificate"
        );
    }
}

#[test]
fn a_purpose_without_a_name_is_told_by_its_object_identifier() {
    let root = made("root", None, authority);
    let alice = made("alice", Some(&root), |params| {
        let logon = vec![1, 3, 6, 1, 4, 1, 311, 20, 2, 2];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(logon)];
    });
    let why = "it is not for clients, but for OID 1.3.6.1.4.1.311.20.2.2; ";
    names(&root, &[&alice], 1, why);
}

/// Makes an authority that permits only this name in the certificates below it.
fn permitting(name: GeneralSubtree) -> impl Fn(&mut CertificateParams) {
    move |params| {
        authority(params);
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![name.clone()],
            excluded_subtrees: Vec::new(),
        });
    }
}

fn called(name: &str) -> impl Fn(&mut CertificateParams) {
    let name = SanType::DnsName(name.try_into().unwrap());
    move |params| params.subject_alt_names = vec![name.clone()]
}

#[test]
fn a_certificate_with_a_name_that_an_authority_does_not_permit_is_named() {
    let why = "an authority of its chain must not issue certificates for its names";
    let root = made("root", None, authority);
    let example = GeneralSubtree::DnsName("example.test".into());
    let limited = made("limited", Some(&root), permitting(example.clone()));
    let alice = made("alice", Some(&limited), called("elsewhere.test"));
    names(&root, &[&alice, &limited], 1, why);
    let below = made("below", Some(&limited), |params| {
        authority(params);
        called("elsewhere.test")(params);
    });
    let bob = made("bob", Some(&below), |_| {});
    names(&root, &[&bob, &below, &limited], 2, why);

    // it may be either
    let carol = made("carol", Some(&below), called("elsewhere.test"));
    is_of_chain(&root, &[&carol, &below, &limited], why);
    let root = made("root", None, permitting(example));
    let between = made("between", Some(&root), authority);
    let dave = made("dave", Some(&between), called("elsewhere.test"));
    is_of_chain(&root, &[&dave, &between], why);
    let erin = made("erin", Some(&root), called("elsewhere.test"));
    names(&root, &[&erin], 1, why);
}

/// A list that revokes a certificate of this issuer. All certificates have the same serial number.
fn revoking(issuer: &Made) -> CertificateRevocationListDer<'static> {
    let list = CertificateRevocationListParams {
        this_update: date_time_ymd(2024, 1, 1),
        next_update: date_time_ymd(2100, 1, 1),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: vec![RevokedCertParams {
            serial_number: SerialNumber::from(vec![0x0a, 0xf1]),
            revocation_time: date_time_ymd(2024, 1, 1),
            reason_code: None,
            invalidity_date: None,
        }],
        key_identifier_method: KeyIdMethod::Sha256,
    };
    let issuer = Issuer::from_params(&issuer.params, &issuer.key);
    list.signed_by(&issuer).unwrap().into()
}

/// The verifier does not tell which one is in its lists.
#[test]
fn the_only_certificate_that_can_be_revoked_is_named() {
    let root = made("root", None, authority);
    let lists = [revoking(&root)];
    let alice = made("alice", Some(&root), |_| {});
    for chain in [&[&alice][..], &[&alice, &root]] {
        for error in failures_with(&lists, &[&root], chain) {
            let line = error.to_string();
            let words = "client certificate not accepted: it is revoked; ";
            assert!(line.starts_with(words), "{line}");
        }
    }
    let between = made("between", Some(&root), authority);
    let bob = made("bob", Some(&between), |_| {});
    for error in failures_with(&lists, &[&root], &[&bob, &between]) {
        let line = error.to_string();
        let words = "client certificate or its chain not accepted: it is revoked; ";
        assert!(line.starts_with(words), "{line}");
    }
}

/// Fails with this chain, and checks that no certificate in it is blamed.
fn is_of_chain(root: &Made, chain: &[&Made], why: &str) {
    for error in failures(&[root], chain) {
        let words = format!("client certificate or its chain not accepted: {why}");
        let line = error.to_string();
        assert!(line.starts_with(&words), "{line}");
    }
}

/// A chain that is encrypted and not shown may have failed because of any of its certificates.
#[test]
fn without_encrypted_alerts_no_certificate_of_tls13_is_blamed() {
    let root = made("root", None, authority);
    let old = made("old", Some(&root), |params| {
        authority(params);
        params.not_after = date_time_ymd(2021, 1, 1);
    });
    let alice = made("alice", Some(&old), |_| {});
    let error = failure(Provider::Rustls, TLS13, &[&root], &[&alice, &old]);
    let words = "client certificate or its chain not accepted: it expired 2021-01-01";
    assert!(error.to_string().starts_with(words), "{error}");
}
