//! Which algorithms there are to compress certificates.

use crate::code_points::code_points;

code_points! {
    /// An algorithm to compress certificates (RFC 8879 section 3, IANA's registry "TLS
    /// Certificate Compression Algorithm IDs").
    CertificateCompressionAlgorithm: u16;

    1 ZLIB   "zlib"   "RFC 8879 section 3";
    2 BROTLI "brotli" "RFC 8879 section 3";
    3 ZSTD   "zstd"   "RFC 8879 section 3";
}
