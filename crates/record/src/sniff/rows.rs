//! The protocols that are recognized by bytes at fixed places.

use super::{Match, Verdict};
use crate::guess::Guess::{
    self, Amqp, Dns, Irc, Kafka, Ldap, Memcached, Mqtt, Postgres, Proxy, Rdp, Redis, Smb, Smtp,
    Socks4, Socks5, Ssh, Tds, Telnet, Xmpp,
};

/// The least and the greatest value of each of the first bytes of a protocol.
pub(super) struct Row {
    guess: Guess,
    least: &'static [u8],
    most: &'static [u8],
}

/// Makes a row in which each byte has one value.
const fn word(guess: Guess, bytes: &'static [u8]) -> Row {
    range(guess, bytes, bytes)
}

const fn range(guess: Guess, least: &'static [u8], most: &'static [u8]) -> Row {
    assert!(least.len() == most.len() && least.len() <= Verdict::MAX_LEN);
    Row { guess, least, most }
}

/// The rows, in the order of their first bytes.
#[rustfmt::skip]
const ROWS: &[Row] = &[
    // RFC 1035 4.2.2, 4.1.1: length, ID, flags of a query, one question, at most one EDNS record
    range(Dns, b"\0\x11\0\0\0\0\0\x01\0\0\0\0\0\0", b"\0\xff\xff\xff\x01\x30\0\x01\0\0\0\0\0\x01"),
    // Kafka protocol guide: length, API key 18, API version, correlation ID, length of the client ID
    range(Kafka, b"\0\0\0\0\0\x12\0\0\0\0\0\0\0", b"\0\0\xff\xff\0\x12\0\x04\0\0\0\x09\0"),
    // PostgreSQL, Message Formats: CancelRequest, SSLRequest, GSSENCRequest
    word(Postgres, b"\0\0\0\x10\x04\xd2\x16\x2e"),
    range(Postgres, b"\0\0\0\x08\x04\xd2\x16\x2f", b"\0\0\0\x08\x04\xd2\x16\x30"),
    // PostgreSQL, Message Formats: length, version 3.0 to 3.2, the name of a parameter
    range(Postgres, b"\0\0\0\0\0\x03\0\0_", b"\0\0\xff\xff\0\x03\0\x02z"),
    // MS-SMB2 2.1, 2.2.1; MS-CIFS 2.2.3.1
    range(Smb, b"\0\0\0\0\xfeSMB", b"\0\0\xff\xff\xffSMB"),
    // RFC 1006 6, X.224 13.3: TPKT header, connection request
    // MS-RDPBCGR 2.2.1.1: nothing, a cookie or a negotiation
    word(Rdp, b"\x03\0\0\x0b\x06\xe0\0\0\0\0\0"),
    range(Rdp, b"\x03\0\0\0\0\xe0\0\0\0\0\0Cookie:", b"\x03\0\0\xff\xff\xe0\0\0\0\0\0Cookie:"),
    range(Rdp, b"\x03\0\0\0\0\xe0\0\0\0\0\0\x01\0\x08\0", b"\x03\0\0\xff\xff\xe0\0\0\0\0\0\x01\xff\x08\0"),
    // SOCKS 4: command, port, address, no user name; SOCKS 4A: an address 0.0.0.x
    range(Socks4, b"\x04\x01\0\0\x01\0\0\0\0", b"\x04\x02\xff\xff\xdf\xff\xff\xff\0"),
    range(Socks4, b"\x04\x01\0\0\0\0\0\x01", b"\x04\x02\xff\xff\0\0\0\xff"),
    // RFC 1928 3: the number of methods, and registered methods
    range(Socks5, b"\x05\x01\0", b"\x05\x01\x02"),
    range(Socks5, b"\x05\x02\0\0", b"\x05\x02\x09\x09"),
    range(Socks5, b"\x05\x03\0\0\0", b"\x05\x03\x09\x09\x09"),
    range(Socks5, b"\x05\x04\0\0\0\0", b"\x05\x04\x09\x09\x09\x09"),
    // The PROXY protocol 2.2
    word(Proxy, b"\r\n\r\n\0\r\nQUIT\n"),
    // MQTT 5.0 3.1.1, 3.1.2.1: a length of one or two bytes, the protocol's name (also that of MQTT 3.1)
    range(Mqtt, b"\x10\x0c\0\x04MQTT", b"\x10\x7f\0\x04MQTT"),
    range(Mqtt, b"\x10\x80\x01\0\x04MQTT", b"\x10\xff\x7f\0\x04MQTT"),
    range(Mqtt, b"\x10\x0e\0\x06MQIsdp", b"\x10\x7f\0\x06MQIsdp"),
    range(Mqtt, b"\x10\x80\x01\0\x06MQIsdp", b"\x10\xff\x7f\0\x06MQIsdp"),
    // MS-TDS 2.2.3.1, 2.2.6.5: PRELOGIN, end of message, length, SPID, packet, window, option VERSION
    range(Tds, b"\x12\x01\0\0\0\0\0\0\0\0", b"\x12\x01\xff\xff\0\0\x01\0\0\0"),
    // Redis serialization protocol: an array of bulk strings
    range(Redis, b"*1\r\n$", b"*9\r\n$"),
    range(Redis, b"*10\r\n$", b"*99\r\n$"),
    // RFC 4511 4.1.1, 4.2, 4.5.1, 4.12: LDAPMessage, message ID, bind, search or extended request
    range(Ldap, b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x02", b"\x30\x7f\x02\x01\x7f\x60\x7f\x02\x01\x03"),
    range(Ldap, b"\x30\x0c\x02\x01\x01\x63\x0a\x04", b"\x30\x7f\x02\x01\x7f\x63\x7f\x04"),
    range(Ldap, b"\x30\x0c\x02\x01\x01\x77\x07\x80\x051.", b"\x30\x7f\x02\x01\x7f\x77\x7f\x80\x7f2."),
    range(Ldap, b"\x30\x82\0\0\x02\x01\x01\x60\x82", b"\x30\x82\xff\xff\x02\x01\x7f\x60\x82"),
    range(Ldap, b"\x30\x84\0\0\0\0\x02\x01\x01\x60\x84", b"\x30\x84\0\0\xff\xff\x02\x01\x7f\x60\x84"),
    range(Ldap, b"\x30\x84\0\0\0\0\x02\x01\x01\x63\x84", b"\x30\x84\0\0\xff\xff\x02\x01\x7f\x63\x84"),
    // RFC 6120 4.2, 11.5: a stream header, perhaps after an XML declaration
    word(Xmpp, b"<stream:"),
    word(Xmpp, b"<?xml version=\"1.0\"?><st"),
    word(Xmpp, b"<?xml version='1.0'?><st"),
    // AMQP 1.0 2.2, AMQP 0-9-1 4.2.2: the protocol's ID
    range(Amqp, b"AMQP\0", b"AMQP\x03"),
    // IRCv3 capability negotiation
    word(Irc, b"CAP LS"),
    // RFC 5321 4.1.1.1
    word(Smtp, b"EHLO "),
    word(Smtp, b"HELO "),
    // RFC 2033 4.1
    word(Smtp, b"LHLO "),
    // RFC 2812 3.1.2
    word(Irc, b"NICK "),
    // Redis: an inline command
    word(Redis, b"PING\r\n"),
    // The PROXY protocol 2.1
    word(Proxy, b"PROXY TCP"),
    word(Proxy, b"PROXY UNKNOWN"),
    // RFC 4253 4.2
    word(Ssh, b"SSH-"),
    // RFC 5321 2.4: a command in lower case
    word(Smtp, b"ehlo "),
    word(Smtp, b"helo "),
    // memcached, protocol.txt
    word(Memcached, b"version\r\n"),
    // RFC 854, RFC 855: IAC, WILL to DONT, a registered option, IAC
    range(Telnet, b"\xff\xfb\0\xff", b"\xff\xfe\x31\xff"),
];

impl Row {
    /// Returns the first byte, which has one value.
    fn first(&self) -> u8 {
        self.least.first().copied().unwrap_or_default()
    }

    /// Compares the first bytes of a client with this row.
    fn compare(&self, first: &[u8]) -> Match {
        let range = self.least.iter().zip(self.most);
        let mut bytes = first.iter().zip(range);
        match bytes.position(|(byte, (least, most))| byte < least || byte > most) {
            Some(at) => Match::No(at + 1),
            None if first.len() < self.least.len() => Match::Open,
            None => Match::Is(self.guess, self.least.len()),
        }
    }
}

/// Compares the first bytes of a client with the rows that begin with `byte`, the first of them.
pub(super) fn compare(byte: u8, first: &[u8]) -> Match {
    let begin = ROWS.partition_point(|row| row.first() < byte);
    let rows = ROWS.iter().skip(begin);
    rows.take_while(|row| row.first() == byte)
        .map(|row| row.compare(first))
        .fold(Match::No(2), Match::or)
}

#[cfg(test)]
mod tests {
    use super::{ROWS, Row};

    /// At most one in a million random beginnings may match a row.
    #[test]
    fn each_row_is_certain() {
        for row in ROWS {
            let share = |(least, most): (&u8, &u8)| (f64::from(most - least) + 1.0) / 256.0;
            let chance: f64 = row.least.iter().zip(row.most).map(share).product();
            assert!(chance < 1e-6, "{}: {chance}", row.least.escape_ascii());
        }
    }

    #[test]
    fn the_rows_are_in_the_order_of_their_first_bytes() {
        assert!(ROWS.is_sorted_by_key(Row::first));
        assert!(ROWS.iter().all(|row| row.least[0] == row.most[0]));
    }
}
