//! A client that waits for a decision of the application, made by a future.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use lastword_io::step;

use crate::acceptor::Panic;
use crate::client::{Client, State};

/// A state in which the application decides.
pub(crate) trait Waiting: State {
    fn deadline(&self) -> Instant;

    /// Runs code of the application in the span of the handshake.
    fn in_scope<R>(&self, action: impl FnOnce() -> R) -> R;
}

/// The future of a decision.
type Later<D> = Pin<Box<dyn Future<Output = D> + Send>>;

/// A client in the state `S`, and the future of a decision `D`.
pub(crate) struct Deciding<IO, S: State, D> {
    client: Client<IO, S>,
    /// `None` after the decision.
    later: Option<Later<D>>,
}

/// The result of such a future, or a timeout.
pub(crate) enum Decided<D> {
    Made(D),
    TimedOut,
    Panicked(Panic),
}

impl<IO, S: Waiting, D> Deciding<IO, S, D> {
    pub(crate) fn new(client: Client<IO, S>, later: Later<D>) -> Self {
        let later = Some(later);
        Self { client, later }
    }

    /// Drops the future and returns the client.
    pub(crate) fn into_client(self) -> Client<IO, S> {
        let Self { client, later } = self;
        // the drop runs code of the application: ignore its panic, because the handshake is aborted
        // anyway
        if let Err(_panic) = Panic::catch(|| drop(later)) {}
        client
    }

    /// Polls the future until it decides or the deadline passes.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<(Client<IO, S>, Decided<D>)> {
        let Self { client, later } = self;
        let polled = Panic::catch(|| match later {
            Some(later) => client.state().in_scope(|| later.as_mut().poll(cx)),
            None => Poll::Pending, // unreachable: `later` is set until it is ready
        });
        let decided = match polled {
            Ok(Poll::Ready(decision)) => Decided::Made(decision),
            Ok(Poll::Pending) => {
                let deadline = client.state().deadline();
                ready!(client.poll_deadline(deadline, cx));
                Decided::TimedOut
            }
            Err(panic) => Decided::Panicked(panic),
        };
        // the drop runs code of the application too
        let decided = match (decided, Panic::catch(|| drop(later.take()))) {
            (Decided::Panicked(panic), _) | (_, Err(panic)) => Decided::Panicked(panic),
            (decided, Ok(())) => decided,
        };
        Poll::Ready((client.to(|state| state), decided))
    }
}

/// Implements [`Waiting`] for the states that wait for a decision.
macro_rules! waiting {
    ($state:ty) => {
        impl Waiting for $state {
            fn deadline(&self) -> Instant {
                self.deadline()
            }

            fn in_scope<R>(&self, action: impl FnOnce() -> R) -> R {
                self.in_scope(action)
            }
        }
    };
}

waiting!(step::Accepted);
waiting!(step::Authenticated);
