//! What any good server does: sessions are resumed, nothing is said unasked, records are full.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use lastword_census::catalogue::Versions;
use lastword_census::pki::ClientProfile;
use lastword_census::wire::{ExtensionType, HelloBuilder, records};
use rustls::client::Resumption;
use rustls::{ClientConfig, ClientConnection, HandshakeKind, StreamOwned};
use socket2::SockRef;

use crate::serve::{STYLES, Serve};

const REQUEST: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

type Client = StreamOwned<ClientConnection, TcpStream>;

impl Serve {
    /// A client with a configuration, connected.
    fn client(&self, config: &Arc<ClientConfig>) -> Client {
        let name = "localhost".try_into().unwrap();
        let connection = ClientConnection::new(Arc::clone(config), name).unwrap();
        let tcp = TcpStream::connect(self.address).unwrap();
        tcp.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        StreamOwned::new(connection, tcp)
    }

    /// How the handshake of a client went that made a request and got all of the reply.
    fn asked(&self, config: &Arc<ClientConfig>) -> HandshakeKind {
        let mut tls = self.client(config);
        tls.write_all(REQUEST).unwrap();
        let mut reply = Vec::new();
        tls.read_to_end(&mut reply).unwrap();
        assert!(reply.starts_with(b"HTTP/1.0 200 OK\r\n"));
        tls.conn.handshake_kind().unwrap()
    }

    /// A configuration that trusts the server and resumes sessions.
    fn resuming(&self, versions: Versions) -> Arc<ClientConfig> {
        let profile = ClientProfile {
            versions,
            ..ClientProfile::DEFAULT
        };
        let mut config = ClientConfig::clone(&self.pki.client_config(&profile));
        config.resumption = Resumption::in_memory_sessions(8);
        Arc::new(config)
    }
}

#[test]
fn resumes_sessions_of_both_versions() {
    for style in STYLES {
        let serve = Serve::start(&format!("resumes-{style}"), &["--style", style]);
        for versions in [Versions::Tls12, Versions::Tls13] {
            let config = serve.resuming(versions);
            assert_eq!(serve.asked(&config), HandshakeKind::Full, "{style}");
            assert_eq!(serve.asked(&config), HandshakeKind::Resumed, "{style}");
        }
    }
}

#[test]
fn tickets_are_stateless() {
    for style in STYLES {
        let serve = Serve::start(&format!("tickets-{style}"), &["--style", style]);
        // TLS 1.3: two tickets for stored sessions, 32 bytes each, are a record of 179 bytes
        let mut tls = serve.tls();
        tls.conn.complete_io(&mut tls.sock).unwrap();
        let mut header = [0; 5];
        tls.sock.read_exact(&mut header).unwrap();
        let length = u16::from_be_bytes([header[3], header[4]]);
        assert_eq!(header[0], 23, "{style}");
        assert!(length > 179, "{style}: {length} bytes");
        // TLS 1.2: the ServerHello says that one will come (RFC 5077 section 3.2)
        let hello = HelloBuilder::tls12().extension(ExtensionType(35), &[]);
        let mut tcp = TcpStream::connect(serve.address).unwrap();
        tcp.write_all(&hello.record()).unwrap();
        let mut header = [0; 5];
        tcp.read_exact(&mut header).unwrap();
        let mut record = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
        tcp.read_exact(&mut record).unwrap();
        assert_eq!([header[0], record[0]], [22, 2], "{style}");
        let server_hello = &record[..4 + usize::from(record[3])];
        let says = server_hello.windows(4).any(|each| each == [0, 35, 0, 0]);
        assert!(says, "{style}: {server_hello:02x?}");
    }
}

#[test]
fn a_client_that_closes_without_a_request_gets_no_reply() {
    for style in STYLES {
        let serve = Serve::start(&format!("unasked-{style}"), &["--style", style]);
        let mut tls = serve.tls();
        tls.conn.complete_io(&mut tls.sock).unwrap();
        tls.conn.send_close_notify();
        tls.flush().unwrap();
        let mut reply = Vec::new();
        // close_notify, or this would be an error
        tls.read_to_end(&mut reply).unwrap();
        assert_eq!(reply, b"", "{style}");

        let mut tls = serve.tls();
        tls.conn.complete_io(&mut tls.sock).unwrap();
        tls.sock.shutdown(Shutdown::Write).unwrap();
        let mut reply = Vec::new();
        tls.read_to_end(&mut reply).unwrap();
        assert_eq!(reply, b"", "{style}");
    }
}

#[test]
fn a_request_without_an_empty_line_is_answered_at_its_end() {
    for style in STYLES {
        let serve = Serve::start(&format!("cut-{style}"), &["--style", style]);
        let mut tls = serve.tls();
        tls.write_all(b"GET /").unwrap();
        tls.conn.send_close_notify();
        let mut reply = Vec::new();
        tls.read_to_end(&mut reply).unwrap();
        assert!(reply.starts_with(b"HTTP/1.0 200 OK\r\n"), "{style}");
    }
}

#[test]
fn echoes_full_records_as_full_records() {
    const FULL: usize = 16 << 10;
    for style in STYLES {
        let serve = Serve::start(&format!("full-{style}"), &["--echo", "--style", style]);
        let mut tls = serve.tls();
        tls.conn.complete_io(&mut tls.sock).unwrap();
        tls.write_all(&[b'a'; 4 * FULL]).unwrap();
        tls.flush().unwrap();
        // what comes is read as it is: with a content type and a tag of 16 bytes, RFC 8446 5.2
        let mut bytes = Vec::new();
        let lengths = loop {
            let mut buffer = vec![0; 64 << 10];
            let read = tls.sock.read(&mut buffer).unwrap();
            bytes.extend_from_slice(&buffer[..read]);
            let lengths: Vec<_> = records(&bytes).iter().map(|record| record.len()).collect();
            if lengths.iter().sum::<usize>() >= 4 * (FULL + 22) {
                break lengths;
            }
        };
        // tickets are shorter than 1 KiB
        let (last, whole) = lengths.split_last().unwrap();
        let echoed: Vec<_> = whole.iter().filter(|length| **length > 1024).collect();
        assert!(
            echoed.iter().all(|length| **length == FULL + 22),
            "{style}: {lengths:?}"
        );
        assert!(
            echoed.len() >= 3 && *last <= FULL + 22,
            "{style}: {lengths:?}"
        );
    }
}

#[test]
fn logs_the_error_of_the_stream_too() {
    for style in STYLES {
        let mut serve = Serve::start(&format!("reset-{style}"), &["--style", style]);
        let mut client = TcpStream::connect(serve.address).unwrap();
        client.write_all(&[22, 3, 1]).unwrap();
        SockRef::from(&client)
            .set_linger(Some(Duration::ZERO))
            .unwrap();
        drop(client); // by a reset
        let line = serve.log();
        let (_peer, said) = line.split_once(": ").unwrap();
        let reset = " (Connection reset by peer (os error ";
        assert!(said.contains(reset), "{style}: {line}");
        assert!(said.contains(")); no alert sent; "), "{style}: {line}");
    }
}
