//! How far a listener is from its end.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// How far a listener is from its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It takes clients.
    Open,
    /// It takes no more, and aborts handshakes at the end of the grace period.
    Closing { deadline: Instant },
    /// The handshakes in flight are aborted.
    Aborting,
}

impl Stage {
    /// Begins to shut down: whether it had not begun.
    pub(super) fn shut_down(&mut self, grace: Duration) -> bool {
        if *self != Self::Open {
            return false;
        }
        let now = Instant::now();
        let deadline = match now.checked_add(grace) {
            Some(deadline) => deadline,
            // longer than the clock goes: never
            None => now + Duration::from_secs(100 * 365 * 86_400),
        };
        *self = Self::Closing { deadline };
        true
    }
}

/// Returns once the listener takes no more clients.
pub(super) async fn closing(stage: &mut watch::Receiver<Stage>) -> Stage {
    match stage.wait_for(|stage| *stage != Stage::Open).await {
        Ok(stage) => *stage,
        // nobody can shut it down any more
        Err(_) => Stage::Aborting,
    }
}

/// Returns once handshakes are aborted.
pub(super) async fn aborting(stage: &mut watch::Receiver<Stage>) {
    if let Err(_closed) = stage.wait_for(|stage| *stage == Stage::Aborting).await {
        // the listener and its task are gone: nobody waits for the handshakes any more
    }
}
