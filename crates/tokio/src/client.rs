//! A client in any of its states: the stream, the state, and the guard that handles a drop.

use std::task::{Context, Poll};
use std::time::Instant;

use lastword_io::choose::Addresses;
use lastword_io::step::{
    Accepted, Accepting, Authenticated, Authenticating, Buffer, Close, Delivering, Handshaking,
    Step, Undelivered,
};
use lastword_io::{AcceptError, Delivery, Transport};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::acceptor::{Connection, Panic};
use crate::caught::{Caught, resume};
use crate::guard::Guard;
use crate::polled::{Polled, now};
use crate::socket::{self, Find};
use crate::timer::Timer;

/// A stream of a client.
pub(crate) trait Io: AsyncRead + AsyncWrite + Unpin {}
impl<IO: AsyncRead + AsyncWrite + Unpin> Io for IO {}

/// A state of a client.
pub(crate) trait State {
    /// Aborts the handshake, if it is in progress, and starts the delivery of the alert.
    fn abandon(self, now: Instant) -> Delivering;
}

/// A state that moves bytes.
pub(crate) trait Moving: Sized {
    type Over;

    fn step(self, stream: &mut impl Transport, buffer: &mut Buffer) -> Step<Self, Self::Over>;

    fn deadline(&self) -> Instant;

    /// Advances until the state is over, the stream would block or the deadline passes. If it is
    /// pending, the task is woken to poll it again.
    ///
    /// A panic of the stream is returned with the state. Store the state, then [`resume`] the panic.
    fn poll<IO: Io>(
        mut self,
        io: &mut IO,
        socket: Find<IO>,
        timer: &mut Timer,
        cx: &mut Context<'_>,
        buffer: &mut Buffer,
    ) -> Result<Self::Over, (Self, Option<Panic>)> {
        loop {
            let mut stream = Caught::new(Polled { io, socket, cx });
            self = match self.step(&mut stream, buffer) {
                Step::Reading(state) | Step::Writing(state) => state,
                Step::Over(over) => return Ok(over),
            };
            let panic = stream.into_panic();
            if panic.is_some() || timer.poll(self.deadline(), cx).is_pending() {
                return Err((self, panic));
            }
        }
    }
}

/// A client in one of its states.
///
/// If it is dropped, the guard sends what is left to send.
#[derive(Debug)]
pub(crate) struct Client<IO, S: State> {
    /// `None` once the state is over or the parts are moved out.
    parts: Option<(IO, S)>,
    rest: Rest<IO>,
}

/// The parts of a client that all states share.
#[derive(Debug)]
pub(crate) struct Rest<IO> {
    timer: Timer,
    socket: Find<IO>,
    guard: Option<Guard<IO>>,
}

impl<IO> Rest<IO> {
    pub(crate) fn new(socket: Find<IO>, guard: Option<Guard<IO>>) -> Self {
        Self {
            timer: Timer::default(),
            socket,
            guard,
        }
    }

    pub(crate) fn socket(&self) -> Find<IO> {
        self.socket
    }
}

impl<IO, S: State> Client<IO, S> {
    pub(crate) fn new(io: IO, state: S, rest: Rest<IO>) -> Self {
        let parts = Some((io, state));
        Self { parts, rest }
    }

    pub(crate) fn set_guard(&mut self, guard: Guard<IO>) {
        self.rest.guard = Some(guard);
    }

    pub(crate) fn state(&self) -> &S {
        &self.parts().1
    }

    pub(crate) fn io(&self) -> &IO {
        &self.parts().0
    }

    #[expect(clippy::expect_used, reason = "who asks has not taken them")]
    pub(crate) fn io_mut(&mut self) -> &mut IO {
        let parts = self.parts.as_mut();
        &mut parts.expect("used after it was ready").0
    }

    #[expect(clippy::expect_used, reason = "who asks has not taken them")]
    fn parts(&self) -> &(IO, S) {
        self.parts.as_ref().expect("used after it was ready")
    }

    /// Moves the parts out, so that the drop has nothing to do.
    #[expect(clippy::expect_used, reason = "no future is polled once it was ready")]
    pub(crate) fn take(&mut self) -> (IO, S, Rest<IO>) {
        let (io, state) = self.parts.take().expect("used after it was ready");
        let rest = Rest {
            timer: std::mem::take(&mut self.rest.timer),
            socket: self.rest.socket,
            guard: self.rest.guard.take(),
        };
        (io, state, rest)
    }

    /// Moves the client to its next state.
    pub(crate) fn to<N: State>(&mut self, next: impl FnOnce(S) -> N) -> Client<IO, N> {
        let (io, state, rest) = self.take();
        Client::new(io, next(state), rest)
    }

    /// Returns the addresses of the socket, if the stream is one of tokio's.
    pub(crate) fn addresses(&self) -> Addresses {
        let mut addresses = Addresses::default();
        if let Some(socket) = (self.rest.socket)(self.io()) {
            addresses.peer = socket::address(socket.peer_addr());
            addresses.local = socket::address(socket.local_addr());
        }
        addresses
    }

    /// Takes a part out of the state.
    pub(crate) fn split<R>(mut self, split: impl FnOnce(S) -> (S, R)) -> (Self, R) {
        let (io, state, rest) = self.take();
        let (state, taken) = split(state);
        (Self::new(io, state, rest), taken)
    }

    /// Returns `Ready` once this deadline has passed.
    pub(crate) fn poll_deadline(&mut self, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        self.rest.timer.poll(deadline, cx)
    }
}

impl<IO: Io, S: State + Moving> Client<IO, S> {
    /// Polls the state until it is over.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut Buffer,
    ) -> Poll<(IO, S::Over, Rest<IO>)> {
        let (mut io, state, mut rest) = self.take();
        match state.poll(&mut io, rest.socket, &mut rest.timer, cx, buffer) {
            Ok(over) => Poll::Ready((io, over, rest)),
            Err((state, panic)) => {
                *self = Self::new(io, state, rest);
                resume(panic);
                Poll::Pending
            }
        }
    }
}

impl<IO, S: State> Drop for Client<IO, S> {
    fn drop(&mut self) {
        if let (Some((io, state)), Some(guard)) = (self.parts.take(), self.rest.guard.take()) {
            guard.finish(io, state.abandon(now()));
        }
    }
}

impl State for Accepting {
    fn abandon(self, now: Instant) -> Delivering {
        self.aborted().deliver(now)
    }
}

impl State for Accepted {
    fn abandon(self, now: Instant) -> Delivering {
        self.aborted().deliver(now)
    }
}

impl State for Authenticating {
    fn abandon(self, now: Instant) -> Delivering {
        self.aborted().deliver(now)
    }
}

impl State for Authenticated {
    fn abandon(self, now: Instant) -> Delivering {
        self.aborted().deliver(now)
    }
}

impl State for Handshaking {
    fn abandon(self, now: Instant) -> Delivering {
        self.aborted().deliver(now)
    }
}

impl State for Undelivered {
    fn abandon(self, now: Instant) -> Delivering {
        self.deliver(now)
    }
}

impl State for Delivering {
    fn abandon(self, _: Instant) -> Delivering {
        self
    }
}

/// Implements [`Moving`] for the states that move bytes.
macro_rules! moving {
    ($state:ty => $over:ty) => {
        impl Moving for $state {
            type Over = $over;

            fn step(self, stream: &mut impl Transport, buffer: &mut Buffer) -> Step<Self, $over> {
                self.step_with(stream, buffer)
            }

            fn deadline(&self) -> Instant {
                self.deadline()
            }
        }
    };
}

moving!(Accepting => Result<Accepted, Undelivered>);
moving!(Authenticating => Result<Authenticated, Undelivered>);
moving!(Handshaking => Result<Connection, Undelivered>);
moving!(Delivering => AcceptError);
moving!(Close => Delivery);
