//! The words for a certificate revocation list of this server.

use super::table::words;

#[rustfmt::skip]
words! { CertRevocationListError:
    BadSignature                              "its signature does not verify";
    UnsupportedSignatureAlgorithm             "its signature algorithm is not supported";
    UnsupportedSignatureAlgorithmForPublicKey "its signature algorithm does not fit its issuer's key";
    InvalidCrlNumber                          "its number is not valid";
    InvalidRevokedCertSerialNumber            "it has a serial number that is not valid";
    IssuerInvalidForCrl                       "its issuer may not sign revocation lists";
    Other                                     "it cannot be used";
    ParseError                                "it cannot be parsed";
    UnsupportedCrlVersion                     "its version is not supported";
    UnsupportedCriticalExtension              "it has a critical extension that is not supported";
    UnsupportedDeltaCrl                       "it is a delta list, which is not supported";
    UnsupportedIndirectCrl                    "it is an indirect list, which is not supported";
    UnsupportedRevocationReason               "it is limited to some reasons, which is not supported";
}
