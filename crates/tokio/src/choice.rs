//! What a chooser decides: a configuration, a rejection, nothing in time, or a panic.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use tokio::time::{Instant, timeout_at};

use crate::acceptor::{Config, Panic, Rejection};
use crate::polled::now;

/// What a chooser decided.
pub(crate) enum Choice {
    /// A configuration, or a rejection.
    Made(Result<Config, Rejection>),
    /// Nothing before the deadline.
    TimedOut,
    /// It panicked when it was called, polled or dropped.
    Panicked(Panic),
}

/// Calls a chooser and polls its future, to the deadline.
pub(crate) async fn choice_until<F>(deadline: Instant, choose: impl FnOnce() -> F) -> Choice
where
    F: Future<Output = Result<Config, Rejection>>,
{
    let mut choosing = pin!(match Panic::catch(choose) {
        Ok(choosing) => Some(choosing),
        Err(panic) => return Choice::Panicked(panic),
    });
    let made = poll_fn(|cx| match choosing.as_mut().as_pin_mut() {
        Some(choosing) => match Panic::catch(|| choosing.poll(cx)) {
            Ok(poll) => poll.map(Choice::Made),
            Err(panic) => Poll::Ready(Choice::Panicked(panic)),
        },
        None => Poll::Pending, // it is there until it is dropped below
    });
    let choice = timeout_at(deadline, made).await;
    // its drop is the application's code too
    match (choice, Panic::catch(|| choosing.set(None))) {
        (Ok(Choice::Panicked(panic)), _) | (_, Err(panic)) => Choice::Panicked(panic),
        (Ok(choice), Ok(())) if now() < deadline.into_std() => choice,
        // a chooser that blocks is polled to its end whatever the time: to answer the ClientHello
        // then would cost a flight that nobody waits for
        (Ok(_) | Err(_), Ok(())) => Choice::TimedOut,
    }
}
