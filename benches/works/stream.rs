//! The stream of an established connection over tokio: plaintext both ways, beside tokio-rustls.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io::{self, IoSlice, Write as _};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use lastword_acceptor::Config;
use lastword_testkit::catalogue::ClientAuth;
use lastword_tokio::TlsAcceptor;
use rustls::{ClientConfig, ClientConnection};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::runtime::Builder;

use crate::report::{Figure, Measure};
use crate::servers::{self, Like, Server};
use crate::work::{Meter, WarmUp, Work};

/// What is done with a stream.
#[derive(Clone, Copy)]
struct Exchange {
    name: &'static str,
    /// How many bytes the client sends, and how many the server then does.
    received: usize,
    sent: usize,
    how: How,
}

/// How the server writes.
#[derive(Clone, Copy)]
enum How {
    /// All at once.
    Whole,
    /// In writes of 100 bytes, and a flush at the end.
    Small,
    /// In one vectored write of parts of 100 bytes.
    Vectored,
}

const PART: usize = 100;

const EXCHANGES: [Exchange; 8] = [
    Exchange::new("stream/read 16 KiB", 16 << 10, 0, How::Whole),
    Exchange::new("stream/read 1 MiB", 1 << 20, 0, How::Whole),
    Exchange::new("stream/write 16 KiB", 0, 16 << 10, How::Whole),
    Exchange::new("stream/write 1 MiB", 0, 1 << 20, How::Whole),
    Exchange::new("stream/write 100 bytes", 0, PART, How::Whole),
    Exchange::new("stream/write 10 times 100 bytes", 0, 10 * PART, How::Small),
    Exchange::new(
        "stream/write 10 times 100 bytes vectored",
        0,
        10 * PART,
        How::Vectored,
    ),
    Exchange::new("stream/request and reply", 100, 200, How::Whole),
];

impl Exchange {
    const fn new(name: &'static str, received: usize, sent: usize, how: How) -> Self {
        Self {
            name,
            received,
            sent,
            how,
        }
    }
}

pub(super) fn works() -> Vec<Work> {
    let server = servers::server(&[], ClientAuth::No);
    let works = EXCHANGES.into_iter().map(|exchange| {
        Work::new(exchange.name, exchange.received.max(exchange.sent))
            .parts("lastword tokio", way(exchange, ours(&server.ours)))
            .parts(
                "lastword tokio encrypted alerts",
                way(exchange, ours(&server.encrypted_alerts)),
            )
            .parts("tokio-rustls", way(exchange, theirs(&server)))
    });
    works.collect()
}

/// Counts how often each reads and writes the stream below.
#[must_use]
pub fn calls() -> Vec<Figure> {
    let server = servers::server(&[], ClientAuth::No);
    let mut figures = Vec::new();
    for exchange in EXCHANGES {
        for (name, established) in [
            ("lastword tokio", ours(&server.ours)),
            ("tokio-rustls", theirs(&server)),
        ] {
            let calls = Rc::clone(&established.pipe.calls);
            let mut run = way(exchange, established);
            let before = calls.get();
            run(&mut WarmUp);
            let (work, calls) = (format!("calls/{}", exchange.name), calls.get() - before);
            figures.push(Figure::new(work, name, Measure::Calls, calls.into()));
        }
    }
    figures
}

/// A connection, and its client at the other end.
struct Established {
    stream: Pin<Box<dyn Stream>>,
    client: ClientConnection,
    pipe: Pipe,
}

trait Stream: AsyncRead + AsyncWrite {}
impl<S: AsyncRead + AsyncWrite> Stream for S {}

fn ours(config: &Config) -> Established {
    let acceptor = TlsAcceptor::new(config.clone());
    establish(|pipe| async move { acceptor.accept_local(pipe).await.expect("it is accepted") })
}

fn theirs(server: &Server) -> Established {
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::clone(&server.rustls));
    establish(|pipe| async move { acceptor.accept(pipe).await.expect("it is accepted") })
}

fn establish<F>(accept: impl FnOnce(Pipe) -> F) -> Established
where
    F: Future<Output: Stream + 'static>,
{
    let config: Arc<ClientConfig> = Like::DEFAULT.config();
    let name = "localhost".try_into().expect("it is a name");
    let mut client = ClientConnection::new(config, name).expect("it is a client");
    let pipe = Pipe::default();
    let runtime = Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("there is a runtime");
    let _entered = runtime.enter();
    let mut accept = pin!(accept(pipe.clone()));
    let stream = loop {
        pipe.receive_from(&mut client);
        let polled = accept
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        pipe.send_to(&mut client);
        if let Poll::Ready(stream) = polled {
            break stream;
        }
    };
    assert!(!client.is_handshaking());
    Established {
        stream: Box::pin(stream),
        client,
        pipe,
    }
}

/// Runs an exchange; what the server does is measured.
fn way(exchange: Exchange, established: Established) -> impl FnMut(&mut dyn Meter) {
    let Established {
        mut stream,
        mut client,
        pipe,
    } = established;
    let plaintext = vec![7; exchange.received.max(exchange.sent)];
    let mut read = vec![0; 16 << 10];
    client.set_buffer_limit(None);
    move |meter| {
        let mut writer = client.writer();
        writer
            .write_all(&plaintext[..exchange.received])
            .expect("there is room");
        pipe.receive_from(&mut client);
        meter.measure(&mut || {
            let mut left = exchange.received;
            while left > 0 {
                left -= now(stream.read(&mut read)).expect("it is open");
            }
            now(write(
                &mut stream,
                &plaintext[..exchange.sent],
                exchange.how,
            ));
        });
        pipe.0.output.borrow_mut().clear();
    }
}

async fn write(stream: &mut Pin<Box<dyn Stream>>, plaintext: &[u8], how: How) {
    let written = match how {
        How::Whole => stream.write_all(plaintext).await,
        How::Small => {
            for part in plaintext.chunks(PART) {
                stream.write_all(part).await.expect("it is open");
            }
            Ok(())
        }
        How::Vectored => {
            let parts: Vec<_> = plaintext.chunks(PART).map(IoSlice::new).collect();
            stream.write_vectored(&parts).await.map(|written| {
                assert_eq!(written, plaintext.len());
            })
        }
    };
    written.expect("it is open");
    stream.flush().await.expect("it is open");
}

/// The output of a future that never waits.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("all it needs is there"),
    }
}

/// The stream below: it takes all at once, and reads what is there.
#[derive(Clone, Default)]
struct Pipe(Rc<Ends>);

#[derive(Default)]
struct Ends {
    input: RefCell<Vec<u8>>,
    /// How many bytes of the input are read.
    read: Cell<usize>,
    output: RefCell<Vec<u8>>,
    calls: Rc<Cell<u32>>,
}

impl std::ops::Deref for Pipe {
    type Target = Ends;

    fn deref(&self) -> &Ends {
        &self.0
    }
}

impl Pipe {
    /// Puts in what the client has to write.
    fn receive_from(&self, client: &mut ClientConnection) {
        let mut input = self.input.borrow_mut();
        input.drain(..self.read.take());
        while client.wants_write() {
            client.write_tls(&mut *input).expect("it takes all");
        }
    }

    /// Has the client read what was written.
    fn send_to(&self, client: &mut ClientConnection) {
        let output = std::mem::take(&mut *self.output.borrow_mut());
        let mut output = &output[..];
        while !output.is_empty() {
            client.read_tls(&mut output).expect("there is room");
            client.process_new_packets().expect("it is TLS");
        }
    }

    fn called(&self) {
        self.calls.set(self.calls.get() + 1);
    }
}

impl AsyncRead for Pipe {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.called();
        let input = self.input.borrow();
        let left = &input[self.read.get()..];
        if left.is_empty() {
            return Poll::Pending;
        }
        let len = left.len().min(buf.remaining());
        buf.put_slice(&left[..len]);
        self.read.set(self.read.get() + len);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.called();
        self.output.borrow_mut().extend_from_slice(buf);
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.called();
        let mut output = self.output.borrow_mut();
        let before = output.len();
        bufs.iter().for_each(|buf| output.extend_from_slice(buf));
        Poll::Ready(Ok(output.len() - before))
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
