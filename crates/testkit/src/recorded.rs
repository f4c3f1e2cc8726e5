//! What real clients say first: the records of their ClientHellos, as they were sent.
//!
//! Which clients, and how they were recorded, is in `hellos/README.md`.

use lastword_record::{LengthLimit, Records};

/// The ClientHello of one client, recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The client with its version, and what it was asked to do where that is not the default.
    pub name: &'static str,
    /// The client's records, header by header, to the one that ends the ClientHello.
    pub bytes: &'static [u8],
}

impl Recorded {
    /// The handshake message, without the headers of its records.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        Records::new(self.bytes, LengthLimit::PLAINTEXT)
            .flat_map(|record| record.payload)
            .copied()
            .collect()
    }
}

/// All there are, by name.
#[must_use]
pub fn all() -> &'static [Recorded] {
    ALL
}

macro_rules! recorded {
    ($($name:literal)*) => {
        &[$(Recorded {
            name: $name,
            bytes: include_bytes!(concat!("../hellos/", $name, ".bin")),
        }),*]
    };
}

static ALL: &[Recorded] = recorded![
    "botan-2.19.3"
    "chromium-148.0.7778.167"
    "curl-7.88.1"
    "curl-7.88.1-tls12"
    "firefox-140.10.2esr"
    "firefox-140.10.2esr-without-mlkem"
    "gnutls-3.7.9"
    "gnutls-3.7.9-resumption"
    "gnutls-3.7.9-tls12"
    "go-1.27.3"
    "go-1.27.3-http"
    "java-17.0.15"
    "java-17.0.15-http"
    "java-17.0.15-tls12"
    "node-20.20.2-fetch"
    "node-20.20.2-https"
    "nss-3.87.1"
    "openssl-3.0.19"
    "openssl-3.0.19-alpn"
    "openssl-3.0.19-fallback"
    "openssl-3.0.19-groups"
    "openssl-3.0.19-resumption"
    "openssl-3.0.19-tls10"
    "openssl-3.0.19-tls11"
    "openssl-3.0.19-tls12"
    "openssl-3.0.19-tls12-dhe"
    "openssl-3.0.19-tls12-resumption"
    "openssl-3.0.19-tls13-nameless"
    "python-3.11.7"
    "rustls-0.23.46"
    "rustls-0.23.46-alpn"
    "rustls-0.23.46-tls12"
    "rustls-0.23.46-tls12-alpn"
];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use lastword_record::{ContentType, HandshakeType, Joined, Joiner};

    use super::*;

    fn folder() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/hellos"))
    }

    fn names() -> Vec<&'static str> {
        all().iter().map(|recorded| recorded.name).collect()
    }

    #[test]
    fn every_one_is_exactly_one_hello_in_whole_records() {
        for recorded in all() {
            let name = recorded.name;
            let mut records = Records::new(recorded.bytes, LengthLimit::PLAINTEXT);
            for record in records.by_ref() {
                assert_eq!(record.header.content_type, ContentType::HANDSHAKE, "{name}");
            }
            assert_eq!(records.remainder(), [], "{name}");
            let mut joiner = Joiner::new();
            let joined = joiner.receive(&recorded.message());
            assert_eq!(joined, Joined::Complete { unused: 0 }, "{name}");
            let is = joiner.handshake_type();
            assert_eq!(is, Some(HandshakeType::CLIENT_HELLO), "{name}");
        }
    }

    #[test]
    fn all_of_the_folder_is_there_by_name() {
        let files = fs::read_dir(folder()).unwrap();
        let names_of_files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut in_folder: Vec<String> = names_of_files
            .filter_map(|file| Some(file.strip_suffix(".bin")?.to_owned()))
            .collect();
        in_folder.sort_unstable();
        assert_eq!(names(), in_folder);
    }

    #[test]
    fn the_readme_has_a_row_for_each_in_the_same_order() {
        let readme = fs::read_to_string(folder().join("README.md")).unwrap();
        let rows = readme.lines().filter_map(|line| line.strip_prefix("| `"));
        let in_readme: Vec<&str> = rows
            .filter_map(|row| Some(row.split_once('`')?.0))
            .collect();
        assert_eq!(names(), in_readme);
    }
}
