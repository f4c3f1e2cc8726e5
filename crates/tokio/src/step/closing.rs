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

/// The close of a connection, in order: await it, for what became of it and the stream below.
///
/// What is left to write is written and then `close_notify`, the write side is shut, and what
/// the client still sends is read away, within the limits of [`Drain`](crate::Drain). After its
/// `shutdown` alone a stream that is dropped with unread input resets the connection, and the reset may
/// overtake what was written last.
///
/// # Cancel safety
///
/// `(&mut closing).await` may be dropped and made again. Dropped itself, it closes the connection as it
/// is.
///
/// # Panics
///
/// If it is polled after it was ready.
#[derive(Debug)]
#[must_use = "the client waits for the end"]
pub struct Closing<IO> {
    /// `None` once it is over.
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
