//! The header of a handshake message.

use core::fmt;

crate::code_points! {
    /// The type of a handshake message (RFC 8446 section 4, IANA's registry "TLS HandshakeType").
    ///
    /// ```
    /// use lastword_record::HandshakeType;
    ///
    /// assert_eq!(HandshakeType(1), HandshakeType::CLIENT_HELLO);
    /// assert_eq!(HandshakeType(1).name(), Some("client_hello"));
    /// assert_eq!(HandshakeType(99).to_string(), "handshake type 99");
    /// ```
    HandshakeType(u8): "handshake type " "{}";

    0   HELLO_REQUEST              "hello_request"              "RFC 5246 section 7.4.1.1";
    1   CLIENT_HELLO               "client_hello"               "RFC 8446 section 4.1.2";
    2   SERVER_HELLO               "server_hello"               "RFC 8446 section 4.1.3";
    3   HELLO_VERIFY_REQUEST       "hello_verify_request"       "RFC 6347 section 4.2.1";
    4   NEW_SESSION_TICKET         "new_session_ticket"         "RFC 8446 section 4.6.1";
    5   END_OF_EARLY_DATA          "end_of_early_data"          "RFC 8446 section 4.5";
    6   HELLO_RETRY_REQUEST        "hello_retry_request"        "RFC 8446 section 4.1.4";
    8   ENCRYPTED_EXTENSIONS       "encrypted_extensions"       "RFC 8446 section 4.3.1";
    9   REQUEST_CONNECTION_ID      "request_connection_id"      "RFC 9147 section 9";
    10  NEW_CONNECTION_ID          "new_connection_id"          "RFC 9147 section 9";
    11  CERTIFICATE                "certificate"                "RFC 8446 section 4.4.2";
    12  SERVER_KEY_EXCHANGE        "server_key_exchange"        "RFC 5246 section 7.4.3";
    13  CERTIFICATE_REQUEST        "certificate_request"        "RFC 8446 section 4.3.2";
    14  SERVER_HELLO_DONE          "server_hello_done"          "RFC 5246 section 7.4.5";
    15  CERTIFICATE_VERIFY         "certificate_verify"         "RFC 8446 section 4.4.3";
    16  CLIENT_KEY_EXCHANGE        "client_key_exchange"        "RFC 5246 section 7.4.7";
    17  CLIENT_CERTIFICATE_REQUEST "client_certificate_request" "RFC 9261 section 4";
    20  FINISHED                   "finished"                   "RFC 8446 section 4.4.4";
    21  CERTIFICATE_URL            "certificate_url"            "RFC 6066 section 5";
    22  CERTIFICATE_STATUS         "certificate_status"         "RFC 6066 section 8";
    23  SUPPLEMENTAL_DATA          "supplemental_data"          "RFC 4680 section 3";
    24  KEY_UPDATE                 "key_update"                 "RFC 8446 section 4.6.3";
    25  COMPRESSED_CERTIFICATE     "compressed_certificate"     "RFC 8879 section 4";
    26  EKT_KEY                    "ekt_key"                    "RFC 8870 section 5.2.2";
    254 MESSAGE_HASH               "message_hash"               "RFC 8446 section 4.4.1";
}

/// A 24-bit length, big-endian on the wire (RFC 8446 section 3.3).
///
/// ```
/// use lastword_record::U24;
///
/// assert_eq!(U24([1, 0, 2]).get(), 65_538);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct U24(pub [u8; 3]);

impl U24 {
    /// Returns the value as a number, at most 16,777,215.
    #[must_use]
    pub const fn get(self) -> u32 {
        let [high, middle, low] = self.0;
        u32::from_be_bytes([0, high, middle, low])
    }
}

impl fmt::Debug for U24 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.get())
    }
}

/// The header of a handshake message: the four bytes at its start (RFC 8446 section 4).
///
/// Any four bytes are a valid header.
///
/// ```
/// use lastword_record::{HandshakeHeader, HandshakeType};
///
/// let header = HandshakeHeader::from([1, 0, 2, 0]);
/// assert_eq!(header.handshake_type, HandshakeType::CLIENT_HELLO);
/// assert_eq!(header.length.get(), 512);
/// assert_eq!(header.message_len(), 516);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HandshakeHeader {
    /// The type of the message.
    pub handshake_type: HandshakeType,
    /// The length of the body in bytes, without these four bytes.
    pub length: U24,
}

impl HandshakeHeader {
    /// The length of a handshake header in bytes.
    pub const LEN: usize = 4;

    /// Makes a header from its bytes.
    ///
    /// ```
    /// use lastword_record::{HandshakeHeader, HandshakeType};
    ///
    /// let header = HandshakeHeader::from_bytes([20, 0, 0, 32]);
    /// assert_eq!(header.handshake_type, HandshakeType::FINISHED);
    /// ```
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        let [handshake_type, high, middle, low] = bytes;
        Self {
            handshake_type: HandshakeType(handshake_type),
            length: U24([high, middle, low]),
        }
    }

    /// Returns the bytes of this header.
    ///
    /// ```
    /// use lastword_record::{HandshakeHeader, HandshakeType, U24};
    ///
    /// let header = HandshakeHeader {
    ///     handshake_type: HandshakeType::FINISHED,
    ///     length: U24([0, 0, 32]),
    /// };
    /// assert_eq!(header.to_bytes(), [20, 0, 0, 32]);
    /// ```
    #[must_use]
    pub const fn to_bytes(self) -> [u8; Self::LEN] {
        let U24([high, middle, low]) = self.length;
        [self.handshake_type.0, high, middle, low]
    }

    /// Returns the length in bytes of the complete message, header and body.
    #[must_use]
    pub const fn message_len(self) -> u32 {
        self.length.get() + 4
    }
}

impl From<[u8; Self::LEN]> for HandshakeHeader {
    fn from(bytes: [u8; Self::LEN]) -> Self {
        Self::from_bytes(bytes)
    }
}

impl From<HandshakeHeader> for [u8; HandshakeHeader::LEN] {
    fn from(header: HandshakeHeader) -> Self {
        header.to_bytes()
    }
}
