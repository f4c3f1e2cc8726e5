//! What is said of a failed handshake: one line.

use std::fmt;
use std::time::SystemTime;

use lastword::io::AcceptError;
use time::UtcDateTime;
use time::macros::format_description;

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
        let format = format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
        );
        let at = UtcDateTime::from(self.at).format(format);
        let Self { peer, said, .. } = self;
        write!(f, "{} {peer}: {said}", at.map_err(|_| fmt::Error)?)
    }
}
