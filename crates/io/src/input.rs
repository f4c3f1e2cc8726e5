//! What has been read from a stream and not yet used.

use std::ops::Range;

use crate::Transport;
use crate::machine::{self, Moved};

/// As much as rustls 0.23 takes at once.
const SIZE: usize = 4096;

/// The bytes of the last read that are not yet used.
pub(crate) struct Input {
    buffer: [u8; SIZE],
    unused: Range<usize>,
}

impl Default for Input {
    fn default() -> Self {
        Self {
            buffer: [0; SIZE],
            unused: 0..0,
        }
    }
}

impl Input {
    /// Puts in what an earlier one [left](Self::to_unused), to be used first.
    pub(crate) fn put(&mut self, unused: &[u8]) {
        if let Some(begin) = self.buffer.get_mut(..unused.len()) {
            begin.copy_from_slice(unused);
            self.unused = 0..unused.len();
        }
    }

    /// What is not yet used.
    pub(crate) fn unused(&self) -> &[u8] {
        self.buffer.get(self.unused.clone()).unwrap_or_default()
    }

    /// The same, to be kept.
    pub(crate) fn to_unused(&self) -> Vec<u8> {
        self.unused().to_vec()
    }

    /// Uses what `take` takes off the front.
    pub(crate) fn take_with<T>(&mut self, take: impl FnOnce(&mut &[u8]) -> T) -> T {
        let mut bytes = self.unused();
        let taken = take(&mut bytes);
        let left = bytes.len();
        self.unused.start = self.unused.end.saturating_sub(left);
        taken
    }

    /// Reads once, over what is used, at most so many bytes.
    pub(crate) fn read(&mut self, stream: &mut impl Transport, most: usize) -> Moved {
        debug_assert!(self.unused.is_empty());
        let (room, _) = self.buffer.split_at_mut(most.min(SIZE));
        let read = machine::read(stream, room);
        if let Moved::Bytes(n) = read {
            self.unused = 0..n;
        }
        read
    }
}
