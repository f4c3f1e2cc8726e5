//! Headers of version 1.

use std::net::SocketAddr;

use lastword_io::proxy::{Command, DEFAULT_LIMIT, Parsed, ProxyError, Transport, Version};

use crate::proxy::{error, header, missing, oracle, words};

fn address(text: &str) -> Option<SocketAddr> {
    Some(text.parse().unwrap())
}

#[test]
fn a_header_of_tcp_has_both_addresses() {
    for (line, source, destination) in [
        (
            "PROXY TCP4 192.0.2.7 198.51.100.1 50000 443\r\n",
            "192.0.2.7:50000",
            "198.51.100.1:443",
        ),
        (
            "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
            "255.255.255.255:65535",
            "255.255.255.255:65535",
        ),
        (
            "PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n",
            "0.0.0.0:0",
            "0.0.0.0:0",
        ),
        (
            "PROXY TCP6 2001:DB8::7 ::1 1 443\r\n",
            "[2001:db8::7]:1",
            "[::1]:443",
        ),
        (
            "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ::ffff:192.0.2.7 65535 65535\r\n",
            "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
            "[::ffff:192.0.2.7]:65535",
        ),
    ] {
        let header = header(line.as_bytes());
        assert_eq!(header.version(), Version::V1);
        assert_eq!(header.command(), Command::Proxy);
        assert_eq!(header.transport(), Transport::Stream);
        assert_eq!(header.source(), address(source));
        assert_eq!(header.destination(), address(destination));
        assert_eq!((header.unix_source(), header.alpn()), (None, None));
    }
}

#[test]
fn whatever_follows_unknown_is_ignored() {
    let longest = format!("PROXY UNKNOWN {}\r\n", "x".repeat(91));
    assert_eq!(longest.len(), 107);
    for line in [
        &b"PROXY UNKNOWN\r\n"[..],
        b"PROXY UNKNOWN \r\n",
        b"PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n",
        b"PROXY UNKNOWN \xff \r \n\r\r\n",
        longest.as_bytes(),
    ] {
        let header = header(line);
        assert_eq!(header.command(), Command::Proxy);
        assert_eq!(header.transport(), Transport::Unspecified);
        assert_eq!((header.source(), header.destination()), (None, None));
    }
}

#[test]
fn the_bytes_after_the_header_are_the_clients() {
    let line = b"PROXY TCP4 192.0.2.7 198.51.100.1 50000 443\r\n";
    for rest in [&b"\x16"[..], b"\r\n", b"PROXY UNKNOWN\r\n", &[0; 5000]] {
        let parsed = oracle::check(&[line, rest].concat(), DEFAULT_LIMIT);
        assert!(matches!(parsed, Ok(Parsed::Complete { len: 45, .. })));
    }
}

#[test]
fn asks_for_no_more_than_the_shortest_header_that_can_follow() {
    for (received, least) in [
        ("", 15),
        ("P", 14),
        ("PROXY ", 9),
        ("PROXY TCP4", 5),
        ("PROXY TCP4 ", "0.0.0.0 0.0.0.0 0 0\r\n".len()),
        ("PROXY TCP6 ", ":: :: 0 0\r\n".len()),
        ("PROXY TCP4 1.2", ".0.0 0.0.0.0 0 0\r\n".len()),
        ("PROXY TCP4 192.0.2.7", " 0.0.0.0 0 0\r\n".len()),
        ("PROXY TCP4 192.0.2.7 ", "0.0.0.0 0 0\r\n".len()),
        ("PROXY TCP6 2001:db8::7 2001:db8::1", " 0 0\r\n".len()),
        ("PROXY TCP4 192.0.2.7 198.51.100.1 50000", " 0\r\n".len()),
        ("PROXY TCP4 192.0.2.7 198.51.100.1 50000 ", "0\r\n".len()),
        ("PROXY TCP4 192.0.2.7 198.51.100.1 50000 4", "\r\n".len()),
        ("PROXY TCP4 192.0.2.7 198.51.100.1 50000 443\r", "\n".len()),
        ("PROXY UNKNOWN", 2),
        ("PROXY UNKNOWN\r", 1),
        ("PROXY UNKNOWN \n", 2),
    ] {
        assert_eq!(missing(received.as_bytes()), least, "{received:?}");
    }
    // never beyond the 107 bytes of the longest
    assert_eq!(missing(&[b"PROXY TCP4 ", &[b'1'; 90][..]].concat()), 6);
}

#[test]
fn every_part_of_a_header_is_incomplete() {
    for line in [
        &b"PROXY TCP4 192.0.2.7 198.51.100.1 50000 443\r\n"[..],
        b"PROXY TCP6 2001:db8::7 ::1 1 443\r\n",
        b"PROXY UNKNOWN a b c\r\n",
    ] {
        for end in 0..line.len() {
            assert!(missing(&line[..end]) > 0);
        }
    }
}

#[test]
fn a_line_of_more_than_107_bytes_is_an_error_at_its_107th_byte() {
    let long = |len: usize| {
        let mut line = b"PROXY UNKNOWN ".to_vec();
        line.resize(len, b'x');
        line
    };
    assert_eq!(missing(&long(106)), 1);
    assert_eq!(error(&long(107)), ProxyError::Unterminated);
    assert_eq!(
        error(&[&long(106)[..], b"\r\n"].concat()),
        ProxyError::Unterminated
    );
    assert_eq!(
        words(&long(107)),
        "malformed PROXY header of version 1: its first 107 bytes have no end of line (CRLF)"
    );
}

#[test]
fn an_error_says_which_field_is_malformed_and_what_was_received() {
    let ipv4 = |field, received| format!("the {field} is \"{received}\", not an IPv4 address");
    let port = |field, received| {
        format!("the {field} is \"{received}\", not a decimal number from 0 to 65535")
    };
    let protocol = |received| format!("the protocol is \"{received}\", not TCP4, TCP6 or UNKNOWN");
    let (source, destination) = ("source address", "destination address");
    let (source_port, destination_port) = ("source port", "destination port");
    for (fields, expected) in [
        ("", protocol("")),
        (" TCP4 1.2.3.4 5.6.7.8 1 2", protocol("")),
        ("UDP4 1.2.3.4 5.6.7.8 1 2", protocol("UDP4")),
        ("tcp4 1.2.3.4 5.6.7.8 1 2", protocol("tcp4")),
        ("TCP4\t1.2.3.4 5.6.7.8 1 2", protocol("TCP4\\t1.2.3.4")),
        ("UNKNOWNS", protocol("UNKNOWNS")),
        ("TCP4", ipv4(source, "")),
        ("TCP4  1.2.3.4 5.6.7.8 1 2", ipv4(source, "")),
        ("TCP4 1.2.3 5.6.7.8 1 2", ipv4(source, "1.2.3")),
        ("TCP4 01.2.3.4 5.6.7.8 1 2", ipv4(source, "01.2.3.4")),
        ("TCP4 1.2.3.256 5.6.7.8 1 2", ipv4(source, "1.2.3.256")),
        ("TCP4 ::1 ::2 1 2", ipv4(source, "::1")),
        ("TCP4 1.2.3.4\n 5.6.7.8 1 2", ipv4(source, "1.2.3.4\\n")),
        ("TCP4 1.2.3.4 ::2 1 2", ipv4(destination, "::2")),
        ("TCP4 1.2.3.4", ipv4(destination, "")),
        ("TCP4 1.2.3.4 5.6.7.8", port(source_port, "")),
        ("TCP4 1.2.3.4 5.6.7.8 +1 2", port(source_port, "+1")),
        ("TCP4 1.2.3.4 5.6.7.8 01 2", port(source_port, "01")),
        ("TCP4 1.2.3.4 5.6.7.8 00 2", port(source_port, "00")),
        ("TCP4 1.2.3.4 5.6.7.8 -1 2", port(source_port, "-1")),
        ("TCP4 1.2.3.4 5.6.7.8 65536 2", port(source_port, "65536")),
        ("TCP4 1.2.3.4 5.6.7.8 1  2", port(destination_port, " 2")),
        ("TCP4 1.2.3.4 5.6.7.8 1 2 ", port(destination_port, "2 ")),
        ("TCP4 1.2.3.4 5.6.7.8 1 2 3", port(destination_port, "2 3")),
        ("TCP4 1.2.3.4 5.6.7.8 1 2\r", port(destination_port, "2\\r")),
        ("TCP4 1.2.3.4 5.6.7.8 1 1e3", port(destination_port, "1e3")),
    ] {
        let line = format!("PROXY {fields}\r\n");
        let expected = format!("malformed PROXY header of version 1: {expected}");
        assert_eq!(words(line.as_bytes()), expected);
    }
    for line in [
        "PROXY TCP6 1.2.3.4 ::2 1 2\r\n",
        "PROXY TCP6 ::1%1 ::2 1 2\r\n",
    ] {
        let words = words(line.as_bytes());
        assert!(words.ends_with("\", not an IPv6 address"), "{words}");
    }
    let line = b"PROXY TCP4 \xff\x00\"\\ 5.6.7.8 1 2\r\n";
    assert_eq!(
        words(line),
        r#"malformed PROXY header of version 1: the source address is "\xff\x00\"\\", not an IPv4 address"#
    );
}

#[test]
fn a_connection_without_a_header_is_an_error_at_the_first_byte_that_shows_it() {
    for (received, shown) in [
        (&b"\x16\x03\x01\x02\x00\x01"[..], r#""\x16", as TLS does"#),
        (b"GET / HTTP/1.1\r\n", r#""G", as HTTP may"#),
        (b"PRI * HTTP/2.0\r\n", r#""PRI", as HTTP may"#),
        (b"POST / HTTP/1.1\r\n", r#""PO", as HTTP may"#),
        (b"SSH-2.0-OpenSSH_9.9\r\n", r#""S""#),
        (b"proxy UNKNOWN\r\n", r#""p""#),
        (b"PROXY\tUNKNOWN\r\n", r#""PROXY\t", as HTTP may"#),
        (b" PROXY UNKNOWN\r\n", r#"" ""#),
        (b"\r\nPROXY UNKNOWN\r\n", r#""\r\nP""#),
        (b"\r\n\r\n\0\r\nQUIT\r", r#""\r\n\r\n\x00\r\nQUIT\r""#),
        (b"\xff", r#""\xff""#),
    ] {
        let expected = format!("no PROXY header: the connection begins with {shown}");
        assert_eq!(words(received), expected);
    }
}
