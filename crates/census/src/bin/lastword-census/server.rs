//! The server of `serve` and `demo`: how it takes a client, and what it says of one that fails.

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use lastword::io::step::Options;
use lastword::io::{Incoming, TlsAcceptor};
use lastword::{AlertDescription, Config, Rejection};
use rustls::ServerConfig;

use by_name::ByName;

use crate::failure::Failure;

mod asynchronous;
mod by_name;
mod line;
mod nonblocking;
mod threads;

pub(crate) use line::Line;

/// How a server takes its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Style {
    /// One configuration for all clients
    Direct,
    /// A configuration chosen by the ClientHello
    Acceptor,
    /// The same, with all clients in one thread
    Nonblocking,
    /// The same, with tokio's runtime and a listener
    Tokio,
}

impl Style {
    /// Its name on the command line and in reports.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Acceptor => "acceptor",
            Self::Nonblocking => "nonblocking",
            Self::Tokio => "tokio",
        }
    }
}

/// A server: its policy, and how it takes its clients.
pub(crate) struct Server {
    style: Style,
    chooser: Chooser,
    /// The timeout for a handshake.
    pub(crate) timeout: Duration,
    /// Whether application data comes back, instead of a reply to a request.
    pub(crate) echo: bool,
}

/// Chooses the configuration of a client.
#[derive(Clone, Debug)]
struct Chooser {
    config: Config,
    policy: Arc<Policy>,
}

/// Which clients an application takes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policy {
    /// The server names it goes by; any if `None`.
    pub(crate) names: Option<Vec<String>>,
    /// The alert with which it refuses everybody.
    pub(crate) refuses: Option<AlertDescription>,
    /// The same, once it knows their certificates.
    pub(crate) verdict: Option<AlertDescription>,
}

impl Policy {
    /// Gives the verdict on a client whose certificate is known.
    fn authorize(&self) -> Result<(), Rejection> {
        match self.verdict {
            None => Ok(()),
            Some(alert) => Err(Rejection::new(alert, "by policy")),
        }
    }
}

/// The reply to any request.
const REPLY: &[u8] = b"HTTP/1.0 200 OK\r\n\
    Content-Type: text/plain\r\n\
    Content-Length: 9\r\n\
    \r\n\
    welcome!\n";

/// How many bytes are read at a time to be sent back: what a record holds (RFC 8446 section 5.1).
const ECHO: usize = 16 << 10;

/// How many bytes of a request are read at most.
const REQUEST: u64 = 16 << 10;

/// How long a client may take for its request, once it is accepted.
const PATIENCE: Duration = Duration::from_secs(10);

impl Server {
    /// # Errors
    ///
    /// If no client can be served with the configuration.
    pub(crate) fn new(
        style: Style,
        config: Arc<ServerConfig>,
        policy: Policy,
    ) -> Result<Self, Failure> {
        let config = match (&policy.names, style) {
            // on the direct path it is for the certificate resolver to know the names
            (Some(names), Style::Direct) => Arc::new(ByName::of(&config, names)),
            _ => config,
        };
        Ok(Self {
            style,
            chooser: Chooser {
                config: Config::new(config).map_err(Failure::config)?,
                policy: Arc::new(policy),
            },
            timeout: Options::default().timeout,
            echo: false,
        })
    }

    /// Takes clients for ever, and logs those that fail.
    ///
    /// # Errors
    ///
    /// If the system does not let clients be taken in this style.
    pub(crate) fn run(
        self,
        listener: &TcpListener,
        log: impl Fn(&Line) + Send + Sync + 'static,
    ) -> io::Result<Infallible> {
        self.watch(listener, move |line| {
            if let Some(line) = line {
                log(line);
            }
        })
    }

    /// Takes clients for ever, and tells when it is done with one: what there is to log, or `None`
    /// if the client was served.
    ///
    /// # Errors
    ///
    /// If the system does not let clients be taken in this style.
    pub(crate) fn watch(
        self,
        listener: &TcpListener,
        ended: impl Fn(Option<&Line>) + Send + Sync + 'static,
    ) -> io::Result<Infallible> {
        match self.style {
            Style::Direct | Style::Acceptor => threads::run(&self, listener, ended),
            Style::Nonblocking => nonblocking::run(&self, listener, &ended),
            Style::Tokio => asynchronous::run(self, listener, ended),
        }
    }

    /// The acceptor of the styles without tokio.
    fn acceptor(&self) -> TlsAcceptor {
        let chooser = self.chooser.clone();
        let policy = Arc::clone(&chooser.policy);
        let acceptor = match self.style {
            Style::Direct => TlsAcceptor::new(chooser.config),
            _ => TlsAcceptor::choosing(move |incoming| chooser.choose(incoming)),
        };
        acceptor
            .with_authorizer(move |_| policy.authorize())
            .with_timeout(self.timeout)
    }
}

impl Chooser {
    fn choose(&self, incoming: &Incoming) -> Result<Config, Rejection> {
        if let Some(alert) = self.policy.refuses {
            return Err(Rejection::new(alert, "by policy"));
        }
        match (&self.policy.names, incoming.server_name()) {
            (None, _) => Ok(self.config.clone()),
            (Some(names), Some(name)) if names.iter().any(|own| own.eq_ignore_ascii_case(name)) => {
                Ok(self.config.clone())
            }
            (Some(_), Some(_)) => Err(Rejection::unrecognized_name()),
            (Some(_), None) => Err(Rejection::missing_server_name()),
        }
    }
}
