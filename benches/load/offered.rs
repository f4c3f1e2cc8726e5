//! `load`: open arrivals of good and failing clients, at servers of ours and of others.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum as _};
use lastword_testkit::pki::Pki;

use crate::failure::Failure;

mod arrivals;
mod capacity;
mod client;
mod figures;
mod idle;
mod kind;
mod offer;
mod outcome;
mod page;
mod server;
mod usage;

use arrivals::{Arrivals, Rates};
use figures::{Figures, HEAD, LEGEND};
use idle::Idle;
use kind::Kind;
use offer::{Plans, offer};
use outcome::Outcome;
use server::{Files, Server};

/// Send good and failing clients to servers at set rates, and measure how they fare
///
/// Clients arrive at random, at a rate that does not depend on the server (open arrivals). The time of
/// a client counts from its intended arrival, also if the load program or the server was late. Good
/// clients make a full handshake, resume a session or have a certificate, and get a small reply. There
/// are 15 kinds of failing clients.
///
/// The server runs on processor 0, and the clients run on processor 1. A server is started anew for each
/// run. All servers have the same certificate, reply, close and timeout. The servers of other projects
/// are measured where they are installed.
///
/// The load is sent to 127.0.0.1 only. Each run needs a descriptor for each connection at a time.
/// Exit codes: 0 it was measured, 1 it could not be, 2 the command line is wrong.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// How long clients arrive in a run
    #[arg(long, value_name = "N", default_value = "4")]
    seconds: u32,
    /// How often each run is repeated. The tables have medians
    #[arg(long, value_name = "N", default_value = "3")]
    rounds: std::num::NonZeroUsize,
    /// The servers [default: all that are installed]
    #[arg(long, value_name = "NAME", value_enum, value_delimiter = ',')]
    server: Vec<Server>,
    /// Good and failing clients a second
    #[arg(long, value_name = "GOOD:BAD", value_delimiter = ',', value_parser = rates,
          default_value = "600:0,600:1800,600:5400,900:8100,1300:11700,2000:0,4000:0")]
    rates: Vec<Rates>,
    /// Write a page with the curves to this file
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
    /// Search how many good clients a second each server serves with a p99 below 50 ms
    #[arg(long, conflicts_with_all = ["rates", "page"])]
    capacity: bool,
    /// Measure the processor time of the server for a client of each kind
    #[arg(long, conflicts_with_all = ["rates", "page", "capacity"])]
    kinds: bool,
    /// Open this many idle TLS connections before clients arrive
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with_all = ["capacity", "kinds"])]
    idle: usize,
    /// Be this server, for another process of this program
    #[arg(long, hide = true, requires = "files")]
    be: Option<Server>,
    #[arg(long, hide = true)]
    files: Option<PathBuf>,
}

fn rates(text: &str) -> Result<Rates, &'static str> {
    const WRONG: &str = "not two numbers, for example 600:5400";
    let number = |text: &str| match text.parse::<u32>() {
        Ok(number) if number <= 100_000 => Ok(f64::from(number)),
        _ => Err(WRONG),
    };
    let (good, bad) = text.split_once(':').ok_or(WRONG)?;
    match (number(good)?, number(bad)?) {
        (0.0, 0.0) => Err("no clients"),
        (good, bad) => Ok(Rates { good, bad }),
    }
}

/// What all runs share.
struct Bench {
    files: Files,
    pki: Pki,
    window: Duration,
    idle: usize,
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    if let (Some(server), Some(files)) = (options.be, &options.files) {
        return server.run(files.clone());
    }
    server::pin_this_process()?;
    rlimit::increase_nofile_limit(u64::MAX).map_err(|source| Failure::Limit { source })?;
    let pki = Pki::new();
    let bench = Bench {
        files: Files::new(&pki).map_err(Failure::listen)?,
        pki,
        window: Duration::from_secs(options.seconds.into()),
        idle: options.idle,
    };
    let servers = installed(&options.server);
    let rounds = options.rounds.get();
    match (options.capacity, options.kinds) {
        (true, _) => capacity::print(&bench, &servers, rounds),
        (_, true) => kinds(&bench, &servers, rounds),
        _ => {
            let all = curves(&bench, &servers, &options.rates, rounds)?;
            match &options.page {
                Some(path) => page::write(path, &all).map_err(Failure::listen),
                None => Ok(()),
            }
        }
    }
}

/// Returns the servers of the command line, or all servers. It leaves out servers that are not installed,
/// and prints their names.
fn installed(asked: &[Server]) -> Vec<Server> {
    let all = match asked {
        [] => Server::value_variants(),
        asked => asked,
    };
    let (installed, missing): (Vec<Server>, _) = all.iter().partition(|one| one.is_installed());
    for server in missing {
        println!("{}: not installed, left out", server.name());
    }
    installed
}

/// Runs all servers at all rates, and prints a table for each rate.
fn curves(
    bench: &Bench,
    servers: &[Server],
    rates: &[Rates],
    rounds: usize,
) -> Result<Vec<Figures>, Failure> {
    println!("{LEGEND}");
    let mut all = Vec::new();
    for rates in rates {
        let mut outcomes: Vec<Vec<Outcome>> = servers.iter().map(|_| Vec::new()).collect();
        for round in 0..rounds {
            for (server, outcomes) in servers.iter().zip(&mut outcomes) {
                bench.progress(&format!("{rates}: {}, round {}", server.name(), round + 1));
                outcomes.push(bench.run(*server, Arrivals::new(*rates))?);
            }
        }
        let late = outcomes.iter().flatten().map(|outcome| outcome.late).max();
        println!(
            "{rates}; clients started at most {:.1?} late",
            late.unwrap_or_default()
        );
        println!("{HEAD}");
        for (server, outcomes) in servers.iter().zip(&outcomes) {
            let figures = Figures::new(*server, *rates, outcomes);
            println!("{figures}");
            all.push(figures);
        }
        println!();
    }
    Ok(all)
}

/// Prints the processor time for a client of each kind, in microseconds.
fn kinds(bench: &Bench, servers: &[Server], rounds: usize) -> Result<(), Failure> {
    /// Clients a second: few enough for all servers.
    const RATE: f64 = 500.0;
    print!("processor time of the server for a client, us\n{:<30}", "");
    for server in servers {
        print!(" {:>14}", server.name());
    }
    println!();
    for kind in Kind::GOOD.into_iter().chain(Kind::BAD) {
        let mut times = vec![Vec::new(); servers.len()];
        for _ in 0..rounds {
            for (server, times) in servers.iter().zip(&mut times) {
                bench.progress(&format!("{kind}: {}", server.name()));
                times.push(bench.run(*server, Arrivals::of(kind, RATE))?.processor());
            }
        }
        print!("{kind:<30}");
        for times in times {
            print!(" {:>14.0}", figures::median(times));
        }
        println!();
    }
    Ok(())
}

impl Bench {
    /// Starts the server, sends it these clients, and returns how they fared.
    fn run(&self, server: Server, arrivals: Arrivals) -> Result<Outcome, Failure> {
        let process = server.start(&self.files)?;
        let failed = |source| Failure::Offer { source };
        let _idle = Idle::open(self.idle, process.address, &self.pki).map_err(failed)?;
        let plans = Plans::new(&self.pki); // this server cannot resume sessions of another
        let to = (process.address, process.id());
        offer(arrivals, self.window, &plans, to).map_err(failed)
    }

    /// Says on a terminal what is run now.
    fn progress(&self, what: &str) {
        if io::stderr().is_terminal() {
            eprint!("\r\x1b[K{what}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_two_numbers_and_not_both_zero() {
        let found = rates("600:5400").unwrap();
        assert_eq!((found.good, found.bad), (600.0, 5400.0));
        for wrong in ["600", "600:", "a:1", "-1:1", "0:0", "1:100001"] {
            assert!(rates(wrong).is_err(), "{wrong}");
        }
    }
}
