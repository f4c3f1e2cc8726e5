//! A failed handshake whose alert is held back, and its delivery.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};

use lastword_io::AcceptError;
use lastword_io::step::{self, Buffer, Step};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::unconstrained;

use crate::acceptor::{AlertDescription, ErrorAndAlert, ErrorKind, Guess, Reason};
use crate::caught::Caught;
use crate::client::{Client, Io};
use crate::guard::Guard;
use crate::polled::{Polled, now};
use crate::prefixed::Prefixed;
use crate::socket::Find;

/// A failed handshake whose alert is held back.
///
/// End it with [`deliver`](Self::deliver). For a client that does not speak TLS, use
/// [`answer`](Self::answer), or take the stream with [`into_prefixed`](Self::into_prefixed). For a
/// client that the chooser passes through, use [`into_passed_through`](Self::into_passed_through).
///
/// If it is dropped, the connection is closed without an alert, unless the state is
/// [`in_background`](Self::in_background).
///
/// ```
/// # use lastword_tokio::TlsAcceptor;
/// # use tokio::io::{AsyncWriteExt, duplex};
/// use lastword_tokio::acceptor::{AlertDescription, Config, Guess, Reason, Rejection};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// # let acceptor = TlsAcceptor::choosing(|_| Err::<Config, _>(Rejection::unrecognized_name()));
/// let (mut client, stream) = duplex(1024);
/// client.write_all(b"SSH-2.0-OpenSSH_9.9\r\n").await?;
/// let undelivered = acceptor.accept_undelivered(stream).await.unwrap_err();
/// assert_eq!(undelivered.reason(), Reason::NotTls);
/// assert_eq!(undelivered.not_tls(), Some(Guess::Ssh));
/// assert_eq!(undelivered.alert(), Some(AlertDescription::UNEXPECTED_MESSAGE));
/// assert_eq!(undelivered.server_name(), None);
/// assert!(undelivered.received().starts_with(b"SSH-"));
/// println!("{}: {:?}", undelivered.error(), undelivered.kind());
/// # drop(client);
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
#[must_use = "the client has not got its alert yet"]
pub struct Undelivered<IO, T = ()> {
    client: Client<IO, step::Undelivered>,
    /// The chooser's value for a client that is passed through.
    passed_through: Option<T>,
}

impl<IO, T> From<Client<IO, step::Undelivered>> for Undelivered<IO, T> {
    fn from(client: Client<IO, step::Undelivered>) -> Self {
        Self {
            client,
            passed_through: None,
        }
    }
}

impl<IO, T> Undelivered<IO, T> {
    /// Makes it for a client that the chooser passes through.
    pub(crate) fn passed_through(client: Client<IO, step::Undelivered>, value: T) -> Self {
        Self {
            client,
            passed_through: Some(value),
        }
    }

    pub(crate) fn set_guard(&mut self, guard: Guard<IO>) {
        self.client.set_guard(guard);
    }

    /// Returns the stream.
    #[must_use]
    pub fn get_ref(&self) -> &IO {
        self.client.io()
    }

    /// Returns the stream, for example to read the rest of a request in plaintext.
    ///
    /// ```no_run
    /// # use lastword_tokio::Undelivered;
    /// # use tokio::net::TcpStream;
    /// use tokio::io::AsyncReadExt;
    ///
    /// # async fn read(undelivered: &mut Undelivered<TcpStream>) -> std::io::Result<()> {
    /// let mut request = undelivered.received();
    /// undelivered.get_mut().read_buf(&mut request).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_mut(&mut self) -> &mut IO {
        self.client.io_mut()
    }

    /// Returns why the handshake failed, and the alert for the client.
    pub fn error(&self) -> &ErrorAndAlert {
        self.client.state().error()
    }

    /// Returns what went wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        self.error().error().kind()
    }

    /// Returns the reason of the failure, for example for the label of a metric.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.error().error().reason()
    }

    /// Returns the alert for the client; `None` if there is nothing to send.
    #[must_use]
    pub fn alert(&self) -> Option<AlertDescription> {
        self.error().alert()
    }

    /// Returns the server name that the client asked for, in lower case; `None` if it is not known.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.error().error().server_name()
    }

    /// Returns the protocol that the client seems to speak, if it does not speak TLS.
    #[must_use]
    pub fn not_tls(&self) -> Option<Guess> {
        self.client.state().not_tls()
    }

    /// Returns every byte that was read and is of use to another protocol: see
    /// [`Error::received`](crate::acceptor::Error::received).
    #[must_use]
    pub fn received(&self) -> Vec<u8> {
        self.client.state().received()
    }

    /// Returns the stream and the value of the chooser, if the chooser passes the client through.
    /// The stream first returns the bytes that were already read, so that you can copy all bytes to
    /// another server.
    ///
    /// ```no_run
    /// # use lastword_tokio::Undelivered;
    /// # use tokio::net::TcpStream;
    /// use std::net::SocketAddr;
    /// use tokio::io::copy_bidirectional;
    ///
    /// # async fn end(undelivered: Undelivered<TcpStream, SocketAddr>) -> std::io::Result<()> {
    /// match undelivered.into_passed_through() {
    ///     Ok((mut client, backend)) => {
    ///         let mut server = TcpStream::connect(backend).await?;
    ///         copy_bidirectional(&mut client, &mut server).await?;
    ///     }
    ///     Err(undelivered) => eprintln!("{}", undelivered.deliver().await),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns `self` if the handshake has failed.
    pub fn into_passed_through(mut self) -> Result<(Prefixed<IO>, T), Self> {
        let Some(value) = self.passed_through.take() else {
            return Err(self);
        };
        let (io, undelivered, rest) = self.client.take();
        match undelivered.into_passed_through() {
            Ok(received) => Ok((Prefixed::new(received, io), value)),
            Err(undelivered) => Err(Self::passed_through(
                Client::new(io, undelivered, rest),
                value,
            )),
        }
    }

    /// Returns the stream, for example to continue in another protocol. It first returns the bytes
    /// that were already read.
    ///
    /// ```no_run
    /// # use lastword_tokio::Undelivered;
    /// # use tokio::net::TcpStream;
    /// use tokio::io::copy_bidirectional;
    ///
    /// # async fn forward(undelivered: Undelivered<TcpStream>, mut ssh: TcpStream) -> std::io::Result<()> {
    /// let mut client = undelivered.into_prefixed();
    /// copy_bidirectional(&mut client, &mut ssh).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "the client has not got its alert yet"]
    pub fn into_prefixed(self) -> Prefixed<IO> {
        let (_error, io, received) = self.into_parts();
        Prefixed::new(received, io)
    }

    /// Returns the error with its alert, the stream, and every byte that was [read](Self::received).
    ///
    /// ```no_run
    /// # use lastword_tokio::Undelivered;
    /// # use tokio::net::TcpStream;
    /// # fn take(undelivered: Undelivered<TcpStream>) {
    /// let (error, _tcp, received) = undelivered.into_parts();
    /// println!("{error}, after {} bytes", received.len());
    /// let _alert = error.tls(); // yours to send
    /// # }
    /// ```
    #[must_use = "the client has not got its alert yet"]
    pub fn into_parts(mut self) -> (ErrorAndAlert, IO, Vec<u8>) {
        let (io, undelivered, _) = self.client.take();
        let (error, received) = undelivered.into_parts();
        (error, io, received)
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin, T> Undelivered<IO, T> {
    /// Sends the alert and closes the connection in order. Await the returned future.
    ///
    /// ```no_run
    /// # use lastword_tokio::Undelivered;
    /// # use tokio::net::TcpStream;
    /// # async fn end(undelivered: Undelivered<TcpStream>) {
    /// let error = undelivered.deliver().await;
    /// eprintln!("{error}");
    /// # }
    /// ```
    pub fn deliver(mut self) -> Delivering<IO> {
        let deliver = |undelivered: step::Undelivered| undelivered.deliver(now());
        self.client.to(deliver).into()
    }

    /// Sends these bytes instead of the alert, for example an HTTP response, and closes the
    /// connection in order. Await the returned future.
    ///
    /// ```no_run
    /// # use lastword_tokio::{AcceptError, Undelivered};
    /// # use tokio::net::TcpStream;
    /// use lastword_tokio::acceptor::Guess;
    ///
    /// # async fn end(undelivered: Undelivered<TcpStream>) -> AcceptError<TcpStream> {
    /// match undelivered.not_tls() {
    ///     Some(Guess::Http(_)) => undelivered.answer(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()).await,
    ///     _ => undelivered.deliver().await,
    /// }
    /// # }
    /// ```
    pub fn answer(mut self, bytes: Vec<u8>) -> Delivering<IO> {
        let answer = |undelivered: step::Undelivered| undelivered.answer(bytes, now());
        self.client.to(answer).into()
    }

    /// Writes as much of the alert at once as the stream takes without waiting. Use it, for
    /// example, when the process exits.
    ///
    /// That is the whole alert, unless the stream is full already. What the client sends after that
    /// is not read. So the system may reset the connection.
    ///
    /// ```no_run
    /// # use lastword_tokio::Undelivered;
    /// # use tokio::net::TcpStream;
    /// /// Ends the handshakes that have failed when the process exits.
    /// fn exit(failed: Vec<Undelivered<TcpStream>>) {
    ///     for undelivered in failed {
    ///         eprintln!("{}", undelivered.deliver_at_once());
    ///     }
    /// }
    /// ```
    pub fn deliver_at_once(self) -> AcceptError<IO> {
        self.at_once(|undelivered| undelivered.deliver(now()))
    }

    /// Sends these bytes instead of the alert, as [`deliver_at_once`](Self::deliver_at_once) sends the
    /// alert.
    pub(crate) fn answer_at_once(self, bytes: Vec<u8>) -> AcceptError<IO> {
        self.at_once(|undelivered| undelivered.answer(bytes, now()))
    }

    fn at_once(
        mut self,
        deliver: impl FnOnce(step::Undelivered) -> step::Delivering,
    ) -> AcceptError<IO> {
        let (mut io, undelivered, rest) = self.client.take();
        deliver_at_once(&mut io, rest.socket(), deliver(undelivered)).with_stream(io)
    }
}

/// Writes as much of the alert as the stream takes without waiting.
///
/// It runs without the task's budget, because without budget left all streams of tokio are pending. A
/// panic of the stream is caught: this may run while a task that panicked is dropped, and a second
/// panic would abort the process.
pub(crate) fn deliver_at_once<IO: Io>(
    io: &mut IO,
    socket: Find<IO>,
    delivering: step::Delivering,
) -> AcceptError {
    let cx = &mut Context::from_waker(Waker::noop());
    let told = async {
        let cx = &mut Context::from_waker(Waker::noop());
        match delivering.step(&mut Caught::new(Polled { io, socket, cx })) {
            Step::Over(error) => error,
            Step::Reading(delivering) | Step::Writing(delivering) => delivering.stop(),
        }
    };
    match pin!(unconstrained(told)).poll(cx) {
        Poll::Ready(error) => error,
        Poll::Pending => unreachable!("it awaits nothing"),
    }
}

/// The delivery of an alert. Await it: it returns the [`AcceptError`].
///
/// The alert is written to its last byte and flushed, and the write side is shut. Then what the
/// client still sends is read, within the limits of [`Drain`](crate::Drain). It always ends, and the
/// stream can then be dropped.
///
/// ```no_run
/// use lastword_tokio::Undelivered;
/// use tokio::net::TcpStream;
///
/// async fn end(undelivered: Undelivered<TcpStream>) {
///     let error = undelivered.deliver().await;
///     eprintln!("{error}");
///     let tcp = error.into_stream(); // it can be closed now
///     drop(tcp);
/// }
/// ```
///
/// # Cancel safety
///
/// `(&mut delivering).await` is cancel safe: it can be dropped and called again. If the future itself
/// is dropped, the connection is closed at once, and the alert may be lost. After
/// [`Undelivered::in_background`] the rest is delivered in the background.
///
/// # Panics
///
/// If it is polled again after it has returned `Ready`.
#[derive(Debug)]
#[must_use = "the client waits for the alert"]
pub struct Delivering<IO> {
    client: Client<IO, step::Delivering>,
}

impl<IO> From<Client<IO, step::Delivering>> for Delivering<IO> {
    fn from(client: Client<IO, step::Delivering>) -> Self {
        Self { client }
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Delivering<IO> {
    /// Ends the delivery at once.
    pub(crate) fn stop(mut self) -> AcceptError<IO> {
        let (io, delivering, _) = self.client.take();
        delivering.stop().with_stream(io)
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Future for Delivering<IO> {
    type Output = AcceptError<IO>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (io, error, _) = ready!(self.client.poll(cx, &mut Buffer::default()));
        Poll::Ready(error.with_stream(io))
    }
}
