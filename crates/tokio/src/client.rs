//! A client in any of its states: the stream, the state, and what becomes of both if dropped.

use std::task::{Context, Poll};
use std::time::Instant;

use lastword_io::step::{Accepted, Awaiting, Handshaking, Step, Telling, Untold};
use lastword_io::{Close, Delivery, Report, Transport};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::acceptor::Panic;
use crate::caught::{Caught, resume};
use crate::deliveries::Guard;
use crate::polled::{Polled, now};
use crate::timer::Timer;

/// What a client is accepted over.
pub(crate) trait Io: AsyncRead + AsyncWrite + Unpin + 'static {}
impl<IO: AsyncRead + AsyncWrite + Unpin + 'static> Io for IO {}

/// A state of a client.
pub(crate) trait State {
    /// Gives the client up: what it is told.
    fn abandon(self, now: Instant) -> Telling;
}

/// A state that moves bytes.
pub(crate) trait Moving: Sized {
    type Over;

    fn step(self, stream: &mut impl Transport) -> Step<Self, Self::Over>;

    fn deadline(&self) -> Instant;

    /// Goes on for as long as the stream does not block and the deadline has not passed: to its end,
    /// or else the task is woken when it is to be polled again.
    ///
    /// A panic of the stream is handed back with the state: [`resume`] it once the state is kept.
    fn poll<IO: Io>(
        mut self,
        io: &mut IO,
        timer: &mut Timer,
        cx: &mut Context<'_>,
    ) -> Result<Self::Over, (Self, Option<Panic>)> {
        loop {
            let mut stream = Caught::new(Polled { io, cx });
            self = match self.step(&mut stream) {
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
/// If it is dropped, the guard tells it what is left to tell.
#[derive(Debug)]
pub(crate) struct Client<IO, S: State> {
    /// `None` once it is over or another has them.
    parts: Option<(IO, S)>,
    rest: Rest<IO>,
}

/// What stays with a client from state to state.
#[derive(Debug)]
pub(crate) struct Rest<IO> {
    timer: Timer,
    guard: Option<Guard<IO>>,
}

impl<IO, S: State> Client<IO, S> {
    pub(crate) fn new(io: IO, state: S) -> Self {
        let rest = Rest {
            timer: Timer::default(),
            guard: None,
        };
        Self::with(io, state, rest)
    }

    pub(crate) fn with(io: IO, state: S, rest: Rest<IO>) -> Self {
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

    #[expect(clippy::expect_used, reason = "who is asked has not been taken")]
    fn parts(&self) -> &(IO, S) {
        self.parts.as_ref().expect("used after it was ready")
    }

    /// The stream, the state, and what goes on to the next. Nothing is left to be dropped.
    #[expect(clippy::expect_used, reason = "no future is polled once it was ready")]
    pub(crate) fn take(&mut self) -> (IO, S, Rest<IO>) {
        let (io, state) = self.parts.take().expect("used after it was ready");
        let rest = Rest {
            timer: std::mem::take(&mut self.rest.timer),
            guard: self.rest.guard.take(),
        };
        (io, state, rest)
    }
}

impl<IO: Io, S: State + Moving> Client<IO, S> {
    /// Goes on to the end of the state.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<(IO, S::Over, Rest<IO>)> {
        let (mut io, state, mut rest) = self.take();
        match state.poll(&mut io, &mut rest.timer, cx) {
            Ok(over) => Poll::Ready((io, over, rest)),
            Err((state, panic)) => {
                *self = Self::with(io, state, rest);
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

impl State for Awaiting {
    fn abandon(self, now: Instant) -> Telling {
        self.cancel().tell(now)
    }
}

impl State for Accepted {
    fn abandon(self, now: Instant) -> Telling {
        self.cancel().tell(now)
    }
}

impl State for Handshaking {
    fn abandon(self, now: Instant) -> Telling {
        self.cancel().tell(now)
    }
}

impl State for Untold {
    fn abandon(self, now: Instant) -> Telling {
        self.tell(now)
    }
}

impl State for Telling {
    fn abandon(self, _: Instant) -> Telling {
        self
    }
}

/// The states that move bytes are stepped alike, each to an end of its own.
macro_rules! moving {
    ($state:ty => $over:ty) => {
        impl Moving for $state {
            type Over = $over;

            fn step(self, stream: &mut impl Transport) -> Step<Self, $over> {
                self.step(stream)
            }

            fn deadline(&self) -> Instant {
                self.deadline()
            }
        }
    };
}

moving!(Awaiting => Result<Accepted, Untold>);
moving!(Handshaking => Result<Box<rustls::ServerConnection>, Untold>);
moving!(Telling => Report);
moving!(Close => Delivery);
