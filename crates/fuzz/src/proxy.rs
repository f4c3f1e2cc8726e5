//! PROXY headers: the same in any chunks, and what their bytes say.

use lastword_io::proxy::DEFAULT_LIMIT;

use crate::oracle;

const LIMITS: [u16; 4] = [DEFAULT_LIMIT, 64, 0, u16::MAX];

/// The oracle.
pub fn check(data: &[u8]) {
    let Some((setup, bytes)) = data.split_first() else {
        return;
    };
    let limit = LIMITS[usize::from(*setup) % LIMITS.len()];
    let _header_or_error = oracle::check(bytes, limit);
}

/// The inputs to begin with: headers of both versions, whole, cut and malformed.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let lines = [
        "PROXY TCP4 192.0.2.7 198.51.100.1 50000 443\r\n\x16\x03\x01",
        "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
        "PROXY TCP6 2001:db8::7 ::1 1 443\r\n",
        "PROXY TCP6 ::ffff:192.0.2.7 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 0 65535\r\n",
        "PROXY UNKNOWN\r\n",
        "PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 050000 +443\r\n",
        "PROXY TCP4 ::1 ::2 1 2\r\n",
        "PROXY UDP4 192.0.2.7 198.51.100.1 50000 443\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ];
    let mut headers: Vec<Vec<u8>> = lines.map(|line| line.as_bytes().to_vec()).into();
    let values = [
        &b"\x01\x00\x02h2"[..],
        b"\x02\x00\x0bexample.com\x05\x00\x02id",
        b"\x20\x00\x0f\x07\0\0\0\0\x21\0\x07TLSv1.3",
        b"\x03\x00\x04\xdc\x96\xba\x07", // the checksum of the first of the headers
        b"\x03\x00\x04\x00\x00\x00\x00",
        b"\x04\x01\x00\x00",
        b"",
    ];
    for (version_command, family_transport, addresses) in [
        (
            0x21,
            0x11,
            &b"\xc0\0\x02\x07\xc6\x33\x64\x01\xc3\x50\x01\xbb"[..],
        ),
        (0x21, 0x22, &[0x20; 36]),
        (0x21, 0x31, &[b'/'; 216]),
        (0x20, 0x00, b""),
        (0x21, 0x00, b""),
        (0x31, 0x44, b""),
    ] {
        for values in values {
            let content = [addresses, values].concat();
            let [high, low] = (content.len() as u16).to_be_bytes();
            let fixed = [version_command, family_transport, high, low];
            headers.push([b"\r\n\r\n\0\r\nQUIT\n", &fixed[..], &content].concat());
        }
    }
    let setups = |header: Vec<u8>| [0, 1].map(|setup| [&[setup], &header[..]].concat());
    headers.into_iter().flat_map(setups).collect()
}
