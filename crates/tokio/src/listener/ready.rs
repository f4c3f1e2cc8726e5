//! A client that waits to be accepted, and what becomes of it if nobody does.

use std::net::SocketAddr;

use tokio::net::TcpStream;
use tokio::sync::mpsc::{self, error::SendError};
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::stage::Stage;
use crate::{Drain, Established, close};

/// A client whose handshake has succeeded. It counts until it is taken.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) established: Established<TcpStream>,
    pub(super) peer: SocketAddr,
    #[expect(dead_code, reason = "it is given back when this is dropped")]
    pub(super) permit: OwnedSemaphorePermit,
}

impl Ready {
    /// Hands it to who accepts; if nobody does any more, closes it.
    pub(super) fn hand_on(
        self,
        ready: &mpsc::UnboundedSender<Self>,
        drain: Drain,
        unfinished: watch::Receiver<Stage>,
    ) {
        if let Err(SendError(client)) = ready.send(self) {
            tokio::spawn(client.dismiss(drain, unfinished));
        }
    }

    /// Closes the connection in order, since nobody takes it. Until then the listener is `unfinished`.
    pub(super) async fn dismiss(self, drain: Drain, unfinished: watch::Receiver<Stage>) {
        // nobody has taken the connection, so nobody asks what became of its close
        let (_delivery, _tcp) = close(self.established.into_stream(), drain).await;
        drop(unfinished);
    }
}
