//! What is said of a failed handshake: one line.

use std::fmt;
use std::time::SystemTime;

use lastword::io::AcceptError;
use time::UtcDateTime;

/// The line of a log for a failed handshake: the time, the peer, and the error's `Display`.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    at: SystemTime,
    peer: String,
    said: String,
    /// Why, in words.
    pub(crate) words: String,
}

impl Line {
    pub(crate) fn new<S>(peer: impl fmt::Display, failed: &AcceptError<S>) -> Self {
        Self {
            at: SystemTime::now(),
            peer: peer.to_string(),
            said: failed.to_string(),
            words: failed.error().summary().to_string(),
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { peer, said, .. } = self;
        let at = UtcDateTime::from(self.at);
        let (year, month, day) = at.to_calendar_date();
        let (hour, minute, second, millisecond) = at.as_hms_milli();
        let month = u8::from(month);
        write!(f, "{year:04}-{month:02}-{day:02}T")?;
        write!(f, "{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")?;
        write!(f, " {peer}: {said}")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_time_is_that_of_rfc_3339_in_utc() {
        let line = Line {
            at: SystemTime::UNIX_EPOCH + Duration::from_millis(951_782_403_004),
            peer: "127.0.0.1:9".into(),
            said: "client disconnected".into(),
            words: String::new(),
        };
        assert_eq!(
            line.to_string(),
            "2000-02-29T00:00:03.004Z 127.0.0.1:9: client disconnected"
        );
    }
}
