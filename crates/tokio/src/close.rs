//! An orderly close.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use lastword_io::Close;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::caught::resume;
use crate::client::Moving as _;
use crate::polled::now;
use crate::timer::Timer;
use crate::{Delivery, Drain, TlsStream};

/// A connection that is being closed in order: await it, for what became of it and the stream below.
///
/// What is left to write is written and `close_notify` behind it, the write side is shut, and what
/// the client still sends is read away, within the bounds of [`Drain`]. After its `shutdown` alone a
/// stream that is dropped with unread input resets the connection, and the reset may overtake what
/// was written last.
///
/// Cancel safety: `(&mut closing).await` may be dropped and be made again. Dropped itself, it closes
/// the connection as it is.
#[derive(Debug)]
#[must_use = "the client waits for the end"]
pub struct Closing<IO> {
    /// `None` once it is over.
    parts: Option<(IO, Close)>,
    timer: Timer,
}

/// Closes a connection in order: see [`Closing`].
pub fn close<IO>(stream: TlsStream<IO>, drain: Drain) -> Closing<IO>
where
    IO: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let (io, connection) = stream.into_inner();
    Closing {
        parts: Some((io, Close::new(connection, drain, now()))),
        timer: Timer::default(),
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin + 'static> Future for Closing<IO> {
    type Output = (Delivery, IO);

    #[expect(clippy::expect_used, reason = "no future is polled once it was ready")]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (mut io, close) = self.parts.take().expect("polled after it was ready");
        match close.poll(&mut io, &mut self.timer, cx) {
            Ok(delivery) => Poll::Ready((delivery, io)),
            Err((close, panic)) => {
                self.parts = Some((io, close));
                resume(panic);
                Poll::Pending
            }
        }
    }
}
