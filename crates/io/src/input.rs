//! What has been read from a stream and not yet used.

use std::ops::Range;

use crate::Transport;
use crate::machine::{Moved, moved};

/// As much as rustls 0.23 takes at once.
const SIZE: usize = 4096;

/// The bytes of the last read that are not yet used.
pub(crate) struct Input {
    buffer: [u8; SIZE],
    unused: Range<usize>,
}

impl Input {
    pub(crate) fn new() -> Self {
        Self {
            buffer: [0; SIZE],
            unused: 0..0,
        }
    }

    /// What is not yet used.
    pub(crate) fn unused(&self) -> &[u8] {
        self.buffer.get(self.unused.clone()).unwrap_or_default()
    }

    /// Notes that all but the last `left` bytes are used.
    pub(crate) fn keep(&mut self, left: usize) {
        self.unused.start = self.unused.end.saturating_sub(left);
    }

    /// Reads once, over what is used.
    pub(crate) fn read(&mut self, stream: &mut impl Transport) -> Moved {
        debug_assert!(self.unused.is_empty());
        let read = moved(|| stream.read(&mut self.buffer));
        if let Moved::Bytes(n) = read {
            self.unused = 0..n;
        }
        read
    }
}
