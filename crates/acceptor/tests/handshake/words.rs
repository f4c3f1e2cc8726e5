//! What an error says, word for word.

use crate::handshake::paths::{Outcome, Path, Server, run};
use lastword_testkit::catalogue::{ClientAuth, Required, ServerProfile, Versions};
use lastword_testkit::pki::Pki;
use lastword_testkit::server;
use lastword_testkit::wire::{ExtensionType, HelloBuilder};

pub(crate) const DEFAULT: ServerProfile = ServerProfile::DEFAULT;

/// What the log says of a client that sends these bytes.
pub(crate) fn words(profile: ServerProfile, bytes: &[u8], end: Required) -> String {
    let server = Server::new(&Pki::new(), profile);
    match run(&server, Path::AtOnce, &[bytes], end) {
        Outcome::Ended { words, .. } => words,
        Outcome::Waits { .. } => panic!("the client is awaited"),
    }
}

pub(crate) fn said(profile: ServerProfile, hello: &HelloBuilder) -> String {
    words(profile, &hello.record(), Required::Silent)
}

#[test]
fn names_the_versions_of_both_sides() {
    let tls13 = ServerProfile {
        versions: Versions::Tls13,
        ..DEFAULT
    };
    assert_eq!(
        said(
            tls13,
            &HelloBuilder::default().supported_versions(&[0x0a0a, 0x0303, 0x0302])
        ),
        "no protocol version in common: client offers TLS 1.2, TLS 1.1 besides GREASE, server has TLS 1.3"
    );
    let old = HelloBuilder {
        legacy_version: 0x0302,
        ..HelloBuilder::tls12()
    };
    assert_eq!(
        said(DEFAULT, &old),
        "no protocol version in common: client offers TLS 1.1 or older, server has TLS 1.2, TLS 1.3"
    );
}

#[test]
fn names_the_versions_of_a_fallback() {
    let fallback = HelloBuilder {
        suites: vec![0xc02b, 0x5600],
        ..HelloBuilder::tls12()
    };
    assert_eq!(
        said(DEFAULT, &fallback),
        "inappropriate fallback: client offers TLS 1.2 or older after an attempt with a newer version \
        failed (TLS_FALLBACK_SCSV), server has TLS 1.2, TLS 1.3"
    );
}

#[test]
fn names_the_suites_of_both_sides() {
    let suites = HelloBuilder {
        suites: vec![0x1304, 0x5a5a, 0x009c],
        ..HelloBuilder::default()
    };
    assert_eq!(
        said(DEFAULT, &suites),
        "no cipher suite of TLS 1.3 in common: client offers TLS_AES_128_CCM_SHA256, \
        TLS_RSA_WITH_AES_128_GCM_SHA256 besides GREASE, server has "
            .to_owned()
            + match server::MINOR {
                23 =>
                    "TLS_AES_256_GCM_SHA384, TLS_AES_128_GCM_SHA256, TLS_CHACHA20_POLY1305_SHA256",
                _ => "TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256",
            }
    );
}

#[test]
fn tells_of_suites_in_common_that_the_certificate_is_not_for() {
    let rsa = HelloBuilder {
        suites: vec![0xc02f],
        ..HelloBuilder::tls12()
    };
    if server::MINOR > 23 {
        assert_eq!(
            said(DEFAULT, &rsa),
            "no signature scheme of TLS 1.2 in common for this server's certificate: client offers \
            ecdsa_secp256r1_sha256, ecdsa_secp384r1_sha384, ed25519, rsa_pss_rsae_sha256, \
            rsa_pkcs1_sha256 with the cipher suites TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
        );
        return;
    }
    assert_eq!(
        said(DEFAULT, &rsa),
        "no cipher suite of TLS 1.2 in common for this server's certificate (key ECDSA P-256): client \
        offers TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, server has \
        TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, \
        TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
    );
}

#[test]
fn names_the_groups_of_both_sides() {
    let groups = HelloBuilder::default()
        .groups(&[0x0100])
        .key_shares(&[(0x0100, &[1; 256])]);
    assert_eq!(
        said(DEFAULT, &groups),
        "no key exchange group in common: client offers ffdhe2048, \
        server has x25519, secp256r1, secp384r1"
    );
}

#[test]
fn names_the_protocols_of_both_sides_and_escapes_the_clients() {
    let h2 = ServerProfile {
        alpn: &["h2", "http/1.1"],
        ..DEFAULT
    };
    assert_eq!(
        said(
            h2,
            &HelloBuilder::default().alpn(&["spdy/3", "\n\u{1b}[31m"])
        ),
        "no application protocol in common: client offers spdy/3, \"\\n\\x1b[31m\", \
        server has h2, http/1.1"
    );
    assert_eq!(
        said(
            h2,
            &HelloBuilder::default().alpn(&[&"x".repeat(24), &"y".repeat(25)])
        ),
        format!(
            "no application protocol in common: client offers {}, {}.., server has h2, http/1.1",
            "x".repeat(24),
            "y".repeat(24)
        )
    );
    let many: Vec<String> = (0..40).map(|i| format!("p{i}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let said = said(h2, &HelloBuilder::default().alpn(&many));
    assert!(said.contains(", p11 and 28 more, server has "), "{said}");
}

#[test]
fn names_the_extension_that_is_missing() {
    let hello = HelloBuilder::default().without(ExtensionType::KEY_SHARE);
    assert_eq!(
        said(DEFAULT, &hello),
        "client sent no key_share, which TLS 1.3 requires"
    );
}

#[test]
fn names_the_field_that_is_malformed() {
    let hello = HelloBuilder {
        session_id: vec![0; 33],
        ..HelloBuilder::default()
    };
    assert!(
        said(DEFAULT, &hello)
            .starts_with("client sent a malformed ClientHello, legacy_session_id: ")
    );
}

#[test]
fn names_the_alert_that_the_client_sent() {
    let alert = [21, 3, 3, 0, 2, 2, 48];
    assert_eq!(
        words(DEFAULT, &alert, Required::Silent),
        "client sent the alert unknown_ca (48) before the ClientHello was complete: it does not trust \
        this server's certificate, whose issuer it does not know"
    );
    let later = [&HelloBuilder::default().record()[..], &alert].concat();
    let said = words(DEFAULT, &later, Required::Silent);
    let expected = "client sent the alert unknown_ca (48): it does not trust this server's \
        certificate, whose issuer it does not know; this server sent \"CN=localhost\", ";
    assert!(said.starts_with(expected), "{said}");
    let unknown = [
        &HelloBuilder::default().record()[..],
        &[21, 3, 3, 0, 2, 2, 253],
    ]
    .concat();
    assert_eq!(
        words(DEFAULT, &unknown, Required::Silent),
        "client sent the alert 253"
    );
}

#[test]
fn names_the_limit_and_what_is_over_it() {
    assert_eq!(
        words(DEFAULT, &[22, 3, 1, 0x40, 0, 1, 1, 0, 0], Required::Silent),
        "client sent a ClientHello of 65540 bytes, and at most 65536 are allowed, 9 bytes received"
    );
    assert_eq!(
        words(DEFAULT, &[22, 3, 1, 0x40, 1], Required::Silent),
        "client sent a record of 16385 bytes, and at most 16384 are allowed"
    );
}

#[test]
fn says_what_record_came_once_the_client_was_answered() {
    let required = ServerProfile {
        client_auth: ClientAuth::Required,
        ..DEFAULT
    };
    let hello = HelloBuilder::tls12().record();
    for (record, expected) in [
        (
            &[99, 3, 3, 0, 1][..],
            "client sent an unexpected content type 99 record after the ClientHello",
        ),
        (
            &[22, 3, 3, 0, 0],
            "client sent a record of handshake without content",
        ),
        (
            &[22, 3, 3, 0x40, 1],
            "client sent a record of 16385 bytes, and at most 16384 are allowed",
        ),
    ] {
        let bytes = [&hello[..], record].concat();
        assert_eq!(words(required, &bytes, Required::Silent), expected);
    }
    let no_certificate = [&hello[..], &[22, 3, 3, 0, 7, 11, 0, 0, 3, 0, 0, 0]].concat();
    assert_eq!(
        words(required, &no_certificate, Required::Silent),
        "client sent no certificate, and this server requires one; this server asks for \
        certificates of 1 authority: \"CN=lastword test CA\""
    );
}

#[test]
fn names_the_schemes_and_the_share_that_are_of_no_use() {
    // rustls 0.24 does not show a certificate that has no scheme for the client
    let (key, tls12_end, tls13_end) = match server::MINOR {
        23 => {
            let end = ", server has ecdsa_secp256r1_sha256";
            (" (key ECDSA P-256)", end, end)
        }
        _ => {
            let suites = " with the cipher suites TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, \
                TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, \
                TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
            ("", suites, "")
        }
    };
    let common = |version, end| {
        format!(
            "no signature scheme of {version} in common for this server's certificate{key}: \
            client offers ecdsa_secp384r1_sha384{end}"
        )
    };
    let tls12 = HelloBuilder::tls12().signature_algorithms(&[0x0503]); // the key is on P-256
    assert_eq!(said(DEFAULT, &tls12), common("TLS 1.2", tls12_end));
    let tls13 = HelloBuilder::default().signature_algorithms(&[0x0503]);
    assert_eq!(said(DEFAULT, &tls13), common("TLS 1.3", tls13_end));
    let share = HelloBuilder::default().groups(&[0x0017]); // the share is of X25519
    assert_eq!(
        said(DEFAULT, &share),
        "client sent a key share of x25519, which it does not list in supported_groups"
    );
}

#[test]
fn names_the_protocol_and_shows_the_first_bytes_of_what_is_not_tls() {
    for (bytes, line) in [
        (
            &b"GET /a HTTP/1.1\r\n\r\n"[..],
            "client sent an HTTP GET request instead of TLS",
        ),
        (
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "client sent an HTTP/2 connection preface instead of TLS",
        ),
        (
            b"PURGE /a HTTP/1.1\r\n\r\n",
            "client sent an HTTP request instead of TLS, first bytes 50 55 52 47 45 20 2f 61 20 48 54 54 50 2f \
             \"PURGE /a HTTP/\"",
        ),
        (
            b"OPTIONS rtsp://192.0.2.1/ RTSP/1.0\r\n",
            "client sent RTSP instead of TLS, first bytes 4f 50 54 49 4f 4e 53 20 72 74 73 70 3a \"OPTIONS rtsp:\"",
        ),
        (
            b"SSH-2.0-OpenSSH_9.6\r\n",
            "client sent SSH instead of TLS, first bytes 53 53 48 2d \"SSH-\"",
        ),
        (
            b"PROXY TCP4 192.0.2.1 192.0.2.2 1 443\r\n",
            "client sent a PROXY protocol header instead of TLS, first bytes 50 52 4f 58 59 20 54 43 50 \
             \"PROXY TCP\"",
        ),
        (
            &[0x80, 46, 1, 3, 1, 0, 21, 0, 0, 0, 16],
            "client sent an SSL 2.0 hello instead of TLS, first bytes 80 2e 01 03 01",
        ),
        (
            &[0, 0, 0, 8, 4, 210, 22, 47],
            "client sent PostgreSQL instead of TLS, first bytes 00 00 00 08 04 d2 16 2f",
        ),
        (
            &[5, 3, 0, 1, 2],
            "client sent SOCKS 5 instead of TLS, first bytes 05 03 00 01 02",
        ),
        (
            b"??\x1b[31m",
            r#"client sent an unknown protocol instead of TLS, first bytes 3f 3f "??""#,
        ),
        (
            b"\x1b\xff",
            "client sent an unknown protocol instead of TLS, first bytes 1b ff",
        ),
    ] {
        let end = Required::Silent;
        assert_eq!(words(DEFAULT, bytes, end), line);
    }
}
