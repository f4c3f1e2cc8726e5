//! Clients that do not speak TLS: each is told so in the first record it will have seen.

use super::raw::{Action, RawClient};
use super::{Allowed, Case, PROTOCOL_VERSION, UNEXPECTED_MESSAGE, because};

const SECTION_5: &str = "RFC 8446 §5";

pub(super) fn cases() -> Vec<Case> {
    let case = |name, does, script| {
        let client = RawClient::new(script);
        Case::raw(name, does, UNEXPECTED_MESSAGE, SECTION_5, client).allowing(Allowed::ANY_ANSWER)
    };
    let cases = vec![
        case("http-get", "sends an HTTP request in plaintext", || {
            send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        }),
        case("http2-preface", "speaks HTTP/2 in plaintext", || {
            send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        }),
        case("ssh-banner", "speaks SSH", || {
            send(b"SSH-2.0-OpenSSH_9.6\r\n")
        }),
        case("proxy-v1-header", "sends a PROXY header, version 1", || {
            send(b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n")
        }),
        case("proxy-v2-header", "sends a PROXY header, version 2", || {
            send(b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0")
        }),
        case("random-bytes", "sends bytes without any meaning", || {
            send(&meaningless())
        }),
        sslv2(),
    ];
    because(
        "a client that is connected to the wrong port learns that, and does not suspect the network",
        cases,
    )
}

fn sslv2() -> Case {
    Case::raw(
        "sslv2-hello",
        "sends an SSL 2.0 hello that offers TLS 1.0",
        PROTOCOL_VERSION,
        "RFC 8446 App. D.5",
        RawClient::new(|| send(&sslv2_hello())),
    )
    .allowing(Allowed::ANY_ANSWER)
}

/// RFC 5246 appendix E.2: 46 bytes behind the length, seven cipher specs, a challenge.
fn sslv2_hello() -> Vec<u8> {
    let specs = [
        [0, 0, 0x39],
        [0, 0, 0x38],
        [0, 0, 0x35],
        [0, 0, 0x16],
        [0, 0, 0x13],
        [0, 0, 0x0a],
        [7, 0, 0xc0],
    ];
    let mut hello = vec![0x80, 46, 1, 3, 1, 0, 21, 0, 0, 0, 16];
    hello.extend(specs.concat());
    hello.extend([0x5a; 16]);
    hello
}

/// 96 bytes of a linear congruential generator, the same each time; they begin with `5b`.
fn meaningless() -> Vec<u8> {
    let mut state = 0x5b00_0000_u32;
    (0..96)
        .map(|_| {
            let [byte, ..] = state.to_be_bytes();
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            byte
        })
        .collect()
}

fn send(bytes: &[u8]) -> Vec<Action> {
    vec![Action::Send(bytes.to_vec())]
}
