//! How a handshake ends from outside: not by what the client sends.

use lastword_alert::AlertDescription;

use crate::backend::alerts::Told;
use crate::backend::connection::Connection;
use crate::error::{Client, Error, ErrorKind};
use crate::error_and_alert::{ErrorAndAlert, Silence};
use crate::phase::Phase;

/// How a handshake ends if not by what the client sends.
///
/// Each state ends by its method `end`: [`Handshake::end`](crate::Handshake::end),
/// [`Accepted::end`](crate::Accepted::end) and [`Connection::end`](crate::Connection::end).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// The client closed the connection, or reset it. It is told nothing.
    Closed,
    /// The stream failed, because of a transport error. The client is told nothing.
    StreamFailed,
    /// The timeout of the handshake passed.
    ///
    /// No RFC names an alert for it. A client that sent nothing is told nothing. Before the ServerHello
    /// it is told `user_canceled` and then `close_notify` (RFC 8446 section 6.1), later `close_notify`
    /// as rustls encrypts it.
    TimedOut,
    /// The server aborts the handshake, for example at shutdown. The client is told what it is told at a
    /// timeout.
    Aborted,
}

impl End {
    fn kind(self) -> ErrorKind {
        match self {
            Self::Closed => ErrorKind::Closed,
            Self::StreamFailed => ErrorKind::StreamFailed,
            Self::TimedOut => ErrorKind::TimedOut,
            Self::Aborted => ErrorKind::Aborted,
        }
    }

    /// Whether the client is gone, and why it is told nothing then.
    fn silence(self) -> Option<Silence> {
        match self {
            Self::Closed => Some(Silence::PeerClosed),
            Self::StreamFailed => Some(Silence::StreamFailed),
            Self::TimedOut | Self::Aborted => None,
        }
    }

    /// Ends a handshake that has not answered the ClientHello.
    #[inline]
    pub(crate) fn unanswered(self, phase: Phase, client: Client) -> ErrorAndAlert {
        let has_sent_nothing = matches!(&client, Client::Bytes(bytes) if bytes.is_empty());
        let nothing = has_sent_nothing.then_some(Silence::NothingReceived);
        let error = Error::new(self.kind(), phase, client);
        match self.silence().or(nothing) {
            Some(silence) => ErrorAndAlert::silent(error, silence),
            None => ErrorAndAlert::cancel(error, Vec::new()),
        }
    }
}

impl Connection {
    /// Ends a handshake that has answered the ClientHello, or is complete and could not write the last
    /// of it.
    ///
    /// What was still to be written is in the error, before the alert.
    pub fn end(mut self, end: End) -> ErrorAndAlert {
        let error = Error::new(end.kind(), self.phase(), Client::agreed(&self));
        if let Some(silence) = end.silence() {
            return ErrorAndAlert::silent(error, silence);
        }
        if self.phase() == Phase::ServerHello {
            return ErrorAndAlert::cancel(error, self.drain());
        }
        let kept = match self.is_handshaking() {
            true => None,
            false => self.kept_error(),
        };
        let alert = match kept {
            // RFC 8446 6: an alert is never answered
            Some(kept) if kept.is_alert() => {
                return ErrorAndAlert::silent(error, Silence::PeerAlert);
            }
            Some(kept) => Told::new(&kept, true).encrypted, // it is queued
            None => {
                self.send_close_notify();
                AlertDescription::CLOSE_NOTIFY
            }
        };
        ErrorAndAlert::queue(error, alert, self.drain())
    }
}
