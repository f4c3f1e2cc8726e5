//! Which types of certificate there are.

use crate::code_points::code_points;

code_points! {
    /// A type of certificate (RFC 7250 section 3, IANA's registry "TLS Certificate Types").
    CertificateType: u8;

    0 X509             "X509"             "RFC 6091";
    1 OPENPGP_RESERVED "OpenPGP_RESERVED" "RFC 6091";
    2 RAW_PUBLIC_KEY   "Raw Public Key"   "RFC 7250";
    3 IEEE_1609_DOT2   "1609Dot2"         "RFC 8902";
}
