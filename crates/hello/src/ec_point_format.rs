//! Which formats there are for points on a curve.

use crate::code_points::code_points;

code_points! {
    /// A format for points on a curve, of TLS 1.2 and earlier (RFC 8422 section 5.1.2, IANA's
    /// registry "TLS EC Point Formats").
    EcPointFormat: u8;

    0 UNCOMPRESSED               "uncompressed"              "RFC 8422 section 5.1.2";
    1 ANSI_X962_COMPRESSED_PRIME "ansiX962_compressed_prime" "RFC 4492 section 5.1.2";
    2 ANSI_X962_COMPRESSED_CHAR2 "ansiX962_compressed_char2" "RFC 4492 section 5.1.2";
}
