//! Which signature schemes there are.

use crate::code_points::{code_points, is_grease};

code_points! {
    /// A signature scheme (RFC 8446 section 4.2.3, IANA's registry "TLS SignatureScheme").
    ///
    /// In TLS 1.2 the two bytes are a hash and a signature algorithm (RFC 5246 section 7.4.1.4.1);
    /// pairs that TLS 1.3 has no name for have none here.
    SignatureScheme: u16, is_grease;

    0x0201 RSA_PKCS1_SHA1                    "rsa_pkcs1_sha1"                    "RFC 8446 section 4.2.3";
    0x0203 ECDSA_SHA1                        "ecdsa_sha1"                        "RFC 8446 section 4.2.3";
    0x0401 RSA_PKCS1_SHA256                  "rsa_pkcs1_sha256"                  "RFC 8446 section 4.2.3";
    0x0403 ECDSA_SECP256R1_SHA256            "ecdsa_secp256r1_sha256"            "RFC 8446 section 4.2.3";
    0x0420 RSA_PKCS1_SHA256_LEGACY           "rsa_pkcs1_sha256_legacy"           "draft-ietf-tls-tls13-pkcs1";
    0x0501 RSA_PKCS1_SHA384                  "rsa_pkcs1_sha384"                  "RFC 8446 section 4.2.3";
    0x0503 ECDSA_SECP384R1_SHA384            "ecdsa_secp384r1_sha384"            "RFC 8446 section 4.2.3";
    0x0520 RSA_PKCS1_SHA384_LEGACY           "rsa_pkcs1_sha384_legacy"           "draft-ietf-tls-tls13-pkcs1";
    0x0601 RSA_PKCS1_SHA512                  "rsa_pkcs1_sha512"                  "RFC 8446 section 4.2.3";
    0x0603 ECDSA_SECP521R1_SHA512            "ecdsa_secp521r1_sha512"            "RFC 8446 section 4.2.3";
    0x0620 RSA_PKCS1_SHA512_LEGACY           "rsa_pkcs1_sha512_legacy"           "draft-ietf-tls-tls13-pkcs1";
    0x0704 ECCSI_SHA256                      "eccsi_sha256"                      "draft-wang-tls-raw-public-key-with-ibc";
    0x0705 ISO_IBS1                          "iso_ibs1"                          "draft-wang-tls-raw-public-key-with-ibc";
    0x0706 ISO_IBS2                          "iso_ibs2"                          "draft-wang-tls-raw-public-key-with-ibc";
    0x0707 ISO_CHINESE_IBS                   "iso_chinese_ibs"                   "draft-wang-tls-raw-public-key-with-ibc";
    0x0708 SM2SIG_SM3                        "sm2sig_sm3"                        "RFC 8998";
    0x0709 GOSTR34102012_256A                "gostr34102012_256a"                "RFC 9367";
    0x070a GOSTR34102012_256B                "gostr34102012_256b"                "RFC 9367";
    0x070b GOSTR34102012_256C                "gostr34102012_256c"                "RFC 9367";
    0x070c GOSTR34102012_256D                "gostr34102012_256d"                "RFC 9367";
    0x070d GOSTR34102012_512A                "gostr34102012_512a"                "RFC 9367";
    0x070e GOSTR34102012_512B                "gostr34102012_512b"                "RFC 9367";
    0x070f GOSTR34102012_512C                "gostr34102012_512c"                "RFC 9367";
    0x0804 RSA_PSS_RSAE_SHA256               "rsa_pss_rsae_sha256"               "RFC 8446 section 4.2.3";
    0x0805 RSA_PSS_RSAE_SHA384               "rsa_pss_rsae_sha384"               "RFC 8446 section 4.2.3";
    0x0806 RSA_PSS_RSAE_SHA512               "rsa_pss_rsae_sha512"               "RFC 8446 section 4.2.3";
    0x0807 ED25519                           "ed25519"                           "RFC 8446 section 4.2.3";
    0x0808 ED448                             "ed448"                             "RFC 8446 section 4.2.3";
    0x0809 RSA_PSS_PSS_SHA256                "rsa_pss_pss_sha256"                "RFC 8446 section 4.2.3";
    0x080a RSA_PSS_PSS_SHA384                "rsa_pss_pss_sha384"                "RFC 8446 section 4.2.3";
    0x080b RSA_PSS_PSS_SHA512                "rsa_pss_pss_sha512"                "RFC 8446 section 4.2.3";
    0x081a ECDSA_BRAINPOOLP256R1TLS13_SHA256 "ecdsa_brainpoolP256r1tls13_sha256" "RFC 8734";
    0x081b ECDSA_BRAINPOOLP384R1TLS13_SHA384 "ecdsa_brainpoolP384r1tls13_sha384" "RFC 8734";
    0x081c ECDSA_BRAINPOOLP512R1TLS13_SHA512 "ecdsa_brainpoolP512r1tls13_sha512" "RFC 8734";
    0x0904 MLDSA44                           "mldsa44"                           "draft-ietf-tls-mldsa";
    0x0905 MLDSA65                           "mldsa65"                           "draft-ietf-tls-mldsa";
    0x0906 MLDSA87                           "mldsa87"                           "draft-ietf-tls-mldsa";
    0x0911 SLHDSA_SHA2_128S                  "slhdsa_sha2_128s"                  "draft-reddy-tls-slhdsa";
    0x0912 SLHDSA_SHA2_128F                  "slhdsa_sha2_128f"                  "draft-reddy-tls-slhdsa";
    0x0913 SLHDSA_SHA2_192S                  "slhdsa_sha2_192s"                  "draft-reddy-tls-slhdsa";
    0x0914 SLHDSA_SHA2_192F                  "slhdsa_sha2_192f"                  "draft-reddy-tls-slhdsa";
    0x0915 SLHDSA_SHA2_256S                  "slhdsa_sha2_256s"                  "draft-reddy-tls-slhdsa";
    0x0916 SLHDSA_SHA2_256F                  "slhdsa_sha2_256f"                  "draft-reddy-tls-slhdsa";
    0x0917 SLHDSA_SHAKE_128S                 "slhdsa_shake_128s"                 "draft-reddy-tls-slhdsa";
    0x0918 SLHDSA_SHAKE_128F                 "slhdsa_shake_128f"                 "draft-reddy-tls-slhdsa";
    0x0919 SLHDSA_SHAKE_192S                 "slhdsa_shake_192s"                 "draft-reddy-tls-slhdsa";
    0x091a SLHDSA_SHAKE_192F                 "slhdsa_shake_192f"                 "draft-reddy-tls-slhdsa";
    0x091b SLHDSA_SHAKE_256S                 "slhdsa_shake_256s"                 "draft-reddy-tls-slhdsa";
    0x091c SLHDSA_SHAKE_256F                 "slhdsa_shake_256f"                 "draft-reddy-tls-slhdsa";
}
