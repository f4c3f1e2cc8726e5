//! Clients that send more than the sockets hold before they read: no reset overtakes their alert.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;

use rustls::{AlertDescription, Error};

use crate::serve::{STYLES, Serve};

#[test]
fn reads_megabytes_of_a_refused_client_so_that_no_reset_overtakes_the_alert() {
    for style in STYLES {
        let mut serve = Serve::start(&format!("drain-{style}"), &["--style", style]);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut refused = TcpStream::connect(serve.address).unwrap();
                    refused.write_all(&[b'a'; 3 << 20]).unwrap();
                    refused.shutdown(Shutdown::Write).unwrap();
                    let mut told = Vec::new();
                    refused.read_to_end(&mut told).unwrap();
                    assert_eq!(told, [21, 3, 3, 0, 2, 2, 10], "{style}");
                });
            }
        });
        for _ in 0..4 {
            assert!(is_sent_whole(
                &serve.log(),
                "; alert unexpected_message (10) sent, "
            ));
        }
    }
}

/// Whether an alert was written to a client that sends until it closes. Its end of the stream comes
/// without a pause, so that it is not always seen that it has read before.
fn is_sent_whole(line: &str, sent: &str) -> bool {
    println!("{line}");
    let ends_in = |end| line.contains(&format!("{sent}{end}; "));
    ends_in("delivered") || ends_in("written")
}

#[test]
fn tells_a_client_without_a_certificate_that_already_sends_megabytes() {
    for style in STYLES {
        let mut serve = Serve::start(
            &format!("certificate-{style}"),
            &["--client-auth", "required", "--style", style],
        );
        let mut tls = serve.tls();
        // in TLS 1.3 a client is done before the server has looked at its certificate
        tls.write_all(&vec![b'a'; 3 << 20]).unwrap();
        let told = tls.read(&mut [0]).unwrap_err().downcast::<Error>().unwrap();
        let required = AlertDescription::CertificateRequired;
        assert_eq!(told, Error::AlertReceived(required), "{style}");
        assert_eq!(tls.sock.read(&mut [0]).unwrap(), 0, "{style}");
        drop(tls);
        let sent = ": client sent no certificate, and this server requires one; this server asks for \
             certificates of 1 authority: \"CN=lastword test CA\"; \
             alert certificate_required (116) sent, ";
        assert!(is_sent_whole(&serve.log(), sent));
    }
}
