//! What a log says of a ClientHello.

use std::fmt::{self, Write};

use lastword_hello::{CipherSuite, ClientHello, NamedGroup, SignatureScheme};

use crate::view::builder::{Body, extension, typical, u8_vector, u16_vector, with_extensions};

fn line(message: &[u8]) -> String {
    ClientHello::parse(message).unwrap().to_string()
}

#[test]
fn a_typical_hello_in_one_line() {
    assert_eq!(
        line(&typical()),
        "server name www.example.com; TLS 1.3, TLS 1.2; ALPN h2, http/1.1; suites \
         TLS_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, \
         TLS_EMPTY_RENEGOTIATION_INFO_SCSV; groups X25519MLKEM768, x25519, secp256r1; schemes \
         ecdsa_secp256r1_sha256, rsa_pss_rsae_sha256, rsa_pkcs1_sha256"
    );
}

#[test]
fn a_hello_without_extensions() {
    let expected = "no server name; TLS 1.2; suites TLS_AES_128_GCM_SHA256";
    assert_eq!(line(&Body::default().message()), expected);
}

#[test]
fn a_server_name_is_shown_in_lower_case() {
    let name = u16_vector(&[&[0][..], &u16_vector(b"EXAMPLE.Test")].concat());
    let line = line(&with_extensions(&[extension(0, &name)]));
    assert!(line.starts_with("server name example.test; "), "{line}");
}

#[test]
fn three_of_a_list_are_shown_and_the_others_counted() {
    let groups = [0x2a2a, 29, 23, 24, 0x3a3a, 25, 0x1234].map(u16::to_be_bytes);
    let message = with_extensions(&[extension(10, &u16_vector(&groups.concat()))]);
    let line = line(&message);
    let (_, groups) = line.split_once("; groups ").unwrap();
    assert_eq!(groups, "x25519, secp256r1, secp384r1 and 2 more");
}

/// The line's part behind the suites.
fn behind_suites(extensions: &[Vec<u8>]) -> String {
    let line = line(&with_extensions(extensions));
    let (_, behind) = line.split_once("TLS_AES_128_GCM_SHA256").unwrap();
    behind.to_owned()
}

#[test]
fn what_is_notable_stands_at_the_end() {
    let identity = [&u16_vector(b"ticket")[..], &[0; 4]].concat();
    let psks = |count| {
        let binders = u16_vector(&u8_vector(&[0; 32]).repeat(count));
        extension(41, &[u16_vector(&identity.repeat(count)), binders].concat())
    };
    let [ech, early_data, cookie] = [
        extension(0xfe0d, &[0]),
        extension(42, &[]),
        extension(44, &[0, 1, 9]),
    ];
    let all = [
        ech.clone(),
        early_data,
        extension(35, &[9]),
        cookie,
        psks(2),
    ];
    assert_eq!(
        behind_suites(&all),
        "; ECH outer, 2 PSKs, session ticket, early data, cookie"
    );
    assert_eq!(behind_suites(&[ech]), "; ECH outer");
    assert_eq!(behind_suites(&[psks(1)]), "; 1 PSK");
    assert_eq!(behind_suites(&[extension(35, &[])]), "");
    let message = Body {
        cipher_suites: u16_vector(&[0x56, 0x00]),
        ..Body::default()
    }
    .message();
    assert_eq!(
        line(&message),
        "no server name; TLS 1.2; suites TLS_FALLBACK_SCSV; fallback"
    );
}

/// How a protocol is shown.
fn protocol(name: &[u8]) -> String {
    let message = with_extensions(&[extension(16, &u16_vector(&u8_vector(name)))]);
    let line = line(&message);
    let (alpn, _) = line.split_once("; suites").unwrap();
    alpn.trim_start_matches("no server name; TLS 1.2; ALPN ")
        .to_owned()
}

#[test]
fn a_protocol_cannot_pass_for_another_part_of_the_line() {
    assert_eq!(protocol(b"acme-tls/1"), "acme-tls/1");
    assert_eq!(protocol(b"h2, x"), r#""h2, x""#);
    assert_eq!(protocol(b"a\"; ECH"), r#""a\"; ECH""#);
    assert_eq!(protocol(b"a;b"), r#""a;b""#);
    assert_eq!(protocol(b"a b"), r#""a b""#);
    assert_eq!(protocol(b"\r\n\0\x7f\xff"), r#""\r\n\x00\x7f\xff""#);
    assert_eq!(protocol(&[b'a'; 24]), "a".repeat(24));
    assert_eq!(protocol(&[b'a'; 25]), "a".repeat(24) + "..");
    assert_eq!(
        protocol(&[0xff; 24]),
        format!("\"{}\"..", r"\xff".repeat(6))
    );
    assert_eq!(
        protocol(&[&[b'a'; 21][..], b"\0"].concat()),
        format!("\"{}\"..", "a".repeat(21))
    );
    assert_eq!(protocol(b"\x0a\x0a"), "no server name; TLS 1.2"); // GREASE
}

/// A hello of which all that is shown is as long as it can be.
fn longest() -> Vec<u8> {
    let name = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "b".repeat(61));
    let identity = [&u16_vector(b"1")[..], &[0; 4]].concat();
    let schemes = [0x081a_u16, 0x081b, 0x081c].map(u16::to_be_bytes).concat();
    let groups = [0xff01_u16, 0xff02, 0xff01].map(u16::to_be_bytes).concat();
    let extensions = [
        extension(
            0,
            &u16_vector(&[&[0][..], &u16_vector(name.as_bytes())].concat()),
        ),
        extension(43, &u8_vector(&[0x7f; 254])),
        extension(16, &u16_vector(&u8_vector(&[0xff; 255]).repeat(40))),
        extension(10, &u16_vector(&groups.repeat(1000))),
        extension(13, &u16_vector(&schemes.repeat(1000))),
        extension(0xfe0d, &[9]),
        extension(35, &[9]),
        extension(42, &[]),
        extension(44, &[]),
        extension(
            41,
            &[u16_vector(&identity.repeat(1000)), u16_vector(&[])].concat(),
        ),
    ];
    let mut suites = [0xcc, 0xa9].repeat(20_000);
    suites.extend([0x56, 0x00]);
    let body = Body {
        cipher_suites: u16_vector(&suites),
        extensions: u16_vector(&extensions.concat()),
        ..Body::default()
    };
    body.message()
}

#[test]
fn no_line_is_longer_than_1024_bytes() {
    let line = line(&longest());
    assert!(line.starts_with("server name aaa") && line.ends_with("early data, cookie, fallback"));
    assert_eq!(line.len(), 910);
}

/// A place to write to where only the part at `failing` cannot be written.
struct Flawed {
    failing: usize,
    parts: usize,
}

impl Write for Flawed {
    fn write_str(&mut self, _: &str) -> fmt::Result {
        self.parts += 1;
        match self.parts - 1 == self.failing {
            true => Err(fmt::Error),
            false => Ok(()),
        }
    }
}

#[test]
fn stops_at_the_first_part_that_cannot_be_written() {
    for message in [typical(), longest()] {
        let hello = ClientHello::parse(&message).unwrap();
        for failing in 0.. {
            let mut flawed = Flawed { failing, parts: 0 };
            if write!(flawed, "{hello}").is_ok() {
                assert_eq!(flawed.parts, failing, "it went on");
                break;
            }
            assert_eq!(flawed.parts, failing + 1);
        }
    }
}

#[test]
fn no_name_is_longer_than_those_in_the_longest_line() {
    fn longest<T: ToString>(of: fn(u16) -> T) -> usize {
        (0..=u16::MAX)
            .map(|code| of(code).to_string().len())
            .max()
            .unwrap()
    }
    let suite = CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256;
    assert_eq!(longest(CipherSuite), suite.to_string().len());
    let group = NamedGroup::ARBITRARY_EXPLICIT_PRIME_CURVES;
    assert_eq!(longest(NamedGroup), group.to_string().len());
    let scheme = SignatureScheme::ECDSA_BRAINPOOLP256R1TLS13_SHA256;
    assert_eq!(longest(SignatureScheme), scheme.to_string().len());
}
