//! Builds a `ClientHello`, valid or with any fault.

use lastword_record::{ContentType, HandshakeType, ProtocolVersion};

use super::lists::numbers;
use super::{handshake, prefixed_u8, prefixed_u16, record};

/// The base point of X25519 (RFC 7748 section 4.1), a valid key share.
pub const BASE_POINT_X25519: [u8; 32] = {
    let mut point = [0; 32];
    point[0] = 9;
    point
};

/// The base point of P-256, uncompressed (SEC 2 section 2.4.2), a valid key share.
pub const BASE_POINT_P256: [u8; 65] = [
    0x04, // uncompressed
    0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2,
    0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
    0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16,
    0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
];

/// The extensions that this crate writes (RFC 8446 section 4.2 and IANA's registry).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExtensionType(pub u16);

impl ExtensionType {
    /// `server_name`, RFC 6066 section 3.
    pub const SERVER_NAME: Self = Self(0);
    /// `max_fragment_length`, RFC 6066 section 4.
    pub const MAX_FRAGMENT_LENGTH: Self = Self(1);
    /// `supported_groups`, RFC 8446 section 4.2.7.
    pub const SUPPORTED_GROUPS: Self = Self(10);
    /// `ec_point_formats`, RFC 8422 section 5.1.2.
    pub const EC_POINT_FORMATS: Self = Self(11);
    /// `signature_algorithms`, RFC 8446 section 4.2.3.
    pub const SIGNATURE_ALGORITHMS: Self = Self(13);
    /// `application_layer_protocol_negotiation`, RFC 7301 section 3.1.
    pub const ALPN: Self = Self(16);
    /// `extended_master_secret`, RFC 7627 section 5.1.
    pub const EXTENDED_MASTER_SECRET: Self = Self(23);
    /// `pre_shared_key`, RFC 8446 section 4.2.11.
    pub const PRE_SHARED_KEY: Self = Self(41);
    /// `supported_versions`, RFC 8446 section 4.2.1.
    pub const SUPPORTED_VERSIONS: Self = Self(43);
    /// `psk_key_exchange_modes`, RFC 8446 section 4.2.9.
    pub const PSK_KEY_EXCHANGE_MODES: Self = Self(45);
    /// `key_share`, RFC 8446 section 4.2.8.
    pub const KEY_SHARE: Self = Self(51);
}

/// A `ClientHello` as its fields. All are public, and none is checked.
///
/// A rustls server answers the [`default`](Self::default) with a `ServerHello` of TLS 1.3, or of
/// TLS 1.2 if it has no TLS 1.3. Change a field to make a fault, and then call
/// [`message`](Self::message) or [`record`](Self::record).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelloBuilder {
    /// `legacy_version`.
    pub legacy_version: u16,
    /// `random`; valid if it has 32 bytes.
    pub random: Vec<u8>,
    /// `legacy_session_id`; valid if it has at most 32 bytes.
    pub session_id: Vec<u8>,
    /// `cipher_suites`.
    pub suites: Vec<u16>,
    /// `legacy_compression_methods`.
    pub compression: Vec<u8>,
    /// The extensions in order, type and content; `None` leaves out the list and its length, as
    /// TLS before 1.3 allows.
    pub extensions: Option<Vec<(ExtensionType, Vec<u8>)>>,
    /// The bytes after the extensions; valid if it is empty.
    pub trailing: Vec<u8>,
}

impl Default for HelloBuilder {
    fn default() -> Self {
        Self {
            legacy_version: 0x0303,
            random: vec![0x5a; 32],
            session_id: vec![0xa5; 32],
            suites: vec![0x1301, 0x1302, 0x1303, 0xc02b, 0xc02c, 0xcca9],
            compression: vec![0],
            extensions: Some(Vec::new()),
            trailing: Vec::new(),
        }
        .server_name("localhost")
        .groups(&[0x001d, 0x0017])
        .extension(ExtensionType::EC_POINT_FORMATS, &prefixed_u8(&[0]))
        .signature_algorithms(&[0x0403, 0x0503, 0x0807, 0x0804, 0x0401])
        .extension(ExtensionType::EXTENDED_MASTER_SECRET, &[])
        .supported_versions(&[0x0304, 0x0303])
        .key_shares(&[(0x001d, &BASE_POINT_X25519)])
    }
}

impl HelloBuilder {
    /// Returns a hello of TLS 1.2: the default without the extensions of TLS 1.3.
    #[must_use]
    pub fn tls12() -> Self {
        Self {
            suites: vec![0xc02b, 0xc02c, 0xcca9],
            ..Self::default()
        }
        .without(ExtensionType::SUPPORTED_VERSIONS)
        .without(ExtensionType::KEY_SHARE)
    }

    /// Sets an extension. If it exists, it is replaced in its place; otherwise it is added after
    /// the last.
    #[must_use]
    pub fn extension(mut self, extension: ExtensionType, content: &[u8]) -> Self {
        let extensions = self.extensions.get_or_insert_default();
        match extensions.iter_mut().find(|(there, _)| *there == extension) {
            Some((_, there)) => *there = content.to_vec(),
            None => extensions.push((extension, content.to_vec())),
        }
        self
    }

    /// Adds an extension after the last, even if it exists already.
    #[must_use]
    pub fn another(mut self, extension: ExtensionType, content: &[u8]) -> Self {
        let extensions = self.extensions.get_or_insert_default();
        extensions.push((extension, content.to_vec()));
        self
    }

    /// Removes an extension.
    #[must_use]
    pub fn without(mut self, extension: ExtensionType) -> Self {
        if let Some(extensions) = &mut self.extensions {
            extensions.retain(|(there, _)| *there != extension);
        }
        self
    }

    /// Sets `server_name` to one DNS name.
    #[must_use]
    pub fn server_name(self, name: &str) -> Self {
        self.server_names(&[name])
    }

    /// Sets `server_name` to a list of DNS names. RFC 6066 section 3 allows only one.
    #[must_use]
    pub fn server_names(self, names: &[&str]) -> Self {
        let names = names
            .iter()
            .flat_map(|name| [&[0][..], &prefixed_u16(name.as_bytes())].concat())
            .collect::<Vec<u8>>();
        self.extension(ExtensionType::SERVER_NAME, &prefixed_u16(&names))
    }

    /// Sets ALPN's protocols.
    #[must_use]
    pub fn alpn(self, protocols: &[&str]) -> Self {
        let protocols = protocols
            .iter()
            .flat_map(|name| prefixed_u8(name.as_bytes()))
            .collect::<Vec<u8>>();
        self.extension(ExtensionType::ALPN, &prefixed_u16(&protocols))
    }

    /// Sets `supported_versions`.
    #[must_use]
    pub fn supported_versions(self, versions: &[u16]) -> Self {
        self.extension(
            ExtensionType::SUPPORTED_VERSIONS,
            &prefixed_u8(&numbers(versions)),
        )
    }

    /// Sets `supported_groups`.
    #[must_use]
    pub fn groups(self, groups: &[u16]) -> Self {
        self.extension(
            ExtensionType::SUPPORTED_GROUPS,
            &prefixed_u16(&numbers(groups)),
        )
    }

    /// Sets `signature_algorithms`.
    #[must_use]
    pub fn signature_algorithms(self, schemes: &[u16]) -> Self {
        self.extension(
            ExtensionType::SIGNATURE_ALGORITHMS,
            &prefixed_u16(&numbers(schemes)),
        )
    }

    /// Sets `key_share`: groups and the bytes of the shares, valid or not.
    #[must_use]
    pub fn key_shares(self, shares: &[(u16, &[u8])]) -> Self {
        let shares = shares
            .iter()
            .flat_map(|(group, share)| [&group.to_be_bytes()[..], &prefixed_u16(share)].concat())
            .collect::<Vec<u8>>();
        self.extension(ExtensionType::KEY_SHARE, &prefixed_u16(&shares))
    }

    /// Sets `key_share` to one X25519 share that rustls makes, a new one at each call.
    ///
    /// # Errors
    ///
    /// The error of rustls, if the system has no random bytes.
    pub fn random_key_share(self) -> Result<Self, rustls::Error> {
        let exchange = rustls::crypto::ring::kx_group::X25519.start()?;
        Ok(self.key_shares(&[(0x001d, exchange.pub_key())]))
    }

    /// Returns the body of the message (RFC 8446 section 4.1.2).
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let mut body = self.legacy_version.to_be_bytes().to_vec();
        body.extend(&self.random);
        body.extend(prefixed_u8(&self.session_id));
        body.extend(prefixed_u16(&numbers(&self.suites)));
        body.extend(prefixed_u8(&self.compression));
        if let Some(extensions) = &self.extensions {
            let extensions = extensions
                .iter()
                .flat_map(|(extension, content)| {
                    [&extension.0.to_be_bytes()[..], &prefixed_u16(content)].concat()
                })
                .collect::<Vec<u8>>();
            body.extend(prefixed_u16(&extensions));
        }
        body.extend(&self.trailing);
        body
    }

    /// Returns the handshake message.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        handshake(HandshakeType::CLIENT_HELLO, &self.body())
    }

    /// Returns the handshake message in one record, with TLS 1.0 in its header.
    #[must_use]
    pub fn record(&self) -> Vec<u8> {
        record(
            ContentType::HANDSHAKE,
            ProtocolVersion::TLS_1_0,
            &self.message(),
        )
    }
}
