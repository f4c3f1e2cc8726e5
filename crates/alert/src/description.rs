//! The alerts of IANA's registry, each with a text.

use crate::level::AlertLevel;

/// Declares the alerts. A row is `code LEVEL CONSTANT "name" "reference" "text";`.
macro_rules! alerts {
    ($($code:literal $level:ident $constant:ident $name:literal $reference:literal $text:literal;)*) => {
        lastword_record::code_points! {
            /// The description of an alert: what it means (RFC 8446 section 6, IANA's registry "TLS
            /// Alerts").
            ///
            /// A registered alert also has a [`text`](Self::text). The reserved codes of older versions
            /// are included, because a client may still send one.
            ///
            /// ```
            /// use lastword_alert::{AlertDescription, AlertLevel};
            ///
            /// let alert = AlertDescription(116);
            /// assert_eq!(alert, AlertDescription::CERTIFICATE_REQUIRED);
            /// assert_eq!(alert.name(), Some("certificate_required"));
            /// assert_eq!(alert.text(), Some("a client certificate is required and none was sent"));
            /// assert_eq!(alert.level(), AlertLevel::FATAL);
            /// ```
            AlertDescription(u8): "alert " "{}";

            $($code $constant $name concat!($text, " (", $reference, ")");)*
        }

        impl AlertDescription {
            /// Every code that IANA has assigned, in ascending order.
            pub const ALL: &'static [Self] = &[$(Self::$constant),*];

            /// Returns a short text that explains the alert, or `None` for a code that is not assigned.
            #[must_use]
            pub const fn text(self) -> Option<&'static str> {
                match self {
                    $(Self::$constant => Some($text),)*
                    _ => None,
                }
            }

            /// Returns the level that the alert must be sent with.
            ///
            /// It is a warning for `close_notify`, `user_canceled` and `no_renegotiation`, and fatal for
            /// all others, including unknown codes.
            #[must_use]
            pub const fn level(self) -> AlertLevel {
                match self {
                    $(Self::$constant => AlertLevel::$level,)*
                    // RFC 8446 6: unknown alert types must be treated as error alerts
                    _ => AlertLevel::FATAL,
                }
            }
        }
    };
}

alerts! {
    0   WARNING CLOSE_NOTIFY                    "close_notify"                    "RFC 8446 6.1"  "the sender sends nothing more";
    10  FATAL   UNEXPECTED_MESSAGE              "unexpected_message"              "RFC 8446 6.2"  "a message that is not allowed at this point";
    20  FATAL   BAD_RECORD_MAC                  "bad_record_mac"                  "RFC 8446 6.2"  "a record that does not authenticate";
    21  FATAL   DECRYPTION_FAILED               "decryption_failed_RESERVED"      "RFC 5246 7.2"  "a record that does not decrypt";
    22  FATAL   RECORD_OVERFLOW                 "record_overflow"                 "RFC 8446 6.2"  "a record longer than allowed";
    30  FATAL   DECOMPRESSION_FAILURE           "decompression_failure_RESERVED"  "RFC 5246 7.2"  "a record that does not decompress";
    40  FATAL   HANDSHAKE_FAILURE               "handshake_failure"               "RFC 8446 6.2"  "no acceptable set of parameters in common";
    41  FATAL   NO_CERTIFICATE                  "no_certificate_RESERVED"         "RFC 6101 5.4"  "no certificate to send";
    42  FATAL   BAD_CERTIFICATE                 "bad_certificate"                 "RFC 8446 6.2"  "a certificate that is corrupt or whose signatures do not verify";
    43  FATAL   UNSUPPORTED_CERTIFICATE         "unsupported_certificate"         "RFC 8446 6.2"  "a certificate of a type that is not supported";
    44  FATAL   CERTIFICATE_REVOKED             "certificate_revoked"             "RFC 8446 6.2"  "a certificate that its signer has revoked";
    45  FATAL   CERTIFICATE_EXPIRED             "certificate_expired"             "RFC 8446 6.2"  "a certificate that has expired or is not yet valid";
    46  FATAL   CERTIFICATE_UNKNOWN             "certificate_unknown"             "RFC 8446 6.2"  "a certificate that is not acceptable for another reason";
    47  FATAL   ILLEGAL_PARAMETER               "illegal_parameter"               "RFC 8446 6.2"  "a field that is wrong in itself or contradicts another";
    48  FATAL   UNKNOWN_CA                      "unknown_ca"                      "RFC 8446 6.2"  "a certificate whose issuer is not known or not trusted";
    49  FATAL   ACCESS_DENIED                   "access_denied"                   "RFC 8446 6.2"  "access control decided not to proceed";
    50  FATAL   DECODE_ERROR                    "decode_error"                    "RFC 8446 6.2"  "a message that cannot be decoded";
    51  FATAL   DECRYPT_ERROR                   "decrypt_error"                   "RFC 8446 6.2"  "a signature, a Finished or a PSK binder that does not verify";
    52  FATAL   TOO_MANY_CIDS_REQUESTED         "too_many_cids_requested"         "RFC 9147 10"   "more connection IDs requested than are provided";
    60  FATAL   EXPORT_RESTRICTION              "export_restriction_RESERVED"     "RFC 2246 7.2"  "a negotiation that export restrictions forbid";
    70  FATAL   PROTOCOL_VERSION                "protocol_version"                "RFC 8446 6.2"  "a protocol version that is recognized but not supported";
    71  FATAL   INSUFFICIENT_SECURITY           "insufficient_security"           "RFC 8446 6.2"  "parameters that are weaker than required";
    80  FATAL   INTERNAL_ERROR                  "internal_error"                  "RFC 8446 6.2"  "an error that is unrelated to the peer";
    86  FATAL   INAPPROPRIATE_FALLBACK          "inappropriate_fallback"          "RFC 7507 3"    "a retry with a lower version than both sides support";
    90  WARNING USER_CANCELED                   "user_canceled"                   "RFC 8446 6.1"  "the handshake is canceled for a reason that is not a protocol failure";
    100 WARNING NO_RENEGOTIATION                "no_renegotiation_RESERVED"       "RFC 5246 7.2"  "no renegotiation";
    109 FATAL   MISSING_EXTENSION               "missing_extension"               "RFC 8446 6.2"  "a mandatory extension is missing";
    110 FATAL   UNSUPPORTED_EXTENSION           "unsupported_extension"           "RFC 8446 6.2"  "an extension that is not allowed in this message";
    111 FATAL   CERTIFICATE_UNOBTAINABLE        "certificate_unobtainable_RESERVED" "RFC 6066 9"  "a certificate that could not be fetched";
    112 FATAL   UNRECOGNIZED_NAME               "unrecognized_name"               "RFC 6066 3"    "no server with the requested name";
    113 FATAL   BAD_CERTIFICATE_STATUS_RESPONSE "bad_certificate_status_response" "RFC 6066 8"    "an OCSP response that is invalid or not acceptable";
    114 FATAL   BAD_CERTIFICATE_HASH_VALUE      "bad_certificate_hash_value_RESERVED" "RFC 6066 9" "a certificate that does not match its hash";
    115 FATAL   UNKNOWN_PSK_IDENTITY            "unknown_psk_identity"            "RFC 8446 6.2"  "no acceptable pre-shared key";
    116 FATAL   CERTIFICATE_REQUIRED            "certificate_required"            "RFC 8446 6.2"  "a client certificate is required and none was sent";
    117 FATAL   GENERAL_ERROR                   "general_error"                   "RFC 9846 6.2"  "an error that no other alert covers";
    120 FATAL   NO_APPLICATION_PROTOCOL         "no_application_protocol"         "RFC 7301 3.2"  "no application protocol in common";
    121 FATAL   ECH_REQUIRED                    "ech_required"                    "RFC 9849 5"    "Encrypted Client Hello was offered and not accepted";
}
