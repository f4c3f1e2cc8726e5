//! The code points of a ClientHello except cipher suites: IANA's registries, one row a line, and
//! GREASE.

lastword_record::code_points! {
    /// The type of an extension (RFC 8446 section 4.2, IANA's registry "TLS ExtensionType Values").
    ///
    /// ```
    /// use lastword_hello::ExtensionType;
    ///
    /// assert_eq!(ExtensionType(43), ExtensionType::SUPPORTED_VERSIONS);
    /// assert_eq!(ExtensionType(43).name(), Some("supported_versions"));
    /// assert_eq!(ExtensionType(0xfeed).to_string(), "0xfeed");
    /// assert!(ExtensionType(0x0a0a).is_grease());
    /// ```
    ExtensionType(u16): "" "{:#06x}", is_grease;

    0     SERVER_NAME                            "server_name"                            "RFC 6066 section 3";
    1     MAX_FRAGMENT_LENGTH                    "max_fragment_length"                    "RFC 6066 section 4";
    2     CLIENT_CERTIFICATE_URL                 "client_certificate_url"                 "RFC 6066 section 5";
    3     TRUSTED_CA_KEYS                        "trusted_ca_keys"                        "RFC 6066 section 6";
    4     TRUNCATED_HMAC                         "truncated_hmac"                         "RFC 6066 section 7";
    5     STATUS_REQUEST                         "status_request"                         "RFC 6066 section 8";
    6     USER_MAPPING                           "user_mapping"                           "RFC 4681";
    7     CLIENT_AUTHZ                           "client_authz"                           "RFC 5878";
    8     SERVER_AUTHZ                           "server_authz"                           "RFC 5878";
    9     CERT_TYPE                              "cert_type"                              "RFC 6091";
    10    SUPPORTED_GROUPS                       "supported_groups"                       "RFC 8446 section 4.2.7";
    11    EC_POINT_FORMATS                       "ec_point_formats"                       "RFC 8422 section 5.1.2";
    12    SRP                                    "srp"                                    "RFC 5054";
    13    SIGNATURE_ALGORITHMS                   "signature_algorithms"                   "RFC 8446 section 4.2.3";
    14    USE_SRTP                               "use_srtp"                               "RFC 5764";
    15    HEARTBEAT                              "heartbeat"                              "RFC 6520";
    16    APPLICATION_LAYER_PROTOCOL_NEGOTIATION "application_layer_protocol_negotiation" "RFC 7301 section 3.1";
    17    STATUS_REQUEST_V2                      "status_request_v2"                      "RFC 6961";
    18    SIGNED_CERTIFICATE_TIMESTAMP           "signed_certificate_timestamp"           "RFC 6962";
    19    CLIENT_CERTIFICATE_TYPE                "client_certificate_type"                "RFC 7250";
    20    SERVER_CERTIFICATE_TYPE                "server_certificate_type"                "RFC 7250";
    21    PADDING                                "padding"                                "RFC 7685";
    22    ENCRYPT_THEN_MAC                       "encrypt_then_mac"                       "RFC 7366";
    23    EXTENDED_MASTER_SECRET                 "extended_master_secret"                 "RFC 7627";
    24    TOKEN_BINDING                          "token_binding"                          "RFC 8472";
    25    CACHED_INFO                            "cached_info"                            "RFC 7924";
    26    TLS_LTS                                "tls_lts"                                "draft-gutmann-tls-lts";
    27    COMPRESS_CERTIFICATE                   "compress_certificate"                   "RFC 8879";
    28    RECORD_SIZE_LIMIT                      "record_size_limit"                      "RFC 8449";
    29    PWD_PROTECT                            "pwd_protect"                            "RFC 8492";
    30    PWD_CLEAR                              "pwd_clear"                              "RFC 8492";
    31    PASSWORD_SALT                          "password_salt"                          "RFC 8492";
    32    TICKET_PINNING                         "ticket_pinning"                         "RFC 8672";
    33    TLS_CERT_WITH_EXTERN_PSK               "tls_cert_with_extern_psk"               "RFC 8773";
    34    DELEGATED_CREDENTIAL                   "delegated_credential"                   "RFC 9345";
    35    SESSION_TICKET                         "session_ticket"                         "RFC 5077";
    36    TLMSP                                  "TLMSP"                                  "ETSI TS 103 523-2";
    37    TLMSP_PROXYING                         "TLMSP_proxying"                         "ETSI TS 103 523-2";
    38    TLMSP_DELEGATE                         "TLMSP_delegate"                         "ETSI TS 103 523-2";
    39    SUPPORTED_EKT_CIPHERS                  "supported_ekt_ciphers"                  "RFC 8870";
    41    PRE_SHARED_KEY                         "pre_shared_key"                         "RFC 8446 section 4.2.11";
    42    EARLY_DATA                             "early_data"                             "RFC 8446 section 4.2.10";
    43    SUPPORTED_VERSIONS                     "supported_versions"                     "RFC 8446 section 4.2.1";
    44    COOKIE                                 "cookie"                                 "RFC 8446 section 4.2.2";
    45    PSK_KEY_EXCHANGE_MODES                 "psk_key_exchange_modes"                 "RFC 8446 section 4.2.9";
    47    CERTIFICATE_AUTHORITIES                "certificate_authorities"                "RFC 8446 section 4.2.4";
    48    OID_FILTERS                            "oid_filters"                            "RFC 8446 section 4.2.5";
    49    POST_HANDSHAKE_AUTH                    "post_handshake_auth"                    "RFC 8446 section 4.2.6";
    50    SIGNATURE_ALGORITHMS_CERT              "signature_algorithms_cert"              "RFC 8446 section 4.2.3";
    51    KEY_SHARE                              "key_share"                              "RFC 8446 section 4.2.8";
    52    TRANSPARENCY_INFO                      "transparency_info"                      "RFC 9162";
    53    CONNECTION_ID_DEPRECATED               "connection_id (deprecated)"             "draft-ietf-tls-dtls-connection-id, before RFC 9146";
    54    CONNECTION_ID                          "connection_id"                          "RFC 9146";
    55    EXTERNAL_ID_HASH                       "external_id_hash"                       "RFC 8844";
    56    EXTERNAL_SESSION_ID                    "external_session_id"                    "RFC 8844";
    57    QUIC_TRANSPORT_PARAMETERS              "quic_transport_parameters"              "RFC 9001";
    58    TICKET_REQUEST                         "ticket_request"                         "RFC 9149";
    59    DNSSEC_CHAIN                           "dnssec_chain"                           "RFC 9102";
    60    SEQUENCE_NUMBER_ENCRYPTION_ALGORITHMS  "sequence_number_encryption_algorithms"  "draft-pismenny-tls-dtls-plaintext-sequence-number";
    61    RRC                                    "rrc"                                    "RFC 9853";
    62    TLS_FLAGS                              "tls_flags"                              "draft-ietf-tls-tlsflags";
    64768 ECH_OUTER_EXTENSIONS                   "ech_outer_extensions"                   "RFC 9849";
    65037 ENCRYPTED_CLIENT_HELLO                 "encrypted_client_hello"                 "RFC 9849";
    65281 RENEGOTIATION_INFO                     "renegotiation_info"                     "RFC 5746";
}

lastword_record::code_points! {
    /// A group for key exchange: a curve, a finite field or a KEM (RFC 8446 section 4.2.7, IANA's
    /// registry "TLS Supported Groups").
    ///
    /// ```
    /// use lastword_hello::NamedGroup;
    ///
    /// assert_eq!(NamedGroup(29), NamedGroup::X25519);
    /// assert_eq!(NamedGroup(29).name(), Some("x25519"));
    /// assert_eq!(NamedGroup(0xfeed).to_string(), "0xfeed");
    /// assert!(NamedGroup(0x0a0a).is_grease());
    /// ```
    NamedGroup(u16): "" "{:#06x}", is_grease;

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

lastword_record::code_points! {
    /// A signature scheme (RFC 8446 section 4.2.3, IANA's registry "TLS SignatureScheme").
    ///
    /// In TLS 1.2 the two bytes are a hash and a signature algorithm (RFC 5246 section 7.4.1.4.1).
    /// Pairs without a name in TLS 1.3 have none here.
    ///
    /// ```
    /// use lastword_hello::SignatureScheme;
    ///
    /// assert_eq!(SignatureScheme(0x0403), SignatureScheme::ECDSA_SECP256R1_SHA256);
    /// assert_eq!(SignatureScheme(0x0403).name(), Some("ecdsa_secp256r1_sha256"));
    /// assert_eq!(SignatureScheme(0xfeed).to_string(), "0xfeed");
    /// assert!(SignatureScheme(0x0a0a).is_grease());
    /// ```
    SignatureScheme(u16): "" "{:#06x}", is_grease;

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

lastword_record::code_points! {
    /// A mode in which a pre-shared key may be used (RFC 8446 section 4.2.9, IANA's registry "TLS
    /// PskKeyExchangeMode").
    ///
    /// ```
    /// use lastword_hello::PskKeyExchangeMode;
    ///
    /// assert_eq!(PskKeyExchangeMode(1), PskKeyExchangeMode::PSK_DHE_KE);
    /// assert_eq!(PskKeyExchangeMode(1).name(), Some("psk_dhe_ke"));
    /// assert!(PskKeyExchangeMode(0x0b).is_grease());
    /// ```
    PskKeyExchangeMode(u8): "" "{:#04x}", is_grease_byte;

    0 PSK_KE     "psk_ke"     "RFC 8446 section 4.2.9: alone";
    1 PSK_DHE_KE "psk_dhe_ke" "RFC 8446 section 4.2.9: with (EC)DHE";
}

lastword_record::code_points! {
    /// A type of certificate (RFC 7250 section 3, IANA's registry "TLS Certificate Types").
    ///
    /// ```
    /// use lastword_hello::CertificateType;
    ///
    /// assert_eq!(CertificateType(2), CertificateType::RAW_PUBLIC_KEY);
    /// assert_eq!(CertificateType(2).name(), Some("Raw Public Key"));
    /// assert_eq!(CertificateType(9).to_string(), "0x09");
    /// ```
    CertificateType(u8): "" "{:#04x}";

    0 X509             "X509"             "RFC 6091";
    1 OPENPGP_RESERVED "OpenPGP_RESERVED" "RFC 6091";
    2 RAW_PUBLIC_KEY   "Raw Public Key"   "RFC 7250";
    3 IEEE_1609_DOT2   "1609Dot2"         "RFC 8902";
}

lastword_record::code_points! {
    /// An algorithm to compress certificates (RFC 8879 section 3, IANA's registry "TLS
    /// Certificate Compression Algorithm IDs").
    ///
    /// ```
    /// use lastword_hello::CertificateCompressionAlgorithm;
    ///
    /// let brotli = CertificateCompressionAlgorithm(2);
    /// assert_eq!(brotli, CertificateCompressionAlgorithm::BROTLI);
    /// assert_eq!(brotli.name(), Some("brotli"));
    /// ```
    CertificateCompressionAlgorithm(u16): "" "{:#06x}";

    1 ZLIB   "zlib"   "RFC 8879 section 3";
    2 BROTLI "brotli" "RFC 8879 section 3";
    3 ZSTD   "zstd"   "RFC 8879 section 3";
}

lastword_record::code_points! {
    /// A format for points on a curve, of TLS 1.2 and earlier (RFC 8422 section 5.1.2, IANA's
    /// registry "TLS EC Point Formats").
    ///
    /// ```
    /// use lastword_hello::EcPointFormat;
    ///
    /// assert_eq!(EcPointFormat(0), EcPointFormat::UNCOMPRESSED);
    /// assert_eq!(EcPointFormat(0).name(), Some("uncompressed"));
    /// ```
    EcPointFormat(u8): "" "{:#04x}";

    0 UNCOMPRESSED               "uncompressed"              "RFC 8422 section 5.1.2";
    1 ANSI_X962_COMPRESSED_PRIME "ansiX962_compressed_prime" "RFC 4492 section 5.1.2";
    2 ANSI_X962_COMPRESSED_CHAR2 "ansiX962_compressed_char2" "RFC 4492 section 5.1.2";
}

lastword_record::code_points! {
    /// The type of a ClientHello with `encrypted_client_hello`: outer or inner (RFC 9849 section 5).
    ///
    /// ```
    /// use lastword_hello::EchClientHelloType;
    ///
    /// assert_eq!(EchClientHelloType(0), EchClientHelloType::OUTER);
    /// assert_eq!(EchClientHelloType(0).name(), Some("outer"));
    /// ```
    EchClientHelloType(u8): "" "{:#04x}";

    0 OUTER "outer" "RFC 9849 section 5: the hello that anyone can read, with another encrypted in it";
    1 INNER "inner" "RFC 9849 section 5: the hello that was encrypted";
}

/// Returns whether `code` is one of the sixteen GREASE values of two bytes: `0x0a0a`, `0x1a1a` and so
/// on to `0xfafa`.
pub(crate) const fn is_grease(code: u16) -> bool {
    let [high, low] = code.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}

/// Returns whether `code` is one of the eight GREASE values of one byte: `0x0b`, `0x2a` and so on to
/// `0xe4`.
pub(crate) const fn is_grease_byte(code: u8) -> bool {
    code % 0x1f == 0x0b
}

#[cfg(test)]
mod tests {
    use std::{format, string::ToString};

    use super::*;
    use crate::cipher_suite::CipherSuite;

    #[test]
    fn a_registered_code_is_shown_by_its_name() {
        assert_eq!(CipherSuite(0x1301).to_string(), "TLS_AES_128_GCM_SHA256");
        assert_eq!(ExtensionType(0).to_string(), "server_name");
        assert_eq!(NamedGroup(0x11ec).to_string(), "X25519MLKEM768");
        assert_eq!(
            SignatureScheme(0x0403).to_string(),
            "ecdsa_secp256r1_sha256"
        );
        assert_eq!(format!("{:?}", NamedGroup::X25519), "x25519(0x001d)");
    }

    #[test]
    fn every_registered_cipher_suite_has_a_name_of_its_own() {
        let names = [0x1301, 0x008c, 0x001b].map(|code| CipherSuite(code).name());
        let expected = [
            "TLS_AES_128_GCM_SHA256",
            "TLS_PSK_WITH_AES_128_CBC_SHA",
            "TLS_DH_anon_WITH_3DES_EDE_CBC_SHA",
        ];
        assert_eq!(names, expected.map(Some));
        let names = (0..=u16::MAX).filter_map(|code| CipherSuite(code).name());
        let names: std::collections::BTreeSet<_> = names.collect();
        assert_eq!(names.len(), 356);
    }

    #[test]
    fn an_unregistered_code_is_shown_as_a_number() {
        assert_eq!(CipherSuite(0x1234).name(), None);
        assert_eq!(CipherSuite(0x1234).to_string(), "0x1234");
        assert_eq!(ExtensionType(0x4469).to_string(), "0x4469");
    }

    #[test]
    fn exactly_the_sixteen_values_of_rfc_8701_are_grease() {
        let grease: std::vec::Vec<u16> = (0..=u16::MAX)
            .filter(|code| ExtensionType(*code).is_grease())
            .collect();
        let expected = [
            0x0a0a, 0x1a1a, 0x2a2a, 0x3a3a, 0x4a4a, 0x5a5a, 0x6a6a, 0x7a7a, 0x8a8a, 0x9a9a, 0xaaaa,
            0xbaba, 0xcaca, 0xdada, 0xeaea, 0xfafa,
        ];
        assert_eq!(grease, expected);
        assert_eq!(NamedGroup(0xaaaa).to_string(), "GREASE");
        assert!((0..=u16::MAX).all(|code| !CipherSuite(code).is_grease()
            || (CipherSuite(code).name(), NamedGroup(code).name()) == (None, None)));
    }

    #[test]
    fn of_one_byte_exactly_the_eight_values_of_rfc_8701_are_grease() {
        let grease = (0..=u8::MAX).filter(|code| PskKeyExchangeMode(*code).is_grease());
        let expected = [0x0b, 0x2a, 0x49, 0x68, 0x87, 0xa6, 0xc5, 0xe4];
        assert_eq!(grease.collect::<std::vec::Vec<_>>(), expected);
    }
}
