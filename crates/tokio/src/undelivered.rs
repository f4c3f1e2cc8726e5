//! A handshake that failed, and telling the client.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};

use lastword_io::step::{Step, Telling, Untold};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::unconstrained;

use crate::acceptor::ErrorAndAlert;
use crate::caught::Caught;
use crate::client::Client;
use crate::deliveries::Guard;
use crate::polled::{Polled, now};
use crate::{Deliveries, Failure, Report};

/// A handshake that failed, with the alert held back.
///
/// End it with [`deliver`](Self::deliver); or take the stream with
/// [`into_parts`](Self::into_parts), for a client that speaks another protocol. Dropped, it closes
/// the connection without a word, unless it is guarded.
#[derive(Debug)]
#[must_use = "the client has not been told yet"]
pub struct Undelivered<IO> {
    client: Client<IO, Untold>,
}

impl<IO> From<Client<IO, Untold>> for Undelivered<IO> {
    fn from(client: Client<IO, Untold>) -> Self {
        Self { client }
    }
}

impl<IO> Undelivered<IO> {
    pub(crate) fn set_guard(&mut self, guard: Guard<IO>) {
        self.client.set_guard(guard);
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin + 'static> Undelivered<IO> {
    /// The stream.
    #[must_use]
    pub fn get_ref(&self) -> &IO {
        self.client.io()
    }

    /// Why the handshake failed, and what the client is to be told.
    pub fn error(&self) -> &ErrorAndAlert {
        self.client.state().error()
    }

    /// Tells the client and closes the connection in order: await what it returns.
    pub fn deliver(mut self) -> Delivering<IO> {
        let (io, untold, rest) = self.client.take();
        Client::with(io, untold.tell(now()), rest).into()
    }

    /// Tells the client at once, as much as its stream takes without waiting, which is any alert
    /// unless the stream is full already: for a server that has no time left. What the client
    /// sends from then on is not read, and may make the system reset the connection.
    pub fn deliver_at_once(mut self) -> Failure<IO> {
        let (mut io, untold, _) = self.client.take();
        let report = tell_at_once(&mut io, untold.tell(now()));
        Failure::new(report, io)
    }

    /// The same failure, and if it is dropped, the client is told in the background.
    pub fn guarded(mut self, deliveries: &Deliveries) -> Self
    where
        IO: Send,
    {
        self.set_guard(deliveries.into());
        self
    }

    /// The error with its alert, the stream, and every byte that was read from it and is of use to
    /// another protocol: see [`Error::received`](crate::acceptor::Error::received).
    #[must_use = "the client has not been told yet"]
    pub fn into_parts(mut self) -> (ErrorAndAlert, IO, Vec<u8>) {
        let (io, untold, _) = self.client.take();
        let (error, received) = untold.into_parts();
        (error, io, received)
    }
}

/// Tells a client as much as its stream takes without waiting.
///
/// A task that has used up its budget finds any stream of tokio's pending, so this has none. A panic
/// of the stream ends it: this may be the drop of a task that panics, and a second panic would end
/// the process.
pub(crate) fn tell_at_once<IO>(io: &mut IO, telling: Telling) -> Report
where
    IO: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let cx = &mut Context::from_waker(Waker::noop());
    let told = async {
        let cx = &mut Context::from_waker(Waker::noop());
        match telling.step(&mut Caught::new(Polled { io, cx })) {
            Step::Over(report) => report,
            Step::Reading(telling) | Step::Writing(telling) => telling.stop(),
        }
    };
    match pin!(unconstrained(told)).poll(cx) {
        Poll::Ready(report) => report,
        Poll::Pending => unreachable!("it awaits nothing"),
    }
}

/// A client that is being told why its handshake failed: await it.
///
/// The alert is written to its last byte and flushed, the write side shut, and what the client still
/// sends read away, within the bounds of [`Drain`](crate::Drain). Whatever happens on the way, it
/// ends, and the connection is closed with the stream.
///
/// Cancel safety: `(&mut delivering).await` may be dropped and be made again. Dropped itself, it
/// closes the connection as it is, half an alert written perhaps; if it is guarded, the rest is
/// told in the background.
#[derive(Debug)]
#[must_use = "the client waits for the last word"]
pub struct Delivering<IO> {
    client: Client<IO, Telling>,
}

impl<IO> From<Client<IO, Telling>> for Delivering<IO> {
    fn from(client: Client<IO, Telling>) -> Self {
        Self { client }
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin + 'static> Future for Delivering<IO> {
    type Output = Failure<IO>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (io, report, _) = ready!(self.client.poll(cx));
        Poll::Ready(Failure::new(report, io))
    }
}
