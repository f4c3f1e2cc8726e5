//! Which extensions there are.

use crate::code_points::{code_points, is_grease};

code_points! {
    /// The type of an extension (RFC 8446 section 4.2, IANA's registry "TLS ExtensionType Values").
    ExtensionType: u16, is_grease;

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
