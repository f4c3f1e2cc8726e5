//! Waiting for a client's ClientHello.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lastword_io::step::{self, Buffer};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::background;
use crate::client::{Client, Rest};
use crate::deliveries::Deliveries;
use crate::polled::now;
use crate::socket::{self, Find};
use crate::step::accepted::Accepted;
use crate::step::undelivered::Undelivered;

/// Waits for a complete ClientHello: await it, for an [`Accepted`].
///
/// The timeout of [`Options`](step::Options) runs from [`new`](Self::new) on, to the end of the
/// handshake.
///
/// # Cancel safety
///
/// `(&mut accepting).await` may be dropped and made again, and nothing is lost of what was read. Dropped
/// itself, it closes the connection, and nothing has been written; if it is
/// [`in_background`](Self::in_background), a client that has sent something is told that the server
/// aborts.
///
/// # Panics
///
/// If it is used after it was ready.
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Accepting<IO> {
    client: Client<IO, step::Accepting>,
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Accepting<IO> {
    /// A client of which nothing has been read.
    pub fn new(io: IO, options: &step::Options) -> Self
    where
        IO: 'static,
    {
        Self::with_socket(io, options, socket::of::<IO>)
    }

    /// The same over a stream that borrows.
    pub fn new_local(io: IO, options: &step::Options) -> Self {
        Self::with_socket(io, options, socket::none)
    }

    fn with_socket(io: IO, options: &step::Options, socket: Find<IO>) -> Self {
        let rest = Rest::new(socket, None);
        Self {
            client: Client::new(io, step::Accepting::new(options, now()), rest),
        }
    }

    /// The same, and if this or a later state is dropped, the client is told in the background.
    pub fn in_background(mut self, deliveries: &Deliveries) -> Self
    where
        IO: Send + 'static,
    {
        self.client.set_guard(background::guard(deliveries));
        self
    }

    /// The stream. Nothing has been written to it.
    #[must_use]
    pub fn get_ref(&self) -> &IO {
        self.client.io()
    }

    /// The span of the handshake. Its field `peer` is empty, for you to record.
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn span(&self) -> &tracing::Span {
        self.client.state().span()
    }

    /// Aborts the handshake, for example at shutdown. A client that sent something is told
    /// `user_canceled`, then `close_notify` (RFC 8446 section 6.1).
    pub fn aborted(mut self) -> Undelivered<IO> {
        self.client.to(step::Accepting::aborted).into()
    }

    /// The stream, and the bytes that have been read from it.
    #[must_use]
    pub fn into_passthrough(mut self) -> (IO, Vec<u8>) {
        let (io, accepting, _) = self.client.take();
        (io, accepting.into_passthrough())
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Future for Accepting<IO> {
    type Output = Result<Accepted<IO>, Undelivered<IO>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (io, over, rest) = ready!(self.client.poll(cx, &mut Buffer::default()));
        Poll::Ready(match over {
            Ok(accepted) => Ok(Client::new(io, accepted, rest).into()),
            Err(undelivered) => Err(Client::new(io, undelivered, rest).into()),
        })
    }
}
