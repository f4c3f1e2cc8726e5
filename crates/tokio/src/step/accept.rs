//! The future of an acceptor, for the whole handshake and the delivery of an alert.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lastword_io::AcceptError;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::choose::Addresses;
use crate::step::accept_undelivered::AcceptUndelivered;
use crate::step::undelivered::Delivering;
use crate::stream::TlsStream;

/// The future of [`TlsAcceptor::accept`](crate::TlsAcceptor::accept).
///
/// ```no_run
/// # use lastword_tokio::TlsAcceptor;
/// # use tokio::net::TcpStream;
/// use std::time::Duration;
/// use tokio::time::timeout;
///
/// # async fn serve(acceptor: &TlsAcceptor, tcp: TcpStream) {
/// let mut accept = acceptor.accept(tcp);
/// let accepted = match timeout(Duration::from_secs(1), &mut accept).await {
///     Ok(accepted) => accepted,
///     Err(_) => {
///         println!("a slow client");
///         accept.await // continues the same handshake
///     }
/// };
/// # drop(accepted);
/// # }
/// ```
///
/// # Cancel safety
///
/// `(&mut accept).await` is cancel safe: it can be dropped and called again. If the future itself is
/// dropped, the handshake is aborted: see [`TlsAcceptor::accept`](crate::TlsAcceptor::accept).
///
/// # Panics
///
/// If it is polled again after it has returned `Ready`.
#[must_use = "futures do nothing unless you await them"]
pub struct Accept<IO, T = ()> {
    state: Accepts<IO, T>,
}

enum Accepts<IO, T> {
    Accepting(AcceptUndelivered<IO, T>),
    Delivering(Delivering<IO>),
}

impl<IO: AsyncRead + AsyncWrite + Unpin, T> Accept<IO, T> {
    pub(crate) const fn new(accept: AcceptUndelivered<IO, T>) -> Self {
        Self {
            state: Accepts::Accepting(accept),
        }
    }

    /// Sets the addresses for the chooser and the stream: see [`AcceptUndelivered::with_addresses`].
    ///
    /// ```no_run
    /// # use lastword_tokio::TlsAcceptor;
    /// use lastword_tokio::Addresses;
    /// use tokio::net::TcpListener;
    ///
    /// # async fn serve(acceptor: &TlsAcceptor, listener: TcpListener) -> std::io::Result<()> {
    /// let (tcp, peer) = listener.accept().await?;
    /// let addresses = Addresses::default().with_peer(peer).with_local(listener.local_addr()?);
    /// let stream = acceptor.accept(tcp).with_addresses(addresses).await?;
    /// assert_eq!(stream.addresses().and_then(|addresses| addresses.peer), Some(peer));
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_addresses(self, addresses: Addresses) -> Self {
        match self.state {
            Accepts::Accepting(accept) => Self::new(accept.with_addresses(addresses)),
            state @ Accepts::Delivering(_) => Self { state },
        }
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin, T> Future for Accept<IO, T> {
    type Output = Result<TlsStream<IO, T>, AcceptError<IO>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            self.state = match &mut self.state {
                Accepts::Accepting(accept) => match ready!(Pin::new(accept).poll(cx)) {
                    Ok(stream) => return Poll::Ready(Ok(stream)),
                    Err(undelivered) => Accepts::Delivering(undelivered.deliver()),
                },
                Accepts::Delivering(delivering) => {
                    let error = ready!(Pin::new(delivering).poll(cx));
                    error.resume_panic();
                    return Poll::Ready(Err(error));
                }
            };
        }
    }
}

/// No field is pinned.
impl<IO, T> Unpin for Accept<IO, T> {}

impl<IO: fmt::Debug, T> fmt::Debug for Accept<IO, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.state {
            Accepts::Accepting(accept) => accept.fmt(f),
            Accepts::Delivering(delivering) => delivering.fmt(f),
        }
    }
}
