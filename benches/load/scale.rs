//! `scale`: the cost of thousands of half-open connections, and the speed of good clients
//! meanwhile.

use std::num::NonZeroUsize;

use clap::Args;

use crate::failure::Failure;

mod figures;
mod good;
mod growth;
mod half_open;
mod measure;
mod process;
mod reading;
mod room;
mod server;
mod style;

use figures::{Figure, Figures, HEAD};
use good::Visit;
use half_open::State;
use measure::measure;
use room::Room;
use style::Style;

/// Open thousands of connections that stay half open, and measure their cost
///
/// It starts three kinds of servers with tokio, each in its own process: lastword's `accept` in a
/// task for each client, lastword's `Listener`, and tokio-rustls's `LazyConfigAcceptor` in a task
/// for each client, with a timeout. The half-open clients connect over TCP on loopback, all at the
/// same time. There are three kinds: clients that send nothing, clients that send half of a
/// ClientHello, and clients that send a ClientHello but no Finished. For each kind it shows how
/// much one client costs in the server's process: the bytes and the number of blocks on the heap,
/// and the resident memory, from Linux's /proc. The memory of the kernel is not counted, because it
/// is the same for all three servers.
///
/// While these clients are connected, other clients complete a handshake of TLS 1.3, receive one
/// byte, and close in order. 8 of them are connected at a time. In each round they connect for 50
/// milliseconds to that server, and for 50 milliseconds to an equal server without half-open
/// clients. It shows the median rate at both servers, the median ratio of the two rates, and the
/// server's processor time for each client. Other programs on the machine disturb the processor
/// time less than the rates.
///
/// It checks both servers of lastword with each kind of half-open clients:
/// - A half-open client takes no more heap memory than with tokio-rustls.
/// - The ratio of the rates is at least 0.6, and the processor time is at most 1.3 times the time
///   without half-open clients. The aims are 0.9 and 1.1. The limits are wider, because
///   other programs disturb the figures.
/// - All half-open clients stay half open until they are closed.
/// - After they are closed, at most 64 KiB of their memory in total remain on the heap.
///
/// It takes about a minute. Build it with the profile `bench`, as `cargo xtask scale` does.
///
/// Each connection needs a file descriptor in two processes. The program raises its limit of
/// descriptors as far as the system allows, and prints a line if that is not enough.
/// Exit codes: 0 all checks passed, 1 a check failed, 2 the command line is wrong.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// The number of half-open clients at a time [default: as many as the limit of descriptors
    /// allows, at most 20000]
    #[arg(long, value_name = "N")]
    connections: Option<NonZeroUsize>,
    /// The number of rounds of good clients. With 0, no rates are measured
    #[arg(long, value_name = "N", default_value_t = 30)]
    rounds: usize,
    /// Print a table of the time for a good client with 10, 1000 and 10000 half-open clients, or as
    /// many as the limit of descriptors allows
    #[arg(long)]
    growth: bool,
    /// Run a server, for another process of this command
    #[arg(long, value_name = "STYLE", hide = true)]
    server: Option<Style>,
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    if let Some(style) = options.server {
        return server::run(style);
    }
    let room = Room::new(options.connections)?;
    if options.growth {
        return growth::print(&room, options.rounds);
    }
    println!("{room}");
    for style in Style::ALL {
        if let Some(bytes) = style.future() {
            println!("{style}: a future of {bytes} bytes");
        }
    }
    match figures(&room, options.rounds)?.faults() {
        faults if faults.is_empty() => Ok(()),
        faults => Err(Failure::Scale {
            faults: faults.join("; "),
        }),
    }
}

fn figures(room: &Room, rounds: usize) -> Result<Figures, Failure> {
    let mut figures = Figures::default();
    println!("{HEAD}");
    for state in State::ALL {
        println!("a client that {state}");
        for style in Style::ALL {
            let measured = measure(style, state, Visit::Handshake, room.connections(), rounds)?;
            if let Some(lack) = &measured.lack {
                let (came, asked) = (measured.half_open, room.connections());
                println!("FEWER: {came} of {asked} clients connected: {lack}");
            }
            println!(
                "{}",
                figures.add(Figure {
                    state,
                    style,
                    measured
                })
            );
        }
    }
    Ok(figures)
}
