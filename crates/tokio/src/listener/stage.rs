//! How far a listener is from its end.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// How far a listener is from its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It takes clients.
    Open,
    /// It takes no more, and gives up at this time.
    Closing { until: Instant },
    /// The handshakes that are under way are given up.
    GivenUp,
}

impl Stage {
    /// Begins to close: whether it had not begun.
    pub(super) fn close(&mut self, within: Duration) -> bool {
        if *self != Self::Open {
            return false;
        }
        let until = Instant::now();
        *self = match until.checked_add(within) {
            Some(until) => Self::Closing { until },
            // longer than the clock goes: never
            None => Self::Closing {
                until: until + Duration::from_secs(100 * 365 * 86_400),
            },
        };
        true
    }
}

/// Returns once the listener takes no more clients.
pub(super) async fn closing(stage: &mut watch::Receiver<Stage>) -> Stage {
    match stage.wait_for(|stage| *stage != Stage::Open).await {
        Ok(stage) => *stage,
        // nobody can close it any more
        Err(_) => Stage::GivenUp,
    }
}

/// Returns once handshakes are given up.
pub(super) async fn given_up(stage: &mut watch::Receiver<Stage>) {
    if let Err(_closed) = stage.wait_for(|stage| *stage == Stage::GivenUp).await {
        // the listener and its task are gone: nobody waits for the handshakes any more
    }
}
