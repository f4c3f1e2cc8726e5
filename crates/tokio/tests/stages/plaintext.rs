//! Clients that do not speak TLS.

use lastword_tokio::ListenerOptions;
use lastword_tokio::listener::Plaintext;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use crate::stages::clients::{curl, there_is_curl};
use crate::stages::{SHORT, UNEXPECTED_MESSAGE, acceptor, bind, connect, refused, told};

const REDIRECT: Plaintext = Plaintext::Redirect { port: None };

fn options(plaintext: Plaintext) -> ListenerOptions {
    ListenerOptions::default().with_plaintext(plaintext)
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn http_is_answered_with_bad_request() {
    let (_listener, address, mut failures) = bind(acceptor(), options(Plaintext::BadRequest)).await;
    let request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let (told, line) = refused(address, request, &mut failures).await;
    let told = text(told);
    assert!(told.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{told}");
    assert!(
        told.ends_with("use a URL that begins with https://\n"),
        "{told}"
    );
    assert!(
        line.starts_with("CLIENT: client sent an HTTP GET request instead of TLS; "),
        "{line}"
    );
}

#[tokio::test]
async fn http_whose_head_comes_in_pieces_is_answered_once_it_is_complete() {
    let (_listener, address, _failures) = bind(acceptor(), options(REDIRECT)).await;
    let mut client = connect(address).await;
    client.set_nodelay(true).unwrap();
    for byte in b"GET /a?b HTTP/1.1\r\nHost: example.test\r\n\r\n" {
        client.write_all(&[*byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    let told = text(told(&mut client).await);
    assert!(
        told.contains("\r\nLocation: https://example.test/a?b\r\n"),
        "{told}"
    );
}

#[tokio::test]
async fn http_whose_head_never_ends_is_told_the_alert_at_the_timeout() {
    let (_listener, address, mut failures) =
        bind(acceptor().with_timeout(SHORT), options(REDIRECT)).await;
    let (told, line) = refused(address, b"GET / HTTP/1.1\r\n", &mut failures).await;
    assert_eq!(told, UNEXPECTED_MESSAGE);
    let said = "client sent an HTTP GET request instead of TLS; alert unexpected_message (10) sent, delivered";
    assert_eq!(line, format!("CLIENT: {said}"));
}

#[tokio::test]
async fn what_is_not_http_is_told_the_alert() {
    let (_listener, address, mut failures) = bind(acceptor(), options(REDIRECT)).await;
    let (told, _) = refused(address, b"SSH-2.0-x\r\n", &mut failures).await;
    assert_eq!(told, UNEXPECTED_MESSAGE);
}

#[tokio::test]
async fn a_handler_is_given_every_byte() {
    let (send, mut handed) = mpsc::unbounded_channel();
    let options = ListenerOptions::default().on_plaintext(async move |mut client, addresses| {
        let mut received = [0; 11];
        client.read_exact(&mut received).await.unwrap();
        client.write_all(b"hello\n").await.unwrap();
        client.shutdown().await.unwrap();
        send.send((received, addresses)).unwrap();
    });
    let (_listener, address, mut failures) = bind(acceptor(), options).await;
    let mut client = connect(address).await;
    let own = client.local_addr().unwrap();
    client.write_all(b"SSH-2.0-x\r\n").await.unwrap();
    assert_eq!(told(&mut client).await, b"hello\n");
    let (received, addresses) = handed.recv().await.unwrap();
    assert_eq!(&received, b"SSH-2.0-x\r\n");
    assert_eq!(addresses.peer, Some(own));
    assert!(failures.try_recv().is_err(), "it is no failure");
}

#[tokio::test]
async fn curl_sees_the_redirect() {
    if !there_is_curl("curl_sees_the_redirect") {
        return;
    }
    let (_listener, address, _failures) = bind(acceptor(), options(REDIRECT)).await;
    let url = format!("http://{address}/path?q");
    let format = "%{http_code} %{redirect_url}";
    let seen = spawn_blocking(move || {
        curl(&[
            "-o",
            "/dev/null",
            "-w",
            &format!("{format}\n%{{http_version}} %{{local_ip}} %{{local_port}}\n"),
            &url,
        ])
    });
    let (curl, _) = seen.await.unwrap();
    assert_eq!(curl.code, Some(0));
    assert_eq!(curl.body, format!("308 https://{}/path?q", address.ip()));
}

#[tokio::test]
async fn curl_sees_the_bad_request() {
    if !there_is_curl("curl_sees_the_bad_request") {
        return;
    }
    let (_listener, address, _failures) = bind(acceptor(), options(Plaintext::BadRequest)).await;
    let url = format!("http://{address}/");
    let (curl, _) = spawn_blocking(move || curl(&[&url])).await.unwrap();
    assert_eq!(curl.code, Some(0));
    assert_eq!(
        curl.body,
        "This port speaks HTTPS: use a URL that begins with https://\n"
    );
}

/// The redirect is to the same port, which curl knows only if it is told the port.
#[tokio::test]
async fn curl_follows_the_redirect() {
    if !there_is_curl("curl_follows_the_redirect") {
        return;
    }
    // the port is known after it is bound: the port of the socket is taken first
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    let tcp = tokio::net::TcpListener::from_std(socket).unwrap();
    let port = tcp.local_addr().unwrap().port();
    let options = options(Plaintext::Redirect { port: Some(port) });
    let mut listener = lastword_tokio::Listener::new(tcp, acceptor(), options);
    let resolve = format!("redirected.test:{port}:127.0.0.1");
    let url = format!("http://redirected.test:{port}/path");
    let curl = spawn_blocking(move || curl(&["-kL", "--resolve", &resolve, &url]));
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = [0; 18];
    stream.read_exact(&mut request).await.unwrap();
    assert_eq!(&request, b"GET /path HTTP/1.1");
    let response = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nhi\n";
    stream.write_all(response).await.unwrap();
    stream.close().await;
    let (curl, _) = curl.await.unwrap();
    assert_eq!((curl.code, &curl.body[..]), (Some(0), "hi\n"));
}
