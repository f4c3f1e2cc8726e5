//! A client of another make: Python's, which is OpenSSL's, uploads without the certificate that the
//! server requires.

use std::process::Command;
use std::time::Duration;

use lastword_io::acceptor::Config;
use lastword_io::{Delivery, TlsAcceptor};
use lastword_testkit::catalogue::{ClientAuth, ServerProfile};
use lastword_testkit::pki::Pki;

use crate::sockets::{Style, refuse};

/// Uploads bodies of three sizes, each so many times, and prints what it is told, a line an upload.
///
/// In TLS 1.3 a client's handshake is over before the server has seen that there is no certificate:
/// the alert comes while the body is written, or when an answer is read.
const SCRIPT: &str = r#"
import socket, ssl, sys
port, times, ca = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
context = ssl.create_default_context(cadata=ca)
context.minimum_version = ssl.TLSVersion.TLSv1_3
def upload(size):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as tcp:
        try:
            with context.wrap_socket(tcp, server_hostname="localhost") as tls:
                head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % size
                tls.sendall(head.encode() + b"x" * size)
                return "read %d bytes" % len(tls.recv(100))
        except ssl.SSLError as error:
            return error.reason
        except OSError as error:
            return repr(error)
for size in (0, 300_000, 3_000_000):
    for _ in range(times):
        print(size, upload(size))
"#;

/// Whether there is a Python with `ssl` and TLS 1.3.
fn python() -> bool {
    let probe = "import ssl, sys; sys.exit(not ssl.HAS_TLSv1_3)";
    let probed = Command::new("python3").args(["-c", probe]).output();
    probed.is_ok_and(|output| output.status.success())
}

fn is_told(style: Style, times: usize) {
    let pki = Pki::new();
    let profile = ServerProfile {
        client_auth: ClientAuth::Required,
        ..ServerProfile::DEFAULT
    };
    let config = Config::new(pki.server_config(&profile)).unwrap();
    let acceptor = TlsAcceptor::new(config).with_timeout(Duration::from_secs(5));
    let (address, server) = refuse(style, 3 * times, acceptor);
    let output = Command::new("python3")
        .args(["-c", SCRIPT])
        .args([address.port().to_string(), times.to_string(), pki.ca_pem()])
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    let expected: String = ["0", "300000", "3000000"]
        .map(|size| format!("{size} TLSV13_ALERT_CERTIFICATE_REQUIRED\n").repeat(times))
        .concat();
    assert_eq!(told, expected, "{errors}");
    for error in server.join().unwrap() {
        let words = error.to_string();
        assert!(
            words.contains("; alert certificate_required (116) "),
            "{words}"
        );
        assert_ne!(error.delivery(), Delivery::TimedOut, "{words}");
    }
}

#[test]
fn python_is_told_that_a_certificate_is_required_whatever_it_uploads() {
    if !python() {
        eprintln!(
            "skipped: python_is_told_that_a_certificate_is_required_whatever_it_uploads, \
             for there is no python3 with TLS 1.3"
        );
        return;
    }
    is_told(Style::Blocking, 30);
    is_told(Style::Nonblocking, 30);
}
