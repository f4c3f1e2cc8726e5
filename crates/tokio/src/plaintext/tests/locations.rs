//! Hosts and targets: which are redirected, and where to.

use super::{location, redirect, redirect_to, response};

/// Where a request for this target on a good host is redirected to.
fn of_target(target: &str) -> Option<String> {
    location(format!("GET {target} HTTP/1.1\r\nHost: good.test\r\n\r\n"))
}

/// Where a request with this Host field is redirected to.
fn of_host(host: &str) -> Option<String> {
    location(format!("GET /path HTTP/1.1\r\nHost:{host}\r\n\r\n"))
}

#[test]
fn a_redirect_leads_to_the_host_and_the_given_port() {
    for (host, expected) in [
        (" good.test", "good.test"),
        ("\tGood.Test\t ", "Good.Test"),
        (" good.test:80", "good.test"),
        (" good.test:65535", "good.test"),
        (" good.test.", "good.test."),
        (" localhost", "localhost"),
        (" xn--bcher-kva.example", "xn--bcher-kva.example"),
        (" a_b.1host", "a_b.1host"),
        (" 192.0.2.7:8080", "192.0.2.7"),
        (" [2001:DB8::7]", "[2001:DB8::7]"),
        (" [::1]:80", "[::1]"),
        // RFC 3986 3.2.3: a port may be empty
        (" good.test:", "good.test"),
        (" [::1]:", "[::1]"),
    ] {
        let request = format!("GET /path HTTP/1.1\r\nhOST:{host}\r\n\r\n");
        for (port, shown) in [
            (None, ""),
            (Some(443), ""),
            (Some(8443), ":8443"),
            (Some(80), ":80"),
        ] {
            let response = response(|received| redirect(received, port), request.as_bytes());
            let location = format!("https://{expected}{shown}/path");
            assert_eq!(response, redirect_to(&location));
        }
    }
}

#[test]
fn a_request_with_an_odd_host_is_not_redirected() {
    for host in [
        "",
        " ",
        " :80",
        " .",
        " .test",
        " good..test",
        " evil.test@good.test",
        " user:pass@good.test",
        " :",
        " good.test::",
        " good.test:+80",
        " good.test:65536",
        " good.test:80:80",
        " good.test:80@evil.test",
        " good.test/evil",
        " good.test\\evil",
        " good.test?evil",
        " good.test#evil",
        " good.test evil.test",
        " good.test\tevil.test",
        " good.test,evil.test",
        " good%2etest",
        " g\u{f6}od.test",
        " -good.test",
        " good-.test",
        " *.test",
        " 192.0.2",
        " 192.0.2.256",
        " 192.0.2.7.",
        " 3221225991",
        " 0xc0000207",
        " 0x7f.1",
        " 127.0x1",
        " good.0x",
        " [::1",
        " ::1",
        " [::1]80",
        " [::1]::",
        " []:",
        " [::1%251]",
        " [::1%1]",
        " [v1.a]",
        " [192.0.2.7]",
        " []",
        " https://good.test",
    ] {
        assert_eq!(of_host(host), None, "{host:?}");
    }
    let long = ["a."; 127].concat() + "test";
    assert_eq!(of_host(&long), None);
    for host in [
        &b"\xff"[..],
        b"\x80good.test",
        b"good.test\x01",
        b"good.test\x7f",
    ] {
        let request = [b"GET / HTTP/1.1\r\nHost: ", host, b"\r\n\r\n"].concat();
        assert_eq!(location(request), None);
    }
}

#[test]
fn a_host_field_is_there_once() {
    for fields in [
        "",
        "Host: good.test\r\nHost: good.test\r\n",
        "Host: good.test\r\nX: y\r\nhost: evil.test\r\n",
    ] {
        let request = format!("GET / HTTP/1.1\r\n{fields}\r\n");
        assert_eq!(location(request), None, "{fields:?}");
        // another URL in the request line does not mend it
        let request = format!("GET http://good.test/ HTTP/1.1\r\n{fields}\r\n");
        assert_eq!(location(request), None, "{fields:?}");
    }
    assert_eq!(location("GET / HTTP/1.0\r\n\r\n"), None);
    assert_eq!(
        location("GET / HTTP/1.0\r\nHost: a\r\n\r\n").as_deref(),
        Some("https://a/")
    );
    assert_eq!(
        location("GET http://a/b HTTP/1.0\r\n\r\n").as_deref(),
        Some("https://a/b")
    );
}

#[test]
fn a_redirect_keeps_the_path_and_the_query() {
    for (target, path) in [
        ("/", "/"),
        ("/a/b;c=d?e=f&g=h?i/j", "/a/b;c=d?e=f&g=h?i/j"),
        ("/%41%0d%0aX:%20y", "/%41%0d%0aX:%20y"),
        ("/-._~!$&'()*+,;=:@", "/-._~!$&'()*+,;=:@"),
        ("//evil.test", "//evil.test"),
        ("//evil.test/..//", "//evil.test/..//"),
        ("/\\evil.test", "/%5Cevil.test"),
        ("/@evil.test", "/@evil.test"),
        ("/a\"<>[]^`{|}", "/a%22%3C%3E%5B%5D%5E%60%7B%7C%7D"),
        ("/\u{e9}?\u{20ac}", "/%C3%A9?%E2%82%AC"),
        ("http://other.test/a?b", "//other.test/a?b"),
        ("HTTP://other.test:8080", "//other.test/"),
        ("http://other.test?q", "//other.test/?q"),
        ("http://other.test:/a", "//other.test/a"),
        (
            "http://[::1]:80/http://evil.test",
            "//[::1]/http://evil.test",
        ),
    ] {
        let expected = match target.split_once("://") {
            Some(_) => format!("https:{path}"),
            None => format!("https://good.test{path}"),
        };
        assert_eq!(of_target(target), Some(expected), "{target:?}");
    }
}

#[test]
fn a_request_with_an_odd_target_is_not_redirected() {
    for target in [
        "/#fragment",
        "/%",
        "/%4",
        "/%zz",
        "/%4z",
        "/%z4",
        "/100%",
        "path",
        "?query",
        "*",
        "*/",
        "@evil.test",
        ".evil.test",
        ":80/",
        "\\evil.test",
        "https://other.test/",
        "ftp://other.test/",
        "http:other.test",
        "http:/other.test",
        "http://",
        "http:///path",
        "http://user@other.test/",
        "http://other.test@evil.test/",
        "http://other.test:x/",
        "http://other.test\\@evil.test/",
        "http://other.test#@evil.test/",
        "http://\u{f6}ther.test/",
        "javascript://other.test/%0aalert(1)",
        "good.test:443",
    ] {
        assert_eq!(of_target(target), None, "{target:?}");
    }
    let options = "OPTIONS * HTTP/1.1\r\nHost: good.test\r\n\r\n";
    assert_eq!(location(options), None);
    let connect = "CONNECT good.test:443 HTTP/1.1\r\nHost: good.test:443\r\n\r\n";
    assert_eq!(location(connect), None);
    let connect = "CONNECT /a HTTP/1.1\r\nHost: good.test:443\r\n\r\n";
    assert_eq!(location(connect), None);
}
