//! A line of a log without the time that a handshake took.

use std::fmt::Display;

/// Returns the line of a failed handshake without its last part, the time that the handshake took.
///
/// # Panics
///
/// If it does not end in that part.
#[must_use]
#[allow(clippy::panic)] // a test fails by it
pub fn untimed(line: impl Display) -> String {
    let line = line.to_string();
    let timed = line.strip_suffix(" ms").and_then(|it| it.rsplit_once("; "));
    match timed {
        Some((rest, time)) if time.parse::<f64>().is_ok() => rest.to_owned(),
        _ => panic!("no time at the end of {line:?}"),
    }
}
