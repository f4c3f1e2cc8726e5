//! Handshakes and refusals over TCP, and what they cost the server's processor. Prints a table.
//!
//! One client comes after the other, and the server's thread does nothing else, so what the system
//! says the thread has used is the server's. Ways take turns, so short that a change of the machine's
//! pace meets all of them, and the median of all rounds counts.
#![forbid(unsafe_code)]

mod over_tcp;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::{fs, thread};

use lastword_benches::report::{self, Figure, Measure};
use lastword_benches::servers::{self, Like, Server};
use lastword_testkit::catalogue::ClientAuth;
use lastword_testkit::wire::HelloBuilder;
use over_tcp::client::{Comes, comes};
use over_tcp::server::{Serves, WAYS};

/// How often each way has its turn, and for how many clients.
const ROUNDS: usize = 51;
const CLIENTS: usize = 40;

fn main() {
    if used().is_none() {
        println!("the system does not say what a thread has used");
        return;
    }
    let any = servers::server(&[], ClientAuth::No);
    let (h2, by_name) = (servers::server(&["h2"], ClientAuth::No), servers::by_name());
    let full = Comes::Handshakes(Like::DEFAULT.config());
    let like = Like {
        resumes: true,
        ..Like::DEFAULT
    };
    let resumed = Comes::Handshakes(like.config());
    let stranger = HelloBuilder::default().server_name("stranger.test");
    let stranger = Comes::Sends(stranger.record());
    let other_protocol = Comes::Sends(HelloBuilder::default().alpn(&["x"]).record());
    let junk = Comes::Sends(vec![0; 64]);
    let figures = [
        figures("handshake", &any, &full),
        figures("resumption", &any, &resumed),
        figures("unknown name", &by_name, &stranger),
        figures("ALPN", &h2, &other_protocol),
        figures("junk", &any, &junk),
    ];
    report::print(&figures.concat());
}

/// Returns what a client costs, in each way.
fn figures(work: &str, server: &Server, comes: &Comes) -> Vec<Figure> {
    let mut costs = [const { Vec::new() }; WAYS.len()];
    for _ in 0..ROUNDS {
        for (costs, (_, serves)) in costs.iter_mut().zip(WAYS) {
            costs.push(cost(*serves, server, comes));
        }
    }
    let figures = costs.into_iter().zip(WAYS).map(|(mut costs, (way, _))| {
        costs.sort_by(f64::total_cmp);
        let (work, median) = (format!("loopback/{work}"), costs[ROUNDS / 2]);
        Figure::new(work, *way, Measure::Processor, median)
    });
    figures.collect()
}

/// What a client costs the server, in microseconds.
fn cost(serves: Serves, server: &Server, how: &Comes) -> f64 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there are ports");
    let address: SocketAddr = listener.local_addr().expect("it is bound");
    thread::scope(|scope| {
        scope.spawn(|| (0..=CLIENTS).for_each(|_| comes(how, address)));
        let mut serve = serves(listener, server);
        serve(1); // what is made at its first use is made
        let before = used().unwrap_or_default();
        serve(CLIENTS);
        (used().unwrap_or_default() - before) as f64 / CLIENTS as f64 / 1000.0
    })
}

/// The processor's time that this thread has used, in nanoseconds.
fn used() -> Option<u64> {
    thread::yield_now(); // else it is what had been used at the last wait
    let says = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    says.split_whitespace().next()?.parse().ok()
}
