//! How many clients a listener serves at a time, and what it calls for those that fail.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::{Options, Report};

/// Whom a listener tells of a client whose handshake failed.
pub(super) type OnFailure = Arc<dyn Fn(SocketAddr, &Report) + Send + Sync>;

/// Whom a listener tells of an error of accepting.
pub(super) type OnAcceptError = Arc<dyn Fn(&io::Error) + Send + Sync>;

/// Timeouts and limits of a listener, and its callbacks. The defaults are safe on the open network.
#[derive(Clone)]
#[non_exhaustive]
pub struct ListenerOptions {
    /// Timeouts and size limits for each client.
    pub client: Options,
    /// How many handshakes run at a time, including completed handshakes not yet
    /// [accepted](crate::Listener::accept). Further clients wait in the system's queue. Each has a
    /// descriptor: allow fewer if the process may open fewer (`ulimit -n`). Default: 16,384.
    pub handshakes: u32,
    /// How many clients whose handshakes failed are told at a time, in the time of
    /// [`Drain`](crate::Drain). Further ones are told at once, as much as their streams take
    /// without waiting, and are closed. Default: 4,096.
    pub deliveries: u32,
    pub(super) on_failure: OnFailure,
    pub(super) on_accept_error: OnAcceptError,
}

impl ListenerOptions {
    /// The same options with others for [each client](Self::client).
    #[must_use]
    pub fn with_client(self, client: Options) -> Self {
        Self { client, ..self }
    }

    /// The same options with another number of [`handshakes`](Self::handshakes).
    #[must_use]
    pub fn with_handshakes(self, handshakes: u32) -> Self {
        Self { handshakes, ..self }
    }

    /// The same options with another number of [`deliveries`](Self::deliveries).
    #[must_use]
    pub fn with_deliveries(self, deliveries: u32) -> Self {
        Self { deliveries, ..self }
    }

    /// Tells `on_failure` of each client whose handshake failed, once it has been told. It is called
    /// by the client's task and should not block. If it panics, the panic is caught, and the listener
    /// goes on.
    ///
    /// A chooser that panics is such a failure, of the reason
    /// [`Internal`](crate::acceptor::Reason::Internal): the client is sent `internal_error`.
    #[must_use]
    pub fn on_failure(
        self,
        on_failure: impl Fn(SocketAddr, &Report) + Send + Sync + 'static,
    ) -> Self {
        Self {
            on_failure: Arc::new(on_failure),
            ..self
        }
    }

    /// Tells `on_accept_error` of each error of accepting. It should not block: nobody is accepted
    /// meanwhile. If it panics, the panic is caught, and the listener goes on.
    #[must_use]
    pub fn on_accept_error(
        self,
        on_accept_error: impl Fn(&io::Error) + Send + Sync + 'static,
    ) -> Self {
        Self {
            on_accept_error: Arc::new(on_accept_error),
            ..self
        }
    }
}

impl Default for ListenerOptions {
    fn default() -> Self {
        Self {
            client: Options::default(),
            handshakes: 16_384,
            deliveries: 4096,
            on_failure: Arc::new(|_, _| {}),
            on_accept_error: Arc::new(|_| {}),
        }
    }
}

impl fmt::Debug for ListenerOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListenerOptions")
            .field("client", &self.client)
            .field("handshakes", &self.handshakes)
            .field("deliveries", &self.deliveries)
            .finish_non_exhaustive()
    }
}
