//! Which bytes are a DNS name, told as rustls tells it.

/// The longest name in bytes, a dot at its end included (RFC 1035 section 2.3.4: 255 on the wire).
const MOST_IN_NAME: usize = 253;

/// The longest label in bytes (RFC 1035 section 2.3.4).
const MOST_IN_LABEL: usize = 63;

/// Which bytes may stand in a label.
#[allow(clippy::indexing_slicing)] // at compile time
const IN_LABEL: [bool; 256] = {
    let mut in_label = [false; 256];
    let mut byte = 0;
    while byte < in_label.len() {
        in_label[byte] =
            matches!(byte as u8, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_');
        byte += 1;
    }
    in_label
};

#[inline]
fn is_in_label(byte: u8) -> bool {
    IN_LABEL.get(usize::from(byte)).is_some_and(|yes| *yes)
}

/// Whether `name` is labels of letters, digits, `-` and `_`, joined by dots, perhaps with a dot
/// at the end. No label begins or ends with `-`, and the last is not a number.
#[inline]
pub(crate) fn is_dns_name(name: &[u8]) -> bool {
    if name.len() > MOST_IN_NAME {
        return false;
    }
    let mut rest = name.strip_suffix(b".").unwrap_or(name);
    while let Some(at) = rest.iter().position(|byte| !is_in_label(*byte)) {
        match rest.split_at(at) {
            (label, [b'.', behind @ ..]) if is_label(label) => rest = behind,
            _ => return false,
        }
    }
    is_label(rest) && !rest.iter().all(u8::is_ascii_digit)
}

/// Whether a label of such bytes is neither empty nor too long, and begins and ends without `-`.
#[inline]
fn is_label(label: &[u8]) -> bool {
    label.len() <= MOST_IN_LABEL
        && label.first().is_some_and(|first| *first != b'-')
        && label.last().is_some_and(|last| *last != b'-')
}

#[cfg(test)]
mod tests {
    use std::string::String;

    use super::*;

    #[test]
    fn takes_for_a_dns_name_what_servers_are_called() {
        for name in [
            "localhost",
            "example.com",
            "EXAMPLE.Com",
            "xn--bcher-kva.example",
            "_acme.example",
            "1.example",
            "1and1.example",
            "a--b.c",
            "example.com.",
            "10.0.0.1a",
            "a_b",
            "_",
        ] {
            assert!(is_dns_name(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn takes_for_no_dns_name_what_is_none() {
        for name in [
            "",
            ".",
            "..",
            ".a",
            "a..b",
            "a..",
            "-a",
            "a-",
            "a-.b",
            "b.-a",
            "-",
            "a b",
            "a/b",
            "b\u{fc}cher.example",
            "a\0",
            "*.example",
            "1",
            "127.0.0.1",
            "a.1",
            "a.1.",
            "::1",
            "[::1]",
            "example.com:443",
        ] {
            assert!(!is_dns_name(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn a_label_has_at_most_63_bytes_and_a_name_253() {
        let label = |len| String::from_utf8(std::vec![b'a'; len]).unwrap();
        assert!(is_dns_name(label(63).as_bytes()));
        assert!(!is_dns_name(label(64).as_bytes()));
        let three = [label(63), label(63), label(63)].join(".");
        assert!(is_dns_name(
            [three.as_str(), &label(61)].join(".").as_bytes()
        ));
        assert!(!is_dns_name(
            [three.as_str(), &label(62)].join(".").as_bytes()
        ));
        assert!(!is_dns_name([label(64).as_str(), "a"].join(".").as_bytes()));
    }
}
