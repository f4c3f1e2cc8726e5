//! What bounds a client: its bytes in memory, and how many are taken.

use super::Run;

/// What a gate keeps at the most: a header, or an alert, without its last byte.
const HELD: usize = 6;

/// What a byte of early data takes in a record of its own.
const EARLY: u32 = 5 + 1 + 17;

impl Run<'_, '_> {
    /// Memory is bounded by what has come.
    pub(super) fn check_heap(&self, most: usize) {
        let held = self.mark.grown().saturating_sub(self.output.capacity());
        assert!(held <= most, "{held} bytes held of {}", self.fed);
    }

    /// So is what is taken to the end of a handshake, by the limit and the early data.
    pub(super) fn check_limit(&self) {
        let early = match self.client.server.config.rustls().max_early_data_size {
            0 => 1 << 14, // a client may have a ticket from a time when it was on
            size => size,
        };
        let early = early.saturating_mul(EARLY);
        let limit = self.client.limits.handshake_len.saturating_add(early);
        if let Some(hello) = self.hello {
            let taken = self.fed - hello;
            assert!(taken <= limit as usize + HELD, "{taken} over {limit}");
        }
    }
}
