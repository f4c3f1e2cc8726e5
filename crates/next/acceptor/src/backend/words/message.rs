//! The words for a message that cannot be parsed.

use std::fmt::{self, Formatter};

use lastword_hello::ExtensionType;
use rustls::error::InvalidMessage;

use super::table::words;
use super::unknown;

pub(super) fn explain(error: &InvalidMessage, f: &mut Formatter<'_>) -> fmt::Result {
    match (error, words(error)) {
        (InvalidMessage::DuplicateExtension(extension), _) => {
            write!(
                f,
                "client sent the extension {} twice",
                ExtensionType(*extension)
            )
        }
        (_, Some(words)) => f.write_str(words),
        (_, None) => unknown(f, "client sent a malformed message", error),
    }
}

#[rustfmt::skip]
words! { InvalidMessage:
    CertificatePayloadTooLarge                  "client sent a certificate chain of more than 65536 bytes";
    HandshakePayloadTooLarge                    "client sent a handshake message of more than 65535 bytes";
    InvalidCcs                                  "client sent a malformed change_cipher_spec record";
    InvalidContentType                          "client sent a record of an unknown content type";
    InvalidCertificateStatusType                "client sent a certificate status of an unknown type";
    InvalidCertRequest                          "peer sent a malformed CertificateRequest";
    InvalidDhParams                             "peer sent malformed Diffie-Hellman parameters";
    InvalidEmptyPayload                         "client sent a record without content";
    InvalidKeyUpdate                            "client sent a malformed KeyUpdate";
    InvalidServerName                           "client sent a server name that is not a DNS name";
    MessageTooLarge                             "client sent a record that is longer than TLS allows";
    MessageTooShort                             "client sent a message that ends too early";
    MisplacedExtension                          "client sent an extension in a message where it is not allowed";
    MissingData                                 "client sent a message with a field that ends too early";
    MissingKeyExchange                          "peer sent a message without a key exchange";
    NoSignatureSchemes                          "client sent an empty list of signature schemes";
    TrailingData                                "client sent a message with bytes after its end";
    UnexpectedMessage                           "client sent a message that is not allowed here";
    UnknownProtocolVersion                      "client sent a record of an unknown protocol version";
    UnsupportedCompression                      "client sent a compression method that TLS does not allow";
    UnsupportedCurveType                        "peer sent a curve without a name";
    UnsupportedKeyExchangeAlgorithm             "peer selected a key exchange that is not supported";
    EmptyTicketValue                            "peer sent a ticket without content";
    IllegalEmptyList                            "client sent an empty field where TLS requires content";
    DuplicateExtension                          "client sent an extension twice";
    PreSharedKeyIsNotFinalExtension             "client sent an extension after pre_shared_key, which must be the last";
    UnknownHelloRetryRequestExtension           "peer sent an unknown extension in its HelloRetryRequest";
    UnknownCertificateExtension                 "client sent an unknown extension in its Certificate";
    IllegalEmptyCertificateAuthoritiesExtension "client sent an empty list of certificate authorities";
}
