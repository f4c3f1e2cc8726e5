//! What has been read from a transport and not yet used.

use std::ops::Range;

use crate::Transport;
use crate::deadline::{Deadline, Stopped};

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

    /// Reads once, over what is used: `false` at the end of the stream.
    pub(crate) fn read(
        &mut self,
        transport: &mut impl Transport,
        deadline: &mut Deadline,
    ) -> Result<bool, Stopped> {
        debug_assert!(self.unused.is_empty());
        let n = deadline.retry(transport, |transport| transport.read(&mut self.buffer))?;
        self.unused = 0..n;
        Ok(n > 0)
    }
}
