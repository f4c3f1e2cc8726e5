//! `serve`: a real server to try by hand, and to point other tools at.

use std::fs;
use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};
use lastword_census::pki::Pki;
use socket2::{Domain, Socket, Type};

use crate::failure::Failure;
use crate::server::{Line, Policy, Server, Style};

mod setup;

/// Serve HTTPS, to try failing clients by hand
///
/// Once it listens, it prints `listening IP:PORT` on standard output. A GET gets one HTTP/1.0 200
/// reply, then close_notify and an orderly close. A client without a request gets no reply.
/// Sessions are resumed, with stateless tickets. Each failed handshake is one line on standard
/// error.
///
///   lastword-census serve --ca-out ca.pem --tls 1.3
///   openssl s_client -connect IP:PORT -CAfile ca.pem -tls1_2
///
/// Exit codes: 0 --max-seconds have passed; 1 it could not listen; 2 the command line is wrong, or
/// names a file that cannot be used.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// How clients are accepted
    #[arg(long, value_enum, default_value = "acceptor")]
    style: Style,
    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The certificate chain, which begins with the server's own [default: made at start]
    #[arg(long, value_name = "PEM", requires = "key")]
    cert: Option<PathBuf>,
    /// The key of the certificate
    #[arg(long, value_name = "PEM", requires = "cert")]
    key: Option<PathBuf>,
    /// Where to write the certificate of the authority made at start
    #[arg(long, value_name = "FILE", conflicts_with = "cert")]
    ca_out: Option<PathBuf>,
    /// The versions to speak
    #[arg(long, value_enum, default_value = "both")]
    tls: Versions,
    /// The application protocols, in order of preference
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = protocol)]
    alpn: Vec<String>,
    /// Serve only clients that ask for one of these server names
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = NonEmptyStringValueParser::new())]
    sni_only: Option<Vec<String>>,
    /// The authorities of client certificates [default: the one made at start]
    #[arg(long, value_name = "PEM")]
    client_ca: Option<PathBuf>,
    /// Whether clients must have a certificate [default: required with --client-ca]
    #[arg(long, value_enum)]
    client_auth: Option<ClientAuth>,
    /// Send application data back instead of a reply
    #[arg(long)]
    echo: bool,
    /// The timeout of a handshake
    #[arg(long, value_name = "SECONDS", default_value = "10")]
    deadline: NonZeroU64,
    /// End after this time [default: never]
    #[arg(long, value_name = "SECONDS")]
    max_seconds: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Versions {
    #[value(name = "1.2")]
    Tls12,
    #[value(name = "1.3")]
    Tls13,
    Both,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ClientAuth {
    Required,
    Optional,
}

/// RFC 7301 3.1: 1 to 255 bytes.
fn protocol(name: &str) -> Result<String, &'static str> {
    match name.len() {
        1..=255 => Ok(name.into()),
        _ => Err("a protocol has a name of 1 to 255 bytes"),
    }
}

pub(crate) fn run(options: Options) -> Result<(), Failure> {
    let pki = Pki::new();
    let config = setup::config(&options, &pki)?;
    if let Some(path) = &options.ca_out {
        fs::write(path, pki.ca_pem()).map_err(|source| Failure::unusable(path, source))?;
    }
    let policy = Policy {
        names: options.sni_only,
        ..Policy::default()
    };
    let mut server = Server::new(options.style, config, policy)?;
    server.timeout = Duration::from_secs(options.deadline.get());
    server.echo = options.echo;

    let listener = listen(options.listen).map_err(Failure::listen)?;
    let address = listener.local_addr().map_err(Failure::listen)?;
    println!("listening {address}");
    io::stdout().flush().map_err(Failure::listen)?;

    let (send, ended) = mpsc::channel();
    thread::spawn(move || send.send(server.run(&listener, log)));
    let ended = match options.max_seconds {
        Some(seconds) => ended.recv_timeout(Duration::from_secs(seconds)).ok(),
        None => ended.recv().ok(),
    };
    match ended {
        None => Ok(()),
        Some(Err(error)) => Err(Failure::listen(error)),
    }
}

/// Binds as [`TcpListener::bind`] does, with a longer backlog, for bursts.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    /// As many as Linux allows by default, in connections.
    const BACKLOG: i32 = 4096;
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    #[cfg(unix)] // on Windows the option lets two sockets listen at once
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Writes a line of the log in one piece: stderr has no buffer, so each piece is a system call.
fn log(line: &Line) {
    // a log that cannot be written ends no server
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}
