//! A client of which a ClientHello is awaited.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lastword_io::step::Awaiting;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::acceptor::{Config, Hello, Rejection};
use crate::client::Client;
use crate::polled::now;
use crate::{Accepted, Deliveries, Established, Handshaking, Options, Undelivered};

/// A client of which a ClientHello is awaited: await it, then it is [`Accepted`].
///
/// The deadline of [`Options`] runs from [`new`](Self::new) on, to the end of the handshake.
///
/// Cancel safety: `(&mut accepting).await` may be dropped and be made again, and nothing is lost of
/// what was read. Dropped itself, it closes the connection, and nothing has been written; if it is
/// [`guarded`](Self::guarded), a client that said something is told that the server gave up.
///
/// Once it was ready it is empty, and what uses it then panics.
///
/// ```no_run
/// use lastword_tokio::acceptor::{Config, Rejection};
/// use lastword_tokio::{Accepting, Options};
///
/// async fn serve(tcp: tokio::net::TcpStream, config: &Config) {
///     let next = match Accepting::new(tcp, &Options::default()).await {
///         Ok(accepted) => match accepted.server_name() {
///             Some("example.test") => accepted.into_stream(config).await,
///             _ => Err(accepted.reject(Rejection::unrecognized_name())),
///         },
///         Err(undelivered) => Err(undelivered),
///     };
///     match next {
///         Ok(established) => { let _stream = established.into_stream(); }
///         Err(undelivered) => eprintln!("{}", undelivered.deliver().await),
///     }
/// }
/// ```
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Accepting<IO> {
    client: Client<IO, Awaiting>,
}

impl<IO: AsyncRead + AsyncWrite + Unpin + 'static> Accepting<IO> {
    /// A client of which nothing has been read.
    pub fn new(io: IO, options: &Options) -> Self {
        Self {
            client: Client::new(io, Awaiting::new(options, now())),
        }
    }

    /// The same, and if this or a later state is dropped, the client is told in the background.
    pub fn guarded(mut self, deliveries: &Deliveries) -> Self
    where
        IO: Send,
    {
        self.client.set_guard(deliveries.into());
        self
    }

    /// The span of the handshake. Its field `peer` is empty, for you to record.
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn span(&self) -> &tracing::Span {
        self.client.state().span()
    }

    /// The whole of it: waits for the ClientHello, for the chooser, and for the handshake's end.
    ///
    /// Cancel safety: the future has the client, and dropped, drops it too.
    ///
    /// # Errors
    ///
    /// If the handshake fails for whatever reason. The client has not been told.
    #[expect(
        clippy::manual_async_fn,
        reason = "an async fn holds its arguments twice"
    )]
    pub fn begin<C>(
        mut self,
        chooser: C,
    ) -> impl Future<Output = Result<Established<IO>, Undelivered<IO>>> + use<IO, C>
    where
        C: AsyncFnOnce(&Hello) -> Result<Config, Rejection>,
    {
        async move {
            let mut handshaking = self.chosen(chooser).await;
            (&mut handshaking).await
        }
    }

    /// To the end of the choice.
    pub(crate) async fn chosen<C>(&mut self, chooser: C) -> Handshaking<IO>
    where
        C: AsyncFnOnce(&Hello) -> Result<Config, Rejection>,
    {
        let accepted = match self.await {
            Ok(accepted) => accepted,
            Err(undelivered) => return Handshaking::failed(undelivered),
        };
        let choice = {
            let hello = accepted.hello();
            accepted.in_time(|| chooser(hello)).await
        };
        accepted.go_on(choice)
    }

    /// Aborts the handshake, for example at shutdown. A client that sent something is told
    /// `user_canceled`, then `close_notify` (RFC 8446 section 6.1).
    pub fn cancel(mut self) -> Undelivered<IO> {
        self.canceled()
    }

    /// The same of one that is waited for no more.
    pub(crate) fn canceled(&mut self) -> Undelivered<IO> {
        let (io, awaiting, rest) = self.client.take();
        Client::with(io, awaiting.cancel(), rest).into()
    }

    /// The stream, and the bytes that have been read from it.
    #[must_use]
    pub fn into_parts(mut self) -> (IO, Vec<u8>) {
        let (io, awaiting, _) = self.client.take();
        (io, awaiting.into_passthrough())
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin + 'static> Future for Accepting<IO> {
    type Output = Result<Accepted<IO>, Undelivered<IO>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (io, over, rest) = ready!(self.client.poll(cx));
        Poll::Ready(match over {
            Ok(accepted) => Ok(Client::with(io, accepted, rest).into()),
            Err(untold) => Err(Client::with(io, untold, rest).into()),
        })
    }
}
