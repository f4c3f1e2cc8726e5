//! A client whose ClientHello is whole, over a stream.

use std::time::Instant;

use lastword_acceptor as sans_io;
use lastword_acceptor::{ClientHello, Config, ErrorAndAlert, Hello, Panic, Rejection};

use crate::Transport;
use crate::attempt::Attempt;
use crate::observed::End;
use crate::step::{Handshaking, Untold};
use crate::untold::Failed;

/// A client whose ClientHello is whole: look at it, then end this state by one of the methods
/// that take `self`.
///
/// Take your time until the [`deadline`](Self::deadline): load a certificate, ask another server.
/// None of the methods does any IO.
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Accepted {
    accepted: sans_io::Accepted,
    /// What was read behind the ClientHello.
    unused: Vec<u8>,
    attempt: Attempt,
}

impl Accepted {
    pub(crate) fn new(accepted: sans_io::Accepted, unused: Vec<u8>, attempt: Attempt) -> Self {
        Self {
            accepted,
            unused,
            attempt,
        }
    }

    /// What the client says.
    #[must_use]
    pub fn client_hello(&self) -> ClientHello<'_> {
        self.accepted.client_hello()
    }

    /// Returns the ClientHello with the bytes that it arrived in.
    #[must_use]
    pub fn hello(&self) -> &Hello {
        self.accepted.hello()
    }

    /// Returns the server name that the client asks for, in lower case as rustls gives it.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.hello().server_name()
    }

    /// When the handshake must have ended.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.attempt.until
    }

    /// The span of the handshake, to choose in.
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn span(&self) -> &tracing::Span {
        self.attempt.observed.span()
    }

    /// Goes on with this configuration.
    ///
    /// # Errors
    ///
    /// If the client and the configuration do not agree.
    pub fn into_handshake(self, config: &Config) -> Result<Handshaking, Untold> {
        let Self {
            accepted,
            unused,
            attempt,
        } = self;
        match accepted.into_handshake(config) {
            Ok(handshake) => Ok(Handshaking::new(handshake, unused, attempt)),
            Err(error) => Err(untold(error, unused, attempt)),
        }
    }

    /// Refuses the client.
    pub fn reject(self, rejection: Rejection) -> Untold {
        untold(self.accepted.reject(rejection), self.unused, self.attempt)
    }

    /// Ends the handshake because the choice of a configuration panicked: `internal_error` (RFC
    /// 8446 section 6.2). [`Panic::catch`] catches the panic.
    pub fn panicked(self, panic: Panic) -> Untold {
        untold(self.accepted.panicked(panic), self.unused, self.attempt)
    }

    /// Calls the chooser and does what it returns. If the deadline has passed then, by the clock of
    /// the stream, the ClientHello is not answered: a flight would be sent that nobody waits for.
    pub(crate) fn choose(
        self,
        chooser: impl FnOnce(&Hello) -> Result<Config, Rejection>,
        stream: &impl Transport,
    ) -> Result<Handshaking, Untold> {
        let choice = || chooser(self.hello());
        match Panic::catch(|| self.attempt.observed.in_scope(choice)) {
            Err(panic) => Err(self.panicked(panic)),
            Ok(_) if stream.now() >= self.deadline() => Err(self.expire()),
            Ok(Ok(config)) => self.into_handshake(&config),
            Ok(Err(rejection)) => Err(self.reject(rejection)),
        }
    }

    /// The deadline has passed.
    pub fn expire(self) -> Untold {
        untold(self.accepted.expire(), self.unused, self.attempt)
    }

    /// Aborts the handshake, for example at shutdown: `user_canceled`, then `close_notify`.
    pub fn cancel(self) -> Untold {
        untold(self.accepted.cancel(), self.unused, self.attempt)
    }

    /// Every byte that was read, exactly, to forward to another server.
    #[must_use]
    pub fn into_passthrough(self) -> Vec<u8> {
        let mut bytes = self.accepted.into_passthrough();
        bytes.extend_from_slice(&self.unused);
        self.attempt.observed.end(&End::PassedThrough);
        bytes
    }
}

fn untold(error: ErrorAndAlert, unused: Vec<u8>, attempt: Attempt) -> Untold {
    let io = None;
    Untold::new(Failed { error, io, unused }, attempt)
}
