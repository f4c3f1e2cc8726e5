//! Which clients count against the limits, and for how long.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lastword_tokio::listener::{Plaintext, Source, from_fn};
use lastword_tokio::{Addresses, Listener, ListenerOptions};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::yield_now;

use crate::stages::shutdown::is_read;
use crate::stages::{
    CANCELED, UNEXPECTED_MESSAGE, acceptor, bind, connect, handshake, proxies, refused, reporting,
    told,
};

const HEAD: &[u8] = b"GET / HTTP/1.1\r\n";

const SSH: &[u8] = b"SSH-2.0-x\r\n";

const BAD_REQUEST: &[u8] = b"HTTP/1.1 400 Bad Request\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\
    Content-Length: 60\r\n\
    Connection: close\r\n\
    \r\n\
    This port speaks HTTPS: use a URL that begins with https://\n";

const TOO_MANY: &str = "CLIENT: this server refused the client: more than 1 handshakes of one source address are in flight; \
                        alert user_canceled (90) sent, delivered";

fn answering() -> ListenerOptions {
    ListenerOptions::default().with_plaintext(Plaintext::BadRequest)
}

/// A source of TCP clients that counts how often it is asked.
fn counting(tcp: TcpListener, asked: Arc<AtomicUsize>) -> impl Source<Io = TcpStream> {
    let tcp = Arc::new(tcp);
    from_fn(move || {
        asked.fetch_add(1, Ordering::Relaxed);
        let tcp = Arc::clone(&tcp);
        async move {
            let (tcp, peer) = tcp.accept().await?;
            Ok((tcp, Addresses::default().with_peer(peer)))
        }
    })
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_request_whose_head_is_not_complete_counts_as_a_handshake() {
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = tcp.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let (options, mut failures) = reporting(answering().with_handshakes(1));
    let source = counting(tcp, Arc::clone(&asked));
    let _listener = Listener::new(source, acceptor(), options);

    let mut first = connect(address).await;
    first.write_all(HEAD).await.unwrap();
    is_read(&first).await;
    for _ in 0..100 {
        yield_now().await; // all other tasks run
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);

    // it is answered, and is drained while the next is taken
    first.write_all(b"\r\n").await.unwrap();
    assert_eq!(told(&mut first).await, BAD_REQUEST);
    let (told, line) = refused(address, SSH, &mut failures).await;
    assert_eq!(told, UNEXPECTED_MESSAGE);
    let said = "client sent SSH instead of TLS, first bytes 53 53 48 2d \"SSH-\"; alert unexpected_message (10) sent, delivered";
    assert_eq!(line, format!("CLIENT: {said}"));
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_request_whose_head_is_not_complete_counts_for_its_address() {
    let options = answering().with_handshakes_per_address(1);
    let (_listener, address, mut failures) = bind(acceptor(), options).await;
    let mut first = connect(address).await;
    first.write_all(HEAD).await.unwrap();
    is_read(&first).await;
    let (told_second, line) = refused(address, SSH, &mut failures).await;
    assert_eq!((&told_second[..], &line[..]), (&CANCELED[..], TOO_MANY));

    first.write_all(b"\r\n").await.unwrap();
    assert_eq!(told(&mut first).await, BAD_REQUEST);
    // it is drained, and counts no more
    let (told, _) = refused(address, SSH, &mut failures).await;
    assert_eq!(told, UNEXPECTED_MESSAGE);
}

/// The clients have the addresses of their PROXY headers.
#[tokio::test]
#[cfg(target_os = "linux")]
async fn by_default_one_address_has_at_most_half_of_the_handshakes() {
    let options = ListenerOptions::default().with_handshakes(3);
    let options = options.with_proxy_protocol(proxies());
    let (_listener, address, mut failures) = bind(acceptor(), options).await;
    let from = |source: &'static str| async move {
        let mut client = connect(address).await;
        let header = format!("PROXY TCP4 {source} 192.0.2.1 4000 443\r\n");
        client.write_all(header.as_bytes()).await.unwrap();
        client.write_all(b"\x16\x03\x01").await.unwrap(); // the begin of a record
        client
    };
    let held = [from("198.51.100.7").await, from("198.51.100.7").await];
    for client in &held {
        is_read(client).await;
    }
    let mut third = from("198.51.100.7").await;
    assert_eq!(told(&mut third).await, CANCELED);
    drop(third);
    let line = failures.recv().await.unwrap();
    let said = TOO_MANY.replace("more than 1", "more than 2");
    assert!(line.ends_with(said.trim_start_matches("CLIENT")), "{line}");

    let mut other = from("198.51.100.8").await;
    other.shutdown().await.unwrap();
    assert_eq!(told(&mut other).await, []); // it was admitted, and has closed
}

#[tokio::test]
async fn by_default_this_host_has_all_of_the_handshakes() {
    let options = ListenerOptions::default().with_handshakes(3);
    let (_listener, address, _failures) = bind(acceptor(), options).await;
    let _held = [connect(address).await, connect(address).await];
    let mut third = connect(address).await;
    third.write_all(SSH).await.unwrap();
    assert_eq!(told(&mut third).await, UNEXPECTED_MESSAGE);
}

#[tokio::test]
async fn an_established_connection_counts_for_its_address_until_it_is_taken() {
    let options = ListenerOptions::default().with_handshakes_per_address(1);
    let (mut listener, address, mut failures) = bind(acceptor(), options).await;
    let _first = handshake(connect(address).await).await.unwrap();
    let (told, line) = refused(address, SSH, &mut failures).await;
    assert_eq!((&told[..], &line[..]), (&CANCELED[..], TOO_MANY));
    // the connection that is taken goes on, and counts no more
    let _stream = listener.accept().await.unwrap();
    let (told, _) = refused(address, SSH, &mut failures).await;
    assert_eq!(told, UNEXPECTED_MESSAGE);
}

#[tokio::test]
async fn an_answer_for_which_there_is_no_delivery_is_written_at_once() {
    let (_listener, address, mut failures) = bind(acceptor(), answering().with_deliveries(0)).await;
    let request = [HEAD, b"\r\n"].concat();
    let (told, line) = refused(address, &request, &mut failures).await;
    assert_eq!(told, BAD_REQUEST);
    let said = "client sent an HTTP GET request instead of TLS; answered in plaintext, written";
    assert_eq!(line, format!("CLIENT: {said}"));
}
