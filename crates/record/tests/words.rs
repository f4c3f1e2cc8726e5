//! What is shown of a record's code points and lengths, known and unknown.

use std::fmt::{Debug, Display};

use lastword_record::{
    ContentType, Guess, HandshakeType, HttpMethod, LengthLimit, ProtocolVersion, RecordOverflow,
    U24,
};

/// A code as it is shown to a user, and as it is shown to a programmer.
fn shown(code: impl Display + Debug) -> [String; 2] {
    [code.to_string(), format!("{code:?}")]
}

#[test]
fn a_content_type_by_its_name_or_by_its_number() {
    for (code, words) in [
        (20, ["change_cipher_spec", "change_cipher_spec(20)"]),
        (21, ["alert", "alert(21)"]),
        (22, ["handshake", "handshake(22)"]),
        (23, ["application_data", "application_data(23)"]),
        (24, ["heartbeat", "heartbeat(24)"]),
        (25, ["tls12_cid", "tls12_cid(25)"]),
        (26, ["ACK", "ACK(26)"]),
        (27, ["content type 27", "content type 27(27)"]),
    ] {
        assert_eq!(shown(ContentType(code)), words);
    }
}

#[test]
fn a_handshake_type_by_its_name_or_by_its_number() {
    for (code, words) in [
        (0, ["hello_request", "hello_request(0)"]),
        (1, ["client_hello", "client_hello(1)"]),
        (24, ["key_update", "key_update(24)"]),
        (254, ["message_hash", "message_hash(254)"]),
        (7, ["handshake type 7", "handshake type 7(7)"]),
    ] {
        assert_eq!(shown(HandshakeType(code)), words);
    }
}

#[test]
fn a_version_by_its_name_or_by_its_two_bytes() {
    for (code, words) in [
        (0x0002, ["SSL 2.0", "SSL 2.0(0x0002)"]),
        (0x0300, ["SSL 3.0", "SSL 3.0(0x0300)"]),
        (0x0301, ["TLS 1.0", "TLS 1.0(0x0301)"]),
        (0x0302, ["TLS 1.1", "TLS 1.1(0x0302)"]),
        (0x0303, ["TLS 1.2", "TLS 1.2(0x0303)"]),
        (0x0304, ["TLS 1.3", "TLS 1.3(0x0304)"]),
        (0x0a0a, ["version 0x0a0a", "version 0x0a0a(0x0a0a)"]),
    ] {
        assert_eq!(shown(ProtocolVersion(code)), words);
    }
}

#[test]
fn a_length_of_three_bytes_as_a_number() {
    assert_eq!(format!("{:?}", U24([1, 2, 3])), "66051");
}

#[test]
fn a_record_that_is_too_long_by_its_length_and_the_limit() {
    let overflow = RecordOverflow {
        length: 16_385,
        limit: LengthLimit::PLAINTEXT,
    };
    assert_eq!(
        overflow.to_string(),
        "record of 16385 bytes is longer than the 16384 bytes allowed"
    );
}

#[test]
fn a_protocol_by_its_name() {
    for (guess, words) in [
        (Guess::Http(HttpMethod::Get), "an HTTP GET request"),
        (Guess::Http(HttpMethod::Other), "an HTTP request"),
        (Guess::Http(HttpMethod::Pri), "an HTTP/2 connection preface"),
        (Guess::Ssh, "SSH"),
        (Guess::Proxy, "a PROXY protocol header"),
        (Guess::Sslv2, "an SSL 2.0 hello"),
        (Guess::Amqp, "AMQP"),
        (Guess::Dns, "a DNS query"),
        (Guess::Irc, "IRC"),
        (Guess::Kafka, "Kafka"),
        (Guess::Ldap, "LDAP"),
        (Guess::Memcached, "memcached"),
        (Guess::Mqtt, "MQTT"),
        (Guess::Postgres, "PostgreSQL"),
        (Guess::Rdp, "RDP"),
        (Guess::Redis, "Redis"),
        (Guess::Rtsp, "RTSP"),
        (Guess::Sip, "SIP"),
        (Guess::Smb, "SMB"),
        (Guess::Smtp, "SMTP"),
        (Guess::Socks4, "SOCKS 4"),
        (Guess::Socks5, "SOCKS 5"),
        (Guess::Tds, "SQL Server (TDS)"),
        (Guess::Telnet, "Telnet"),
        (Guess::Xmpp, "XMPP"),
        (Guess::Unknown, "an unknown protocol"),
    ] {
        assert_eq!(guess.to_string(), words);
    }
    // an error holds one
    assert_eq!(size_of::<Guess>(), 1);
}
