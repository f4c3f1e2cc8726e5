//! What is said of a failed handshake: one line.

use std::fmt;
use std::net::SocketAddr;

use lastword::io::Report;

/// The line of a log for a failed handshake: peer, phase, all that the report's `Display` says,
/// server name and duration.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    peer: SocketAddr,
    phase: &'static str,
    /// Why, in words.
    pub(crate) words: String,
    alert: String,
    name: String,
    milliseconds: f64,
}

impl Line {
    pub(crate) fn new(peer: SocketAddr, report: &Report) -> Self {
        let error = report.error();
        let alert = match (report.alert(), error.peer_alert()) {
            (Some(alert), _) => format!("sent {alert} ({}), {}", alert.0, report.delivery()),
            (None, Some(alert)) => format!("received {alert}, sent none"),
            (None, None) => "sent none".into(),
        };
        let mut words = error.to_string();
        if let Some(error) = report.io_error() {
            words += &format!(" ({error})");
        }
        Self {
            peer,
            phase: error.phase().name(),
            words,
            alert,
            name: error.server_name().unwrap_or("none").into(),
            milliseconds: report.elapsed().as_secs_f64() * 1e3,
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
