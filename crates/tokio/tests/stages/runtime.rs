//! A runtime that shuts down with clients whose handshakes have not begun: each is told and reported.

use std::io::Read;
use std::sync::Arc;

use lastword_tokio::listener::{Source, from_fn};
use lastword_tokio::{Addresses, Listener, ListenerOptions};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;

use crate::stages::shutdown::is_read;
use crate::stages::{CANCELED, acceptor, bind, connect, proxies, reporting};

fn runtimes() -> [Runtime; 2] {
    [Builder::new_multi_thread(), Builder::new_current_thread()]
        .map(|mut builder| builder.enable_all().build().unwrap())
}

/// What a client is told, to the end of the stream.
fn told(client: TcpStream) -> impl FnOnce() -> Vec<u8> {
    let client = client.into_std().unwrap();
    move || {
        client.set_nonblocking(false).unwrap();
        let mut told = Vec::new();
        (&client).read_to_end(&mut told).unwrap();
        told
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_header_of_the_proxy_protocol_is_aborted_with_the_runtime() {
    for runtime in runtimes() {
        let (listener, mut failures, told) = runtime.block_on(async {
            let options = ListenerOptions::default().with_proxy_protocol(proxies());
            let (listener, address, failures) = bind(acceptor(), options).await;
            let mut client = connect(address).await;
            client.write_all(b"PROXY TCP4 1.").await.unwrap();
            is_read(&client).await;
            (listener, failures, told(client))
        });
        drop(runtime);
        drop(listener);
        let line = failures.try_recv().expect("it is not reported");
        let said = "this server refused the client: the PROXY header was not complete when this server aborted";
        let end = format!(": {said}; alert user_canceled (90) sent, written");
        assert!(line.ends_with(&end), "{line}");
        assert_eq!(told(), CANCELED);
    }
}

/// A source of TCP clients that says when the first is taken.
fn telling(tcp: TcpListener, taken: Arc<Notify>) -> impl Source<Io = TcpStream> {
    let tcp = Arc::new(tcp);
    let mut calls = 0;
    from_fn(move || {
        calls += 1;
        if calls == 2 {
            taken.notify_one();
        }
        let tcp = Arc::clone(&tcp);
        async move {
            let (tcp, peer) = tcp.accept().await?;
            Ok((tcp, Addresses::default().with_peer(peer)))
        }
    })
}

/// In the last runtime the task of the client has not run: this one looks after each task for what
/// it was started for.
#[test]
fn a_client_that_has_sent_nothing_is_reported() {
    let mut hasty = Builder::new_current_thread();
    let hasty = hasty.event_interval(1).enable_all().build().unwrap();
    for runtime in runtimes().into_iter().chain([hasty]) {
        let options = ListenerOptions::default().with_proxy_protocol(proxies());
        let (options, mut failures) = reporting(options);
        let (listener, told) = runtime.block_on(async {
            let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let client = connect(tcp.local_addr().unwrap()).await;
            let taken = Arc::new(Notify::new());
            let source = telling(tcp, Arc::clone(&taken));
            let listener = Listener::new(source, acceptor(), options);
            taken.notified().await;
            (listener, told(client))
        });
        drop(runtime);
        drop(listener);
        let line = failures.try_recv().expect("it is not reported");
        let said = "server aborted the handshake before the ClientHello was complete";
        let end = format!(": {said}, nothing received; no alert sent");
        assert!(line.ends_with(&end), "{line}");
        assert_eq!(told(), b"");
    }
}
