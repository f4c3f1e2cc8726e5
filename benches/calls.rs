//! How often a server reads and writes, for each of which a socket needs a system call.

use std::cell::Cell;
use std::io::{self, IoSlice, Read, Write};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use lastword_acceptor::{Config, Rejection};
use lastword_io::{Options, Plain};
use lastword_testkit::catalogue::ClientAuth;
use rustls::{ServerConfig, ServerConnection};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::runtime::Builder;
use tokio_rustls::TlsAcceptor;

use crate::client::Client;
use crate::servers::{self, Like, Server};

/// Prints how often each reads and writes.
///
/// # Panics
///
/// If there can be no runtime of tokio's.
pub fn print() {
    let Server { rustls, ours } = servers::server(&[], ClientAuth::No);
    let by_name = servers::by_name();
    let runtime = Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("there is a runtime");
    let options = Options::default();
    for (work, name) in [
        ("handshake", "localhost"),
        ("unknown name", "stranger.test"),
    ] {
        let is_known = name == "localhost";
        let choose = |config: &Config| match is_known {
            true => Ok(config.clone()),
            false => Err(Rejection::unrecognized_name()),
        };
        let theirs = if is_known { &rustls } else { &by_name.rustls };
        let print = |way, run: &dyn Fn(Wire)| {
            let calls = Rc::new(Cell::new(0));
            run(Wire::new(name, Rc::clone(&calls)));
            println!("calls/{work}\t{way}\treads and writes\t{}", calls.get());
        };
        print("lastword", &|wire| {
            let accepted = lastword_io::accept(Plain(wire), &options, |_| choose(&ours));
            assert_eq!(accepted.is_ok(), is_known);
        });
        print("lastword tokio", &|wire| {
            let accepted = lastword_tokio::accept(wire, &options, async |_| choose(&ours));
            assert_eq!(runtime.block_on(accepted).is_ok(), is_known);
        });
        print("rustls", &|wire| complete(wire, theirs, is_known));
        print("tokio-rustls", &|wire| {
            let accepted = TlsAcceptor::from(Arc::clone(theirs)).accept(wire);
            assert_eq!(runtime.block_on(accepted).is_ok(), is_known);
        });
    }
}

/// As rustls's documentation has it for a blocking stream.
fn complete(mut wire: Wire, config: &Arc<ServerConfig>, is_known: bool) {
    let mut connection = ServerConnection::new(Arc::clone(config)).expect("it is a configuration");
    let completed = connection.complete_io(&mut wire);
    assert_eq!(completed.is_ok(), is_known);
    if is_known {
        connection
            .complete_io(&mut wire)
            .expect("tickets are written");
    }
}

/// A stream to a client in memory, that counts.
struct Wire {
    client: Client,
    /// What the client has sent and nobody read.
    sent: Vec<u8>,
    calls: Rc<Cell<u32>>,
}

impl Wire {
    fn new(name: &'static str, calls: Rc<Cell<u32>>) -> Self {
        let mut client = Client::named(&Like::DEFAULT.config(), name);
        let sent = client.sent();
        Self {
            client,
            sent,
            calls,
        }
    }

    fn count(&self) {
        self.calls.set(self.calls.get() + 1);
    }
}

impl Read for Wire {
    /// What the client sent; the end of the stream once that is nothing.
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.count();
        let read = (&self.sent[..]).read(buf)?;
        self.sent.drain(..read);
        Ok(read)
    }
}

impl Write for Wire {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(buf)])
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.count();
        let mut written = Vec::new();
        let len = written.write_vectored(bufs)?;
        let answer = self.client.try_answer(&written);
        self.sent.extend(answer);
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(()) // no call, on a socket
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = self.read(buf.initialize_unfilled())?;
        buf.advance(read);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.write(buf))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.write_vectored(bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
