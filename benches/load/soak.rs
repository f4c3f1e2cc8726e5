//! `soak`: thousands of clients at once, again and again, and what is left over of them.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;

use crate::failure::Failure;

mod clients;
mod figures;
pub(crate) mod leftovers;
mod notes;
pub(crate) mod server;

use clients::Clients;
use figures::Figures;
use leftovers::Held;
use notes::Notes;

/// Send thousands of clients at once, and see that nothing is left over
///
/// Blocking servers, a thread for each client, and rounds of clients over TCP on the loopback, all
/// clients of a round at once. Half of them are slow: they say nothing, or half a hello. Of the
/// others two in five are good, two are failing ones of `demo`, and one resets the connection. The
/// first round is for warming up. A round takes some six seconds, and two are run in any case.
///
/// All must hold: every good client was served; every failing one was told, and the connection
/// closed in order; the slow ones met their deadline, no more than a tenth late; after every round
/// no thread and no descriptor is left over; and not a byte more is on the heap at the end than
/// after the warm-up, but for these figures. The servers remember no sessions, or those would be
/// left over. All this is skipped where the system does not tell of threads and descriptors: they
/// are from Linux's /proc.
///
/// Needs two descriptors and two threads for each client.
/// Exit codes: 0 all that holds, 1 something does not, 2 the command line is wrong.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// Begin no round that would end after this time
    #[arg(long, value_name = "N", default_value_t = 30)]
    seconds: u64,
    /// How many clients are in a round
    #[arg(long, value_name = "N", default_value = "4000")]
    clients: NonZeroUsize,
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let until = Instant::now() + Duration::from_secs(options.seconds);
    let notes = Arc::new(Notes::default());
    let clients = Clients::new(&notes)?;
    let mut figures = Figures::new(Held::now());
    println!(
        "{} clients a round, {} servers, deadline {:?}",
        options.clients,
        clients.servers(),
        server::DEADLINE
    );
    loop {
        let start = Instant::now();
        let wrong = clients.round(options.clients.get(), &notes);
        let present = notes.wait(clients::PATIENCE);
        let (most, tally) = notes.take();
        let took = start.elapsed();
        println!("{}", figures.round(most, present, took, tally, wrong));
        // the first is for warming up: there is always one more
        if figures.rounds() > 1 && Instant::now() + took > until {
            break;
        }
    }
    print!("{figures}");
    match figures.faults(options.clients.get()) {
        faults if faults.is_empty() => Ok(()),
        faults => Err(Failure::Soak {
            faults: faults.join("; "),
        }),
    }
}
