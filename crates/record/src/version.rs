//! Which protocol versions there are, on the wire and in words.

use core::fmt;

use crate::code_points::code_points;

/// A protocol version as two bytes of the wire (RFC 8446 section 4.2.1).
///
/// Any two bytes are a value of it. In a record header it means nothing: RFC 8446 section 5.1
/// says it must be ignored for all purposes. Values compare in wire order, so within TLS
/// "greater" is "newer".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProtocolVersion(pub u16);

code_points! {
    ProtocolVersion:
    0x0002 SSL_2_0 "SSL 2.0" "RFC 6176";
    0x0300 SSL_3_0 "SSL 3.0" "RFC 6101";
    0x0301 TLS_1_0 "TLS 1.0" "RFC 2246";
    0x0302 TLS_1_1 "TLS 1.1" "RFC 4346";
    0x0303 TLS_1_2 "TLS 1.2" "RFC 5246";
    0x0304 TLS_1_3 "TLS 1.3" "RFC 8446";
}

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "version {:#06x}", self.0),
        }
    }
}

impl fmt::Debug for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}({:#06x})", self.0)
    }
}
