//! The words for a client that is incompatible with this server.

use super::table::words;

#[rustfmt::skip]
words! { PeerIncompatible:
    EcPointsExtensionRequired                       "client sent no ec_point_formats, which this server requires in TLS 1.2";
    ExtendedMainSecretExtensionRequired             "client sent no extended_master_secret, which this server requires";
    IncorrectCertificateTypeExtension               "client offers no certificate type that this server has";
    KeyShareExtensionRequired                       "client sent no key_share, which TLS 1.3 requires";
    MultipleRawKeys                                 "client sent more than one raw public key";
    NamedGroupsExtensionRequired                    "client sent no supported_groups, which its cipher suites require";
    NoCertificateRequestSignatureSchemesInCommon    "peer accepts no signature scheme of the certificate's key";
    NoCipherSuitesInCommon                          "client offers no cipher suite that works with this server's certificate";
    NoEcPointFormatsInCommon                        "client offers no point format that this server has";
    NoKxGroupsInCommon                              "client offers no key exchange group that this server has";
    NoSignatureSchemesInCommon                      "client offers no signature scheme for the key of this server's certificate";
    NoServerNameProvided                            "client sent no server name, and this server has no certificate without one";
    NullCompressionRequired                         "client does not offer the compression method null, which TLS requires";
    ServerDoesNotSupportTls12Or13                   "peer supports neither TLS 1.2 nor TLS 1.3";
    ServerSentHelloRetryRequestWithUnknownExtension "peer sent an unknown extension in its HelloRetryRequest";
    ServerTlsVersionIsDisabledByOurConfig           "peer selected a protocol version that is disabled here";
    SignatureAlgorithmsExtensionRequired            "client sent no signature_algorithms, so it accepts only signatures with SHA-1, which this server does not make";
    SupportedVersionsExtensionRequired              "client sent no supported_versions, and this server enables only TLS 1.3";
    Tls12NotOffered                                 "client does not offer TLS 1.2";
    Tls12NotOfferedOrEnabled                        "client offers no protocol version that this server has";
    Tls13RequiredForQuic                            "client does not offer TLS 1.3, which QUIC requires";
    UncompressedEcPointsRequired                    "client does not offer uncompressed points in ec_point_formats";
    UnknownCertificateType                          "client offers a certificate type that this server does not know";
    UnsolicitedCertificateTypeExtension             "client sent a certificate type that was not asked for";
}
