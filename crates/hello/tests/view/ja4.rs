//! What a client's JA4 fingerprint is: the published ones, then each rule alone.

use lastword_hello::{ClientHello, Ja4};

use crate::view::builder::{Body, extension, typical, u8_vector, u16_vector, with_extensions};

/// What of a hello is in its fingerprint. Lists are in the client's order, GREASE included, as
/// hexadecimal digits.
struct Facts {
    fingerprint: &'static str,
    legacy_version: [u8; 2],
    versions: &'static str,
    alpn: &'static [&'static [u8]],
    suites: &'static str,
    extensions: &'static str,
    schemes: &'static str,
}

const NONE: Facts = Facts {
    fingerprint: "",
    legacy_version: [3, 3],
    versions: "",
    alpn: &[],
    suites: "",
    extensions: "",
    schemes: "",
};

const H2: &[&[u8]] = &[b"h2", b"http/1.1"];
const CHROME_SCHEMES: &str = "0403,0804,0401,0503,0805,0501,0806,0601";
const CHROME_SUITES: &str = "aaaa,1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,\
                             009d,002f,0035";

/// Fingerprints and the facts of the hellos they are of, from the recorded connections that the
/// publishers of JA4 test with: <https://github.com/FoxIO-LLC/ja4>, the first from
/// technical_details/JA4.md, the others from pcap/ and python/test/testdata/: browsers-x509,
/// tls-handshake (port 50153), badcurveball, tls12, macos_tcp_flags, ipv6, https3-301-get, latest
/// (port 52937).
#[rustfmt::skip]
const PUBLISHED: [Facts; 9] = [
    Facts {
        fingerprint: "t13d1516h2_8daaf6152771_e5627efa2ab1",
        versions: "0304,0303", alpn: H2, schemes: CHROME_SCHEMES,
        suites: "1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035",
        extensions: "001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015",
        ..NONE
    },
    Facts {
        fingerprint: "t13d1516h2_8daaf6152771_e5627efa2ab1",
        versions: "9a9a,0304,0303", alpn: H2, suites: CHROME_SUITES, schemes: CHROME_SCHEMES,
        extensions: "6a6a,000d,0000,000a,0005,000b,002b,001b,ff01,0033,4469,002d,0023,0017,0012,0010,0a0a,0015",
        ..NONE
    },
    Facts {
        fingerprint: "t13d1517h1_8daaf6152771_6cdcb247c39b",
        versions: "eaea,0304,0303", alpn: &[b"http/1.1"], suites: CHROME_SUITES, schemes: CHROME_SCHEMES,
        extensions: "eaea,0000,0017,0005,002b,0012,0023,000a,0033,0010,002d,001b,4469,000b,000d,ff01,fafa,0015,0029",
        ..NONE
    },
    Facts {
        fingerprint: "t13d1615h2_46e7e9700bed_45f260be83e2",
        versions: "2a2a,0304,0303,0302,0301", alpn: H2,
        suites: "aaaa,1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035,000a",
        extensions: "4a4a,0000,0017,ff01,000a,000b,0023,0010,0005,000d,0012,0033,002d,002b,001b,7a7a,0015",
        schemes: "0403,0804,0401,0503,0805,0501,0806,0601,0201",
        ..NONE
    },
    Facts {
        fingerprint: "t13d1715h2_5b57614c22b0_3d5424432f57",
        versions: "0304,0303", alpn: H2,
        suites: "1301,1303,1302,c02b,c02f,cca9,cca8,c02c,c030,c00a,c009,c013,c014,009c,009d,002f,0035",
        extensions: "0000,0017,ff01,000a,000b,0023,0010,0005,0022,0033,002b,000d,002d,001c,0015",
        schemes: "0403,0503,0603,0804,0805,0806,0401,0501,0601,0203,0201",
        ..NONE
    },
    Facts {
        // with one scheme twice
        fingerprint: "t13d2613h2_2802a3db6c62_845d286b0d67",
        versions: "0304,0303,0302,0301", alpn: H2,
        suites: "1301,1302,1303,c02c,c02b,c024,c023,c00a,c009,cca9,c030,c02f,c028,c027,c014,c013,cca8,009d,009c,003d,003c,0035,002f,c008,c012,000a",
        extensions: "ff01,0000,0017,000d,0005,0012,0010,000b,0033,002d,002b,000a,0015",
        schemes: "0403,0804,0401,0503,0203,0805,0805,0501,0806,0601,0201",
        ..NONE
    },
    Facts {
        fingerprint: "t12d4605h2_85626a9a5f7f_aaf95bb78ec9",
        alpn: H2,
        suites: "c030,c02c,c028,c024,c014,c00a,009f,006b,0039,cca9,cca8,ccaa,ff85,00c4,0088,0081,009d,003d,0035,00c0,0084,c02f,c02b,c027,c023,c013,c009,009e,0067,0033,00be,0045,009c,003c,002f,00ba,0041,c011,c007,0005,0004,c012,c008,0016,000a,00ff",
        extensions: "0000,000b,000a,000d,0010",
        schemes: "0601,0603,efef,0501,0503,0401,0403,eeee,eded,0301,0303,0201,0203",
        ..NONE
    },
    Facts {
        fingerprint: "t10d230100_6a57a6f57151_000000000000",
        legacy_version: [3, 1],
        suites: "0039,0038,0035,0016,0013,000a,0033,0032,002f,009a,0099,0096,0005,0004,0015,0012,0009,0014,0011,0008,0006,0003,00ff",
        extensions: "0000",
        ..NONE
    },
    Facts {
        fingerprint: "t12d190800_d83cc789557e_7af1ed941c26",
        suites: "c02c,c02b,c030,c02f,c024,c023,c028,c027,c00a,c009,c014,c013,009d,009c,003d,003c,0035,002f,000a",
        extensions: "0000,0005,000a,000b,000d,0023,0017,ff01",
        schemes: "0804,0805,0806,0401,0501,0201,0403,0503,0203,0202,0601,0603",
        ..NONE
    },
];

fn codes(digits: &str) -> Vec<u16> {
    let codes = digits.split(',').filter(|digits| !digits.is_empty());
    codes
        .map(|digits| u16::from_str_radix(digits, 16).unwrap())
        .collect()
}

fn bytes(digits: &str) -> Vec<u8> {
    codes(digits)
        .into_iter()
        .flat_map(u16::to_be_bytes)
        .collect()
}

impl Facts {
    fn extension(&self, code: u16) -> Vec<u8> {
        let data = match code {
            0 => u16_vector(&[&[0][..], &u16_vector(b"example.com")].concat()),
            10 => u16_vector(&[0, 29]),
            13 => u16_vector(&bytes(self.schemes)),
            16 => u16_vector(
                &self
                    .alpn
                    .iter()
                    .flat_map(|name| u8_vector(name))
                    .collect::<Vec<_>>(),
            ),
            43 => u8_vector(&bytes(self.versions)),
            51 => u16_vector(&[]),
            _ => Vec::new(),
        };
        extension(code, &data)
    }

    fn ja4(&self) -> String {
        let extensions = codes(self.extensions)
            .into_iter()
            .flat_map(|code| self.extension(code));
        let mut message = Body {
            cipher_suites: u16_vector(&bytes(self.suites)),
            extensions: u16_vector(&extensions.collect::<Vec<_>>()),
            ..Body::default()
        }
        .message();
        message[4..6].copy_from_slice(&self.legacy_version);
        ja4(&message).to_string()
    }
}

fn ja4(message: &[u8]) -> Ja4 {
    ClientHello::parse(message).unwrap().ja4()
}

#[test]
fn published_fingerprints_come_out_of_the_facts_they_are_of() {
    for facts in PUBLISHED {
        assert_eq!(facts.ja4(), facts.fingerprint);
    }
}

#[test]
fn a_fingerprint_is_shown_as_it_is() {
    let ja4 = ja4(&typical());
    assert_eq!(ja4.as_str(), "t13d0308h2_342068d8c85c_2b5f0c459986");
    assert_eq!(ja4.to_string(), ja4.as_str());
    assert_eq!(ja4.as_ref(), ja4.as_str());
    assert_eq!(ja4.as_str().len(), Ja4::LEN);
    assert_eq!(format!("{ja4:>38}"), format!("  {ja4}"));
    assert_eq!(format!("{ja4:?}"), format!("Ja4({ja4})"));
}

/// What a fingerprint says of the newest version.
fn version(legacy_version: [u8; 2], versions: &'static str) -> String {
    let extensions = if versions.is_empty() { "" } else { "002b" };
    let facts = Facts {
        legacy_version,
        versions,
        extensions,
        suites: "1301",
        ..NONE
    };
    facts.ja4()[1..3].to_owned()
}

#[test]
fn the_version_is_the_newest_offered() {
    assert_eq!(version([3, 3], "0303,0304,0302"), "13");
    assert_eq!(version([3, 3], "fafa,0303"), "12");
    assert_eq!(version([3, 3], "7f1c"), "00");
    assert_eq!(version([3, 3], "0a0a"), "00");
    let legacy = [[3, 3], [3, 2], [3, 1], [3, 0], [0, 2], [3, 9]];
    assert_eq!(
        legacy.map(|legacy| version(legacy, "")),
        ["12", "11", "10", "s3", "s2", "00"]
    );
}

/// What a fingerprint says of these protocols: the rules and examples of JA4.md.
fn alpn(names: &[&[u8]]) -> String {
    let names: Vec<_> = names.iter().flat_map(|name| u8_vector(name)).collect();
    let message = with_extensions(&[extension(16, &u16_vector(&names))]);
    ja4(&message).as_str()[8..10].to_owned()
}

#[test]
fn alpn_is_the_first_and_the_last_character_of_the_first_protocol() {
    assert_eq!(alpn(&[b"h2", b"http/1.1"]), "h2");
    assert_eq!(alpn(&[b"http/1.1"]), "h1");
    assert_eq!(alpn(&[b"Z"]), "ZZ");
    assert_eq!(ja4(&with_extensions(&[])).as_str()[8..10], *"00");
}

#[test]
fn alpn_that_is_not_letters_and_digits_is_told_by_hexadecimal_digits() {
    for (name, expected) in [
        (&[0xab][..], "ab"),
        (&[0x20], "20"),
        (&[0xab, 0xcd], "ad"),
        (&[0x20, 0x61], "21"),
        (&[0x30, 0xab], "3b"),
        (&[0x61, 0x20], "60"),
        (&[0x30, 0x31, 0xab, 0xcd], "3d"),
        (&[0x30, 0xab, 0xcd, 0x31], "01"),
        (&[0xba, 0xad], "bd"), // pcap/tls-non-ascii-alpn, published as 99 before there was the rule
    ] {
        assert_eq!(alpn(&[name, b"h2"]), expected, "{name:02x?}");
    }
}

#[test]
fn grease_counts_nowhere() {
    assert_eq!(alpn(&[b"\x0a\x0a", b"\xfa\xfa", b"h2"]), "h2");
    assert_eq!(alpn(&[b"\x0a\x0a"]), "00");
    let plain = Facts {
        versions: "0304",
        alpn: H2,
        suites: "1301",
        extensions: "002b,0010,000d",
        schemes: "0403",
        ..NONE
    };
    let greased = Facts {
        versions: "fafa,0304",
        suites: "1301,2a2a",
        extensions: "1a1a,002b,0010,000d,3a3a",
        schemes: "5a5a,0403,6a6a",
        ..plain
    };
    assert_eq!(greased.ja4(), plain.ja4());
    let only = Facts {
        suites: "2a2a",
        extensions: "1a1a,0010",
        alpn: H2,
        ..NONE
    };
    assert_eq!(only.ja4(), "t12i0001h2_000000000000_000000000000");
}

#[test]
fn a_server_name_that_is_an_address_is_a_server_name() {
    let address = u16_vector(&[&[0][..], &u16_vector(b"127.0.0.1")].concat());
    let ja4 = ja4(&with_extensions(&[extension(0, &address)]));
    assert_eq!(ja4.as_str()[..8], *"t12d0101");
}

#[test]
fn more_than_99_are_counted_as_99() {
    let suites: Vec<_> = (0..100_u16).flat_map(u16::to_be_bytes).collect();
    let extensions: Vec<_> = (100..200).map(|code| extension(code, &[])).collect();
    let count = |suites: &[u8], extensions: &[Vec<u8>]| {
        let message = Body {
            cipher_suites: u16_vector(suites),
            extensions: u16_vector(&extensions.concat()),
            ..Body::default()
        }
        .message();
        ja4(&message).as_str()[4..8].to_owned()
    };
    assert_eq!(count(&suites, &extensions), "9999");
    assert_eq!(count(&suites[2..], &extensions[1..]), "9999");
    assert_eq!(count(&suites[4..], &extensions[2..]), "9898");
    assert_eq!(count(&suites[..18], &extensions[..10]), "0910");
}
