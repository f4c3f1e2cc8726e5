//! Extensions that are read only when a method asks for them.

use core::{fmt, iter::FusedIterator, net::IpAddr};

use crate::{
    cipher_suite::CipherSuite,
    client_hello::ClientHello,
    code_points::{
        CertificateCompressionAlgorithm, CertificateType, EcPointFormat, EchClientHelloType,
        ExtensionType, PskKeyExchangeMode, SignatureScheme,
    },
    list::{Element, List},
    malformed::{Field, Malformed, Problem},
    reader::Reader,
    server_name,
};

const AUTHORITIES: Field = Field::Extension(ExtensionType::CERTIFICATE_AUTHORITIES);
const PRE_SHARED_KEY: Field = Field::Extension(ExtensionType::PRE_SHARED_KEY);
const STATUS_REQUEST: Field = Field::Extension(ExtensionType::STATUS_REQUEST);

/// The size of the length field of a vector.
#[derive(Clone, Copy)]
enum Length {
    U8,
    U16,
}

/// `CertificateStatusType` ocsp (RFC 6066 section 8).
const OCSP: u8 = 1;

/// ```
/// use lastword_hello::{CertificateCompressionAlgorithm, ClientHello, PskKeyExchangeMode};
///
/// # let message = [&[1, 0, 0, 79, 3, 3][..], &[7; 32],
/// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 34], &[0, 45, 0, 2, 1, 1],
/// #     &[0, 28, 0, 2, 4, 0], &[0, 27, 0, 3, 2, 0, 2], &[0, 5, 0, 5, 1, 0, 0, 0, 0],
/// #     &[0, 21, 0, 2, 0, 0]].concat();
/// let hello = ClientHello::parse(&message)?; // the message, without record headers
/// assert!(hello.psk_key_exchange_modes().unwrap().contains(PskKeyExchangeMode::PSK_DHE_KE));
/// let algorithms = hello.certificate_compression_algorithms().unwrap();
/// assert!(algorithms.contains(CertificateCompressionAlgorithm::BROTLI));
/// assert_eq!(hello.record_size_limit(), Some(1_024));
/// assert_eq!(hello.longest_record(), Some(1_024));
/// assert!(hello.asks_for_ocsp());
/// assert_eq!(hello.padding(), Some(2));
/// assert!(hello.session_ticket().is_none());
/// # Ok::<(), lastword_hello::Malformed>(())
/// ```
///
/// ```
/// use lastword_hello::{CertificateType, ClientHello, EchClientHelloType, EcPointFormat};
/// use lastword_hello::SignatureScheme;
///
/// # let message = [&[1, 0, 0, 102, 3, 3][..], &[7; 32],
/// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 57], &[0, 19, 0, 2, 1, 2],
/// #     &[0, 20, 0, 2, 1, 0], &[0, 11, 0, 2, 1, 0], &[0, 50, 0, 4, 0, 2, 8, 4],
/// #     &[0, 23, 0, 0], &[0, 49, 0, 0], &[255, 1, 0, 1, 0], &[0, 1, 0, 1, 2],
/// #     &[0, 44, 0, 4, 0, 2, 5, 6], &[254, 13, 0, 1, 0]].concat();
/// let hello = ClientHello::parse(&message)?; // of another client
/// assert!(hello.client_cert_types().unwrap().contains(CertificateType::RAW_PUBLIC_KEY));
/// assert!(hello.server_cert_types().unwrap().contains(CertificateType::X509));
/// assert!(hello.ec_point_formats().unwrap().contains(EcPointFormat::UNCOMPRESSED));
/// let schemes = hello.signature_schemes_cert().unwrap();
/// assert!(schemes.contains(SignatureScheme::RSA_PSS_RSAE_SHA256));
/// assert!(hello.extended_master_secret() && hello.post_handshake_auth());
/// assert_eq!(hello.renegotiation_info(), Some(&[][..]));
/// assert!(!hello.renegotiation_scsv());
/// assert_eq!(hello.max_fragment_length(), Some(1_024));
/// assert_eq!(hello.cookie(), Some(&[5, 6][..]));
/// assert_eq!(hello.encrypted_client_hello(), Some(EchClientHelloType::OUTER));
/// # Ok::<(), lastword_hello::Malformed>(())
/// ```
///
/// # Extensions that are read when asked for
///
/// Each of these methods searches for its extension and reads it at each call. [`parse`](Self::parse)
/// does not check these extensions. The methods return `None` or `false` if the extension is absent,
/// and also if it is malformed, unless they say otherwise. Use [`extension`](Self::extension) to know
/// which of the two it is.
impl<'a> ClientHello<'a> {
    /// Returns the IP address in `server_name`, if the client sent one instead of a host name.
    ///
    /// RFC 6066 section 3 does not permit it, but some clients send it.
    /// [`server_name_as_sent`](Self::server_name_as_sent) then returns `None`.
    ///
    /// ```
    /// use lastword_hello::ClientHello;
    ///
    /// # let message = [&[1, 0, 0, 63, 3, 3][..], &[7; 32],
    /// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 18],
    /// #     &[0, 0, 0, 14, 0, 12, 0, 0, 9, 49, 50, 55, 46, 48, 46, 48, 46, 49]].concat();
    /// let hello = ClientHello::parse(&message)?; // from a client that connects to an IP address
    /// assert_eq!(hello.server_name_ip(), Some([127, 0, 0, 1].into()));
    /// assert_eq!(hello.server_name_as_sent(), None);
    /// # Ok::<(), lastword_hello::Malformed>(())
    /// ```
    #[must_use]
    pub fn server_name_ip(&self) -> Option<IpAddr> {
        let data = self.extension(ExtensionType::SERVER_NAME)?;
        server_name::ip_address(server_name::host_name(Reader::new(data)).ok()?)
    }

    /// Returns the schemes in `signature_algorithms_cert`, at least one, most preferred first. They
    /// apply to certificates instead of [`signature_schemes`](Self::signature_schemes) (RFC 8446
    /// section 4.2.3).
    #[must_use]
    pub fn signature_schemes_cert(&self) -> Option<List<'a, SignatureScheme>> {
        self.read_list(ExtensionType::SIGNATURE_ALGORITHMS_CERT, Length::U16)
    }

    /// Returns the modes in `psk_key_exchange_modes`, at least one (RFC 8446 section 4.2.9).
    #[must_use]
    pub fn psk_key_exchange_modes(&self) -> Option<List<'a, PskKeyExchangeMode>> {
        self.read_list(ExtensionType::PSK_KEY_EXCHANGE_MODES, Length::U8)
    }

    /// Returns the identities in `pre_shared_key`, at least one (RFC 8446 section 4.2.11). Count them
    /// with [`Iterator::count`].
    ///
    /// The binders are not checked, except that they are one vector at the end of the extension.
    #[must_use]
    pub fn psk_identities(&self) -> Option<PskIdentities<'a>> {
        psk_identities(self.extension(ExtensionType::PRE_SHARED_KEY)?).ok()
    }

    /// Returns the ticket in `session_ticket`, with which the client asks to resume a session of
    /// TLS 1.2. It is empty if the client asks for a new ticket (RFC 5077 section 3.2).
    #[must_use]
    pub fn session_ticket(&self) -> Option<&'a [u8]> {
        self.extension(ExtensionType::SESSION_TICKET)
    }

    /// Returns the type in `encrypted_client_hello`, its first byte (RFC 9849 section 5). The bytes
    /// after it are not checked.
    ///
    /// An outer ClientHello does not always contain an inner one: clients also send the extension
    /// with random bytes. Only the holder of the key can know the difference (RFC 9849 section
    /// 6.2).
    #[must_use]
    pub fn encrypted_client_hello(&self) -> Option<EchClientHelloType> {
        let data = self.extension(ExtensionType::ENCRYPTED_CLIENT_HELLO)?;
        data.first().copied().map(EchClientHelloType)
    }

    /// Returns whether `status_request` asks for an OCSP response with the server's certificate (RFC
    /// 6066 section 8, RFC 8446 section 4.4.2.1).
    #[must_use]
    pub fn asks_for_ocsp(&self) -> bool {
        let data = self.extension(ExtensionType::STATUS_REQUEST);
        data.is_some_and(|data| is_ocsp_request(Reader::new(data)))
    }

    /// Returns the formats in `ec_point_formats`, at least one (RFC 8422 section 5.1.2).
    #[must_use]
    pub fn ec_point_formats(&self) -> Option<List<'a, EcPointFormat>> {
        self.read_list(ExtensionType::EC_POINT_FORMATS, Length::U8)
    }

    /// Returns whether `extended_master_secret` is present (RFC 7627 section 5.1). Content of the
    /// extension is ignored.
    #[must_use]
    pub fn extended_master_secret(&self) -> bool {
        self.extension(ExtensionType::EXTENDED_MASTER_SECRET)
            .is_some()
    }

    /// Returns `renegotiated_connection` in `renegotiation_info`, empty in the first handshake of a
    /// connection (RFC 5746 section 3.2).
    #[must_use]
    pub fn renegotiation_info(&self) -> Option<&'a [u8]> {
        self.read_vector(ExtensionType::RENEGOTIATION_INFO, Length::U8)
    }

    /// Returns whether [`CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV`] is offered. It means the
    /// same as an empty [`renegotiation_info`](Self::renegotiation_info) (RFC 5746 section 3.3).
    #[must_use]
    pub fn renegotiation_scsv(&self) -> bool {
        let scsv = CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV;
        self.cipher_suites().contains(scsv)
    }

    /// Returns the limit in `record_size_limit`, in bytes for one record. RFC 8449 section 4 requires
    /// at least 64, which is not checked.
    #[must_use]
    pub fn record_size_limit(&self) -> Option<u16> {
        let data = self.extension(ExtensionType::RECORD_SIZE_LIMIT)?;
        Some(u16::from_be_bytes(data.try_into().ok()?))
    }

    /// Returns the length in `max_fragment_length`, in bytes of plaintext for one record: 512, 1,024,
    /// 2,048 or 4,096 (RFC 6066 section 4).
    #[must_use]
    pub fn max_fragment_length(&self) -> Option<u16> {
        match self.extension(ExtensionType::MAX_FRAGMENT_LENGTH)? {
            [code @ 1..=4] => Some(256 << code),
            _ => None,
        }
    }

    /// Returns the longest record that the client accepts, in bytes: its
    /// [`record_size_limit`](Self::record_size_limit), or else its
    /// [`max_fragment_length`](Self::max_fragment_length) (RFC 8449 section 5).
    #[must_use]
    #[inline]
    pub fn longest_record(&self) -> Option<u16> {
        match self.limits_records() {
            true => self.record_size_limit().or(self.max_fragment_length()),
            false => None,
        }
    }

    /// Returns the types in `client_certificate_type` that the client can send, at least one, most
    /// preferred first (RFC 7250 section 3).
    #[must_use]
    pub fn client_cert_types(&self) -> Option<List<'a, CertificateType>> {
        self.read_list(ExtensionType::CLIENT_CERTIFICATE_TYPE, Length::U8)
    }

    /// Returns the types in `server_certificate_type` that the client accepts, at least one, most
    /// preferred first (RFC 7250 section 3).
    #[must_use]
    pub fn server_cert_types(&self) -> Option<List<'a, CertificateType>> {
        self.read_list(ExtensionType::SERVER_CERTIFICATE_TYPE, Length::U8)
    }

    /// Returns the authorities in `certificate_authorities`, at least one (RFC 8446 section 4.2.4).
    #[must_use]
    pub fn certificate_authorities(&self) -> Option<DistinguishedNames<'a>> {
        distinguished_names(self.extension(ExtensionType::CERTIFICATE_AUTHORITIES)?).ok()
    }

    /// Returns the cookie in `cookie`, at least one byte, which came from a HelloRetryRequest (RFC
    /// 8446 section 4.2.2).
    #[must_use]
    pub fn cookie(&self) -> Option<&'a [u8]> {
        let cookie = self.read_vector(ExtensionType::COOKIE, Length::U16)?;
        (!cookie.is_empty()).then_some(cookie)
    }

    /// Returns the length of `padding` in bytes (RFC 7685 section 3). The values of these bytes are
    /// not checked.
    #[must_use]
    pub fn padding(&self) -> Option<usize> {
        self.extension(ExtensionType::PADDING).map(<[u8]>::len)
    }

    /// Returns whether `post_handshake_auth` is present: the server may ask for a certificate after
    /// the handshake (RFC 8446 section 4.2.6). Content of the extension is ignored.
    #[must_use]
    pub fn post_handshake_auth(&self) -> bool {
        self.extension(ExtensionType::POST_HANDSHAKE_AUTH).is_some()
    }

    /// Returns the algorithms in `compress_certificate`, at least one, that may compress the server's
    /// certificates (RFC 8879 section 3).
    #[must_use]
    pub fn certificate_compression_algorithms(
        &self,
    ) -> Option<List<'a, CertificateCompressionAlgorithm>> {
        self.read_list(ExtensionType::COMPRESS_CERTIFICATE, Length::U8)
    }

    /// Returns the content of an extension that holds only one vector.
    fn read_vector(&self, extension_type: ExtensionType, length: Length) -> Option<&'a [u8]> {
        let field = Field::Extension(extension_type);
        let data = Reader::new(self.extension(extension_type)?);
        let vector = match length {
            Length::U8 => data.only_vector_u8(field),
            Length::U16 => data.only_vector_u16(field),
        };
        Some(vector.ok()?.bytes())
    }

    /// Returns the same as a list of at least one complete element.
    fn read_list<T: Element>(
        &self,
        extension_type: ExtensionType,
        length: Length,
    ) -> Option<List<'a, T>> {
        let bytes = self.read_vector(extension_type, length)?;
        (!bytes.is_empty() && bytes.len() % T::LEN == 0).then_some(List::new(bytes))
    }
}

/// Returns whether `data` is a `CertificateStatusRequest` of the type ocsp.
fn is_ocsp_request(mut data: Reader<'_>) -> bool {
    data.array(STATUS_REQUEST) == Ok([OCSP])
        && data.vector_u16(STATUS_REQUEST).is_ok() // responder_id_list
        && data.only_vector_u16(STATUS_REQUEST).is_ok() // request_extensions
}

/// The identity of one pre-shared key, borrowed from the message (RFC 8446 section 4.2.11).
///
/// ```
/// use lastword_hello::{ClientHello, PskIdentity};
///
/// /// Returns the ticket that the client prefers.
/// fn first_ticket<'a>(hello: &ClientHello<'a>) -> Option<&'a [u8]> {
///     let PskIdentity { identity, .. } = hello.psk_identities()?.next()?;
///     Some(identity)
/// }
/// # let message = [&[1, 0, 0, 65, 3, 3][..], &[7; 32],
/// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 20],
/// #     &[0, 41, 0, 16, 0, 8, 0, 2, 5, 6, 0, 0, 0, 0, 0, 4, 3, 1, 2, 3]].concat();
/// # assert_eq!(first_ticket(&ClientHello::parse(&message).unwrap()), Some(&[5, 6][..]));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PskIdentity<'a> {
    /// The label of the key, 1 to 65,535 bytes. In a resumption it is the ticket.
    pub identity: &'a [u8],
    /// The obfuscated age of the ticket in milliseconds; 0 for a key that is not a ticket (RFC 8446
    /// section 4.2.11.1).
    pub obfuscated_ticket_age: u32,
}

impl fmt::Debug for PskIdentity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.identity.len())
    }
}

/// An iterator over the identities of the pre-shared keys, at least one, in the client's order.
///
/// ```
/// use lastword_hello::ClientHello;
///
/// /// Returns how many tickets or other pre-shared keys the client offers.
/// fn psk_count(hello: &ClientHello<'_>) -> usize {
///     hello.psk_identities().map_or(0, Iterator::count)
/// }
/// # let message = [&[1, 0, 0, 65, 3, 3][..], &[7; 32],
/// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 20],
/// #     &[0, 41, 0, 16, 0, 8, 0, 2, 5, 6, 0, 0, 0, 0, 0, 4, 3, 1, 2, 3]].concat();
/// # assert_eq!(psk_count(&ClientHello::parse(&message).unwrap()), 1);
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PskIdentities<'a> {
    identities: Reader<'a>,
}

impl<'a> Iterator for PskIdentities<'a> {
    type Item = PskIdentity<'a>;

    fn next(&mut self) -> Option<PskIdentity<'a>> {
        read_identity(&mut self.identities).ok()
    }
}

impl FusedIterator for PskIdentities<'_> {}

impl fmt::Debug for PskIdentities<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

/// Takes one `PskIdentity` off the front of `identities`.
fn read_identity<'a>(identities: &mut Reader<'a>) -> Result<PskIdentity<'a>, Malformed> {
    let identity = identities
        .vector_u16(PRE_SHARED_KEY)?
        .not_empty(Problem::EmptyElement, PRE_SHARED_KEY)?;
    Ok(PskIdentity {
        identity: identity.bytes(),
        obfuscated_ticket_age: u32::from_be_bytes(identities.array(PRE_SHARED_KEY)?),
    })
}

/// Reads the identities of `OfferedPsks`. Only the vector of binders may follow, whose contents are
/// not checked.
fn psk_identities(data: &[u8]) -> Result<PskIdentities<'_>, Malformed> {
    let mut data = Reader::new(data);
    let identities = data
        .vector_u16(PRE_SHARED_KEY)?
        .not_empty(Problem::Empty, PRE_SHARED_KEY)?;
    data.only_vector_u16(PRE_SHARED_KEY)?;
    let mut rest = identities;
    while !rest.is_empty() {
        read_identity(&mut rest)?;
    }
    Ok(PskIdentities { identities })
}

/// An iterator over the names of the authorities. Each is the DER of a `DistinguishedName` of 1 to
/// 65,535 bytes, not checked further.
///
/// ```
/// use lastword_hello::ClientHello;
///
/// /// Returns whether the client trusts the authority with this name, in DER.
/// fn trusts(hello: &ClientHello<'_>, authority: &[u8]) -> bool {
///     let names = hello.certificate_authorities();
///     names.is_none_or(|mut names| names.any(|name| name == authority))
/// }
/// # let message = [&[1, 0, 0, 55, 3, 3][..], &[7; 32],
/// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 10], &[0, 47, 0, 6, 0, 4, 0, 2, 48, 0]].concat();
/// # let hello = ClientHello::parse(&message).unwrap();
/// # assert!(trusts(&hello, &[48, 0]) && !trusts(&hello, &[48]));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DistinguishedNames<'a> {
    names: Reader<'a>,
}

impl<'a> Iterator for DistinguishedNames<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        read_name(&mut self.names).ok()
    }
}

impl FusedIterator for DistinguishedNames<'_> {}

impl fmt::Debug for DistinguishedNames<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        for name in *self {
            list.entry(&format_args!("{name:02x?}"));
        }
        list.finish()
    }
}

/// Takes one `DistinguishedName` off the front of `names`.
fn read_name<'a>(names: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
    let name = names.vector_u16(AUTHORITIES)?;
    Ok(name.not_empty(Problem::EmptyElement, AUTHORITIES)?.bytes())
}

/// Reads the names of `DistinguishedName authorities<3..2^16-1>`.
fn distinguished_names(data: &[u8]) -> Result<DistinguishedNames<'_>, Malformed> {
    let names = Reader::new(data)
        .only_vector_u16(AUTHORITIES)?
        .not_empty(Problem::Empty, AUTHORITIES)?;
    let mut rest = names;
    while !rest.is_empty() {
        read_name(&mut rest)?;
    }
    Ok(DistinguishedNames { names })
}
