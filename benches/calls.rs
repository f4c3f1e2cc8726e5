//! How often a server reads and writes, for each of which a socket needs a system call.

use std::cell::Cell;
use std::io::{self, IoSlice, Read, Write};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use lastword_io::Plain;
use lastword_testkit::catalogue::ClientAuth;
use rustls::{ServerConfig, ServerConnection};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::runtime::Builder;
use tokio_rustls::TlsAcceptor;

use crate::client::Client;
use crate::report::{Figure, Measure};
use crate::servers::{self, Like, Server};

/// Counts how often each reads and writes.
///
/// # Panics
///
/// If there can be no runtime of tokio's, or a client is served that is to be refused.
#[must_use]
pub fn figures() -> Vec<Figure> {
    let (any, by_name) = (servers::server(&[], ClientAuth::No), servers::by_name());
    let mut figures = count("handshake", &any, &|| Wire::new("localhost"));
    figures.extend(count("unknown name", &by_name, &|| {
        Wire::new("stranger.test")
    }));
    figures.extend(count("garbage", &any, &|| Wire::sending(vec![0; 64])));
    figures.extend(crate::works::stream::calls());
    figures
}

/// Counts how often each reads and writes for a client like this one.
fn count(work: &str, server: &Server, client: &dyn Fn() -> Wire) -> Vec<Figure> {
    let rustls = &server.rustls;
    let (acceptor, tokio_acceptor) = (server.acceptor(), server.tokio_acceptor());
    let runtime = Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("there is a runtime");
    let is_served = work == "handshake";
    let mut figures = Vec::new();
    let mut count = |way, run: &dyn Fn(Wire) -> bool| {
        let wire = client();
        let calls = Rc::clone(&wire.calls);
        assert_eq!(run(wire), is_served);
        let (work, calls) = (format!("calls/{work}"), calls.get().into());
        figures.push(Figure::new(work, way, Measure::Calls, calls));
    };
    count("lastword", &|wire| acceptor.accept(Plain(wire)).is_ok());
    count("lastword tokio", &|wire| {
        runtime.block_on(tokio_acceptor.accept_local(wire)).is_ok()
    });
    count("rustls", &|wire| complete(wire, rustls));
    count("tokio-rustls", &|wire| {
        let accepted = TlsAcceptor::from(Arc::clone(rustls)).accept(wire);
        runtime.block_on(accepted).is_ok()
    });
    #[cfg(feature = "openssl")]
    count("OpenSSL", &with_openssl);
    figures
}

#[cfg(feature = "openssl")]
fn with_openssl(wire: Wire) -> bool {
    use crate::works::libssl::{Refuses, Server};
    use openssl::ssl::{Ssl, SslStream};

    let server = Server {
        refuses: Refuses::ByName,
        ..Server::DEFAULT
    };
    let ssl = Ssl::new(&server.context()).expect("there is memory");
    let mut stream = SslStream::new(ssl, wire).expect("there is memory");
    stream.accept().is_ok()
}

/// As rustls's documentation has it for a blocking stream.
fn complete(mut wire: Wire, config: &Arc<ServerConfig>) -> bool {
    let mut connection = ServerConnection::new(Arc::clone(config)).expect("it is a configuration");
    let is_complete = connection.complete_io(&mut wire).is_ok();
    if is_complete {
        let written = connection.complete_io(&mut wire);
        written.expect("tickets are written");
    }
    is_complete
}

/// A stream to a client in memory, that counts.
#[derive(Debug)]
struct Wire {
    client: Client,
    /// What the client has sent and nobody read.
    sent: Vec<u8>,
    calls: Rc<Cell<u32>>,
}

impl Wire {
    fn new(name: &'static str) -> Self {
        let mut client = Client::named(&Like::DEFAULT.config(), name);
        let sent = client.sent();
        Self {
            client,
            sent,
            calls: Rc::default(),
        }
    }

    /// To a client that sends this and no more.
    fn sending(sent: Vec<u8>) -> Self {
        Self {
            sent,
            ..Self::new("localhost")
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
