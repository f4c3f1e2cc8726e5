//! Which content types there are: the first byte of a record.

use core::fmt;

use crate::code_points::code_points;

/// The type of a record's content (RFC 8446 section 5.1, IANA's registry "TLS ContentType").
///
/// Any byte is a value of it; those that IANA has named have a constant and a [`name`](Self::name).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentType(pub u8);

code_points! {
    ContentType:
    20 CHANGE_CIPHER_SPEC "change_cipher_spec" "RFC 8446 section 5";
    21 ALERT              "alert"              "RFC 8446 section 6";
    22 HANDSHAKE          "handshake"          "RFC 8446 section 4";
    23 APPLICATION_DATA   "application_data"   "RFC 8446 section 5.2";
    24 HEARTBEAT          "heartbeat"          "RFC 6520 section 3";
    25 TLS12_CID          "tls12_cid"          "RFC 9146 section 4";
    26 ACK                "ACK"                "RFC 9147 section 7";
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "content type {}", self.0),
        }
    }
}

impl fmt::Debug for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}({})", self.0)
    }
}
