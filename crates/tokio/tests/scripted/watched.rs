//! A future that is held to what it owes its executor: it waits only where somebody will wake it,
//! by the waker it was polled with last, and it is polled no more often than it was woken.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};

use crate::scripted::soon;
use crate::scripted::stream::Scripted;

/// How often a task may be woken by others than the stream: by the deadlines of the handshake, of
/// writing and of the drain, and by a chooser that yields.
const OTHERS: usize = 4;

/// Which poll of a future is the last.
#[derive(Debug, Default)]
struct Polls {
    last: AtomicUsize,
    /// How often the waker of the last poll was woken, or of one before that in its time.
    wakes: AtomicUsize,
}

/// The waker of one poll: it does nothing once there has been another poll.
struct OfPoll {
    poll: usize,
    polls: Arc<Polls>,
    task: Waker,
}

impl Wake for OfPoll {
    fn wake(self: Arc<Self>) {
        if self.poll == self.polls.last.load(Ordering::Relaxed) {
            self.polls.wakes.fetch_add(1, Ordering::Relaxed);
            self.task.wake_by_ref();
        }
    }
}

/// Awaits a future over this stream.
pub(crate) async fn watched<F: Future>(stream: &Scripted, future: F) -> F::Output {
    let mut future = pin!(future);
    let polls = Arc::new(Polls::default());
    soon(poll_fn(|cx| {
        let poll = 1 + polls.last.fetch_add(1, Ordering::Relaxed);
        let most = 1 + stream.blocks() + OTHERS;
        assert!(poll <= most, "poll {poll} of {most}: it spins");
        let woken = polls.wakes.load(Ordering::Relaxed);
        let waker = Waker::from(Arc::new(OfPoll {
            poll,
            polls: Arc::clone(&polls),
            task: cx.waker().clone(),
        }));
        let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
        let woken = polls.wakes.load(Ordering::Relaxed) > woken;
        if polled.is_pending() {
            assert!(woken || stream.waits(), "nobody will wake it");
        }
        polled
    }))
    .await
}
