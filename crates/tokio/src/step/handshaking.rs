//! The state after the choice of a configuration, to the end of the handshake.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lastword_io::step::{self, Buffer};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::client::Client;
use crate::step::authenticated::Authenticating;
use crate::step::undelivered::Undelivered;
use crate::stream::TlsStream;

/// A client whose ClientHello is answered, or whose handshake failed.
pub(crate) type Answered<IO> = Result<Client<IO, step::Handshaking>, Client<IO, step::Undelivered>>;

/// A handshake from the answer to the ClientHello to its end. Await it: it returns a [`TlsStream`].
///
/// ```no_run
/// use lastword_tokio::acceptor::Config;
/// use lastword_tokio::step::{Accepted, Handshaking};
/// use tokio::net::TcpStream;
///
/// async fn serve(accepted: Accepted<TcpStream>, config: &Config) {
///     let handshaking: Handshaking<_> = accepted.into_handshake(config);
///     match handshaking.await {
///         Ok(_stream) => { /* read and write */ }
///         Err(undelivered) => eprintln!("{}", undelivered.deliver().await),
///     }
/// }
/// ```
///
/// # Cancel safety
///
/// `(&mut handshaking).await` is cancel safe: it can be dropped and called again. If the state itself
/// is dropped, the connection is closed without an alert. After
/// [`Accepting::in_background`](super::Accepting::in_background) the handshake is aborted, and its
/// alert is sent in the background.
///
/// # Panics
///
/// If it is polled again after it has returned `Ready`.
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
    /// It has returned `Ready`.
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

    /// Makes the handshake stop once the client is authenticated, for a verdict of the application.
    ///
    /// Call it before the future is polled. If the client has already completed the handshake, it is
    /// [aborted](Self::aborted).
    ///
    /// ```no_run
    /// # use lastword_tokio::{acceptor::Config, step::Accepted};
    /// # use tokio::net::TcpStream;
    /// # async fn serve(accepted: Accepted<TcpStream>, config: &Config) {
    /// if let Ok(client) = accepted.into_handshake(config).authorizing().await {
    ///     println!("{:?}", client.peer().certificates()); // then accept or reject the client
    /// }
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If it has returned `Ready`.
    #[expect(clippy::panic, reason = "nothing is changed that was ready")]
    pub fn authorizing(mut self) -> Authenticating<IO> {
        Authenticating::new(match mem::replace(&mut self.state, State::Over) {
            State::Handshaking(mut client) => Ok(client.to(step::Handshaking::authorizing)),
            State::Failed(client) => Err(client),
            State::Over => panic!("used after it was ready"),
        })
    }

    /// Aborts the handshake, for example at shutdown. The client first gets what was still to be
    /// written, and then `user_canceled` and `close_notify` (RFC 8446 section 6.1). Without
    /// [encrypted alerts](crate::acceptor::encrypted_alerts), it gets only `close_notify` after the
    /// ServerHello.
    ///
    /// If the client and the configuration do not agree, it returns that failure instead.
    ///
    /// ```no_run
    /// # use lastword_tokio::step::Handshaking;
    /// # use tokio::net::TcpStream;
    /// # async fn shut_down(handshaking: Handshaking<TcpStream>) {
    /// eprintln!("{}", handshaking.aborted().deliver().await);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If it has returned `Ready`.
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

/// Polls a handshake until it is over.
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
