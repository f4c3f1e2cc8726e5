//! The record of a handshake that comes with its stream.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use lastword_io::acceptor::ProtocolVersion;
use lastword_io::{TlsAcceptor, TlsStream};
use lastword_testkit::pki::ClientProfile;
use rustls::ClientConnection;

use crate::observed::{CONFIG, PKI};

/// A stream that counts.
struct Counting {
    stream: TcpStream,
    read: u64,
    written: u64,
}

impl Read for Counting {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buf)?;
        self.read += read as u64;
        Ok(read)
    }
}

impl Write for Counting {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let written = self.stream.write(buf)?;
        self.written += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// The stream of a good client that waits before it speaks and before it finishes, and the bytes
/// that the client has written and read until it has the first plaintext.
fn established(acceptor: &TlsAcceptor, wait: Duration) -> (TlsStream<TcpStream>, [u64; 2]) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let config = PKI.client_config(&ClientProfile::DEFAULT);
    let client = thread::spawn(move || {
        let mut stream = Counting {
            stream: TcpStream::connect(address).unwrap(),
            read: 0,
            written: 0,
        };
        let name = "localhost".try_into().unwrap();
        let mut connection = ClientConnection::new(config, name).unwrap();
        while connection.is_handshaking() {
            if connection.wants_write() {
                thread::sleep(wait);
                connection.write_tls(&mut stream).unwrap();
            } else {
                connection.read_tls(&mut stream).unwrap();
                connection.process_new_packets().unwrap();
            }
        }
        while connection.wants_write() {
            thread::sleep(wait);
            connection.write_tls(&mut stream).unwrap();
        }
        let written = stream.written;
        // what the server sends until it closes
        io::copy(&mut stream, &mut io::sink()).unwrap();
        [written, stream.read]
    });
    let stream = acceptor.accept(listener.accept().unwrap().0).unwrap();
    stream
        .get_ref()
        .0
        .shutdown(std::net::Shutdown::Write)
        .unwrap();
    (stream, client.join().unwrap())
}

#[test]
fn it_has_the_bytes_and_the_times() {
    let wait = Duration::from_millis(30);
    let acceptor = TlsAcceptor::new(CONFIG.clone());
    let (stream, [received, sent]) = established(&acceptor, wait);
    let info = stream.handshake_info();
    assert_eq!(info.version, Some(ProtocolVersion::TLS_1_3));
    assert_eq!(info.kind_name(), "full");
    let measures = info.measures;
    assert_eq!((measures.received(), measures.sent()), (received, sent));
    let client_hello = measures.client_hello().unwrap();
    let (answered, finished) = (measures.answered().unwrap(), measures.finished().unwrap());
    assert!(
        client_hello <= answered && answered < finished,
        "{measures:?}"
    );
    assert!(finished - answered >= wait, "{measures:?}");
    assert!(finished <= stream.elapsed(), "{measures:?}");
    assert_eq!(measures.verdict(), None);
}

#[test]
fn it_has_the_time_of_a_verdict() {
    let wait = Duration::from_millis(30);
    let acceptor = TlsAcceptor::new(CONFIG.clone()).with_authorizer(move |_| {
        thread::sleep(wait);
        Ok(())
    });
    let (stream, [received, sent]) = established(&acceptor, Duration::ZERO);
    let measures = stream.handshake_info().measures;
    assert_eq!((measures.received(), measures.sent()), (received, sent));
    let (finished, verdict) = (measures.finished().unwrap(), measures.verdict().unwrap());
    assert!(verdict - finished >= wait, "{measures:?}");
    assert!(verdict <= stream.elapsed(), "{measures:?}");
}
