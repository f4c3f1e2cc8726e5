//! The pause after an accept error.

use std::io::{self, ErrorKind};
use std::time::Duration;

/// The pause after an error of accepting. A lack that lasts doubles it.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    last: Duration,
    /// Whether a client went away, and none was taken since.
    is_gone: bool,
}

/// The first pause, as in Go's `net/http`.
const FIRST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_secs(1);

impl Backoff {
    /// Resets the pause after a client was accepted.
    pub(super) const fn reset(&mut self) {
        *self = Self {
            last: Duration::ZERO,
            is_gone: false,
        };
    }

    /// How long to wait. One client that went away while it waited (ECONNABORTED) is no reason to. More
    /// of them in a row may be a source that returns the same error for ever.
    /// Most other errors are a lack of something (EMFILE, ENFILE, ENOBUFS, ENOMEM), which does not
    /// end at once.
    pub(super) fn after(&mut self, error: &io::Error) -> Duration {
        if is_of_one_client(error) {
            return match std::mem::replace(&mut self.is_gone, true) {
                true => FIRST, // and no more: good clients may wait after those that went away
                false => Duration::ZERO,
            };
        }
        self.last = (self.last * 2).clamp(FIRST, LONGEST);
        self.last
    }
}

/// Whether the next call may succeed at once.
fn is_of_one_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
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
        backoff.reset();
        assert_eq!(backoff.after(&gone), Duration::ZERO);
    }

    #[test]
    fn clients_that_went_away_one_after_the_other_make_the_first_pause() {
        for kind in [
            ErrorKind::ConnectionAborted,
            ErrorKind::ConnectionReset,
            ErrorKind::Interrupted,
        ] {
            let mut backoff = Backoff::default();
            let gone = io::Error::from(kind);
            let pauses: Vec<u128> = (0..20).map(|_| backoff.after(&gone).as_millis()).collect();
            assert_eq!(pauses, [&[0][..], &[5; 19]].concat());
            backoff.reset();
            assert_eq!(backoff.after(&gone), Duration::ZERO);
        }
    }

    #[test]
    fn a_client_that_went_away_does_not_end_a_lack() {
        let mut backoff = Backoff::default();
        let gone = io::Error::from(ErrorKind::ConnectionAborted);
        let lack = io::Error::from_raw_os_error(24);
        let errors = [&lack, &lack, &gone, &lack, &gone];
        let pauses = errors.map(|error| backoff.after(error).as_millis());
        assert_eq!(pauses, [5, 10, 0, 20, 5]);
    }
}
