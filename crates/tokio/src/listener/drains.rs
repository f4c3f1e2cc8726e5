//! The task that finishes the deliveries of a listener.
//!
//! A failed client may keep its side open until `Drain::time` has passed. Its own task has room for a whole
//! handshake. So that task ends, and this one waits for all failed clients.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::select;
use tokio::sync::mpsc;

use crate::acceptor::Panic;

/// The delivery of an alert, and what is done when it has ended.
type Drain = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Starts deliveries. The task ends once this is dropped and no delivery is in flight.
pub(super) struct Drains(mpsc::UnboundedSender<Drain>);

impl Drains {
    /// Starts the task.
    pub(super) fn start() -> Self {
        let (send, drains) = mpsc::unbounded_channel();
        tokio::spawn(run(drains));
        Self(send)
    }

    /// Runs the delivery in this task for as long as it does not wait: so the alert is written at once.
    /// The rest runs in the task of the drains.
    pub(super) async fn add(&self, drain: impl Future<Output = ()> + Send + 'static) {
        let mut drain: Drain = Box::pin(drain);
        let polled = poll_fn(|cx| Poll::Ready(drain.as_mut().poll(cx)));
        if polled.await.is_pending() {
            if let Err(_drain) = self.0.send(drain) {
                // the runtime shuts down: the drop of the delivery sends what is left
            }
        }
    }
}

async fn run(mut drains: mpsc::UnboundedReceiver<Drain>) {
    let mut in_flight = FuturesUnordered::new();
    let mut are_more = true;
    while are_more || !in_flight.is_empty() {
        select! {
            drain = drains.recv(), if are_more => match drain {
                Some(drain) => in_flight.push(caught(drain)),
                None => are_more = false,
            },
            Some(()) = in_flight.next() => {}
        }
    }
}

/// Catches a panic of the client's stream, which would end the deliveries of the other clients.
async fn caught(mut drain: Drain) {
    poll_fn(|cx| {
        let polled = Panic::catch(|| drain.as_mut().poll(cx));
        polled.unwrap_or(Poll::Ready(())) // the panic hook has printed it
    })
    .await;
}
