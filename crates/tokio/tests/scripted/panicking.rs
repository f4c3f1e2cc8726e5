//! A stream that panics: the alert of its client is not lost, and the process goes on.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use lastword_testkit::script::ScriptedStream;
use lastword_tokio::Deliveries;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::scripted::{CANCELED, GARBAGE, Scripted, UNEXPECTED_MESSAGE, acceptor, hello, soon};

/// A stream that panics in some of its calls, counted over all of them.
#[derive(Debug)]
struct Panicking {
    stream: Scripted,
    calls: usize,
    panics: fn(usize) -> bool,
}

impl Panicking {
    fn call(&mut self) -> Pin<&mut Scripted> {
        self.calls += 1;
        assert!(!(self.panics)(self.calls), "a planted panic");
        Pin::new(&mut self.stream)
    }
}

impl AsyncRead for Panicking {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.call().poll_read(cx, buf)
    }
}

impl AsyncWrite for Panicking {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.call().poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.call().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.call().poll_shutdown(cx)
    }
}

/// Accepts this client in a task that the stream has panic: the stream.
async fn accepted(input: &[u8], panics: fn(usize) -> bool) -> Scripted {
    let remote = Scripted::new(ScriptedStream::new(input).stays_open());
    let stream = Panicking {
        stream: remote.clone(),
        calls: 0,
        panics,
    };
    let deliveries = Deliveries::new(1);
    let accept = acceptor()
        .with_deliveries(deliveries.clone())
        .accept(stream);
    let task = tokio::spawn(accept);
    let panic = soon(task).await.unwrap_err().into_panic();
    assert_eq!(panic.downcast_ref(), Some(&"a planted panic"));
    soon(deliveries.finished()).await;
    assert!(remote.is_closed());
    remote
}

#[tokio::test(start_paused = true)]
async fn after_a_read_that_panics_the_client_is_told_that_the_server_aborts() {
    let remote = accepted(&hello()[..50], |call| call == 2).await;
    assert_eq!(remote.shut().as_deref(), Some(&CANCELED[..]));
}

#[tokio::test(start_paused = true)]
async fn after_a_write_that_panics_the_alert_is_written() {
    // a read, a look whether the client has closed, and a write
    let remote = accepted(GARBAGE, |call| call == 3).await;
    assert_eq!(remote.shut().as_deref(), Some(&UNEXPECTED_MESSAGE[..]));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_panics_at_every_call_does_not_end_the_process() {
    let remote = accepted(GARBAGE, |call| call > 1).await;
    assert_eq!(remote.written(), []);
}
