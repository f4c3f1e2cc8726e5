//! A client that waits to be accepted.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::{self, error::SendError};
use tokio::sync::watch;

use super::admission::Held;
use super::stage::Stage;
use crate::choose::Addresses;
use crate::stream::TlsStream;

/// A client whose handshake succeeded. It counts as in flight until it is accepted.
#[derive(Debug)]
pub(super) struct Ready<IO, T> {
    pub(super) stream: TlsStream<IO, T>,
    pub(super) addresses: Addresses,
    #[expect(dead_code, reason = "it is given back when this is dropped")]
    pub(super) held: Held,
}

impl<IO, T> Ready<IO, T>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    T: Send + 'static,
{
    /// Queues the client to be accepted. If the listener is dropped, closes the connection.
    pub(super) fn hand_on(
        self,
        ready: &mpsc::UnboundedSender<Self>,
        unfinished: watch::Receiver<Stage>,
    ) {
        if let Err(SendError(client)) = ready.send(self) {
            tokio::spawn(client.dismiss(unfinished));
        }
    }

    /// Closes a connection that is not accepted, in order. The listener is `unfinished` until then.
    pub(super) async fn dismiss(self, unfinished: watch::Receiver<Stage>) {
        // the application never had this connection: there is nobody to report the delivery to
        let (_delivery, _io) = self.stream.close().await;
        drop(unfinished);
    }
}
