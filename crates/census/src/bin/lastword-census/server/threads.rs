//! The server that blocks: a thread for each client.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use lastword::io::{TlsAcceptor, TlsStream};

use super::{ECHO, Line, PATIENCE, REPLY, REQUEST, Server};

/// Takes clients for ever, and tells when it is done with one.
pub(super) fn run(
    server: &Server,
    listener: &TcpListener,
    ended: impl Fn(Option<&Line>) + Send + Sync + 'static,
) -> ! {
    let shared = Arc::new((server.acceptor(), server.echo, ended));
    loop {
        let (stream, peer) = match listener.accept() {
            Ok(accepted) => accepted,
            Err(error) => {
                // out of descriptors, or a client that is gone: neither is the end
                eprintln!("accept: {error}");
                thread::sleep(Duration::from_millis(100));
                continue;
            }
        };
        let shared = Arc::clone(&shared);
        let client = thread::Builder::new().spawn(move || {
            let (acceptor, echo, ended) = &*shared;
            ended(client(acceptor, *echo, stream, peer).as_ref());
        });
        if let Err(error) = client {
            eprintln!("{peer}: no thread for it: {error}");
        }
    }
}

/// Serves a client to its end; if its handshake failed, what there is to say of that.
fn client(
    acceptor: &TlsAcceptor,
    echoes: bool,
    stream: TcpStream,
    peer: SocketAddr,
) -> Option<Line> {
    // a failure shows at the next read
    let _ = stream.set_nodelay(true);
    match acceptor.accept(stream) {
        Ok(mut stream) => {
            // what fails from here on is between the application and its client
            let _ = if echoes {
                echo(&mut stream)
            } else {
                reply(&mut stream)
            };
            let _ = stream.close();
            None
        }
        Err(error) => Some(Line::new(peer, &error)),
    }
}

/// Reads a request and answers it in one record; a client that ends without one gets nothing.
fn reply(stream: &mut TlsStream<TcpStream>) -> io::Result<()> {
    stream.get_ref().0.set_read_timeout(Some(PATIENCE))?;
    let mut lines = BufReader::new(stream.take(REQUEST));
    let mut line = Vec::new();
    let mut is_request = false;
    while lines.read_until(b'\n', &mut line)? > 0 {
        is_request = true;
        if matches!(&line[..], b"\r\n" | b"\n") {
            break;
        }
        line.clear();
    }
    if is_request {
        // one write, one record
        stream.write_all(REPLY)?;
    }
    Ok(())
}

/// Sends application data back, to its end.
fn echo(stream: &mut TlsStream<TcpStream>) -> io::Result<()> {
    let mut buffer = [0; ECHO];
    loop {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            n => stream.write_all(buffer.get(..n).unwrap_or_default())?,
        }
    }
}
