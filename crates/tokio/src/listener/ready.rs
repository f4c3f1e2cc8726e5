//! A client that waits to be accepted, and what becomes of it if nobody does.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::{self, error::SendError};
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::stage::Stage;
use crate::choose::Addresses;
use crate::stream::TlsStream;

/// A client whose handshake has succeeded. It counts until it is taken.
#[derive(Debug)]
pub(super) struct Ready<IO, T> {
    pub(super) stream: TlsStream<IO, T>,
    pub(super) addresses: Addresses,
    #[expect(dead_code, reason = "it is given back when this is dropped")]
    pub(super) permit: OwnedSemaphorePermit,
}

impl<IO, T> Ready<IO, T>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    T: Send + 'static,
{
    /// Hands it to who accepts; if nobody does any more, closes it.
    pub(super) fn hand_on(
        self,
        ready: &mpsc::UnboundedSender<Self>,
        unfinished: watch::Receiver<Stage>,
    ) {
        if let Err(SendError(client)) = ready.send(self) {
            tokio::spawn(client.dismiss(unfinished));
        }
    }

    /// Closes the connection in order, since nobody takes it. Until then the listener is `unfinished`.
    pub(super) async fn dismiss(self, unfinished: watch::Receiver<Stage>) {
        // nobody has taken the connection, so nobody asks what became of its close
        let (_delivery, _io) = self.stream.close().await;
        drop(unfinished);
    }
}
