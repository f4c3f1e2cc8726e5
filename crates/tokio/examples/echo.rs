//! An echo server: a configuration by the server name, and an orderly close. No HTTP.
//!
//! `cargo run -p lastword-tokio --example echo` prints where it listens; then try it:
//!
//! ```console
//! $ openssl s_client -quiet -servername localhost -connect IP:PORT
//! $ openssl s_client -quiet -servername elsewhere.test -connect IP:PORT
//! $ openssl s_client -quiet -noservername -connect IP:PORT
//! ```
//!
//! The first types and reads it back. The others are told `unrecognized name` and `missing
//! extension`, and the server says so too. Ctrl-c ends it.
#![forbid(unsafe_code)]

use std::future::ready;
use std::io;
use std::time::Duration;

use lastword_testkit::{catalogue::ServerProfile, pki::Pki};
use lastword_tokio::acceptor::{Config, Hello, Rejection};
use lastword_tokio::{Drain, Listener, ListenerOptions, TlsStream, close};
use tokio::io::{copy, split};
use tokio::net::TcpStream;
use tokio::select;
use tokio::signal::ctrl_c;
use tokio::sync::watch;

#[tokio::main]
async fn main() -> io::Result<()> {
    // a server of yours has certificates of its own, one for each name
    let config =
        Config::new(Pki::new().server_config(&ServerProfile::DEFAULT)).map_err(io::Error::other)?;
    let by_name = move |hello: &Hello| {
        ready(match hello.server_name() {
            Some("localhost" | "example.test") => Ok(config.clone()),
            Some(_) => Err(Rejection::unrecognized_name()),
            None => Err(Rejection::missing_server_name()),
        })
    };
    let options = ListenerOptions::default()
        .on_failure(|peer, failure| eprintln!("{peer}: {failure}")) // it has been told
        .on_accept_error(|error| eprintln!("accept: {error}"));
    let mut listener = Listener::bind("127.0.0.1:0", by_name, options).await?;
    println!("listening {}", listener.local_addr());

    let closer = listener.closer();
    tokio::spawn(async move {
        if ctrl_c().await.is_ok() {
            closer.close(Duration::from_secs(10)); // for the handshakes that are under way
        }
    });
    let (end, _) = watch::channel(());
    while let Some((established, _peer)) = listener.accept().await {
        tokio::spawn(echo(established.into_stream(), end.subscribe()));
    }
    end.send_replace(());
    end.closed().await; // each client has been told
    Ok(())
}

/// Sends all that comes back, until the client closes or the server ends.
async fn echo(mut tls: TlsStream<TcpStream>, mut ended: watch::Receiver<()>) {
    let (mut reader, mut writer) = split(&mut tls);
    select! {
        _ = copy(&mut reader, &mut writer) => {}
        _ = ended.changed() => {}
    }
    close(tls, Drain::default()).await;
}
