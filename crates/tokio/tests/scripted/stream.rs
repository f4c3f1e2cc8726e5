//! A scripted stream as tokio has it: what would block is pending, and its task is woken once.

use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, ErrorKind, Read, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use lastword_testkit::script::ScriptedStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// When a task is woken that has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    /// Before it has returned.
    AtOnce,
    /// After a moment of tokio's time.
    Later,
}

/// A stream, of which the test has clones, to see what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Scripted(Arc<Mutex<Shared>>);

#[derive(Debug)]
struct Shared {
    stream: ScriptedStream,
    /// How the calls that block are woken; after a moment if there are more of those.
    wakes: VecDeque<Wake>,
    moment: Duration,
    /// What a side waits for if it has been called and blocked.
    pauses: [Option<Pin<Box<Sleep>>>; 2],
    /// Who waits for input that may never come.
    starving: Option<Waker>,
    /// How many calls have blocked.
    blocks: usize,
    /// How many there were at all.
    calls: usize,
    /// Whether something was written since it was flushed. What has nothing to flush is let through,
    /// or has its script looked up all the same.
    is_dirty: bool,
}

/// More calls than any handshake makes. Who makes more would do so for ever, and fails.
const MANY: usize = 20_000;

/// Reads, or writes, flushes and the shutting of the write side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Reading,
    Writing,
}

impl Scripted {
    pub(crate) fn new(stream: ScriptedStream) -> Self {
        Self(Arc::new(Mutex::new(Shared {
            stream,
            wakes: VecDeque::new(),
            moment: Duration::from_millis(5),
            pauses: [None, None],
            starving: None,
            blocks: 0,
            calls: 0,
            is_dirty: false,
        })))
    }

    /// The calls that block are woken like this.
    pub(crate) fn waking(self, wakes: impl IntoIterator<Item = Wake>) -> Self {
        self.shared().wakes.extend(wakes);
        self
    }

    /// A call that blocks does so for this time.
    pub(crate) fn with_moment(self, moment: Duration) -> Self {
        self.shared().moment = moment;
        self
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap()
    }

    /// Looks at the stream itself.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&ScriptedStream) -> T) -> T {
        look(&self.shared().stream)
    }

    /// What has been written, flushed too.
    pub(crate) fn written(&self) -> Vec<u8> {
        self.look(|stream| stream.written().to_vec())
    }

    /// What had been written, flushed too, when the write side was shut.
    pub(crate) fn shut(&self) -> Option<Vec<u8>> {
        self.look(|stream| stream.shut().map(<[u8]>::to_vec))
    }

    pub(crate) fn unread(&self) -> usize {
        self.look(ScriptedStream::unread)
    }

    /// Whether nobody but the test has it.
    pub(crate) fn is_closed(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    /// How many calls have blocked, each of which wakes its task once at the most.
    pub(crate) fn blocks(&self) -> usize {
        self.shared().blocks
    }

    /// Whether it will wake a task, or would for input.
    pub(crate) fn waits(&self) -> bool {
        let shared = self.shared();
        shared.starving.is_some() || shared.pauses.iter().any(Option::is_some)
    }

    /// More input.
    pub(crate) fn feed(&self, input: &[u8]) {
        let mut shared = self.shared();
        shared.stream.feed(input);
        shared.wake();
    }

    fn call<T>(
        &self,
        side: Side,
        cx: &mut Context<'_>,
        call: impl FnOnce(&mut ScriptedStream) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        let mut shared = self.shared();
        shared.calls += 1;
        if shared.calls > MANY {
            return Poll::Ready(Err(io::Error::other("it spins")));
        }
        if let Some(pause) = &mut shared.pauses[side as usize] {
            ready!(pause.as_mut().poll(cx));
            shared.pauses[side as usize] = None;
        }
        match call(&mut shared.stream) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                shared.block(side, cx);
                Poll::Pending
            }
            result => {
                // the client may have something to say to what was written
                shared.wake();
                Poll::Ready(result)
            }
        }
    }
}

impl Shared {
    fn block(&mut self, side: Side, cx: &mut Context<'_>) {
        self.blocks += 1;
        if side == Side::Reading && self.stream.is_starved() {
            self.starving = Some(cx.waker().clone());
            return;
        }
        if self.wakes.pop_front() == Some(Wake::AtOnce) {
            cx.waker().wake_by_ref();
            return;
        }
        let mut pause = Box::pin(sleep(self.moment));
        assert!(pause.as_mut().poll(cx).is_pending(), "no moment at all");
        self.pauses[side as usize] = Some(pause);
    }

    fn wake(&mut self) {
        if let Some(waker) = self.starving.take() {
            waker.wake();
        }
    }
}

impl AsyncRead for Scripted {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = |stream: &mut ScriptedStream| stream.read(buf.initialize_unfilled());
        let n = ready!(self.call(Side::Reading, cx, read))?;
        buf.advance(n);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Scripted {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(self.call(Side::Writing, cx, |stream| stream.write(buf)));
        self.shared().is_dirty |= matches!(written, Ok(1..));
        Poll::Ready(written)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let has_something = self.shared().is_dirty;
        if !has_something {
            return Poll::Ready(Ok(()));
        }
        let flushed = ready!(self.call(Side::Writing, cx, Write::flush));
        self.shared().is_dirty &= flushed.is_err();
        Poll::Ready(flushed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.call(Side::Writing, cx, ScriptedStream::shutdown_write)
    }
}
