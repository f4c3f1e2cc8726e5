//! A server that blocks: a thread a client.

use std::io::{Read, Write};
use std::net::TcpStream;

use lastword_io::TlsStream;
use lastword_io::background::Deliveries;

use crate::catalogue::server::{Job, Path, REPLY};

/// Serves one client, then logs it.
pub(crate) fn serve(job: Job, path: Path) {
    let (stream, _) = job.listener.accept().unwrap();
    match job.acceptor(path).accept(stream) {
        Ok(stream) => {
            reply(stream);
            job.log(None);
        }
        Err(error) => job.log(Some(error.to_string())),
    }
}

/// Refuses one client without waiting for its end, which another thread logs.
pub(crate) fn refuse(job: Job, deliveries: &Deliveries) {
    let (stream, _) = job.listener.accept().unwrap();
    let accepted = job.acceptor(Path::Acceptor).accept_undelivered(stream);
    deliveries.deliver(accepted.unwrap_err(), |error| {
        job.log(Some(error.to_string()));
    });
}

/// Answers a request with one record, then closes in order.
fn reply(mut stream: TlsStream<TcpStream>) {
    let mut request = Vec::new();
    let mut buffer = [0; 1024];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(n @ 1..) => request.extend(&buffer[..n]),
            _ => break,
        }
    }
    stream.write_all(REPLY).unwrap();
    let _ = stream.close();
}
