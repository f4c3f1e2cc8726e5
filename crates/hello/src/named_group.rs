//! Which groups for key exchange there are.

use crate::code_points::{code_points, is_grease};

code_points! {
    /// A group for key exchange: a curve, a finite field or a KEM (RFC 8446 section 4.2.7, IANA's
    /// registry "TLS Supported Groups").
    NamedGroup: u16, is_grease;

    0x0001 SECT163K1                       "sect163k1"                       "RFC 4492";
    0x0002 SECT163R1                       "sect163r1"                       "RFC 4492";
    0x0003 SECT163R2                       "sect163r2"                       "RFC 4492";
    0x0004 SECT193R1                       "sect193r1"                       "RFC 4492";
    0x0005 SECT193R2                       "sect193r2"                       "RFC 4492";
    0x0006 SECT233K1                       "sect233k1"                       "RFC 4492";
    0x0007 SECT233R1                       "sect233r1"                       "RFC 4492";
    0x0008 SECT239K1                       "sect239k1"                       "RFC 4492";
    0x0009 SECT283K1                       "sect283k1"                       "RFC 4492";
    0x000a SECT283R1                       "sect283r1"                       "RFC 4492";
    0x000b SECT409K1                       "sect409k1"                       "RFC 4492";
    0x000c SECT409R1                       "sect409r1"                       "RFC 4492";
    0x000d SECT571K1                       "sect571k1"                       "RFC 4492";
    0x000e SECT571R1                       "sect571r1"                       "RFC 4492";
    0x000f SECP160K1                       "secp160k1"                       "RFC 4492";
    0x0010 SECP160R1                       "secp160r1"                       "RFC 4492";
    0x0011 SECP160R2                       "secp160r2"                       "RFC 4492";
    0x0012 SECP192K1                       "secp192k1"                       "RFC 4492";
    0x0013 SECP192R1                       "secp192r1"                       "RFC 4492";
    0x0014 SECP224K1                       "secp224k1"                       "RFC 4492";
    0x0015 SECP224R1                       "secp224r1"                       "RFC 4492";
    0x0016 SECP256K1                       "secp256k1"                       "RFC 4492";
    0x0017 SECP256R1                       "secp256r1"                       "RFC 8422";
    0x0018 SECP384R1                       "secp384r1"                       "RFC 8422";
    0x0019 SECP521R1                       "secp521r1"                       "RFC 8422";
    0x001a BRAINPOOLP256R1                 "brainpoolP256r1"                 "RFC 7027";
    0x001b BRAINPOOLP384R1                 "brainpoolP384r1"                 "RFC 7027";
    0x001c BRAINPOOLP512R1                 "brainpoolP512r1"                 "RFC 7027";
    0x001d X25519                          "x25519"                          "RFC 8446 section 4.2.7";
    0x001e X448                            "x448"                            "RFC 8446 section 4.2.7";
    0x001f BRAINPOOLP256R1TLS13            "brainpoolP256r1tls13"            "RFC 8734";
    0x0020 BRAINPOOLP384R1TLS13            "brainpoolP384r1tls13"            "RFC 8734";
    0x0021 BRAINPOOLP512R1TLS13            "brainpoolP512r1tls13"            "RFC 8734";
    0x0022 GC256A                          "GC256A"                          "RFC 9189";
    0x0023 GC256B                          "GC256B"                          "RFC 9189";
    0x0024 GC256C                          "GC256C"                          "RFC 9189";
    0x0025 GC256D                          "GC256D"                          "RFC 9189";
    0x0026 GC512A                          "GC512A"                          "RFC 9189";
    0x0027 GC512B                          "GC512B"                          "RFC 9189";
    0x0028 GC512C                          "GC512C"                          "RFC 9189";
    0x0029 CURVESM2                        "curveSM2"                        "RFC 8998";
    0x0100 FFDHE2048                       "ffdhe2048"                       "RFC 7919";
    0x0101 FFDHE3072                       "ffdhe3072"                       "RFC 7919";
    0x0102 FFDHE4096                       "ffdhe4096"                       "RFC 7919";
    0x0103 FFDHE6144                       "ffdhe6144"                       "RFC 7919";
    0x0104 FFDHE8192                       "ffdhe8192"                       "RFC 7919";
    0x0200 MLKEM512                        "MLKEM512"                        "draft-ietf-tls-mlkem";
    0x0201 MLKEM768                        "MLKEM768"                        "draft-ietf-tls-mlkem";
    0x0202 MLKEM1024                       "MLKEM1024"                       "draft-ietf-tls-mlkem";
    0x11eb SECP256R1MLKEM768               "SecP256r1MLKEM768"               "draft-ietf-tls-ecdhe-mlkem";
    0x11ec X25519MLKEM768                  "X25519MLKEM768"                  "draft-ietf-tls-ecdhe-mlkem";
    0x11ed SECP384R1MLKEM1024              "SecP384r1MLKEM1024"              "draft-ietf-tls-ecdhe-mlkem";
    0x11ee CURVESM2MLKEM768                "curveSM2MLKEM768"                "draft-yang-tls-hybrid-sm2-mlkem";
    0x6399 X25519KYBER768DRAFT00           "X25519Kyber768Draft00"           "draft-tls-westerbaan-xyber768d00";
    0x639a SECP256R1KYBER768DRAFT00        "SecP256r1Kyber768Draft00"        "draft-kwiatkowski-tls-ecdhe-kyber";
    0xff01 ARBITRARY_EXPLICIT_PRIME_CURVES "arbitrary_explicit_prime_curves" "RFC 8422";
    0xff02 ARBITRARY_EXPLICIT_CHAR2_CURVES "arbitrary_explicit_char2_curves" "RFC 8422";
}
