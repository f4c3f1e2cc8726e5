//! The server of `serve` and `demo`: how it takes a client, and what it says of one that fails.

use std::convert::Infallible;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use clap::ValueEnum;
use lastword::io::{Failure, Options, TlsStream, accept, accept_direct};
use lastword::{AlertDescription, ClientHello, Config, Rejection};
use rustls::ServerConfig;

use by_name::ByName;

mod by_name;
mod line;
mod nonblocking;

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
}

impl Style {
    /// Its name on the command line and in reports.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Acceptor => "acceptor",
            Self::Nonblocking => "nonblocking",
        }
    }
}

/// A server: its policy, and how it takes its clients.
pub(crate) struct Server {
    pub(crate) style: Style,
    pub(crate) config: Config,
    pub(crate) policy: Policy,
    pub(crate) options: Options,
    /// Whether application data comes back, instead of a reply to a request.
    pub(crate) echo: bool,
}

/// Which clients an application takes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policy {
    /// The server names it goes by; any if `None`.
    pub(crate) names: Option<Vec<String>>,
    /// The alert with which it refuses everybody.
    pub(crate) refuses: Option<AlertDescription>,
}

/// The reply to any request.
const REPLY: &[u8] = b"HTTP/1.0 200 OK\r\n\
    Content-Type: text/plain\r\n\
    Content-Length: 9\r\n\
    \r\n\
    welcome!\n";

/// How many bytes of a request are read at most.
const REQUEST: u64 = 16 << 10;

/// How long a client may take for its request, once it is accepted.
const PATIENCE: Duration = Duration::from_secs(10);

impl Server {
    pub(crate) fn new(style: Style, config: Arc<ServerConfig>, policy: Policy) -> Self {
        let config = match (&policy.names, style) {
            // on the direct path it is for the certificate resolver to know the names
            (Some(names), Style::Direct) => Arc::new(ByName::of(&config, names)),
            _ => config,
        };
        let options = Options::default();
        Self {
            style,
            config: Config::new(config),
            policy,
            options,
            echo: false,
        }
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
            Style::Direct | Style::Acceptor => self.in_threads(listener, ended),
            Style::Nonblocking => nonblocking::run(&self, listener, &ended),
        }
    }

    /// Takes clients for ever, each in a thread of its own.
    fn in_threads(
        self,
        listener: &TcpListener,
        ended: impl Fn(Option<&Line>) + Send + Sync + 'static,
    ) -> ! {
        let shared = Arc::new((self, ended));
        loop {
            let (stream, peer) = match listener.accept() {
                Ok(accepted) => accepted,
                Err(error) => {
                    // out of descriptors, or a client that is gone: neither is the end
                    eprintln!("accept: {error}");
                    thread::sleep(Duration::from_millis(100));
                    continue;
                }
            };
            let shared = Arc::clone(&shared);
            let client = thread::Builder::new().spawn(move || {
                let (server, ended) = &*shared;
                ended(server.client(stream, peer).as_ref());
            });
            if let Err(error) = client {
                eprintln!("{peer}: no thread for it: {error}");
            }
        }
    }

    /// Serves a client to its end; if its handshake failed, what there is to say of that.
    fn client(&self, stream: TcpStream, peer: SocketAddr) -> Option<Line> {
        match self.accept(stream) {
            Ok(mut stream) => {
                // what fails from here on is between the application and its client
                let _ = if self.echo {
                    echo(&mut stream)
                } else {
                    reply(&mut stream)
                };
                let _ = stream.close();
                None
            }
            Err(failure) => Some(Line::new(peer, &failure)),
        }
    }

    fn accept(&self, stream: TcpStream) -> Result<TlsStream<TcpStream>, Failure<TcpStream>> {
        match self.style {
            Style::Direct => accept_direct(stream, &self.options, &self.config),
            Style::Acceptor | Style::Nonblocking => {
                accept(stream, &self.options, |hello| self.choose(hello))
            }
        }
    }

    fn choose(&self, hello: &ClientHello<'_>) -> Result<Config, Rejection> {
        if let Some(alert) = self.policy.refuses {
            return Err(Rejection::new(alert, "refused by policy"));
        }
        match (&self.policy.names, hello.server_name()) {
            (None, _) => Ok(self.config.clone()),
            (Some(names), Some(name)) if names.iter().any(|own| own.eq_ignore_ascii_case(name)) => {
                Ok(self.config.clone())
            }
            (Some(_), Some(_)) => Err(Rejection::unrecognized_name()),
            (Some(_), None) => Err(Rejection::missing_server_name()),
        }
    }
}

/// Reads a request and answers it in one record.
fn reply(stream: &mut TlsStream<TcpStream>) -> io::Result<()> {
    stream.get_ref().set_read_timeout(Some(PATIENCE))?;
    let mut lines = BufReader::new(stream.take(REQUEST));
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 && !matches!(&line[..], b"\r\n" | b"\n") {
        line.clear();
    }
    // one write, one record
    stream.write_all(REPLY)
}

/// Sends application data back, to its end.
fn echo(stream: &mut TlsStream<TcpStream>) -> io::Result<()> {
    let mut buffer = [0; 16 << 10];
    loop {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            n => stream.write_all(buffer.get(..n).unwrap_or_default())?,
        }
    }
}
