//! Whether a client said something to answer: from its first byte to a whole ClientHello.

use lastword_alert::AlertDescription;
use lastword_hello::{Collected, Collector};

use crate::error::Client;
use crate::error_and_alert::Silence;
use crate::limits::Kept;
use crate::{Accepted, Error, ErrorAndAlert, ErrorKind, Limits, Phase};

/// Waits for a complete ClientHello, before any configuration is chosen.
///
/// Like rustls's `Acceptor`, without IO: feed it bytes with [`receive`](Self::receive) until it is
/// [`Step::ClientHello`]. Every error carries the alert for it. Until then it holds what has
/// arrived, at most 1,024 bytes more, and nothing of rustls's.
///
/// The end of the stream and the timeout are errors too, decided like all others:
/// [`end_of_stream`](Self::end_of_stream) and [`expire`](Self::expire).
#[derive(Debug)]
pub struct Acceptor {
    collector: Collector,
    limits: Kept,
}

/// How far an [`Acceptor`] has come.
#[derive(Debug)]
pub enum Step {
    /// Everything given was taken and the ClientHello is not whole: go on with this.
    NeedsInput(Acceptor),
    /// The ClientHello is whole: choose a configuration, or refuse.
    ClientHello(Accepted),
}

impl Default for Acceptor {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Acceptor {
    /// A client of which nothing has arrived.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            collector: Collector::new(limits.hello()),
            limits: limits.into(),
        }
    }

    /// How many bytes have been taken.
    #[must_use]
    pub fn received(&self) -> usize {
        self.collector.received()
    }

    /// Takes bytes off the front of `bytes`, none after the record that ends the ClientHello.
    ///
    /// How the client's bytes are cut makes no difference to the outcome. An empty slice is no
    /// end of the stream.
    ///
    /// # Errors
    ///
    /// At the first byte that shows that no ClientHello comes of it. The kind is
    /// [`ErrorKind::Hello`], the phase [`Phase::ClientHello`], and
    /// [`received`](Error::received) has every byte taken.
    pub fn receive(self, bytes: &mut &[u8]) -> Result<Step, ErrorAndAlert> {
        match self.collector.receive(bytes) {
            Ok(Collected::NeedsInput(collector)) => {
                let limits = self.limits;
                Ok(Step::NeedsInput(Self { collector, limits }))
            }
            Ok(Collected::Hello(hello)) => Ok(Step::ClientHello(Accepted::new(hello, self.limits))),
            Err(failed) => {
                let alert = failed.error.alert();
                let error = failure(ErrorKind::Hello(failed.error), failed.received);
                Err(match alert {
                    Some(alert) => ErrorAndAlert::send(error, alert),
                    // RFC 8446 6: an alert is never answered
                    None => ErrorAndAlert::silent(error, Silence::PeerAlert),
                })
            }
        }
    }

    /// The client closed before its ClientHello was whole.
    pub fn end_of_stream(self) -> ErrorAndAlert {
        let error = failure(ErrorKind::Closed, self.collector.into_received());
        ErrorAndAlert::silent(error, Silence::PeerClosed)
    }

    /// The stream failed before the ClientHello was whole, because of a transport error.
    pub fn stream_failed(self) -> ErrorAndAlert {
        let error = failure(ErrorKind::StreamFailed, self.collector.into_received());
        ErrorAndAlert::silent(error, Silence::StreamFailed)
    }

    /// The deadline passed before the ClientHello was whole.
    ///
    /// No RFC names an alert for it. A client that sent nothing is told nothing; another is told
    /// `user_canceled` and then `close_notify` (RFC 8446 section 6.1).
    pub fn expire(self) -> ErrorAndAlert {
        self.give_up(ErrorKind::Expired)
    }

    /// The server aborts the handshake before the ClientHello is whole, for example at shutdown. The
    /// client is told what [`expire`](Self::expire) tells it.
    pub fn cancel(self) -> ErrorAndAlert {
        self.give_up(ErrorKind::Canceled)
    }

    fn give_up(self, kind: ErrorKind) -> ErrorAndAlert {
        let received = self.collector.into_received();
        let nothing = received.is_empty();
        let error = failure(kind, received);
        if nothing {
            ErrorAndAlert::silent(error, Silence::NothingReceived)
        } else {
            ErrorAndAlert::send(error, AlertDescription::USER_CANCELED)
        }
    }
}

fn failure(kind: ErrorKind, received: Vec<u8>) -> Error {
    Error::new(kind, Phase::ClientHello, Client::Bytes(received))
}
