//! The pause after an accept error.

use std::io::{self, ErrorKind};
use std::time::Duration;

/// The pause after an accept error. The same error again doubles it.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    last: Duration,
}

/// The first pause, as in Go's `net/http`.
const FIRST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_secs(1);

impl Backoff {
    /// Resets the pause after a client was accepted.
    pub(super) const fn reset(&mut self) {
        self.last = Duration::ZERO;
    }

    /// Returns the pause. There is none if a pending client closed (ECONNABORTED). Most other errors
    /// mean that a resource is exhausted (EMFILE, ENFILE, ENOBUFS, ENOMEM), which takes time to end.
    pub(super) fn after(&mut self, error: &io::Error) -> Duration {
        if matches!(
            error.kind(),
            ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
        ) {
            return Duration::ZERO;
        }
        self.last = (self.last * 2).clamp(FIRST, LONGEST);
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lack_that_lasts_is_asked_for_ever_more_seldom() {
        let mut backoff = Backoff::default();
        let lack = io::Error::from_raw_os_error(24);
        let pauses: Vec<u128> = (0..10).map(|_| backoff.after(&lack).as_millis()).collect();
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
        backoff.reset();
        assert_eq!(backoff.after(&lack), FIRST);
    }

    #[test]
    fn a_client_that_went_away_makes_no_pause() {
        let mut backoff = Backoff::default();
        let gone = io::Error::from(ErrorKind::ConnectionAborted);
        assert_eq!(backoff.after(&gone), Duration::ZERO);
    }
}
