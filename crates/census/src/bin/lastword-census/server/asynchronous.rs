//! The server with tokio: a listener that accepts, and a task for each client that it has accepted.

use std::convert::Infallible;
use std::io;
use std::net;
use std::sync::Arc;

use lastword::tokio::{Incoming, Listener, ListenerOptions, TlsAcceptor, TlsStream};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::time::timeout;

use super::{ECHO, Line, PATIENCE, REPLY, REQUEST, Server};

/// Takes clients for ever, and tells when it is done with one.
///
/// # Errors
///
/// If the system has no runtime for it.
pub(super) fn run(
    server: Server,
    listener: &net::TcpListener,
    ended: impl Fn(Option<&Line>) + Send + Sync + 'static,
) -> io::Result<Infallible> {
    let listener = listener.try_clone()?;
    listener.set_nonblocking(true)?;
    // as many on any machine; and more than one, so that clients go from thread to thread as they do
    // under `#[tokio::main]`
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(take(server, listener, Arc::new(ended)))
}

async fn take(
    server: Server,
    listener: net::TcpListener,
    ended: Arc<impl Fn(Option<&Line>) + Send + Sync + 'static>,
) -> io::Result<Infallible> {
    let Server { chooser, echo, .. } = server;
    let policy = Arc::clone(&chooser.policy);
    let acceptor = TlsAcceptor::choosing(move |incoming: Incoming| chooser.choose(&incoming))
        .with_authorizer(move |_| policy.authorize())
        .with_timeout(server.timeout);
    let failed = Arc::clone(&ended);
    let options = ListenerOptions::default()
        .on_failure(move |client, error| failed(Some(&Line::new(client, error))))
        .on_accept_error(|error| eprintln!("accept: {error}"));
    let tcp = TcpListener::from_std(listener)?;
    let mut listener = Listener::new(tcp, acceptor, options);
    while let Some((stream, _)) = listener.accept().await {
        let ended = Arc::clone(&ended);
        tokio::spawn(async move {
            serve(stream, echo).await;
            ended(None);
        });
    }
    // it ends after a shutdown, and nobody shuts it down
    Err(io::Error::other("the listener is shut down"))
}

/// Serves a client to its end.
async fn serve(mut stream: TlsStream<TcpStream>, echoes: bool) {
    let _ = stream.get_ref().0.set_nodelay(true);
    // what fails from here on is between the application and its client
    if echoes {
        let _ = echo(&mut stream).await;
    } else {
        let _ = timeout(PATIENCE, reply(&mut stream)).await;
    }
    stream.close().await;
}

/// Sends application data back, to its end.
async fn echo(stream: &mut TlsStream<TcpStream>) -> io::Result<()> {
    let mut buffer = vec![0; ECHO];
    loop {
        match stream.read(&mut buffer).await? {
            0 => return Ok(()),
            n => {
                let bytes = buffer.get(..n).unwrap_or_default();
                stream.write_all(bytes).await?;
            }
        }
        stream.flush().await?;
    }
}

/// Reads a request and answers it in one record; a client that ends without one gets nothing.
async fn reply(stream: &mut TlsStream<TcpStream>) -> io::Result<()> {
    let mut lines = BufReader::new((&mut *stream).take(REQUEST));
    let mut line = Vec::new();
    let mut is_request = false;
    while lines.read_until(b'\n', &mut line).await? > 0 {
        is_request = true;
        if matches!(&line[..], b"\r\n" | b"\n") {
            break;
        }
        line.clear();
    }
    if is_request {
        // one write, one record
        stream.write_all(REPLY).await?;
    }
    Ok(())
}
