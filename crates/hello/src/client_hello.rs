//! A view of a ClientHello in its message.

use core::fmt;

use lastword_record::ProtocolVersion;

use crate::{
    alpn::AlpnProtocols,
    cipher_suite::CipherSuite,
    code_points::{ExtensionType, NamedGroup, SignatureScheme},
    extensions::Extensions,
    key_share::{KeyShareGroups, KeyShares},
    list::{Element, List},
    malformed::Malformed,
    parse::{self, Layout, Span},
    reader::Reader,
};

/// A ClientHello, borrowed from the bytes of the message (RFC 8446 section 4.1.2, RFC 5246
/// section 7.4.1.2).
///
/// [`parse`](Self::parse) checks it once. The other methods copy and allocate nothing. Parsing reads
/// the extensions that nearly every server uses; others are [read when asked
/// for](#extensions-that-are-read-when-asked-for). The bytes of all extensions are available,
/// including unknown ones: [`extension`](Self::extension) finds one, and
/// [`extensions`](Self::extensions) iterates over all.
///
/// ```
/// use lastword_hello::{CipherSuite, ClientHello, NamedGroup, SignatureScheme};
/// use lastword_record::ProtocolVersion;
///
/// # let message = [&[1, 0, 0, 150, 3, 3][..], &[7; 32],
/// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 105], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
/// #     b"example.com", &[0, 43, 0, 5, 4, 3, 4, 3, 3], &[0, 16, 0, 14, 0, 12, 2], b"h2",
/// #     &[8], b"http/1.1", &[0, 10, 0, 4, 0, 2, 0, 29], &[0, 13, 0, 4, 0, 2, 4, 3],
/// #     &[0, 51, 0, 38, 0, 36, 0, 29, 0, 32], &[9; 32]].concat();
/// let hello = ClientHello::parse(&message)?; // the message, without record headers
/// assert_eq!(hello.server_name_as_sent(), Some("example.com"));
/// assert_eq!(hello.alpn().unwrap().next(), Some(&b"h2"[..]));
/// assert!(hello.cipher_suites().contains(CipherSuite::TLS_AES_128_GCM_SHA256));
/// assert!(hello.named_groups().unwrap().contains(NamedGroup::X25519));
/// assert_eq!(hello.key_share_groups().unwrap().next(), Some(NamedGroup::X25519));
/// let mut schemes = hello.signature_schemes().unwrap();
/// assert_eq!(schemes.next(), Some(SignatureScheme::ECDSA_SECP256R1_SHA256));
/// assert_eq!((hello.random(), hello.session_id()), (&[7; 32], &[][..]));
/// assert!(!hello.early_data());
/// assert_eq!(hello.supported_versions().unwrap().next(), Some(ProtocolVersion::TLS_1_3));
/// assert_eq!(hello.legacy_version(), ProtocolVersion::TLS_1_2);
/// assert_eq!(hello.compression_methods(), [0]);
/// assert_eq!(hello.message(), message);
/// # Ok::<(), lastword_hello::Malformed>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ClientHello<'a> {
    message: &'a [u8],
    layout: Layout,
}

impl<'a> ClientHello<'a> {
    /// Parses a complete handshake message, including its header of four bytes.
    ///
    /// ```
    /// use lastword_hello::{ClientHello, Field};
    ///
    /// # let message = [&[1, 0, 0, 65, 3, 3][..], &[7; 32],
    /// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 20], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
    /// #     b"example.com"].concat();
    /// assert!(ClientHello::parse(&message).is_ok());
    /// let malformed = ClientHello::parse(&message[..40]).unwrap_err();
    /// assert_eq!(malformed.field(), Field::Header); // its length is that of the whole message
    /// ```
    ///
    /// # Errors
    ///
    /// [`Malformed`] if the message is not a ClientHello, or if:
    ///
    /// - a part of it is longer than the field that contains it, or bytes are left over;
    /// - an extension is there twice, or `pre_shared_key` is not the last;
    /// - `server_name` has no host name, has two, or has one that is neither a DNS name nor an IP
    ///   address.
    ///
    /// Each ClientHello that rustls accepts is accepted here too.
    pub fn parse(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut hello = Self {
            message,
            layout: Layout::default(),
        };
        parse::parse(message, &mut hello.layout)?;
        Ok(hello)
    }

    /// Returns the view that [`parse`](Self::parse) returned for the same `message`.
    pub(crate) const fn from_layout(message: &'a [u8], layout: Layout) -> Self {
        Self { message, layout }
    }

    /// Returns the result of parsing, for the owner of the bytes to keep.
    pub(crate) const fn layout(&self) -> Layout {
        self.layout
    }

    /// Returns the complete message, including its header of four bytes.
    #[must_use]
    pub const fn message(&self) -> &'a [u8] {
        self.message
    }

    /// Returns `legacy_version`: the newest version that a client of TLS 1.2 or earlier offers. Later
    /// clients use [`supported_versions`](Self::supported_versions).
    #[must_use]
    pub fn legacy_version(&self) -> ProtocolVersion {
        let [high, low] = *self.fixed(parse::LEGACY_VERSION_AT);
        ProtocolVersion(u16::from_be_bytes([high, low]))
    }

    /// Returns `random`.
    #[must_use]
    pub fn random(&self) -> &'a [u8; 32] {
        self.fixed(parse::RANDOM_AT)
    }

    /// Returns `legacy_session_id`, 0 to 32 bytes.
    #[must_use]
    pub fn session_id(&self) -> &'a [u8] {
        let session_id = self.message.get(parse::SESSION_ID_AT..).unwrap_or_default();
        session_id
            .get(..self.layout.session_id_len.into())
            .unwrap_or_default()
    }

    /// Returns `cipher_suites`, at least one, most preferred first.
    #[must_use]
    pub fn cipher_suites(&self) -> List<'a, CipherSuite> {
        self.list(self.layout.cipher_suites)
            .unwrap_or(List::new(&[]))
    }

    /// Returns `legacy_compression_methods`, at least one, each one byte.
    #[must_use]
    pub fn compression_methods(&self) -> &'a [u8] {
        self.bytes(self.layout.compression_methods)
            .unwrap_or_default()
    }

    /// Returns all extensions in the client's order, known or not, as sent. A ClientHello of TLS 1.2
    /// or earlier may have none.
    #[must_use]
    pub fn extensions(&self) -> Extensions<'a> {
        let block = self.bytes(self.layout.extensions).unwrap_or_default();
        Extensions::new(Reader::new(block))
    }

    /// Returns the data of one extension as sent, or `None` if it is absent.
    ///
    /// ```
    /// use lastword_hello::{ClientHello, ExtensionType};
    ///
    /// /// Returns whether the client accepts certificate timestamps, which have no method of their own.
    /// fn accepts_timestamps(hello: &ClientHello<'_>) -> bool {
    ///     hello.extension(ExtensionType::SIGNED_CERTIFICATE_TIMESTAMP).is_some()
    /// }
    /// # let message = [&[1, 0, 0, 49, 3, 3][..], &[7; 32],
    /// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 4], &[0, 18, 0, 0]].concat();
    /// # assert!(accepts_timestamps(&ClientHello::parse(&message).unwrap()));
    /// ```
    #[must_use]
    pub fn extension(&self, extension_type: ExtensionType) -> Option<&'a [u8]> {
        let mut extensions = self.extensions();
        Some(
            extensions
                .find(|each| each.extension_type == extension_type)?
                .data,
        )
    }

    /// Returns the host name in `server_name` as the client spells it. It is a DNS name without a dot
    /// at its end.
    ///
    /// DNS names are not case-sensitive: compare with
    /// [`eq_ignore_ascii_case`](str::eq_ignore_ascii_case), or use
    /// [`Hello::server_name`](crate::Hello::server_name), which is in lower case.
    ///
    /// `None` if the client sent no name. `None` also if it sent an IP address, which RFC 6066
    /// section 3 does not permit: [`server_name_ip`](Self::server_name_ip) returns the address.
    ///
    /// ```
    /// use lastword_hello::ClientHello;
    ///
    /// fn is_for(hello: &ClientHello<'_>, name: &str) -> bool {
    ///     hello.server_name_as_sent().is_some_and(|sent| sent.eq_ignore_ascii_case(name))
    /// }
    /// # let message = [&[1, 0, 0, 65, 3, 3][..], &[7; 32],
    /// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 20], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
    /// #     b"example.com"].concat();
    /// # assert!(is_for(&ClientHello::parse(&message).unwrap(), "EXAMPLE.com"));
    /// ```
    #[must_use]
    pub fn server_name_as_sent(&self) -> Option<&'a str> {
        core::str::from_utf8(self.bytes(self.layout.server_name)?).ok()
    }

    /// Returns the protocols in `application_layer_protocol_negotiation`, at least one, most
    /// preferred first.
    #[must_use]
    pub fn alpn(&self) -> Option<AlpnProtocols<'a>> {
        self.bytes(self.layout.alpn).map(AlpnProtocols::new)
    }

    /// Returns the versions in `supported_versions`, at least one, most preferred first.
    #[must_use]
    pub fn supported_versions(&self) -> Option<List<'a, ProtocolVersion>> {
        self.list(self.layout.supported_versions)
    }

    /// Returns the protocol versions that the client offers, most preferred first.
    ///
    /// They are those in [`supported_versions`](Self::supported_versions) that have a name, or
    /// [`legacy_version`](Self::legacy_version) alone if that extension is absent (RFC 8446 section
    /// 4.2.1). A client without the extension accepts older versions too.
    ///
    /// ```
    /// use lastword_hello::ClientHello;
    /// use lastword_record::ProtocolVersion;
    ///
    /// /// Returns whether the client can speak TLS 1.3.
    /// fn offers_tls13(hello: &ClientHello<'_>) -> bool {
    ///     hello.offered_versions().any(|version| version == ProtocolVersion::TLS_1_3)
    /// }
    /// # let message = [&[1, 0, 0, 74, 3, 3][..], &[7; 32],
    /// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 29], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
    /// #     b"example.com", &[0, 43, 0, 5, 4, 3, 4, 3, 3]].concat();
    /// # assert!(offers_tls13(&ClientHello::parse(&message).unwrap()));
    /// ```
    pub fn offered_versions(&self) -> impl Iterator<Item = ProtocolVersion> + Clone + use<'a> {
        let extension = self.supported_versions();
        let legacy = extension.is_none().then_some(self.legacy_version());
        let named = |version: &ProtocolVersion| version.name().is_some();
        let offered = extension.into_iter().flatten().filter(named);
        offered.chain(legacy)
    }

    /// Returns the groups in `supported_groups`, at least one, most preferred first.
    #[must_use]
    pub fn named_groups(&self) -> Option<List<'a, NamedGroup>> {
        self.list(self.layout.named_groups)
    }

    /// Returns the schemes in `signature_algorithms`, at least one, most preferred first.
    #[must_use]
    pub fn signature_schemes(&self) -> Option<List<'a, SignatureScheme>> {
        self.list(self.layout.signature_algorithms)
    }

    /// Returns the groups in `key_share`, most preferred first, possibly none.
    #[must_use]
    pub fn key_share_groups(&self) -> Option<KeyShareGroups<'a>> {
        self.bytes(self.layout.key_share).map(KeyShareGroups::new)
    }

    /// Returns the shares in `key_share`, most preferred first, possibly none.
    #[must_use]
    pub fn key_shares(&self) -> Option<KeyShares<'a>> {
        self.bytes(self.layout.key_share).map(KeyShares::new)
    }

    /// Returns whether `early_data` is present: the client sends data before the handshake ends (RFC
    /// 8446 section 4.2.10). Content of the extension is ignored.
    #[must_use]
    pub const fn early_data(&self) -> bool {
        self.layout.early_data
    }

    /// Returns whether `max_fragment_length` or `record_size_limit` is present.
    pub(crate) const fn limits_records(&self) -> bool {
        self.layout.limits_records
    }

    fn bytes(&self, span: Span) -> Option<&'a [u8]> {
        span.of(self.message)
    }

    fn list<T: Element>(&self, span: Span) -> Option<List<'a, T>> {
        self.bytes(span).map(List::new)
    }

    /// Returns a field that is at the same place in every ClientHello. The zeroes are never returned,
    /// because a parsed message is long enough.
    fn fixed<const N: usize>(&self, at: usize) -> &'a [u8; N] {
        let rest = self.message.get(at..).unwrap_or_default();
        rest.first_chunk().unwrap_or(&[0; N])
    }
}

impl fmt::Debug for ClientHello<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientHello")
            .field("legacy_version", &self.legacy_version())
            .field("server_name_as_sent", &self.server_name_as_sent())
            .field("alpn", &self.alpn())
            .field("supported_versions", &self.supported_versions())
            .field("cipher_suites", &self.cipher_suites())
            .field("named_groups", &self.named_groups())
            .field("signature_schemes", &self.signature_schemes())
            .field("key_share_groups", &self.key_share_groups())
            .finish_non_exhaustive()
    }
}
