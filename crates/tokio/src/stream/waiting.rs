//! The tasks that wait for the write side of a stream, which itself keeps only one waker.

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

/// The task that calls an operation of the write side.
#[derive(Clone, Copy)]
pub(super) enum Side {
    /// A task that reads, and sends what the connection queued while it read.
    Reader,
    /// A task that writes, flushes or shuts down.
    Writer,
}

/// The wakers of the tasks that wait for the write side.
#[derive(Default)]
pub(super) struct Waiting(Option<Box<Wakers>>);

#[derive(Default)]
struct Wakers {
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Waiting {
    /// Returns whether a task may wait.
    pub(super) const fn is_some(&self) -> bool {
        self.0.is_some()
    }

    /// Notes that this task waits.
    #[cold]
    pub(super) fn insert(&mut self, side: Side, cx: &Context<'_>) {
        self.0.get_or_insert_default().wait(side, cx);
    }

    /// Polls an operation of the write side. If another task waits too, both are woken, because one
    /// of them may not be polled again.
    pub(super) fn poll<R>(
        &mut self,
        side: Side,
        cx: &mut Context<'_>,
        operation: impl FnOnce(&mut Context<'_>) -> Poll<R>,
    ) -> Poll<R> {
        let polled = match &self.0 {
            None => operation(cx),
            Some(wakers) => wakers.poll(side, cx, operation),
        };
        if polled.is_pending() {
            self.insert(side, cx);
        } else if let Some(wakers) = self.0.take() {
            wakers.wake_other(side);
        }
        polled
    }

    /// Wakes the task that waits to write.
    pub(super) fn wake_writer(&mut self) {
        if let Some(writer) = self.0.as_mut().and_then(|wakers| wakers.writer.take()) {
            writer.wake();
        }
    }
}

impl Wakers {
    fn poll<R>(
        &self,
        side: Side,
        cx: &mut Context<'_>,
        operation: impl FnOnce(&mut Context<'_>) -> Poll<R>,
    ) -> Poll<R> {
        let other = match side {
            Side::Reader => &self.writer,
            Side::Writer => &self.reader,
        };
        match other.as_ref().filter(|it| !it.will_wake(cx.waker())) {
            None => operation(cx),
            Some(another) => {
                let both = Both([another.clone(), cx.waker().clone()]);
                operation(&mut Context::from_waker(&Waker::from(Arc::new(both))))
            }
        }
    }

    fn wait(&mut self, side: Side, cx: &Context<'_>) {
        let own = match side {
            Side::Reader => &mut self.reader,
            Side::Writer => &mut self.writer,
        };
        match own {
            Some(own) => own.clone_from(cx.waker()),
            None => *own = Some(cx.waker().clone()),
        }
    }

    /// Wakes the task of the other side: the stream need not keep the waker of an earlier call.
    fn wake_other(self, side: Side) {
        let other = match side {
            Side::Reader => self.writer,
            Side::Writer => self.reader,
        };
        if let Some(other) = other {
            other.wake();
        }
    }
}

/// Wakes two tasks.
struct Both([Waker; 2]);

impl Wake for Both {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.iter().for_each(Waker::wake_by_ref);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A task that counts how often it is woken.
    #[derive(Default)]
    struct Task(AtomicUsize);

    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    impl Task {
        fn poll(self: &Arc<Self>, side: Side, waiting: &mut Waiting, poll: Poll<()>) -> Waker {
            let waker = Waker::from(Arc::clone(self));
            let mut kept = Waker::noop().clone();
            let operation = |cx: &mut Context<'_>| {
                kept.clone_from(cx.waker());
                poll
            };
            let polled = waiting.poll(side, &mut Context::from_waker(&waker), operation);
            assert_eq!(polled, poll);
            kept
        }

        fn wakes(&self) -> usize {
            self.0.load(Ordering::Relaxed)
        }
    }

    #[test]
    fn the_waker_of_the_last_call_wakes_both_tasks() {
        let (reader, writer, mut waiting) = <(Arc<Task>, Arc<Task>, Waiting)>::default();
        let first = writer.poll(Side::Writer, &mut waiting, Poll::Pending);
        let last = reader.poll(Side::Reader, &mut waiting, Poll::Pending);
        last.wake();
        assert_eq!((reader.wakes(), writer.wakes()), (1, 1));
        first.wake();
        assert_eq!((reader.wakes(), writer.wakes()), (1, 2));
    }

    /// The stream may have forgotten the waker of the task that waits.
    #[test]
    fn a_call_that_does_not_wait_wakes_the_task_that_does() {
        for (side, other) in [(Side::Reader, Side::Writer), (Side::Writer, Side::Reader)] {
            let (own, waits, mut waiting) = <(Arc<Task>, Arc<Task>, Waiting)>::default();
            waits.poll(other, &mut waiting, Poll::Pending);
            own.poll(side, &mut waiting, Poll::Ready(()));
            assert_eq!((own.wakes(), waits.wakes()), (0, 1));
            own.poll(side, &mut waiting, Poll::Ready(()));
            assert_eq!(waits.wakes(), 1);
        }
    }
}
