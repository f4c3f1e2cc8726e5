//! The words for a failure of this server, and the kinds of an error.

use super::table::words;

#[rustfmt::skip]
words! { Error:
    InappropriateMessage          "client sent a record that is not allowed here";
    InappropriateHandshakeMessage "client sent a handshake message that is not allowed here";
    InvalidEncryptedClientHello   "Encrypted Client Hello failed";
    InvalidMessage                "client sent a malformed message";
    UnsupportedNameType           "client sent a name of an unknown type";
    DecryptError                  "client sent a record that does not decrypt";
    EncryptError                  "this server could not encrypt a record";
    PeerIncompatible              "client is incompatible with this server";
    PeerMisbehaved                "client violated the protocol";
    AlertReceived                 "client sent an alert";
    InvalidCertificate            "client certificate not accepted";
    InvalidCertRevocationList     "this server cannot use its certificate revocation list";
    General                       "this server failed";
    FailedToGetCurrentTime        "this server could not read its clock";
    FailedToGetRandomBytes        "this server could not get random bytes";
    HandshakeNotComplete          "this server used a connection before its handshake was complete";
    PeerSentOversizedRecord       "client sent a record that is longer than TLS allows";
    NoApplicationProtocol         "client offers no application protocol that this server has";
    NoSuitableCertificate         "this server has no certificate for the client";
    BadMaxFragmentSize            "this server is configured with a maximum fragment size out of range";
    InconsistentKeys              "this server's private key does not belong to its certificate";
    Other                         "this server failed";
    RejectedEch                   "peer rejected Encrypted Client Hello";
    Unreachable                   "this server failed in a way that rustls calls impossible";
    ApiMisuse                     "this server used rustls in a way that it does not allow";
}
