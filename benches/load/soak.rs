//! `soak`: connects thousands of clients at the same time, in rounds, and finds leaks.

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

/// Connect thousands of clients at the same time, and find leaks
///
/// The servers are blocking, with a thread for each client. Clients connect over TCP on loopback in
/// rounds, all clients of a round at the same time. Half of the clients are slow: they send
/// nothing, or half of a ClientHello. The other half is in groups of five: two good clients, two
/// failing clients of `demo`, and one client that resets the connection. The first round warms up.
/// A round takes about six seconds, and at least two rounds run.
///
/// It checks that:
/// - Every good client is served.
/// - Every failing client gets the required alert, and its connection is closed in order.
/// - Every slow client is closed at the deadline, at most a tenth of the timeout later.
/// - After every round, the process has no more threads and descriptors than before the first.
/// - At the end, the process has no more bytes on the heap than after the first round. The figures
///   that this command itself collects do not count.
///
/// The servers do not store sessions, because stored sessions would count as a leak. The checks of
/// threads, descriptors and the heap need Linux's /proc. On other systems they are skipped.
///
/// Each client needs two file descriptors and two threads.
/// Exit codes: 0 all checks passed, 1 a check failed, 2 the command line is wrong.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// Start no round that would end after this number of seconds
    #[arg(long, value_name = "N", default_value_t = 30)]
    seconds: u64,
    /// The number of clients in a round
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
        // the first round warms up: there is always one more
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
