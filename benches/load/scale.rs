//! `scale`: thousands of half-open connections, what each costs, and how good clients fare.

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

/// Hold thousands of connections half open, and see what they cost
///
/// Three servers on tokio, each in processes of its own: lastword's `accept` in a task for each
/// client, its `Listener`, and tokio-rustls's `LazyConfigAcceptor`, in a task for each client under
/// a timeout. To each come clients over TCP on the loopback, all at once, that say nothing; others
/// that say half a ClientHello; and others that are answered and send no Finished. It shows what
/// each of them holds in the server's process: bytes on the heap, as they were asked for, and in how
/// many blocks; and resident memory, from Linux's /proc. What the kernel holds of a socket is not
/// counted: it is the same for all three.
///
/// Meanwhile good clients come, 8 at a time: a handshake of TLS 1.3, a byte, an orderly close. In
/// each round they come to that server for a twentieth of a second, and as long to another alike
/// that has no half-open clients. It shows the medians of the rates, the median of the rounds'
/// ratios, and the server's processor time for each, which the machine's other work disturbs less.
///
/// All must hold, of both servers of lastword and each kind of half-open clients: on the heap they
/// hold no more than with tokio-rustls; the ratio is at least 0.6 and the processor time at most 1.3
/// times that without, where a tenth is the aim and the rest for what else the machine does; all are
/// half open to the end; and once they are let go no more than 64 KiB are left over of all together.
///
/// It takes about a minute. Build it in the profile of `bench`, as `cargo xtask scale` does.
///
/// Needs a descriptor for each connection in each of two processes: it raises its limit as far as it may, and says so if that is not far enough.
/// Exit codes: 0 all that holds, 1 something does not, 2 the command line is wrong.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// How many half-open clients there are at a time [default: as many as there are descriptors
    /// for, and at most 20000]
    #[arg(long, value_name = "N")]
    connections: Option<NonZeroUsize>,
    /// How often good clients come to each of two servers; 0: no rates
    #[arg(long, value_name = "N", default_value_t = 30)]
    rounds: usize,
    /// Print a table of how clients fare with 10, 1000 and 10000 half-open ones, or as many as
    /// there are descriptors for
    #[arg(long)]
    growth: bool,
    /// Be a server, for another process of this verb
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
                println!("FEWER: {came} of {asked} clients came: {lack}");
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
