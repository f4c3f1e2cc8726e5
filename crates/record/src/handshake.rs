//! What a handshake message header says.

use core::fmt;

use crate::code_points::code_points;

/// The type of a handshake message (RFC 8446 section 4, IANA's registry "TLS HandshakeType").
///
/// Any byte is a value of it; those that IANA has named have a constant and a [`name`](Self::name).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HandshakeType(pub u8);

code_points! {
    HandshakeType:
    0   HELLO_REQUEST          "hello_request";
    1   CLIENT_HELLO           "client_hello";
    2   SERVER_HELLO           "server_hello";
    3   HELLO_VERIFY_REQUEST   "hello_verify_request";
    4   NEW_SESSION_TICKET     "new_session_ticket";
    5   END_OF_EARLY_DATA      "end_of_early_data";
    6   HELLO_RETRY_REQUEST    "hello_retry_request";
    8   ENCRYPTED_EXTENSIONS   "encrypted_extensions";
    9   REQUEST_CONNECTION_ID  "request_connection_id";
    10  NEW_CONNECTION_ID      "new_connection_id";
    11  CERTIFICATE            "certificate";
    12  SERVER_KEY_EXCHANGE    "server_key_exchange";
    13  CERTIFICATE_REQUEST    "certificate_request";
    14  SERVER_HELLO_DONE      "server_hello_done";
    15  CERTIFICATE_VERIFY     "certificate_verify";
    16  CLIENT_KEY_EXCHANGE    "client_key_exchange";
    17  CLIENT_CERTIFICATE_REQUEST "client_certificate_request";
    20  FINISHED               "finished";
    21  CERTIFICATE_URL        "certificate_url";
    22  CERTIFICATE_STATUS     "certificate_status";
    23  SUPPLEMENTAL_DATA      "supplemental_data";
    24  KEY_UPDATE             "key_update";
    25  COMPRESSED_CERTIFICATE "compressed_certificate";
    26  EKT_KEY                "ekt_key";
    254 MESSAGE_HASH           "message_hash";
}

impl fmt::Display for HandshakeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "handshake type {}", self.0),
        }
    }
}

impl fmt::Debug for HandshakeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}({})", self.0)
    }
}

/// A 24-bit length, big-endian on the wire (RFC 8446 section 3.3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct U24(pub [u8; 3]);

impl U24 {
    /// The value as a number, at most 16,777,215.
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

/// The four bytes in front of every handshake message (RFC 8446 section 4).
///
/// Any four bytes are a header and any header is four bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HandshakeHeader {
    /// Which message it is.
    pub handshake_type: HandshakeType,
    /// The length of the body in bytes, these four not counted.
    pub length: U24,
}

impl HandshakeHeader {
    /// The length of a handshake header in bytes.
    pub const LEN: usize = 4;

    /// The header that these bytes are.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        let [handshake_type, high, middle, low] = bytes;
        Self {
            handshake_type: HandshakeType(handshake_type),
            length: U24([high, middle, low]),
        }
    }

    /// The bytes that this header is.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; Self::LEN] {
        let U24([high, middle, low]) = self.length;
        [self.handshake_type.0, high, middle, low]
    }

    /// The length in bytes of the whole message, header and body.
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
