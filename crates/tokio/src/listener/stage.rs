//! The stage of a listener's shutdown.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// The stage of a listener's shutdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It accepts clients.
    Open,
    /// It accepts no more clients, and aborts handshakes after the grace period.
    Closing { deadline: Instant },
    /// The handshakes in flight are aborted.
    Aborting,
}

impl Stage {
    /// Starts the shutdown. Returns whether this was the first call.
    pub(super) fn shut_down(&mut self, grace: Duration) -> bool {
        if *self != Self::Open {
            return false;
        }
        let now = Instant::now();
        let deadline = match now.checked_add(grace) {
            Some(deadline) => deadline,
            // later than the clock can hold: practically never
            None => now + Duration::from_secs(100 * 365 * 86_400),
        };
        *self = Self::Closing { deadline };
        true
    }
}

/// Waits until the listener accepts no more clients.
pub(super) async fn closing(stage: &mut watch::Receiver<Stage>) -> Stage {
    match stage.wait_for(|stage| *stage != Stage::Open).await {
        Ok(stage) => *stage,
        // all senders are dropped
        Err(_) => Stage::Aborting,
    }
}

/// Waits until handshakes are aborted.
pub(super) async fn aborting(stage: &mut watch::Receiver<Stage>) {
    if let Err(_closed) = stage.wait_for(|stage| *stage == Stage::Aborting).await {
        // the listener and its task are dropped: nobody waits for the handshakes
    }
}
