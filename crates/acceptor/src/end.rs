//! Events that end a handshake from outside: a close, a timeout or a shutdown.

use lastword_alert::AlertDescription;

use crate::alerts;
use crate::backend::alerts::Told;
use crate::backend::connection::Connection;
use crate::client::Client;
use crate::error::{CloseKind, Error, ErrorKind};
use crate::error_and_alert::{ErrorAndAlert, Silence};
use crate::phase::Phase;

/// An event that ends a handshake from outside.
///
/// Pass it to the method `end` of a state: [`Handshake::end`](crate::Handshake::end),
/// [`Accepted::end`](crate::Accepted::end) or [`Connection::end`](crate::Connection::end).
///
/// ```
/// use std::io::{Error, ErrorKind};
/// use lastword_acceptor::End;
///
/// /// Returns the event for an error of a blocking read with a timeout.
/// fn event(error: &Error) -> End {
///     match error.kind() {
///         ErrorKind::UnexpectedEof => End::Closed,
///         ErrorKind::ConnectionReset => End::Reset,
///         ErrorKind::TimedOut | ErrorKind::WouldBlock => End::TimedOut,
///         _ => End::StreamFailed,
///     }
/// }
/// # assert_eq!(event(&ErrorKind::TimedOut.into()), End::TimedOut);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// The client closed the connection. No alert is sent.
    Closed,
    /// The client reset the connection. No alert is sent.
    Reset,
    /// The stream failed because of a transport error. No alert is sent.
    StreamFailed,
    /// The timeout of the handshake passed.
    ///
    /// No RFC names an alert for a timeout. A client that sent nothing gets no alert. Before the
    /// ServerHello the client gets `user_canceled` and then `close_notify` (RFC 8446 section 6.1).
    /// After it, the client gets both only with [encrypted alerts](crate::encrypted_alerts), and
    /// otherwise only `close_notify`. If the handshake is complete and written, but not flushed
    /// yet, the client gets only `close_notify`.
    TimedOut,
    /// The server aborts the handshake, for example at shutdown. The client gets the same alerts as
    /// after a timeout.
    Aborted,
}

impl End {
    pub(crate) const fn kind(self) -> ErrorKind {
        match self {
            Self::Closed => ErrorKind::Closed(CloseKind::EndOfStream),
            Self::Reset => ErrorKind::Closed(CloseKind::Reset),
            Self::StreamFailed => ErrorKind::StreamFailed,
            Self::TimedOut => ErrorKind::TimedOut,
            Self::Aborted => ErrorKind::Aborted,
        }
    }

    /// Returns why no alert is sent, if the client is gone.
    pub(crate) const fn silence(self) -> Option<Silence> {
        match self {
            Self::Closed | Self::Reset => Some(Silence::PeerClosed),
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
    /// Ends a handshake after the ClientHello was answered. It may be complete, but not all of it
    /// written.
    ///
    /// The error holds what was still to be written, and then the alert.
    ///
    /// ```
    /// use std::io::Write;
    /// use lastword_acceptor::{Connection, End};
    ///
    /// /// Ends a connection whose last handshake bytes cannot be written in time.
    /// fn time_out(connection: Connection, stream: &mut impl Write) -> std::io::Result<()> {
    ///     let (error, tls) = connection.end(End::TimedOut).into_parts();
    ///     eprintln!("{error}");
    ///     stream.write_all(&tls)
    /// }
    /// ```
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
            false => self.rustls_error(),
        };
        let alert = match kept {
            // RFC 8446 6: an alert is never answered
            Some(kept) if kept.is_alert() => {
                return ErrorAndAlert::silent(error, Silence::PeerAlert);
            }
            Some(kept) => {
                let told = Told::new(&kept, true);
                // otherwise rustls has queued it
                alerts::seal(told, &mut self).unwrap_or(told.encrypted)
            }
            None => self.cancel().unwrap_or_else(|| {
                self.send_close_notify();
                AlertDescription::CLOSE_NOTIFY
            }),
        };
        ErrorAndAlert::queue(error, alert, self.drain())
    }
}
