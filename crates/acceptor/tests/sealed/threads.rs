//! Handshakes that are interleaved, and moved between threads.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use lastword_acceptor::{AlertDescription, Config, Rejection};
use rustls::ClientConnection;

use crate::sealed::audit;
use crate::sealed::peer::{Peer as _, Server, hear};
use crate::sealed::scenario::{Scenario, written};

const HANDSHAKES: usize = 64;

const THREADS: usize = 8;

/// Ends the other threads if this one panics.
struct Ending<'a>(&'a AtomicUsize);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.store(HANDSHAKES, Ordering::Relaxed);
        }
    }
}

/// A handshake between two steps.
struct Job {
    number: usize,
    config: Config,
    client: ClientConnection,
    server: Server,
    /// The number of steps without anything to pass on.
    idle: usize,
}

impl Job {
    fn new(number: usize) -> Self {
        let (config, client) = Scenario::ALL[number % Scenario::ALL.len()].pair();
        Self {
            number,
            config,
            client,
            server: Server::authorizing(),
            idle: 0,
        }
    }

    fn is_accepted(&self) -> bool {
        self.number % 4 != 0
    }

    /// Passes on some of what one side says. Returns whether both are done.
    fn step(&mut self) -> bool {
        let said = written(&mut self.client);
        for chunk in said.chunks(1000) {
            self.server.receive(&self.config, chunk);
        }
        if let Server::Authenticated(_) = self.server {
            let rejection = Rejection::new(AlertDescription::ACCESS_DENIED, "no");
            let rejection = (!self.is_accepted()).then_some(rejection);
            self.server.decide(rejection);
            return false;
        }
        let wrote = self.server.wants_write();
        let answer = written(&mut self.server);
        hear(&mut self.client, &answer);
        if said.is_empty() && !wrote {
            self.server.wait();
            self.idle += 1;
        }
        self.idle > 2
    }

    fn check(mut self) {
        let state = self.client.process_new_packets();
        match self.server {
            Server::Complete(connection) => {
                assert!(self.number % 4 != 0);
                assert!(!self.client.is_handshaking());
                state.unwrap();
                connection.into_rustls().unwrap();
            }
            Server::Failed(_) => {
                let denied = rustls::AlertDescription::AccessDenied;
                let expected = rustls::Error::AlertReceived(denied);
                assert_eq!(state.unwrap_err(), expected);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn handshakes_can_move_between_threads_at_any_step() {
    let jobs = (0..HANDSHAKES).map(Job::new).collect::<VecDeque<_>>();
    let jobs = Mutex::new(jobs);
    let done = AtomicUsize::new(0);
    let steps = Mutex::new(std::collections::HashMap::<usize, usize>::new());
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (jobs, done, steps) = (&jobs, &done, &steps);
            scope.spawn(move || {
                let _ending = Ending(done);
                while done.load(Ordering::Relaxed) < HANDSHAKES {
                    let job = jobs.lock().unwrap().pop_front();
                    let Some(mut job) = job else {
                        thread::yield_now();
                        continue;
                    };
                    *steps.lock().unwrap().entry(thread).or_default() += 1;
                    if job.step() {
                        job.check();
                        done.fetch_add(1, Ordering::Relaxed);
                    } else {
                        jobs.lock().unwrap().push_back(job);
                        thread::yield_now();
                    }
                }
            });
        }
    });
    assert!(steps.lock().unwrap().len() > 1, "one thread did it all");
    audit::check();
}
