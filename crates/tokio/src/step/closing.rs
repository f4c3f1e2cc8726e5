//! An orderly close.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use lastword_io::Delivery;
use lastword_io::step::{Buffer, Close};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::caught::resume;
use crate::client::Moving as _;
use crate::socket::Find;
use crate::timer::Timer;

/// An orderly close of a connection. Await it: it returns the [`Delivery`](crate::Delivery) and the
/// stream.
///
/// It writes what is left and `close_notify`, shuts the write side, and reads what the client still
/// sends, within the limits of [`Drain`](crate::Drain). `shutdown` alone does not read: if the stream
/// is then dropped with unread input, the system resets the connection, and the last bytes may be
/// lost.
///
/// ```no_run
/// use lastword_tokio::TlsStream;
/// use tokio::net::TcpStream;
///
/// async fn end(stream: TlsStream<TcpStream>) {
///     let (delivery, _tcp) = stream.close().await;
///     println!("closed: {delivery}");
/// }
/// ```
///
/// # Cancel safety
///
/// `(&mut closing).await` is cancel safe: it can be dropped and called again. If the future itself is
/// dropped, the connection is closed at once.
///
/// # Panics
///
/// If it is polled again after it has returned `Ready`.
#[derive(Debug)]
#[must_use = "the client waits for the end"]
pub struct Closing<IO> {
    /// `None` once the close is over.
    parts: Option<(IO, Close)>,
    socket: Find<IO>,
    timer: Timer,
}

impl<IO> Closing<IO> {
    pub(crate) fn new(io: IO, socket: Find<IO>, close: Close) -> Self {
        Self {
            parts: Some((io, close)),
            socket,
            timer: Timer::default(),
        }
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Future for Closing<IO> {
    type Output = (Delivery, IO);

    #[expect(clippy::expect_used, reason = "no future is polled once it was ready")]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (mut io, close) = self.parts.take().expect("polled after it was ready");
        match close.poll(
            &mut io,
            self.socket,
            &mut self.timer,
            cx,
            &mut Buffer::default(),
        ) {
            Ok(delivery) => Poll::Ready((delivery, io)),
            Err((close, panic)) => {
                self.parts = Some((io, close));
                resume(panic);
                Poll::Pending
            }
        }
    }
}
