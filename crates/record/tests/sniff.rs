//! TLS told from not-TLS, whatever has arrived of it.

use lastword_record::{Guess, HttpMethod, Verdict, sniff, sniff_with_len};

/// The first bytes of clients, and what they are.
#[rustfmt::skip]
const CLIENTS: [(&[u8], Verdict); 34] = [
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", Verdict::Tls),
    (b"\x15\x03\x03\x00\x02\x02\x28", Verdict::Tls),
    (b"\x63\x03\x03\x00\x02\x02\x28", Verdict::Tls), // an unknown content type
    (b"\x16\x05\x05\x02\x00\x01\x00\x01\xfc\x03\x03", Verdict::Tls), // a version to be ignored
    (b"\x16\x05\x05\x02\x00\x02\x00\x01\xfc\x03\x03", UNKNOWN),
    (b"\x16\x05\x05\x02\x00\x01\x01\x01\xfc\x03\x03", UNKNOWN),
    (b"\x16\x05\x05\x02\x00\x01\x00\x01\xfc\x04\x03", UNKNOWN),
    (b"GET / HTTP/1.1\r\n", http(HttpMethod::Get)),
    (b"HEAD / HTTP/1.1\r\n", http(HttpMethod::Head)),
    (b"POST /form HTTP/1.1\r\n", http(HttpMethod::Post)),
    (b"PUT / HTTP/1.1\r\n", http(HttpMethod::Put)),
    (b"PATCH / HTTP/1.1\r\n", http(HttpMethod::Patch)),
    (b"PRI * HTTP/2.0\r\n", http(HttpMethod::Pri)),
    (b"DELETE / HTTP/1.1\r\n", http(HttpMethod::Delete)),
    (b"OPTIONS * HTTP/1.1\r\n", http(HttpMethod::Options)),
    (b"CONNECT a:1 HTTP/1.1\r\n", http(HttpMethod::Connect)),
    (b"TRACE / HTTP/1.1\r\n", http(HttpMethod::Trace)),
    (b"GETTY / HTTP/1.1\r\n", UNKNOWN),
    (b"get / http/1.1\r\n", UNKNOWN),
    (b"SSH-2.0-OpenSSH_9.2\r\n", Verdict::NotTls(Guess::Ssh)),
    (b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", Verdict::NotTls(Guess::Proxy)),
    (b"\r\n\r\n\0\r\nQUIT\n\x21\x11", Verdict::NotTls(Guess::Proxy)),
    (b"\r\n\r\n\0\r\nQUIT\r\x21\x11", UNKNOWN),
    (b"\x80\x2e\x01\x00\x02\x00\x15", Verdict::NotTls(Guess::Sslv2)),
    (b"\x80\x2e\x01\x03\x01\x00\x15", Verdict::NotTls(Guess::Sslv2)),
    (b"\x81\x03\x01\x03\x01\x00\x15", Verdict::NotTls(Guess::Sslv2)),
    (b"\x81\x03\x03\x00\x05\x00\x15", Verdict::Tls),
    (b"\x81\x03\x01\x04\x01\x00\x15", Verdict::Tls),
    (b"\x81\x03\x01\x00\x03\x00\x15", Verdict::Tls),
    (b"\x80\x2e\x01\x00\x03\x00\x15", UNKNOWN),
    (b"\x80\x2e\x02\x03\x01\x00\x15", UNKNOWN),
    (b"\x80\x2e\x01\x04\x01\x00\x15", UNKNOWN),
    (b"\0\0\0\0\0\0\0\0\0\0\0\0\0", UNKNOWN),
    (b"\x16\x16\x16\x16\x16\x16\x16\x16", UNKNOWN),
];

const UNKNOWN: Verdict = Verdict::NotTls(Guess::Unknown);

const fn http(method: HttpMethod) -> Verdict {
    Verdict::NotTls(Guess::Http(method))
}

#[test]
fn knows_each_protocol_by_its_first_bytes() {
    for (first, verdict) in CLIENTS {
        assert_eq!(sniff(first), verdict, "{first:02x?}");
    }
}

#[test]
fn says_needs_input_until_the_verdict_and_never_changes_it() {
    for (first, verdict) in CLIENTS {
        let said: Vec<Verdict> = (0..=first.len())
            .map(|have| sniff(&first[..have]))
            .collect();
        let at = said.iter().position(|said| *said == verdict).unwrap();
        assert!(
            said[at..].iter().all(|said| *said == verdict),
            "{first:02x?}"
        );
        assert!(at <= 12, "{first:02x?}");
        assert!(
            said[..at].iter().all(|said| *said == Verdict::NeedsInput),
            "{first:02x?}"
        );
    }
}

#[test]
fn counts_the_bytes_with_which_the_verdict_falls() {
    for (first, verdict) in CLIENTS {
        let falls = (0..=first.len()).find(|have| sniff(&first[..*have]) != Verdict::NeedsInput);
        let falls = falls.unwrap();
        assert_eq!(sniff_with_len(first), (verdict, falls), "{first:02x?}");
        for have in 0..falls {
            let told = sniff_with_len(&first[..have]);
            assert_eq!(told, (Verdict::NeedsInput, have), "{first:02x?}");
        }
    }
}

#[test]
fn knows_every_method_by_its_name_and_the_space_behind_it() {
    for method in HttpMethod::ALL {
        let line = format!("{method} / HTTP/1.1");
        assert_eq!(sniff(line.as_bytes()), http(method), "{method}");
    }
}

#[test]
fn a_first_byte_alone_is_never_a_verdict() {
    for first in 0..=255 {
        assert_eq!(sniff(&[first]), Verdict::NeedsInput, "{first:#04x}");
    }
}
