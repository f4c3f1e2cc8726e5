//! Requests without TLS, and the exact bytes of their answers.

use proptest::prelude::*;

use super::*;

mod locations;

/// Fewer cases than by default, because each is dear; or as many as `PROPTEST_CASES` says.
fn cases() -> ProptestConfig {
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => ProptestConfig::default(),
        None => ProptestConfig::with_cases(64),
    }
}

const BAD_REQUEST: &str = "HTTP/1.1 400 Bad Request\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\
    Content-Length: 60\r\n\
    Connection: close\r\n\
    \r\n\
    This port speaks HTTPS: use a URL that begins with https://\n";

fn redirect_to(location: &str) -> String {
    format!(
        "HTTP/1.1 308 Permanent Redirect\r\n\
        Location: {location}\r\n\
        Content-Type: text/plain; charset=utf-8\r\n\
        Content-Length: 60\r\n\
        Connection: close\r\n\
        \r\n\
        This port speaks HTTPS: use a URL that begins with https://\n"
    )
}

/// The response to these bytes, which is the same however they are cut.
fn response(answer: impl Fn(&[u8]) -> Answer, request: &[u8]) -> String {
    let whole = answer(request);
    for end in 0..request.len() {
        match answer(&request[..end]) {
            Answer::NeedsInput => {}
            response => {
                assert_eq!(response, whole, "after {end} bytes");
                break;
            }
        }
    }
    match whole {
        Answer::Response(response) => String::from_utf8(response).unwrap(),
        Answer::NeedsInput => panic!("needs input: {}", request.escape_ascii()),
    }
}

/// Where a request is redirected to, `None` if it is answered with 400.
fn location(request: impl AsRef<[u8]>) -> Option<String> {
    let response = response(|received| redirect(received, None), request.as_ref());
    if response == BAD_REQUEST {
        return None;
    }
    let location = response
        .strip_prefix("HTTP/1.1 308 Permanent Redirect\r\nLocation: ")
        .and_then(|rest| rest.split("\r\n").next())
        .unwrap();
    assert_eq!(response, redirect_to(location));
    Some(location.to_owned())
}

#[test]
fn a_complete_request_is_answered_with_400() {
    for request in [
        "GET / HTTP/1.1\r\nHost: good.test\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\n\n",
        "\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody",
    ] {
        assert_eq!(response(bad_request, request.as_bytes()), BAD_REQUEST);
    }
}

#[test]
fn a_head_request_is_answered_without_a_body() {
    let (head, body) = BAD_REQUEST.split_at(BAD_REQUEST.len() - 60);
    assert!(body.starts_with("This"));
    for request in [
        "HEAD / HTTP/1.1\r\nHost: good.test\r\n\r\n",
        "\r\n\r\nHEAD / HTTP/1.0\r\n\r\n",
        "HEAD / HTTP/3\r\n\r\n",
    ] {
        assert_eq!(response(bad_request, request.as_bytes()), head);
    }
    let request = b"HEAD /a HTTP/1.1\r\nHost: good.test\r\n\r\n";
    let redirect = response(|received| redirect(received, None), request);
    let expected = redirect_to("https://good.test/a");
    assert_eq!(Some(&redirect[..]), expected.strip_suffix(body));
}

#[test]
fn a_malformed_request_is_answered_at_once() {
    for request in [
        &b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..],
        b"GET /\r\n",
        b"GET / HTTP/1.2\r\n",
        b"GET / HTTP/1.1 \r\n",
        b"GET / HTTP/1.1\r\nHost : good.test\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: good.test\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\n Host: good.test\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: good\0test\r\n\r\n",
        b"GET /\x7f HTTP/1.1\r\nHost: good.test\r\n\r\n",
    ] {
        assert_eq!(response(bad_request, request), BAD_REQUEST);
        assert_eq!(location(request), None, "{}", request.escape_ascii());
    }
}

#[test]
fn a_head_of_8_kib_is_complete_or_malformed() {
    let request = |len: usize| {
        let mut request = b"GET / HTTP/1.1\r\nHost: good.test\r\nX: ".to_vec();
        request.resize(len - 4, b'x');
        [&request[..], b"\r\n\r\n"].concat()
    };
    let (most, over) = (request(MAX_HEAD), request(MAX_HEAD + 1));
    assert_eq!(bad_request(&most[..MAX_HEAD - 1]), Answer::NeedsInput);
    assert_eq!(location(&most).as_deref(), Some("https://good.test/"));
    assert_eq!(location(&over), None);
    assert_eq!(location(&over[..MAX_HEAD]), None);
    // what follows the head does not count
    let body = [&most[..], &[0; 9000]].concat();
    assert_eq!(location(body).as_deref(), Some("https://good.test/"));
}

#[test]
fn more_fields_than_100_are_malformed() {
    let request = |fields| {
        let fields = "X: y\r\n".repeat(fields);
        format!("GET / HTTP/1.1\r\nHost: good.test\r\n{fields}\r\n")
    };
    assert!(location(request(99)).is_some());
    assert!(location(request(100)).is_none());
}

#[test]
fn a_line_break_ends_the_host_and_injects_nothing() {
    let request = b"GET / HTTP/1.1\r\nHost: good.test\r\nX: y\r\n\r\n";
    assert_eq!(location(request).as_deref(), Some("https://good.test/"));
    for request in [
        &b"GET / HTTP/1.1\r\nHost: good.test\rX: y\r\n\r\n"[..],
        b"GET /a\rb HTTP/1.1\r\nHost: good.test\r\n\r\n",
        b"GET /a\nb HTTP/1.1\r\nHost: good.test\r\n\r\n",
        b"GET /a\tb HTTP/1.1\r\nHost: good.test\r\n\r\n",
        b"GET /a b HTTP/1.1\r\nHost: good.test\r\n\r\n",
    ] {
        assert_eq!(location(request), None, "{}", request.escape_ascii());
    }
}

/// Bytes that are near a request more often than any bytes.
fn near() -> impl Strategy<Value = Vec<u8>> {
    let bytes = proptest::collection::vec(any::<u8>(), 0..20);
    let part = prop_oneof![
        bytes,
        "[ -~]{0,20}".prop_map(String::into_bytes),
        "[a:/.@#?%\\\\\\[\\]\r\n \t0-9]{0,12}".prop_map(String::into_bytes),
        Just(b"a.test".to_vec()),
    ];
    (part.clone(), part.clone(), part).prop_map(|(target, host, rest)| {
        let parts: [&[u8]; 7] = [
            b"GET /",
            &target,
            b" HTTP/1.1\r\nHost: ",
            &host,
            b"\r\n",
            &rest,
            b"\r\n\r\n",
        ];
        parts.concat()
    })
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_bytes_have_one_answer_however_they_are_cut(request in near()) {
        let Some(location) = location(&request) else {
            return Ok(());
        };
        // one absolute URL, of characters that a URL has
        let rest = location.strip_prefix("https://").unwrap();
        let (host, path) = rest.split_at(rest.find('/').unwrap());
        let is_of_host = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
        prop_assert!(!host.is_empty() && host.chars().all(is_of_host), "{location}");
        let is_of_path = |c: char| c.is_ascii_graphic() && !"\"<>\\^`{|}[]#".contains(c);
        prop_assert!(path.chars().all(is_of_path), "{location}");
        let hosts = request.windows(host.len()).filter(|it| *it == host.as_bytes());
        prop_assert!(hosts.count() > 0, "{location}");
    }
}
