//! The state that waits for a ClientHello.

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

/// Waits for a complete ClientHello. Await it: it returns an [`Accepted`].
///
/// The timeout of [`Options`](step::Options) starts at [`new`](Self::new) and is for the whole
/// handshake.
///
/// ```no_run
/// use lastword_tokio::step::{Accepting, Options};
/// use tokio::net::TcpStream;
///
/// async fn serve(tcp: TcpStream) {
///     let accepting = Accepting::new(tcp, &Options::default());
///     println!("waiting for {:?}", accepting.get_ref().peer_addr());
///     match accepting.await {
///         Ok(accepted) => println!("{:?} asks for {:?}", accepted.get_ref(), accepted.server_name()),
///         Err(undelivered) => eprintln!("{}", undelivered.deliver().await),
///     }
/// }
/// ```
///
/// # Cancel safety
///
/// `(&mut accepting).await` is cancel safe: it can be dropped and called again. If the state itself
/// is dropped, the connection is closed without an alert. After
/// [`in_background`](Self::in_background) the handshake is aborted, and its alert is sent in the
/// background.
///
/// # Panics
///
/// If it is used after it has returned `Ready`.
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Accepting<IO> {
    client: Client<IO, step::Accepting>,
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Accepting<IO> {
    /// Starts with a client from which nothing has been read.
    ///
    /// ```no_run
    /// # use tokio::net::TcpStream;
    /// use std::time::Duration;
    /// use lastword_tokio::step::{Accepting, Options};
    ///
    /// # async fn begin(tcp: TcpStream) {
    /// let options = Options::default().with_timeout(Duration::from_secs(5));
    /// let accepted = Accepting::new(tcp, &options).await;
    /// # drop(accepted);
    /// # }
    /// ```
    pub fn new(io: IO, options: &step::Options) -> Self
    where
        IO: 'static,
    {
        Self::with_socket(io, options, socket::of::<IO>)
    }

    /// Starts, as [`new`](Self::new) does, over a stream that need not be `'static`.
    ///
    /// ```no_run
    /// # use lastword_tokio::step::{Accepting, Options};
    /// # use tokio::net::TcpStream;
    /// # async fn begin(tcp: &mut TcpStream) {
    /// let accepted = Accepting::new_local(tcp, &Options::default()).await; // borrows the stream
    /// # drop(accepted);
    /// # }
    /// ```
    pub fn new_local(io: IO, options: &step::Options) -> Self {
        Self::with_socket(io, options, socket::none)
    }

    fn with_socket(io: IO, options: &step::Options, socket: Find<IO>) -> Self {
        let rest = Rest::new(socket, None);
        Self {
            client: Client::new(io, step::Accepting::new(options, now()), rest),
        }
    }

    /// Sends the alert in the background if this or a later state is dropped.
    ///
    /// ```no_run
    /// # use tokio::net::TcpStream;
    /// use lastword_tokio::Deliveries;
    /// use lastword_tokio::step::{Accepting, Options};
    ///
    /// # async fn begin(tcp: TcpStream, deliveries: &Deliveries) {
    /// let accepting = Accepting::new(tcp, &Options::default()).in_background(deliveries);
    /// # drop(accepting.await);
    /// # }
    /// ```
    pub fn in_background(mut self, deliveries: &Deliveries) -> Self
    where
        IO: Send + 'static,
    {
        self.client.set_guard(background::guard(deliveries));
        self
    }

    /// Returns the stream. Nothing has been written to it.
    #[must_use]
    pub fn get_ref(&self) -> &IO {
        self.client.io()
    }

    /// Returns the span of the handshake. Its field `peer` is empty: record it if you know it.
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn span(&self) -> &tracing::Span {
        self.client.state().span()
    }

    /// Aborts the handshake, for example at shutdown. A client that has sent something gets
    /// `user_canceled` and then `close_notify` (RFC 8446 section 6.1).
    ///
    /// ```no_run
    /// # use lastword_tokio::step::Accepting;
    /// # use tokio::net::TcpStream;
    /// # async fn shut_down(accepting: Accepting<TcpStream>) {
    /// eprintln!("{}", accepting.aborted().deliver().await);
    /// # }
    /// ```
    pub fn aborted(mut self) -> Undelivered<IO> {
        self.client.to(step::Accepting::aborted).into()
    }

    /// Returns the stream and every byte that was read from it.
    ///
    /// ```no_run
    /// # use lastword_tokio::step::Accepting;
    /// use lastword_tokio::Prefixed;
    /// use tokio::io::copy_bidirectional;
    /// use tokio::net::TcpStream;
    ///
    /// # async fn forward(accepting: Accepting<TcpStream>, mut server: TcpStream) -> std::io::Result<()> {
    /// let (tcp, received) = accepting.into_passthrough();
    /// copy_bidirectional(&mut Prefixed::new(received, tcp), &mut server).await?;
    /// # Ok(())
    /// # }
    /// ```
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
