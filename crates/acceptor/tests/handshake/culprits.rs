//! Which certificate of a client's chain an error names.

use crate::certificates::{Made, TLS13, authority, failure, failures, made};
use lastword_testkit::catalogue::Provider;
use rcgen::{BasicConstraints, ExtendedKeyUsagePurpose, IsCa, KeyPair};

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
    let servers = |params: &mut rcgen::CertificateParams| {
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
    names(&root, &[&carol, &below, &limited], 1, why);
    let why = "it is an authority's certificate and not a client's; ";
    names(&root, &[&limited], 1, why);
    let why = "it is an authority's certificate and not a client's: the chain may be in the wrong \
        order; ";
    names(&root, &[&limited, &carol], 1, why);
}

/// A chain that is encrypted and not shown may have failed because of any of its certificates.
#[test]
fn without_encrypted_alerts_no_certificate_of_tls13_is_blamed() {
    let root = made("root", None, authority);
    let old = made("old", Some(&root), |params| {
        authority(params);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    });
    let alice = made("alice", Some(&old), |_| {});
    let error = failure(Provider::Rustls, TLS13, &[&root], &[&alice, &old]);
    let words = "client certificate or its chain not accepted: it expired 2021-01-01";
    assert!(error.to_string().starts_with(words), "{error}");
}
