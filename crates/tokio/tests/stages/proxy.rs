//! The header of the PROXY protocol: whose is read, and what becomes of it.

use std::net::SocketAddr;
use std::sync::Arc;

use lastword_tokio::listener::{ProxyProtocol, Source, from_fn};
use lastword_tokio::{Addresses, Incoming, Listener, ListenerOptions, TlsAcceptor};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::stages::clients::{curl, there_is_curl};
use crate::stages::{
    CANCELED, CONFIG, DECODE_ERROR, HELLO, SHORT, UNEXPECTED_MESSAGE, acceptor, bind, connect,
    handshake, handshake_after, patient, proxies, refused, reporting, told,
};

const V1: &[u8] = b"PROXY TCP4 192.0.2.7 198.51.100.1 50000 443\r\n";

/// The line for a header of a peer that is no proxy.
const NO_PROXY: &str = "client sent a PROXY protocol header instead of TLS, first bytes 50 52 4f 58 59 20 54 43 50 \
     \"PROXY TCP\"; alert unexpected_message (10) sent, delivered";

const SSH: &[u8] = b"SSH-2.0-x\r\n";

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// A header of version 2 for a TCP connection over IPv4, with a unique ID.
fn v2() -> Vec<u8> {
    let addresses = [192, 0, 2, 7, 198, 51, 100, 1, 0xc3, 0x50, 1, 0xbb];
    let id = [5, 0, 3, b'a', b'b', b'c'];
    let length = [0, 18];
    [SIGNATURE, &[0x21, 0x11], &length, &addresses, &id].concat()
}

/// A header of version 2 of a proxy that asks for itself.
fn local() -> Vec<u8> {
    [SIGNATURE, &[0x20, 0, 0, 0]].concat()
}

fn client() -> SocketAddr {
    "192.0.2.7:50000".parse().unwrap()
}

fn options<T>(proxies: ProxyProtocol) -> ListenerOptions<TcpStream, T> {
    ListenerOptions::default().with_proxy_protocol(proxies)
}

/// An acceptor whose value is what the chooser was given.
fn seeing() -> TlsAcceptor<Incoming> {
    patient(TlsAcceptor::choosing(|incoming| {
        Ok((CONFIG.clone(), incoming))
    }))
}

async fn is_seen_everywhere(header: Vec<u8>) {
    let (mut listener, address, _failures) = bind(seeing(), options(proxies())).await;
    let proxy = connect(address).await;
    let own = proxy.local_addr().unwrap();
    let peer = tokio::spawn(handshake_after(proxy, header));
    let (stream, addresses) = listener.accept().await.unwrap();
    peer.await.unwrap().unwrap();

    assert_eq!(addresses.peer, Some(client()));
    assert_eq!(addresses.local, Some("198.51.100.1:443".parse().unwrap()));
    assert_eq!(addresses.proxy_addr(), Some(own));
    assert_eq!(stream.addresses(), Some(&addresses));
    assert_eq!(stream.value().addresses(), &addresses);
    assert_eq!(stream.value().peer_addr(), Some(client()));
}

#[tokio::test]
async fn addresses_of_version_1_are_seen_by_the_chooser_and_on_the_stream() {
    is_seen_everywhere(V1.to_vec()).await;
}

#[tokio::test]
async fn addresses_of_version_2_are_seen_by_the_chooser_and_on_the_stream() {
    is_seen_everywhere(v2()).await;
}

#[tokio::test]
async fn additional_values_are_seen_by_the_chooser() {
    let (mut listener, address, _failures) = bind(seeing(), options(proxies())).await;
    let peer = tokio::spawn(handshake_after(connect(address).await, v2()));
    let (stream, _) = listener.accept().await.unwrap();
    let header = stream.value().proxy().unwrap();
    assert_eq!(header.unique_id(), Some(&b"abc"[..]));
    peer.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_failure_is_reported_with_the_address_of_the_header() {
    let (_listener, address, mut failures) = bind(acceptor(), options(proxies())).await;
    let bytes = [V1, SSH].concat();
    let (told, line) = refused(address, &bytes, &mut failures).await;
    assert_eq!(told, UNEXPECTED_MESSAGE);
    let said = "client sent SSH instead of TLS, first bytes 53 53 48 2d \"SSH-\"; alert unexpected_message (10) sent, delivered";
    assert_eq!(line, format!("{}: {said}", client()));
}

#[tokio::test]
async fn a_header_and_a_client_hello_in_one_segment_are_told_apart() {
    let (_listener, address, _failures) = bind(seeing(), options(proxies())).await;
    let mut proxy = connect(address).await;
    let bytes = [V1, &HELLO].concat();
    proxy.write_all(&bytes).await.unwrap();
    // it is a ServerHello
    let mut record = [0; 6];
    proxy.read_exact(&mut record).await.unwrap();
    assert_eq!((record[0], record[5]), (22, 2));
}

#[tokio::test]
async fn a_header_may_come_byte_by_byte() {
    for header in [V1.to_vec(), v2()] {
        let (mut listener, address, _failures) = bind(seeing(), options(proxies())).await;
        let mut proxy = connect(address).await;
        proxy.set_nodelay(true).unwrap();
        let peer = tokio::spawn(async move {
            for byte in header {
                proxy.write_all(&[byte]).await.unwrap();
                tokio::task::yield_now().await;
            }
            handshake(proxy).await
        });
        let (_, addresses) = listener.accept().await.unwrap();
        assert_eq!(addresses.peer, Some(client()));
        peer.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_header_of_an_untrusted_peer_is_an_error() {
    let proxies = ProxyProtocol::from_networks(["192.0.2.0/24".parse().unwrap()]);
    let (_listener, address, mut failures) = bind(acceptor(), options(proxies)).await;
    let bytes = [V1, &HELLO].concat();
    let (told, line) = refused(address, &bytes, &mut failures).await;
    assert_eq!(told, UNEXPECTED_MESSAGE);
    assert_eq!(line, format!("CLIENT: {NO_PROXY}"));
}

/// A source of TCP clients that does not say where they come from.
async fn nameless() -> (SocketAddr, impl Source<Io = TcpStream>) {
    let tcp = Arc::new(TcpListener::bind("127.0.0.1:0").await.unwrap());
    let address = tcp.local_addr().unwrap();
    let source = from_fn(move || {
        let tcp = tcp.clone();
        async move {
            let (stream, _) = tcp.accept().await?;
            Ok((stream, Addresses::default()))
        }
    });
    (address, source)
}

#[tokio::test]
async fn a_peer_that_the_source_does_not_name_is_not_trusted() {
    let proxies = ProxyProtocol::from_networks(["192.0.2.0/24".parse().unwrap()]);
    let (address, source) = nameless().await;
    let (options, mut failures) = reporting(options(proxies));
    let _listener = Listener::new(source, acceptor(), options);
    let (told, line) = refused(address, &[V1, SSH].concat(), &mut failures).await;
    assert_eq!(told, UNEXPECTED_MESSAGE);
    assert_eq!(line, format!("CLIENT: {NO_PROXY}"));
}

#[tokio::test]
async fn a_proxy_that_the_source_does_not_name_is_known_by_its_socket() {
    let (address, source) = nameless().await;
    let mut listener = Listener::new(source, seeing(), options(proxies()));
    let proxy = connect(address).await;
    let own = proxy.local_addr().unwrap();
    let peer = tokio::spawn(handshake_after(proxy, V1.to_vec()));
    let (_, addresses) = listener.accept().await.unwrap();
    peer.await.unwrap().unwrap();
    assert_eq!(addresses.peer, Some(client()));
    assert_eq!(addresses.proxy_addr(), Some(own));
}

#[tokio::test]
async fn a_peer_that_the_source_does_not_name_counts_for_its_address() {
    let (address, source) = nameless().await;
    let options = ListenerOptions::default().with_handshakes_per_address(1);
    let (options, mut failures) = reporting(options);
    let _listener = Listener::new(source, acceptor(), options);
    let _first = connect(address).await;
    let (told, line) = refused(address, SSH, &mut failures).await;
    assert_eq!(told, CANCELED);
    let said = "this server refused the client: more than 1 handshakes of one source address are in flight";
    assert_eq!(
        line,
        format!("CLIENT: {said}; alert user_canceled (90) sent, delivered")
    );
}

#[tokio::test]
async fn a_stream_of_another_type_is_not_trusted_without_an_address() {
    let (server, mut client) = tokio::io::duplex(1024);
    let mut server = Some(server);
    let source = from_fn(move || {
        let server = server.take();
        async move {
            match server {
                Some(server) => Ok((server, Addresses::default())),
                None => std::future::pending().await,
            }
        }
    });
    let options = ListenerOptions::default().with_proxy_protocol(proxies());
    let (options, mut failures) = reporting(options);
    let _listener = Listener::new(source, acceptor(), options);
    client.write_all(&[V1, SSH].concat()).await.unwrap();
    assert_eq!(told(&mut client).await, UNEXPECTED_MESSAGE);
    drop(client);
    assert_eq!(
        failures.recv().await.unwrap(),
        format!("unknown: {NO_PROXY}")
    );
}

#[tokio::test]
async fn a_peer_that_is_no_proxy_needs_no_header() {
    let proxies = ProxyProtocol::from_networks(["192.0.2.0/24".parse().unwrap()]);
    let (mut listener, address, _failures) = bind(acceptor(), options(proxies)).await;
    let tcp = connect(address).await;
    let own = tcp.local_addr().unwrap();
    let peer = tokio::spawn(handshake(tcp));
    let (_, addresses) = listener.accept().await.unwrap();
    assert_eq!((addresses.peer, addresses.proxy()), (Some(own), None));
    peer.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_required_header_that_is_missing_is_an_error() {
    let (_listener, address, mut failures) = bind(acceptor(), options(proxies())).await;
    let (told, line) = refused(address, &HELLO, &mut failures).await;
    assert_eq!(told, DECODE_ERROR);
    assert_eq!(
        line,
        r#"CLIENT: this server refused the client: no PROXY header: the connection begins with "\x16", as TLS does; alert decode_error (50) sent, delivered"#
    );
}

#[tokio::test]
async fn without_an_optional_header_a_client_may_begin_with_tls() {
    let optional = proxies().optional();
    let (mut listener, address, _failures) = bind(acceptor(), options(optional)).await;
    for header in [Vec::new(), V1.to_vec()] {
        let has_header = !header.is_empty();
        let peer = tokio::spawn(handshake_after(connect(address).await, header));
        let (_, addresses) = listener.accept().await.unwrap();
        assert_eq!(addresses.proxy().is_some(), has_header);
        peer.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_proxy_that_connects_for_itself_is_the_client() {
    let (mut listener, address, _failures) = bind(acceptor(), options(proxies())).await;
    let proxy = connect(address).await;
    let own = proxy.local_addr().unwrap();
    let peer = tokio::spawn(handshake_after(proxy, local()));
    let (_, addresses) = listener.accept().await.unwrap();
    assert_eq!(addresses.peer, Some(own));
    assert_eq!(addresses.proxy_addr(), Some(own));
    peer.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_proxy_that_connects_and_closes_is_told_nothing() {
    let (_listener, address, mut failures) = bind(acceptor(), options(proxies())).await;
    drop(connect(address).await);
    let line = failures.recv().await.unwrap();
    let (_, said) = line.split_once(": ").unwrap();
    assert_eq!(
        said,
        "client closed the connection before any part of a ClientHello arrived; no alert sent"
    );
}

#[tokio::test]
async fn a_malformed_header_is_an_error() {
    let (_listener, address, mut failures) = bind(acceptor(), options(proxies())).await;
    let bytes = b"PROXY TCP4 192.0.2.7;\"\x1b\xff 198.51.100.1 50000 443\r\n";
    let (told, line) = refused(address, bytes, &mut failures).await;
    assert_eq!(told, DECODE_ERROR);
    let field = r#"the source address is "192.0.2.7;\"\x1b\xff", not an IPv4 address"#;
    let said =
        format!("this server refused the client: malformed PROXY header of version 1: {field}");
    assert_eq!(
        line,
        format!("CLIENT: {said}; alert decode_error (50) sent, delivered")
    );
}

#[tokio::test]
async fn a_header_longer_than_the_limit_is_an_error() {
    let limited = proxies().with_limit(17);
    let (_listener, address, mut failures) = bind(acceptor(), options(limited)).await;
    let (told, line) = refused(address, &v2(), &mut failures).await;
    assert_eq!(told, DECODE_ERROR);
    assert!(line.contains("18") && line.contains("17"), "{line}");
}

#[tokio::test]
async fn a_header_that_never_ends_ends_with_the_handshake() {
    let acceptor = acceptor().with_timeout(SHORT);
    let (_listener, address, mut failures) = bind(acceptor, options(proxies())).await;
    let mut proxy = connect(address).await;
    let own = proxy.local_addr().unwrap();
    proxy.write_all(b"PROXY TCP4 192.").await.unwrap();
    let told = told(&mut proxy).await;
    drop(proxy);
    let line = failures.recv().await.unwrap();
    assert!(line.starts_with(&format!("{own}: ")), "{line}");
    let said = "the PROXY header was not complete when the handshake timed out; alert user_canceled (90) sent, delivered";
    assert!(line.ends_with(said), "{line}");
    assert_eq!(told, CANCELED);
}

#[tokio::test]
async fn curl_sends_a_header() {
    if !there_is_curl("curl_sends_a_header") {
        return;
    }
    let (mut listener, address, _failures) = bind(seeing(), options(proxies())).await;
    let url = format!("https://{address}/");
    let curl = tokio::task::spawn_blocking(move || curl(&["-k", "--haproxy-protocol", &url]));
    let (mut stream, addresses) = listener.accept().await.unwrap();
    let response = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nhi\n";
    stream.write_all(response).await.unwrap();
    stream.close().await;
    let (curl, own) = curl.await.unwrap();
    assert_eq!((curl.code, &curl.body[..]), (Some(0), "hi\n"));
    assert_eq!(addresses.peer, Some(own));
    assert!(addresses.proxy().is_some());
}
