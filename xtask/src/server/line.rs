//! What is said of a failed handshake: one line.

use std::fmt;

use lastword::io::AcceptError;

/// The line of a log for a failed handshake: peer, phase, all that the error's `Display` says,
/// server name and duration.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    peer: String,
    phase: &'static str,
    /// Why, in words.
    pub(crate) words: String,
    alert: String,
    name: String,
    milliseconds: f64,
}

impl Line {
    pub(crate) fn new<S>(peer: impl fmt::Display, failed: &AcceptError<S>) -> Self {
        let error = failed.error();
        let alert = match (failed.alert(), error.peer_alert()) {
            (Some(alert), _) => format!("sent {alert} ({}), {}", alert.0, failed.delivery()),
            (None, Some(alert)) => format!("received {alert}, sent none"),
            (None, None) => "sent none".into(),
        };
        let mut words = error.to_string();
        if let Some(error) = failed.io_error() {
            words += &format!(" ({error})");
        }
        Self {
            peer: peer.to_string(),
            phase: error.phase().name(),
            words,
            alert,
            name: failed.server_name().unwrap_or("none").into(),
            milliseconds: failed.elapsed().as_secs_f64() * 1e3,
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            peer,
            phase,
            words,
            alert,
            name,
            milliseconds,
        } = self;
        write!(
            f,
            "{peer} awaiting {phase}: {words}; {alert}; name {name}; {milliseconds:.1} ms"
        )
    }
}
