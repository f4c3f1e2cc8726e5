//! A verdict on the client's certificate, over real TCP: what the client reads, and the server's line.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use lastword_io::TlsAcceptor;
use lastword_io::acceptor::{AlertDescription, Config, HandshakeKind, Phase, Reason, Rejection};
use lastword_io::authorize::Peer;
use lastword_testkit::catalogue::{ClientAuth, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Identity, Pki};
use lastword_testkit::untimed;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use crate::sockets::{Style, refused};

const VERSIONS: [Versions; 2] = [Versions::Tls12, Versions::Tls13];

const MUTUAL: ServerProfile = ServerProfile {
    client_auth: ClientAuth::Required,
    ..ServerProfile::DEFAULT
};

fn client_config(pki: &Pki, versions: Versions) -> Arc<ClientConfig> {
    pki.client_config(&ClientProfile {
        versions,
        identity: Identity::Known,
        ..ClientProfile::DEFAULT
    })
}

/// Connects a client that sends a request as soon as it can. Returns what it reads.
fn request(config: Arc<ClientConfig>, tcp: TcpStream) -> io::Result<Vec<u8>> {
    let connection = ClientConnection::new(config, "localhost".try_into().unwrap()).unwrap();
    let mut stream = StreamOwned::new(connection, tcp);
    stream.write_all(b"early bird")?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply)?;
    Ok(reply)
}

/// Returns the alert that a client has read.
fn alert(error: &io::Error) -> Option<u8> {
    match error.get_ref()?.downcast_ref()? {
        rustls::Error::AlertReceived(alert) => Some(u8::from(*alert)),
        _ => None,
    }
}

/// Returns a client's socket, and the server's for it.
fn connected() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (client, listener.accept().unwrap().0)
}

#[test]
fn a_client_whose_verified_certificate_is_refused_reads_the_alert() {
    let pki = Pki::new();
    let config = Config::from(pki.server_config(&MUTUAL));
    for style in Style::ALL {
        for versions in VERSIONS {
            for refused_with in [
                AlertDescription::ACCESS_DENIED,
                AlertDescription::CERTIFICATE_REVOKED,
                AlertDescription::UNKNOWN_CA,
            ] {
                let acceptor = TlsAcceptor::new(config.clone()).with_authorizer(move |peer| {
                    assert_eq!(peer.certificates().len(), 1);
                    assert_eq!(peer.server_name(), Some("localhost"));
                    assert!(peer.peer_addr().unwrap().ip().is_loopback());
                    Err(Rejection::new(refused_with, "refused by the list"))
                });
                let (client, server) = connected();
                let config = client_config(&pki, versions);
                let client = thread::spawn(move || request(config, client).unwrap_err());
                let error = refused(style, server, &acceptor);
                let (name, code) = (refused_with, refused_with.0);
                assert_eq!(
                    without_certificate(&error),
                    format!(
                        "this server refused the client: refused by the list: client asks for localhost; \
                         alert {name} ({code}) sent, delivered"
                    )
                );
                let told = (error.phase(), error.reason());
                assert_eq!(told, (Phase::Authenticated, Reason::Rejected));
                let seen = client.join().unwrap();
                assert_eq!(alert(&seen), Some(code), "{style:?} {versions:?}: {seen}");
            }
        }
    }
}

#[test]
fn without_encrypted_alerts_the_line_says_which_alert_was_due() {
    let pki = Pki::new();
    let config = Config::from(pki.server_config(&MUTUAL.with_rustls_provider()));
    for style in Style::ALL {
        for versions in VERSIONS {
            let acceptor = TlsAcceptor::new(config.clone())
                .with_authorizer(|_| Err(Rejection::access_denied("refused by the list")));
            let (client, server) = connected();
            let config = client_config(&pki, versions);
            let client = thread::spawn(move || request(config, client));
            let error = refused(style, server, &acceptor);
            let line = "this server refused the client: refused by the list: client asks for localhost; \
                        alert close_notify (0) sent instead of access_denied (49), delivered";
            assert_eq!(without_certificate(&error), line);
            let required = error.error().required_alert();
            assert_eq!(required, Some(AlertDescription::ACCESS_DENIED));
            assert_eq!(client.join().unwrap().unwrap(), b"");
        }
    }
}

#[test]
fn an_accepted_client_is_served_with_what_it_sent_before_the_verdict() {
    let pki = Pki::new();
    let config = Config::from(pki.server_config(&MUTUAL));
    for versions in VERSIONS {
        let client_config = client_config(&pki, versions);
        // the second time it resumes its session
        for kind in [HandshakeKind::Full, HandshakeKind::Resumed] {
            let acceptor = TlsAcceptor::new(config.clone()).with_authorizer(move |peer| {
                let is_known = peer.certificates().len() == 1;
                match is_known && peer.handshake_kind() == Some(kind) {
                    true => Ok(()),
                    false => Err(Rejection::access_denied("not as expected")),
                }
            });
            let (client, server) = connected();
            let config = Arc::clone(&client_config);
            let client = thread::spawn(move || request(config, client).unwrap());
            let mut stream = acceptor.accept(server).unwrap();
            let mut received = [0; 10];
            stream.read_exact(&mut received).unwrap();
            assert_eq!(&received, b"early bird");
            stream.write_all(b"caught").unwrap();
            stream.close();
            assert_eq!(client.join().unwrap(), b"caught");
        }
    }
}

#[test]
fn an_authorizer_that_panics_or_takes_too_long_ends_its_client_alone() {
    let pki = Pki::new();
    let config = Config::from(pki.server_config(&MUTUAL));
    let panics: fn(&Peer) -> _ = |_| panic!("a planted panic");
    let blocks: fn(&Peer) -> _ = |_| {
        thread::park_timeout(Duration::from_millis(600));
        Ok(())
    };
    for (authorizer, reason, code) in [
        (panics, Reason::Internal, Some(80)),
        (blocks, Reason::TimedOut, None), // close_notify follows user_canceled, which is a warning
    ] {
        for versions in VERSIONS {
            let acceptor = TlsAcceptor::new(config.clone())
                .with_timeout(Duration::from_millis(500))
                .with_authorizer(authorizer);
            let (client, server) = connected();
            let config = client_config(&pki, versions);
            let client = thread::spawn(move || request(config, client));
            let error = refused(Style::Nonblocking, server, &acceptor);
            assert_eq!(
                (error.reason(), error.phase()),
                (reason, Phase::Authenticated)
            );
            let seen = client.join().unwrap();
            let alert = seen.as_ref().err().and_then(alert);
            assert_eq!(alert, code, "{versions:?}: {seen:?}");
        }
    }
}

/// Returns the line of an error without its last parts: the client's certificate and the time.
fn without_certificate<S>(error: &lastword_io::AcceptError<S>) -> String {
    let line = untimed(error);
    let (rest, certificate) = line.split_once("; client certificate ").unwrap();
    assert!(certificate.starts_with("\"CN=a client\", issued by \"CN=lastword test CA\", serial "));
    rest.into()
}
