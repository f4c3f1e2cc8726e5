//! Properties of any bytes, and of any valid header.

use std::net::{IpAddr, SocketAddr};

use lastword_io::proxy::{Parsed, ProxyHeader, Transport};
use lastword_testkit::cases;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::proxy::oracle;
use crate::proxy::v2::{bytes, independent_crc32c};

/// Bytes that are near a header more often than any bytes.
fn near() -> impl Strategy<Value = Vec<u8>> {
    let start = prop::sample::select(vec![
        &b""[..],
        b"PROXY ",
        b"PROXY TCP4 ",
        b"PROXY TCP6 ::1 ",
        b"PROXY UNKNOWN",
        b"\r\n\r\n\0\r\nQUIT\n",
        b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00",
        b"\r\n\r\n\0\r\nQUIT\n\x20\x00\x00\x05",
    ]);
    let text = "[0-9a-f:. \r\n]{0,120}".prop_map(String::into_bytes);
    let rest = prop_oneof![vec(any::<u8>(), 0..300), text];
    let end = prop::sample::select(vec![&b""[..], b"\r", b"\r\n"]);
    (start, rest, end).prop_map(|(start, rest, end)| [start, &rest, end].concat())
}

/// A header of version 2, as it is written.
#[derive(Clone, Debug)]
struct Written {
    source: SocketAddr,
    destination: SocketAddr,
    is_stream: bool,
    values: Vec<(u8, Vec<u8>)>,
    /// Before which value the checksum stands, if there is one.
    checksum: Option<usize>,
}

impl Written {
    fn to_bytes(&self) -> Vec<u8> {
        let octets = |address: &SocketAddr| match address.ip() {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        };
        let family = if self.source.is_ipv4() { 0x10 } else { 0x20 };
        let transport = if self.is_stream { 1 } else { 2 };
        let mut content = [octets(&self.source), octets(&self.destination)].concat();
        content.extend(self.source.port().to_be_bytes());
        content.extend(self.destination.port().to_be_bytes());
        let mut checksum_at = None;
        for (at, (kind, value)) in self.values().iter().enumerate() {
            content.push(*kind);
            content.extend((value.len() as u16).to_be_bytes());
            if Some(at) == self.checksum {
                checksum_at = Some(16 + content.len());
            }
            content.extend(value);
        }
        let mut whole = bytes(0x21, family | transport, &[&content]);
        if let Some(at) = checksum_at {
            let checksum = independent_crc32c(&whole);
            whole[at..at + 4].copy_from_slice(&checksum.to_be_bytes());
        }
        whole
    }

    /// The values, the checksum included as zero.
    fn values(&self) -> Vec<(u8, Vec<u8>)> {
        let mut values = self.values.clone();
        if let Some(at) = self.checksum {
            values.insert(at, (3, vec![0; 4]));
        }
        values
    }
}

fn written() -> impl Strategy<Value = Written> {
    let v4 = (any::<([u8; 4], [u8; 4])>()).prop_map(|(a, b)| (IpAddr::from(a), IpAddr::from(b)));
    let v6 = (any::<([u8; 16], [u8; 16])>()).prop_map(|(a, b)| (IpAddr::from(a), IpAddr::from(b)));
    let kind = any::<u8>().prop_filter("not a checksum", |kind| *kind != 3);
    let values = vec((kind, vec(any::<u8>(), 0..300)), 0..6);
    let checksum = prop::option::of(any::<prop::sample::Index>());
    let ports = any::<(u16, u16)>();
    (prop_oneof![v4, v6], ports, any::<bool>(), values, checksum).prop_map(
        |((source, destination), ports, is_stream, values, checksum)| Written {
            source: SocketAddr::new(source, ports.0),
            destination: SocketAddr::new(destination, ports.1),
            is_stream,
            checksum: checksum.map(|at| at.index(values.len() + 1)),
            values,
        },
    )
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn any_bytes_have_one_result_however_they_are_cut(bytes in near(), limit in 0..400_u16) {
        let _ = oracle::check(&bytes, limit);
    }

    #[test]
    fn a_header_says_what_was_written(written in written(), rest in vec(any::<u8>(), 0..20)) {
        let whole = written.to_bytes();
        let parsed = oracle::check(&[&whole[..], &rest].concat(), u16::MAX);
        let Ok(Parsed::Complete { header, len }) = parsed else {
            panic!("{parsed:?}");
        };
        prop_assert_eq!(len, whole.len());
        prop_assert_eq!(header.source(), Some(written.source));
        prop_assert_eq!(header.destination(), Some(written.destination));
        prop_assert_eq!(header.transport() == Transport::Stream, written.is_stream);
        let values = header.tlvs().map(|(kind, value)| match kind.0 {
            3 => (3, vec![0; 4]),
            kind => (kind, value.to_vec()),
        });
        prop_assert_eq!(Vec::from_iter(values), written.values());
    }

    #[test]
    fn a_line_says_what_was_written(written in written()) {
        let Written { source, destination, .. } = written;
        let family = if source.is_ipv4() { "TCP4" } else { "TCP6" };
        let line = format!(
            "PROXY {family} {} {} {} {}\r\n",
            source.ip(), destination.ip(), source.port(), destination.port()
        );
        let parsed = oracle::check(line.as_bytes(), 0);
        let Ok(Parsed::Complete { header, len }) = parsed else {
            panic!("{parsed:?}");
        };
        prop_assert_eq!(len, line.len());
        prop_assert_eq!(header.source(), Some(source));
        prop_assert_eq!(header.destination(), Some(destination));
    }

    #[test]
    fn an_altered_byte_of_a_header_with_a_checksum_is_an_error(
        written in written(), at in any::<prop::sample::Index>(), by in 1..=u8::MAX,
    ) {
        let written = Written { checksum: Some(0), ..written };
        let mut whole = written.to_bytes();
        let addresses = if written.source.is_ipv4() { 12 } else { 36 };
        // anything but what says that there is a checksum, and where
        let at = 16 + at.index(whole.len() - 16);
        prop_assume!(!(16 + addresses..16 + addresses + 3).contains(&at));
        whole[at] ^= by;
        prop_assert!(ProxyHeader::parse_with_limit(&whole, u16::MAX).is_err());
    }
}
