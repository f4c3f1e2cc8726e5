//! A shutdown with clients in each stage: each is told, and the listener finishes.

use std::future::pending;
use std::net::SocketAddr;
use std::time::Duration;

use lastword_tokio::acceptor::Rejection;
use lastword_tokio::listener::Plaintext;
use lastword_tokio::{Listener, ListenerOptions, TlsAcceptor};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::stages::{
    CANCELED, CONFIG, Failures, HELLO, UNEXPECTED_MESSAGE, acceptor, bind, connect,
    handshake_after, patient, proxies, told,
};

/// Aborts all that is in flight, and waits for the client's end and the listener's.
async fn ends<T: Send + 'static>(
    mut listener: Listener<TcpStream, T>,
    mut client: TcpStream,
    mut failures: Failures,
) -> (Vec<u8>, String) {
    let handle = listener.shutdown_handle();
    handle.shutdown(Duration::ZERO);
    let told = told(&mut client).await;
    drop(client);
    assert!(listener.accept().await.is_none());
    handle.finished().await;
    (told, failures.recv().await.unwrap())
}

/// Waits until the listener has read all that the client has written.
pub(crate) async fn is_read(client: &TcpStream) {
    while outstanding(client) > 0 {
        tokio::task::yield_now().await;
    }
}

/// How many bytes the other end of the connection, on this machine, has not read.
fn outstanding(client: &TcpStream) -> u64 {
    let hex = |address: SocketAddr| format!(":{:04X}", address.port());
    let own = hex(client.local_addr().unwrap());
    let server = hex(client.peer_addr().unwrap());
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let peer = table.lines().find_map(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let [_, local, remote, _, queues, ..] = fields[..] else {
            return None;
        };
        if !local.ends_with(&server) || !remote.ends_with(&own) {
            return None;
        }
        let (_, received) = queues.split_once(':')?;
        u64::from_str_radix(received, 16).ok()
    });
    peer.unwrap_or(u64::MAX) // it is not accepted yet
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_header_of_the_proxy_protocol_is_aborted() {
    let options = ListenerOptions::default().with_proxy_protocol(proxies());
    let (listener, address, failures) = bind(acceptor(), options).await;
    let mut client = connect(address).await;
    client.write_all(b"PROXY TCP4 ").await.unwrap();
    is_read(&client).await;
    let (told, line) = ends(listener, client, failures).await;
    assert_eq!(told, CANCELED);
    assert!(
        line.contains("the PROXY header was not complete when this server aborted"),
        "{line}"
    );
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_client_hello_is_aborted() {
    let (listener, address, failures) = bind(acceptor(), ListenerOptions::default()).await;
    let mut client = connect(address).await;
    client.write_all(&HELLO[..20]).await.unwrap();
    is_read(&client).await;
    let (told, line) = ends(listener, client, failures).await;
    assert_eq!(told, CANCELED, "{line}");
}

#[tokio::test]
async fn a_choice_is_aborted() {
    let (send, mut asked) = mpsc::unbounded_channel();
    let acceptor = patient(TlsAcceptor::choosing(move |_| {
        send.send(()).unwrap();
        async {
            pending::<()>().await;
            Ok(CONFIG.clone())
        }
    }));
    let (listener, address, failures) = bind(acceptor, ListenerOptions::default()).await;
    let mut client = connect(address).await;
    client.write_all(&HELLO).await.unwrap();
    asked.recv().await.unwrap();
    let (told, line) = ends(listener, client, failures).await;
    assert_eq!(told, CANCELED, "{line}");
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_request_without_tls_is_told_the_alert() {
    let options = ListenerOptions::default().with_plaintext(Plaintext::BadRequest);
    let (listener, address, failures) = bind(acceptor(), options).await;
    let mut client = connect(address).await;
    client.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    is_read(&client).await;
    let (told, line) = ends(listener, client, failures).await;
    assert_eq!(told, UNEXPECTED_MESSAGE, "{line}");
}

#[tokio::test]
async fn a_handler_of_plaintext_may_go_on_for_as_long_as_it_likes() {
    let (send, mut handled) = mpsc::unbounded_channel();
    let (end, ended) = tokio::sync::watch::channel(false);
    let options = ListenerOptions::default().on_plaintext(async move |mut client, _| {
        send.send(()).unwrap();
        let mut ended = ended;
        ended.wait_for(|ended| *ended).await.unwrap();
        client.write_all(b"bye").await.unwrap();
    });
    let (mut listener, address, _failures) = bind(acceptor(), options).await;
    let mut client = connect(address).await;
    client.write_all(b"SSH-2.0-x\r\n").await.unwrap();
    handled.recv().await.unwrap();
    let handle = listener.shutdown_handle();
    handle.shutdown(Duration::ZERO);
    assert!(
        listener.accept().await.is_none(),
        "it does not wait for the handler"
    );
    handle.finished().await;
    end.send_replace(true);
    assert!(told(&mut client).await.starts_with(b"bye"));
}

#[tokio::test]
async fn a_verdict_is_aborted() {
    let (send, mut asked) = mpsc::unbounded_channel();
    let acceptor = acceptor().with_authorizer(move |peer| {
        send.send(peer).unwrap();
        pending::<Result<(), Rejection>>()
    });
    let options = ListenerOptions::default().with_proxy_protocol(proxies());
    let (mut listener, address, mut failures) = bind(acceptor, options).await;
    let header = b"PROXY TCP4 192.0.2.1 192.0.2.2 1234 443\r\n";
    let client = tokio::spawn(handshake_after(connect(address).await, header.to_vec()));
    let peer = asked.recv().await.unwrap();
    assert_eq!(peer.peer_addr(), Some("192.0.2.1:1234".parse().unwrap()));
    assert_eq!(peer.server_name(), Some("localhost"));
    let handle = listener.shutdown_handle();
    handle.shutdown(Duration::ZERO);
    // in TLS 1.3 the client has connected, and sees an orderly close
    let mut client = client.await.unwrap().unwrap();
    assert_eq!(told(&mut client).await, b"");
    drop(client);
    assert!(listener.accept().await.is_none());
    handle.finished().await;
    let line = failures.recv().await.unwrap();
    assert!(
        line.ends_with(
            "server aborted the handshake after the client was authenticated; \
             alert user_canceled (90) sent, delivered; name localhost"
        ),
        "{line}"
    );
}
