//! From the bytes of a client that cannot be served to the bytes of the alert it is told.

use std::hint::black_box;
use std::sync::Arc;

use lastword_acceptor::{Config, ErrorAndAlert, Handshake, Progress, Rejection};
use lastword_testkit::catalogue::ClientAuth;
use lastword_testkit::wire::HelloBuilder;
use rustls::server::Acceptor as RustlsAcceptor;
use rustls::{ServerConfig, ServerConnection};

use crate::servers::{self, Server};
use crate::work::Work;

pub(super) fn works() -> Vec<Work> {
    let any = servers::server(&[], ClientAuth::No);
    let h2 = servers::server(&["h2"], ClientAuth::No);
    let old = HelloBuilder {
        legacy_version: 0x0302,
        ..HelloBuilder::tls12()
    };
    let stranger = HelloBuilder::default().server_name("stranger.test");
    let no_suite = HelloBuilder {
        suites: vec![0x1305, 0xc0ff],
        ..HelloBuilder::default()
    };
    vec![
        work("refusal/garbage", vec![0; 64], &any),
        work("refusal/HTTP", b"GET / HTTP/1.1\r\n\r\n".to_vec(), &any),
        work("refusal/version", old.record(), &any),
        unknown_name(stranger.record()),
        work("refusal/suite", no_suite.record(), &any),
        work(
            "refusal/ALPN",
            HelloBuilder::default().alpn(&["x"]).record(),
            &h2,
        ),
    ]
}

/// A client that is refused without anybody's doing.
fn work(name: &str, bytes: Vec<u8>, server: &Server) -> Work {
    let bytes: &'static [u8] = bytes.leak();
    let ours = server.ours.clone();
    let (theirs, their_direct) = (Arc::clone(&server.rustls), Arc::clone(&server.rustls));
    let work = Work::new(name, bytes.len())
        .way("lastword", move || with_handshake(black_box(bytes), &ours))
        .way("rustls Acceptor", move || {
            with_rustls_acceptor(black_box(bytes), &theirs);
        })
        .way("rustls", move || {
            with_rustls(black_box(bytes), &their_direct);
        });
    #[cfg(feature = "openssl")]
    let work = with_openssl(work, bytes, super::libssl::Refuses::Nobody);
    work
}

/// The application refuses ours, in a chooser or in a certificate resolver. With rustls only a resolver
/// can, and the client gets another alert.
fn unknown_name(bytes: Vec<u8>) -> Work {
    let Server { rustls, ours, .. } = servers::by_name();
    let bytes: &'static [u8] = bytes.leak();
    let direct = Arc::clone(&rustls);
    let work = Work::new("refusal/unknown name", bytes.len())
        .way("lastword", move || {
            with_rejection(black_box(bytes), Rejection::unrecognized_name());
        })
        .way("lastword resolver", move || {
            with_handshake(black_box(bytes), &ours);
        })
        .way("rustls Acceptor", move || {
            with_rustls_acceptor(black_box(bytes), &rustls);
        })
        .way("rustls", move || with_rustls(black_box(bytes), &direct));
    #[cfg(feature = "openssl")]
    let work = with_openssl(work, bytes, super::libssl::Refuses::ByName);
    #[cfg(feature = "openssl")]
    let work = with_openssl(work, bytes, super::libssl::Refuses::AtHello);
    work
}

/// OpenSSL, with `h2` for its protocol in all.
#[cfg(feature = "openssl")]
fn with_openssl(work: Work, bytes: &'static [u8], refuses: super::libssl::Refuses) -> Work {
    use super::libssl::{Refuses, Server, refuse};

    let server = Server {
        refuses,
        h2: true,
        ..Server::DEFAULT
    };
    let context = server.context();
    let name = match refuses {
        Refuses::AtHello => "OpenSSL hello_cb",
        _ => "OpenSSL",
    };
    work.way(name, move || refuse(black_box(bytes), &context))
}

fn with_handshake(mut bytes: &[u8], config: &Config) {
    match Handshake::default().receive(&mut bytes) {
        Ok(Progress::ClientHello(accepted)) => match accepted.into_handshake(config) {
            Ok(_) => panic!("it is refused"),
            Err(refused) => told(&refused),
        },
        Ok(_) => panic!("no hello"),
        Err(refused) => told(&refused),
    }
}

fn with_rejection(mut bytes: &[u8], rejection: Rejection) {
    match Handshake::default().receive(&mut bytes) {
        Ok(Progress::ClientHello(accepted)) => told(&accepted.reject(rejection)),
        _ => panic!("no hello"),
    }
}

fn told(refused: &ErrorAndAlert) {
    assert_eq!(black_box(refused.tls()).len(), 7);
}

fn with_rustls_acceptor(mut bytes: &[u8], config: &Arc<ServerConfig>) {
    let mut acceptor = RustlsAcceptor::default();
    acceptor.read_tls(&mut bytes).expect("a slice is read");
    let refused = match acceptor.accept() {
        Ok(Some(accepted)) => accepted.into_connection(Arc::clone(config)).map(drop),
        Ok(None) => panic!("no hello"),
        Err(refused) => Err(refused),
    };
    let (_, mut alert) = refused.expect_err("it is refused");
    let mut tls = Vec::new();
    alert.write_all(&mut tls).expect("a Vec is written to");
    assert!(black_box(tls).len() >= 7); // more where keys were exchanged first
}

fn with_rustls(mut bytes: &[u8], config: &Arc<ServerConfig>) {
    let mut connection = ServerConnection::new(Arc::clone(config)).expect("it is a configuration");
    connection.read_tls(&mut bytes).expect("a slice is read");
    let refused = connection.process_new_packets();
    refused.map(drop).expect_err("it is refused");
    let mut tls = Vec::new();
    while connection.wants_write() {
        connection.write_tls(&mut tls).expect("a Vec is written to");
    }
    assert!(black_box(tls).len() >= 7); // more where keys were exchanged first
}
