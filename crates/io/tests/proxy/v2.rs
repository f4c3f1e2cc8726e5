//! Headers of version 2.

use lastword_io::proxy::{
    Command, DEFAULT_LIMIT, Parsed, ProxyError, ProxyHeader, TlvType, Transport, Version,
};

use crate::proxy::{error, header, missing, oracle, words};

const SIGNATURE: &[u8] = b"\x0d\x0a\x0d\x0a\x00\x0d\x0a\x51\x55\x49\x54\x0a";
/// 192.0.2.7:50000 to 198.51.100.1:443
const IPV4: &[u8] = &[192, 0, 2, 7, 198, 51, 100, 1, 0xc3, 0x50, 0x01, 0xbb];
const PROXY: u8 = 0x21;
const LOCAL: u8 = 0x20;

/// A header with the length of its content.
pub(crate) fn bytes(version_command: u8, family_transport: u8, content: &[&[u8]]) -> Vec<u8> {
    let content = content.concat();
    let [high, low] = (content.len() as u16).to_be_bytes();
    let fixed = [version_command, family_transport, high, low];
    [SIGNATURE, &fixed, &content].concat()
}

fn tlv(kind: u8, value: &[u8]) -> Vec<u8> {
    let [high, low] = (value.len() as u16).to_be_bytes();
    [&[kind, high, low], value].concat()
}

#[test]
fn a_header_of_ipv4_has_both_addresses() {
    for (byte, transport) in [(0x11, Transport::Stream), (0x12, Transport::Datagram)] {
        let header = header(&bytes(PROXY, byte, &[IPV4]));
        assert_eq!(header.version(), Version::V2);
        assert_eq!(header.command(), Command::Proxy);
        assert_eq!(header.transport(), transport);
        assert_eq!(header.source(), Some("192.0.2.7:50000".parse().unwrap()));
        assert_eq!(
            header.destination(),
            Some("198.51.100.1:443".parse().unwrap())
        );
        assert_eq!(header.tlvs().count(), 0);
    }
}

#[test]
fn a_header_of_ipv6_has_both_addresses() {
    let mut content = [0; 36];
    content[..4].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8]);
    content[15] = 7;
    content[31] = 1;
    content[32..].copy_from_slice(&[0xc3, 0x50, 0x01, 0xbb]);
    for (byte, transport) in [(0x21, Transport::Stream), (0x22, Transport::Datagram)] {
        let header = header(&bytes(PROXY, byte, &[&content]));
        assert_eq!(header.transport(), transport);
        assert_eq!(
            header.source(),
            Some("[2001:db8::7]:50000".parse().unwrap())
        );
        assert_eq!(header.destination(), Some("[::1]:443".parse().unwrap()));
    }
}

#[test]
fn a_header_of_unix_sockets_has_both_paths() {
    let mut content = [0; 216];
    content[..5].copy_from_slice(b"\0name");
    content[108..].copy_from_slice(&[b'x'; 108]);
    let header = header(&bytes(PROXY, 0x31, &[&content, &tlv(5, b"id")]));
    assert_eq!(header.transport(), Transport::Stream);
    assert_eq!(header.unix_source(), Some(&b"\0name"[..]));
    assert_eq!(header.unix_destination(), Some(&[b'x'; 108][..]));
    assert_eq!((header.source(), header.destination()), (None, None));
    assert_eq!(header.unique_id(), Some(&b"id"[..]));
}

#[test]
fn what_local_and_unspecified_headers_hold_is_ignored() {
    for (version_command, family_transport) in [
        (LOCAL, 0x00),
        (LOCAL, 0x11),
        (LOCAL, 0x21),
        (LOCAL, 0xff),
        (PROXY, 0x00),
        (PROXY, 0x01),
        (PROXY, 0x10),
        (PROXY, 0x20),
        (PROXY, 0x30),
    ] {
        for content in [&b""[..], b"x", IPV4, &[0xff; 300]] {
            let header = header(&bytes(version_command, family_transport, &[content]));
            let is_local = header.command() == Command::Local;
            assert_eq!(is_local, version_command == LOCAL);
            assert_eq!(header.transport(), Transport::Unspecified);
            assert_eq!((header.source(), header.destination()), (None, None));
            assert_eq!(header.unix_source(), None);
            assert_eq!(header.tlvs().count(), 0);
        }
    }
}

#[test]
fn the_values_are_kept_in_their_order() {
    let values = [
        tlv(1, b"h2"),
        tlv(2, b"example.com"),
        tlv(4, &[0; 9]),
        tlv(5, b"\x01\x02"),
        tlv(0x20, b"\x07\0\0\0\0\x21\0\x07TLSv1.3"),
        tlv(0xea, b"\x01vpce-1"),
        tlv(1, b"ignored"),
        tlv(0xe0, b""),
    ];
    let header = header(&bytes(PROXY, 0x11, &[IPV4, &values.concat()]));
    assert_eq!(header.alpn(), Some(&b"h2"[..]));
    assert_eq!(header.authority(), Some(&b"example.com"[..]));
    assert_eq!(header.unique_id(), Some(&b"\x01\x02"[..]));
    assert_eq!(header.ssl(), Some(&b"\x07\0\0\0\0\x21\0\x07TLSv1.3"[..]));
    let kinds = Vec::from_iter(header.tlvs().map(|(TlvType(kind), _)| kind));
    assert_eq!(kinds, [1, 2, 4, 5, 0x20, 0xea, 1, 0xe0]);
    assert_eq!(header.tlvs().last(), Some((TlvType(0xe0), &b""[..])));
}

#[test]
fn a_checksum_is_verified_wherever_it_stands() {
    let zero = tlv(3, &[0; 4]);
    for (before, after, checksum) in [
        (vec![], vec![], 0xdc96_ba07),
        (tlv(1, b"h2"), vec![], 0x1e4c_5c94),
        (tlv(1, b"h2"), tlv(5, b"id"), 0x5dfc_0540_u32),
    ] {
        let mut whole = bytes(PROXY, 0x11, &[IPV4, &before, &zero, &after]);
        let at = whole.len() - after.len() - 4;
        let computed = independent_crc32c(&whole);
        assert_eq!(computed, checksum, "{computed:#x}");
        let received = checksum ^ 0x80;
        for (value, is_right) in [(checksum, true), (received, false)] {
            whole[at..at + 4].copy_from_slice(&value.to_be_bytes());
            match is_right {
                true => assert_eq!(header(&whole).tlvs().filter(|it| it.0.0 == 3).count(), 1),
                false => assert_eq!(error(&whole), ProxyError::Checksum { received, computed }),
            }
        }
        whole[at..at + 4].copy_from_slice(&checksum.to_be_bytes());
        for byte in 16..whole.len() {
            let mut altered = whole.clone();
            altered[byte] ^= 1;
            let is_error = ProxyHeader::parse(&altered).is_err();
            // only a checksum that is none any more can be missing
            assert!(is_error || altered[at - 3] != 3, "byte {byte}");
        }
    }
}

/// CRC-32C with the polynomial and the bits in their order, not reflected.
pub(crate) fn independent_crc32c(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(byte.reverse_bits()) << 24;
        for _ in 0..8 {
            let carry = crc >> 31 == 1;
            crc <<= 1;
            if carry {
                crc ^= 0x1edc_6f41;
            }
        }
    }
    !crc.reverse_bits()
}

#[test]
fn asks_for_exactly_what_is_missing() {
    let whole = bytes(PROXY, 0x11, &[IPV4, &tlv(1, b"h2")]);
    for end in 1..16 {
        assert_eq!(missing(&whole[..end]), 16 - end);
    }
    for end in 16..whole.len() {
        assert_eq!(missing(&whole[..end]), whole.len() - end);
    }
    let behind = oracle::check(&[&whole[..], b"\x16\x03\x01"].concat(), DEFAULT_LIMIT);
    assert!(matches!(behind, Ok(Parsed::Complete { len: 33, .. })));
}

#[test]
fn a_header_over_the_limit_is_an_error_by_its_first_16_bytes() {
    let fixed = |length: u16| [SIGNATURE, &[PROXY, 0x11], &length.to_be_bytes()].concat();
    assert_eq!(missing(&fixed(4096)), 4096);
    let over = ProxyError::TooLong {
        length: 4097,
        limit: 4096,
    };
    assert_eq!(error(&fixed(4097)), over);
    assert_eq!(
        over.to_string(),
        "PROXY header of version 2 is too long: 4097 bytes after its first 16, and the limit is 4096"
    );
    for (limit, allowed) in [(11, false), (12, true), (u16::MAX, true)] {
        let parsed = oracle::check(&bytes(PROXY, 0x11, &[IPV4]), limit);
        assert_eq!(parsed.is_ok(), allowed);
    }
    let local = bytes(LOCAL, 0, &[&[0; 4097]]);
    assert_eq!(error(&local), over);
    let most = oracle::check(&fixed(u16::MAX), u16::MAX);
    assert_eq!(most, Ok(Parsed::NeedsInput(65535)));
}

/// Each header is malformed as the words say.
fn assert_malformed<const N: usize>(cases: [(Vec<u8>, &str); N]) {
    for (bytes, expected) in cases {
        let words = words(&bytes);
        let header = "malformed PROXY header of version 2: ";
        assert_eq!(words.strip_prefix(header), Some(expected));
    }
}

#[test]
fn an_error_says_which_of_the_fixed_bytes_is_malformed() {
    for (version, byte) in [(3, 0x31), (1, 0x11)] {
        let expected =
            format!("PROXY header of version {version}, but a binary header must have version 2");
        assert_eq!(words(&bytes(byte, 0x11, &[IPV4])), expected);
    }
    assert_malformed([
        (
            bytes(0x22, 0x11, &[IPV4]),
            "the command is 2, not 0 (LOCAL) or 1 (PROXY)",
        ),
        (
            bytes(PROXY, 0x41, &[IPV4]),
            "the address family is 4, not 0 (unspecified), 1 (IPv4), 2 (IPv6) or 3 (Unix)",
        ),
        (
            bytes(PROXY, 0x13, &[IPV4]),
            "the transport protocol is 3, not 0 (unspecified), 1 (stream) or 2 (datagram)",
        ),
        (
            bytes(PROXY, 0x11, &[&IPV4[1..]]),
            "11 bytes after its first 16, but IPv4 addresses take 12",
        ),
        (
            bytes(PROXY, 0x21, &[&[0; 35]]),
            "35 bytes after its first 16, but IPv6 addresses take 36",
        ),
        (
            bytes(PROXY, 0x31, &[&[0; 215]]),
            "215 bytes after its first 16, but Unix addresses take 216",
        ),
    ]);
}

#[test]
fn an_error_says_which_value_is_malformed() {
    let with = |values: &[u8]| bytes(PROXY, 0x11, &[IPV4, values]);
    assert_malformed([
        (
            with(&[1, 1, 0, 7]),
            "the TLV of type 0x01 has length 256, but only 1 of its bytes are in the header",
        ),
        (
            with(&[0xea, 0, 1]),
            "the TLV of type 0xea has length 1, but only 0 of its bytes are in the header",
        ),
        (
            with(&[1, 0]),
            "the bytes after the last TLV (2) are too few for another, which has at least 3",
        ),
        (
            with(&[1, 0, 0, 1]),
            "the bytes after the last TLV (1) are too few for another, which has at least 3",
        ),
        (
            with(&tlv(3, &[0; 3])),
            "the checksum (CRC32C) has 3 bytes, not 4",
        ),
    ]);
    let checksum = ProxyError::Checksum {
        received: 1,
        computed: 0xffff_0000,
    };
    assert_eq!(
        checksum.to_string(),
        "PROXY header of version 2 was altered on its way: its checksum (CRC32C) is 0x00000001, and its bytes give 0xffff0000"
    );
}

#[test]
fn a_second_checksum_is_an_error() {
    let mut whole = bytes(PROXY, 0x11, &[IPV4, &tlv(3, &[0; 4]), &tlv(3, &[0; 4])]);
    let checksum = independent_crc32c(&whole);
    whole[31..35].copy_from_slice(&checksum.to_be_bytes());
    assert_eq!(error(&whole), ProxyError::SecondChecksum);
}
