//! A handshake that failed: the alert is held back, then delivered.

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

/// A handshake that failed, with the alert held back.
///
/// End it with [`deliver`](Self::deliver), or [`answer`](Self::answer) a client that does not speak TLS,
/// or take the stream with [`into_prefixed`](Self::into_prefixed). A client that the chooser passes
/// through comes out here too: [`into_passed_through`](Self::into_passed_through).
///
/// Dropped, it closes the connection without an alert, unless it is in the background.
#[derive(Debug)]
#[must_use = "the client has not been told yet"]
pub struct Undelivered<IO, T = ()> {
    client: Client<IO, step::Undelivered>,
    /// What the chooser returned with a client to be passed through.
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
    /// Of a client that the chooser passes through.
    pub(crate) fn passed_through(client: Client<IO, step::Undelivered>, value: T) -> Self {
        Self {
            client,
            passed_through: Some(value),
        }
    }

    pub(crate) fn set_guard(&mut self, guard: Guard<IO>) {
        self.client.set_guard(guard);
    }

    /// The stream.
    #[must_use]
    pub fn get_ref(&self) -> &IO {
        self.client.io()
    }

    /// The stream, for example to read the rest of a request in plaintext.
    pub fn get_mut(&mut self) -> &mut IO {
        self.client.io_mut()
    }

    /// Why the handshake failed, and what the client is to be told.
    pub fn error(&self) -> &ErrorAndAlert {
        self.client.state().error()
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        self.error().error().kind()
    }

    /// What went wrong, as one of a closed set with a short stable name each.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.error().error().reason()
    }

    /// The alert for the client; `None` if there is nothing to send.
    #[must_use]
    pub fn alert(&self) -> Option<AlertDescription> {
        self.error().alert()
    }

    /// The server name that the client asked for, in lower case, if it came to that.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.error().error().server_name()
    }

    /// What the client seems to speak, if it does not speak TLS.
    #[must_use]
    pub fn not_tls(&self) -> Option<Guess> {
        self.client.state().not_tls()
    }

    /// Every byte that was read and is of use to another protocol: see
    /// [`Error::received`](crate::acceptor::Error::received).
    #[must_use]
    pub fn received(&self) -> Vec<u8> {
        self.client.state().received()
    }

    /// The client and its value, if the chooser passes it through: the stream reads first what was
    /// read from it, for example to copy it to another server.
    ///
    /// # Errors
    ///
    /// `self`, if the chooser does not.
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

    /// The stream, which reads first what was read from it, to go on in another protocol.
    #[must_use = "the client has not been told yet"]
    pub fn into_prefixed(self) -> Prefixed<IO> {
        let (_error, io, received) = self.into_parts();
        Prefixed::new(received, io)
    }

    /// The error with its alert, the stream, and every byte that was [read](Self::received).
    #[must_use = "the client has not been told yet"]
    pub fn into_parts(mut self) -> (ErrorAndAlert, IO, Vec<u8>) {
        let (io, undelivered, _) = self.client.take();
        let (error, received) = undelivered.into_parts();
        (error, io, received)
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin, T> Undelivered<IO, T> {
    /// Sends the alert and closes the connection in order: await what it returns.
    pub fn deliver(mut self) -> Delivering<IO> {
        let deliver = |undelivered: step::Undelivered| undelivered.deliver(now());
        self.client.to(deliver).into()
    }

    /// Sends these bytes instead of the alert, for example an answer in HTTP, and closes the connection
    /// in order: await what it returns.
    pub fn answer(mut self, bytes: Vec<u8>) -> Delivering<IO> {
        let answer = |undelivered: step::Undelivered| undelivered.answer(bytes, now());
        self.client.to(answer).into()
    }

    /// Sends the alert at once, as much as the stream takes without waiting, which is any alert
    /// unless the stream is full already: for a server that has no time left. What the client
    /// sends from then on is not read, and may make the system reset the connection.
    pub fn deliver_at_once(mut self) -> AcceptError<IO> {
        let (mut io, undelivered, rest) = self.client.take();
        let error = deliver_at_once(&mut io, rest.socket(), undelivered.deliver(now()));
        error.with_stream(io)
    }
}

/// Tells a client as much as its stream takes without waiting.
///
/// A task that has used up its budget finds any stream of tokio's pending, so this has none. A panic
/// of the stream ends it: this may be the drop of a task that panics, and a second panic would end
/// the process.
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

/// The delivery of an alert: await it, for the [`AcceptError`].
///
/// The alert is written to its last byte and flushed, the write side shut, and what the client still
/// sends read away, within the limits of [`Drain`](crate::Drain). Whatever happens on the way, it
/// ends, and the connection is closed with the stream.
///
/// # Cancel safety
///
/// `(&mut delivering).await` may be dropped and made again. Dropped itself, it closes the connection
/// as it is, perhaps with half an alert written; in the background the rest is delivered.
///
/// # Panics
///
/// If it is polled after it was ready.
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

impl<IO: AsyncRead + AsyncWrite + Unpin> Future for Delivering<IO> {
    type Output = AcceptError<IO>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (io, error, _) = ready!(self.client.poll(cx, &mut Buffer::default()));
        Poll::Ready(error.with_stream(io))
    }
}
