//! The servers of this workspace, as its users write them.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use lastword::io::background::Deliveries;
use lastword::tokio::{Incoming, Listener, ListenerOptions, TlsStream};
use lastword::{Config, Rejection};
use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{NAME, REPLY, TIMEOUT};

/// tokio without a listener of ours: a task for each client.
#[tokio::main]
pub(super) async fn spawned(config: Arc<ServerConfig>) -> io::Result<()> {
    let acceptor = acceptor(config)?;
    let listener = super::listen()?;
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let Ok((tcp, peer)) = listener.accept().await else {
            continue;
        };
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            match acceptor.accept(tcp).await {
                Ok(stream) => drop(serve(stream).await), // what fails here is between the two
                Err(error) => eprintln!("{peer}: {error}"),
            }
        });
    }
}

fn acceptor(config: Arc<ServerConfig>) -> io::Result<lastword::tokio::TlsAcceptor> {
    let config = Config::new(config).map_err(io::Error::other)?;
    let choose = move |hello: Incoming| match hello.server_name() {
        Some(NAME) => Ok(config.clone()),
        _ => Err(Rejection::unrecognized_name()),
    };
    Ok(lastword::tokio::TlsAcceptor::choosing(choose).with_timeout(TIMEOUT))
}

/// A listener of tokio, and a task for each client that it has accepted.
#[tokio::main]
pub(super) async fn tokio(config: Arc<ServerConfig>, limit: Option<u32>) -> io::Result<()> {
    let acceptor = acceptor(config)?;
    let mut options =
        ListenerOptions::default().on_failure(|client, error| eprintln!("{client}: {error}"));
    if let Some(limit) = limit {
        options = options.with_handshakes_per_address(limit);
    }
    let mut listener = Listener::bind((Ipv4Addr::LOCALHOST, 0), acceptor, options).await?;
    println!(
        "{:?}",
        listener
            .local_addr()
            .ok_or(io::ErrorKind::AddrNotAvailable)?
    );
    while let Some((stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let _ = serve(stream).await; // what fails here is between the two
        });
    }
    Ok(())
}

async fn serve(mut stream: TlsStream<tokio::net::TcpStream>) -> io::Result<()> {
    stream.get_ref().0.set_nodelay(true)?;
    if stream.read(&mut [0; 4096]).await? > 0 {
        stream.write_all(REPLY).await?;
    }
    stream.close().await;
    Ok(())
}

/// A thread for each client, or as many threads as this.
pub(super) fn threads(config: Arc<ServerConfig>, pool: Option<usize>) -> io::Result<()> {
    let config = Config::new(config).map_err(io::Error::other)?;
    let acceptor = lastword::io::TlsAcceptor::choosing(move |hello| match hello.server_name() {
        Some(NAME) => Ok(config.clone()),
        _ => Err(Rejection::unrecognized_name()),
    })
    .with_timeout(TIMEOUT);
    let deliveries = Deliveries::start(4096)?;
    let client = move |tcp, peer| client(&acceptor, &deliveries, tcp, peer);
    let listener = super::listen()?;
    match pool {
        None => each(&listener, client),
        Some(threads) => {
            let (send, clients) = mpsc::sync_channel::<(TcpStream, SocketAddr)>(1024);
            let clients = Arc::new(Mutex::new(clients));
            for _ in 0..threads {
                let (clients, client) = (Arc::clone(&clients), client.clone());
                thread::spawn(move || {
                    loop {
                        let next = clients.lock().map(|clients| clients.recv());
                        match next {
                            Ok(Ok((tcp, peer))) => client(tcp, peer),
                            _ => return,
                        }
                    }
                });
            }
            loop {
                if let Ok(accepted) = listener.accept() {
                    send.send(accepted).map_err(io::Error::other)?;
                }
            }
        }
    }
}

/// Runs `client` for each client, in a thread of its own.
pub(super) fn each(
    listener: &TcpListener,
    client: impl Fn(TcpStream, SocketAddr) + Clone + Send + 'static,
) -> io::Result<()> {
    loop {
        let Ok((tcp, peer)) = listener.accept() else {
            continue;
        };
        let client = client.clone();
        let begun = thread::Builder::new().spawn(move || client(tcp, peer));
        if let Err(error) = begun {
            eprintln!("{peer}: no thread: {error}");
        }
    }
}

fn client(
    acceptor: &lastword::io::TlsAcceptor,
    deliveries: &Deliveries,
    tcp: TcpStream,
    peer: SocketAddr,
) {
    let _ = tcp.set_nodelay(true); // a failure shows at the next read
    match acceptor.accept_undelivered(tcp) {
        Ok(mut stream) => {
            if matches!(stream.read(&mut [0; 4096]), Ok(1..)) {
                let _ = stream.write_all(REPLY);
            }
            let _ = stream.close();
        }
        Err(undelivered) => {
            deliveries.deliver(undelivered, move |error| eprintln!("{peer}: {error}"));
        }
    }
}
