//! `lastword-census`: which alerts a TLS server sends to failing clients.
#![forbid(unsafe_code)]

mod authority;
mod demo;
mod escape;
mod failure;
mod json;
mod junit;
mod page;
mod serve;
mod server;
mod setup;

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, value_parser};
use lastword_census::{Census, Profile, Report, Verdict};
use setup::Part;

/// Connects failing clients to a TLS server, and shows which alert each got and how its connection
/// ended
#[derive(Parser)]
#[command(name = "lastword-census", version)]
enum Command {
    /// Send failing clients to a server, and show which alert each got
    ///
    /// It connects to this address and to no other.
    ///
    /// Exit codes: 0 all clients were sent; 1 a client has a result that --fail-on names; 2 the command
    /// line is wrong, or there is no TLS server.
    Run(Run),
    /// Print an HTML page that compares servers, from the output of `run --json` for each
    ///
    /// Each column is a server and has the name of its file. Each row is a client.
    ///
    /// Exit codes: 0 the page was printed; 2 the command line is wrong, or a file cannot be read.
    Compare {
        /// Files with the output of `run --json`
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    Setup(setup::Options),
    Demo(demo::Options),
    Serve(serve::Options),
}

#[derive(Args)]
struct Run {
    /// The server
    #[arg(value_name = "HOST:PORT")]
    server: String,
    /// The server name that clients ask for [default: HOST, or localhost if that is an IP address]
    #[arg(long)]
    name: Option<String>,
    /// What the server is configured for, besides a certificate, TLS 1.2 and TLS 1.3
    #[arg(long, value_delimiter = ',')]
    profile: Vec<Part>,
    /// The timeout of each client
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = value_parser!(u64).range(1..=3600))]
    patience: u64,
    /// How many clients are connected at a time
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = value_parser!(u16).range(1..=1024))]
    at_once: u16,
    /// How often each client is sent. The worst result of a client counts
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u16).range(1..=100))]
    rounds: u16,
    /// A folder that `setup --authority` wrote. The server must require certificates of that authority. Only
    /// the clients that need this are sent
    #[arg(long, value_name = "DIR")]
    authority: Option<PathBuf>,
    /// Send only the clients with this in their names
    #[arg(long, value_name = "NAME", default_value = "")]
    only: String,
    /// Show all clients
    #[arg(long)]
    all: bool,
    /// Print JSON: one line with an object for each client
    #[arg(long)]
    json: bool,
    /// Print JUnit XML: a test case for each client. It fails if --fail-on names its result. Without
    /// --fail-on, it fails if the result is bad
    #[arg(long, conflicts_with = "json")]
    junit: bool,
    /// Exit with 1 if a client has one of these results. `bad` stands for all that are not good
    #[arg(long, value_name = "RESULT", value_delimiter = ',', value_parser = results())]
    fail_on: Vec<String>,
}

/// The results that `--fail-on` takes.
fn results() -> PossibleValuesParser {
    let names = Verdict::ALL.into_iter().map(Verdict::name);
    PossibleValuesParser::new(names.chain(["bad"]))
}

fn main() -> ExitCode {
    let done = match Command::parse() {
        Command::Run(run) => run.run(),
        Command::Compare { files } => page::print(&files).map(|()| true),
        Command::Setup(options) => setup::print(&options).map(|()| true),
        Command::Demo(options) => return exit(demo::run(&options)),
        Command::Serve(options) => return exit(serve::run(options)),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("lastword-census: {error}");
            ExitCode::from(2)
        }
    }
}

/// Returns the exit code of `demo` or `serve`, and prints why it failed.
fn exit(result: Result<(), failure::Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.is_end_of_reader() => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {}", failure.in_words());
            ExitCode::from(failure.code())
        }
    }
}

impl Run {
    /// Returns whether no client has a result that `--fail-on` names.
    fn run(&self) -> Result<bool, Box<dyn std::error::Error>> {
        let address = address(&self.server)?;
        let name = self.name.clone().unwrap_or_else(|| name(&self.server));
        let mut census = Census::new(address)
            .name(name)
            .profile(self.profile())
            .patience(Duration::from_secs(self.patience))
            .at_once(self.at_once.into())
            .rounds(self.rounds.into())
            .only(&self.only);
        if let Some(folder) = &self.authority {
            census = census.authority(&authority::read(folder)?);
        }
        let shows = io::stderr().is_terminal();
        let report = census.run_with(|ended, of| {
            if shows {
                eprint!("\r{ended} of {of} clients");
            }
        })?;
        if shows {
            eprint!("\r{:30}\r", "");
        }
        printed(self.print(&report))?;
        let mut results = report.results().iter();
        Ok(!results.any(|result| self.is_named(result.verdict)))
    }

    /// Returns whether `--fail-on` names this result.
    fn is_named(&self, verdict: Verdict) -> bool {
        let mut names = self.fail_on.iter();
        names.any(|name| name == verdict.name() || (name == "bad" && !verdict.is_good()))
    }

    fn profile(&self) -> Profile {
        let mut profile = Profile::default();
        for part in &self.profile {
            match part {
                Part::Tls13Only => profile.tls13_only = true,
                Part::Alpn => profile.alpn = true,
                Part::StrictNames => profile.strict_names = true,
            }
        }
        profile
    }

    fn print(&self, report: &Report) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.junit {
            let is_failure = |verdict: Verdict| match self.fail_on.is_empty() {
                true => !verdict.is_good(),
                false => self.is_named(verdict),
            };
            return junit::write(report, is_failure, &mut out);
        }
        match (self.json, self.all) {
            (true, _) => json::write(report, &mut out),
            (false, true) => write!(out, "{report:#}"),
            (false, false) => write!(out, "{report}"),
        }
    }
}

/// Passes the result of printing, except that a reader that has enough, such as `head`, is no error.
fn printed(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

fn address(server: &str) -> Result<SocketAddr, String> {
    if !server.contains(':') {
        return Err(format!("{server} has no port: HOST:PORT is needed"));
    }
    let mut addresses = server
        .to_socket_addrs()
        .map_err(|error| format!("{server}: {error}"))?;
    let none = || format!("{server} has no address");
    addresses.next().ok_or_else(none)
}

/// Returns the server name that clients ask for if none is given.
fn name(server: &str) -> String {
    let (host, _) = server.rsplit_once(':').unwrap_or((server, ""));
    let is_address = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    if is_address { "localhost" } else { host }.into()
}
