//! A handshake whose configuration is chosen.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lastword_io::step::{self, Buffer};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::client::Client;
use crate::step::undelivered::Undelivered;
use crate::stream::TlsStream;

/// A client that is answered, or why it is not.
pub(crate) type Answered<IO> = Result<Client<IO, step::Handshaking>, Client<IO, step::Undelivered>>;

/// A handshake whose configuration is chosen, to its end: await it, for a [`TlsStream`].
///
/// # Cancel safety
///
/// `(&mut handshaking).await` may be dropped and made again, and nothing is lost. Dropped itself, it
/// closes the connection as it is; if it is in the background, the client is told that the server
/// aborts.
///
/// # Panics
///
/// If it is polled after it was ready.
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Handshaking<IO> {
    state: State<IO>,
}

#[derive(Debug)]
enum State<IO> {
    Handshaking(Client<IO, step::Handshaking>),
    /// The client and the configuration do not agree, or it was aborted.
    Failed(Client<IO, step::Undelivered>),
    /// It was ready.
    Over,
}

impl<IO> Handshaking<IO> {
    pub(crate) fn new(answered: Answered<IO>) -> Self {
        let state = match answered {
            Ok(client) => State::Handshaking(client),
            Err(client) => State::Failed(client),
        };
        Self { state }
    }

    /// Aborts the handshake, for example at shutdown. After what was still to be written the client is
    /// told `user_canceled`, if no ServerHello was made, and `close_notify` (RFC 8446 section 6.1).
    ///
    /// If the client and the configuration do not agree, it is that failure.
    ///
    /// # Panics
    ///
    /// If it was ready.
    #[expect(clippy::panic, reason = "nothing is aborted that was ready")]
    pub fn aborted(mut self) -> Undelivered<IO> {
        match mem::replace(&mut self.state, State::Over) {
            State::Handshaking(mut client) => client.to(step::Handshaking::aborted).into(),
            State::Failed(client) => client.into(),
            State::Over => panic!("used after it was ready"),
        }
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Future for Handshaking<IO> {
    type Output = Result<TlsStream<IO>, Undelivered<IO>>;

    #[expect(clippy::panic, reason = "no future is polled once it was ready")]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let State::Handshaking(client) = &mut self.state {
            let finished = ready!(poll(client, cx, &mut Buffer::default()));
            self.state = State::Over;
            return Poll::Ready(finished.map_err(Undelivered::from));
        }
        match mem::replace(&mut self.state, State::Over) {
            State::Failed(client) => Poll::Ready(Err(client.into())),
            _ => panic!("polled after it was ready"),
        }
    }
}

/// To the end of a handshake.
pub(crate) fn poll<IO: AsyncRead + AsyncWrite + Unpin>(
    client: &mut Client<IO, step::Handshaking>,
    cx: &mut Context<'_>,
    buffer: &mut Buffer,
) -> Poll<Result<TlsStream<IO>, Client<IO, step::Undelivered>>> {
    let (started, drain) = (client.state().started(), client.state().drain());
    let (io, over, rest) = ready!(client.poll(cx, buffer));
    Poll::Ready(match over {
        Ok(connection) => Ok(TlsStream::new(
            io,
            connection,
            rest.socket(),
            started,
            drain,
        )),
        Err(undelivered) => Err(Client::new(io, undelivered, rest)),
    })
}
