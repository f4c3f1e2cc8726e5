//! A listener of axum's, with a client of rustls's.

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::serve::ListenerExt;
use axum::{Router, routing::get};
use lastword_testkit::catalogue::{ClientAuth, ServerProfile};
use lastword_testkit::pki::{ClientProfile, Identity, Pki};
use lastword_tokio::acceptor::Config;
use lastword_tokio::axum::TlsInfo;
use lastword_tokio::{Listener, ListenerOptions, TlsAcceptor};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

const PROFILE: ServerProfile = ServerProfile {
    alpn: &["http/1.1"],
    client_auth: ClientAuth::Optional,
    ..ServerProfile::DEFAULT
};

async fn listener(pki: &Pki) -> Listener<TcpStream, &'static str> {
    let config = Config::new(pki.server_config(&PROFILE)).unwrap();
    let acceptor = TlsAcceptor::choosing(move |_| Ok((config.clone(), "a value")));
    let options = ListenerOptions::default();
    Listener::bind("127.0.0.1:0", acceptor, options)
        .await
        .unwrap()
}

/// A client's address and the body of its response.
async fn get_root(pki: &Pki, address: SocketAddr) -> (SocketAddr, String) {
    let config = pki.client_config(&ClientProfile {
        alpn: &["http/1.1"],
        identity: Identity::Known,
        ..ClientProfile::DEFAULT
    });
    let tcp = TcpStream::connect(address).await.unwrap();
    let own = tcp.local_addr().unwrap();
    let name = "localhost".try_into().unwrap();
    let connector = TlsConnector::from(config);
    let mut client = connector.connect(name, tcp).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    client.write_all(request).await.unwrap();
    let mut response = String::new();
    client.read_to_string(&mut response).await.unwrap();
    (own, response.split_once("\r\n\r\n").unwrap().1.into())
}

async fn all(ConnectInfo(tls): ConnectInfo<TlsInfo<&'static str>>) -> String {
    format!(
        "{} {} {:?} {} {} {:?} {:?} {} {}",
        tls.addresses(),
        tls.addresses().local.unwrap(),
        tls.server_name(),
        tls.alpn_protocol().unwrap().escape_ascii(),
        tls.protocol_version().unwrap(),
        tls.negotiated_cipher_suite().is_some(),
        tls.handshake_kind().unwrap(),
        tls.peer_certificates().unwrap().len(),
        tls.value(),
    )
}

#[tokio::test]
async fn after_a_shutdown_accept_waits_without_end() {
    let mut listener = listener(&Pki::new()).await;
    listener.shutdown(Duration::ZERO);
    assert!(listener.accept().await.is_none());
    tokio::time::pause(); // the time passes at once if there is nothing else to do
    let accept = axum::serve::Listener::accept(&mut listener);
    let year = Duration::from_secs(365 * 86_400);
    assert!(tokio::time::timeout(year, accept).await.is_err());
}

#[tokio::test]
async fn a_handler_knows_the_connection_and_the_value_of_the_chooser() {
    let pki = Pki::new();
    let listener = listener(&pki).await;
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/", get(all));
    let service = router.into_make_service_with_connect_info::<TlsInfo<&'static str>>();
    let serve = axum::serve(listener, service);
    assert_eq!(serve.local_addr().unwrap().local, Some(address));
    tokio::spawn(serve.into_future());
    let (own, body) = get_root(&pki, address).await;
    assert_eq!(
        body,
        format!("{own} {address} Some(\"localhost\") http/1.1 TLS 1.3 true Full 1 a value")
    );
}

#[tokio::test]
async fn a_handler_knows_the_same_if_the_streams_are_tapped() {
    let pki = Pki::new();
    let listener = listener(&pki).await;
    let address = listener.local_addr().unwrap();
    let listener = listener.tap_io(|stream| stream.get_ref().0.set_nodelay(true).unwrap());
    let router = Router::new().route("/", get(all));
    let service = router.into_make_service_with_connect_info::<TlsInfo<&'static str>>();
    tokio::spawn(axum::serve(listener, service).into_future());
    let (own, body) = get_root(&pki, address).await;
    assert!(body.starts_with(&own.to_string()), "{body}");
}
