//! Every client of the catalogue over real TCP, in every style: told right, and closed in order.

mod blocking;
mod polling;
mod server;

use std::net::TcpListener;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use lastword_io::acceptor::Config;
use lastword_io::background::Deliveries;
use lastword_testkit::catalogue::{self, Case, Required, Target};
use lastword_testkit::pki::Pki;

use polling::Poller;
use server::{Job, Log, Path};

/// Runs one client against a server, which `start` starts.
fn run(case: &Case, pki: &Pki, start: impl FnOnce(Job)) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (job, log) = Job::new(
        listener,
        case.server,
        Config::new(pki.server_config(&case.server)).unwrap(),
    );
    start(job);
    let target = Target::new(address, pki, Duration::from_secs(20));
    let observed = case.run(&target).unwrap();
    let Log(log) = log.recv().unwrap();
    if let Err(wrong) = case.verdict(&observed) {
        panic!("{}: {wrong}; the server says {log:?}", case.name);
    }
    assert_eq!(
        log.is_none(),
        case.required == Required::Served,
        "{}: {log:?}",
        case.name
    );
}

/// Runs them four at a time, for some wait out a deadline.
fn run_all(cases: &[Case], each: impl Fn(&Case, &Pki) + Sync) {
    let pki = Pki::new();
    let (pki, each, quarter) = (&pki, &each, cases.len().div_ceil(4));
    thread::scope(|scope| {
        for cases in cases.chunks(quarter) {
            scope.spawn(move || cases.iter().for_each(|case| each(case, pki)));
        }
    });
}

/// Each client has a thread of the server's.
fn block(cases: &[Case], path: Path) {
    run_all(cases, |case, pki| {
        run(case, pki, |job| {
            thread::spawn(move || blocking::serve(job, path));
        });
    });
}

/// All clients have one thread of the server's.
fn poll(cases: &[Case], path: Path) {
    let poller = Poller::start(path);
    run_all(cases, |case, pki| {
        let jobs: Sender<Job> = poller.jobs();
        run(case, pki, |job| jobs.send(job).unwrap());
    });
}

/// Those that a server without a choice can be tried with.
fn failing_direct() -> Vec<Case> {
    let mut cases = catalogue::failing();
    cases.retain(|case| !case.server.has_choice());
    assert!(cases.len() > 60, "only {}", cases.len());
    cases
}

#[test]
fn tells_every_failing_client_on_the_acceptor_path() {
    block(&catalogue::failing(), Path::Acceptor);
}

#[test]
fn tells_every_failing_client_on_the_direct_path() {
    block(&failing_direct(), Path::Direct);
}

#[test]
fn tells_every_failing_client_without_encrypted_alerts() {
    let cases = catalogue::with_rustls_provider(catalogue::failing());
    block(&cases.collect::<Vec<_>>(), Path::Acceptor);
}

#[test]
fn serves_every_other_client_on_both_paths() {
    block(&catalogue::succeeding(), Path::Acceptor);
    block(&catalogue::succeeding(), Path::Direct);
}

#[test]
fn one_thread_delivers_the_alert_of_every_failing_client() {
    let deliveries = Deliveries::start(100).unwrap();
    run_all(&catalogue::failing(), |case, pki| {
        run(case, pki, |job| {
            let deliveries = deliveries.clone();
            thread::spawn(move || blocking::refuse(job, &deliveries));
        });
    });
}

#[test]
fn one_polling_thread_tells_every_failing_client_on_the_acceptor_path() {
    poll(&catalogue::failing(), Path::Acceptor);
}

#[test]
fn one_polling_thread_tells_every_failing_client_on_the_direct_path() {
    poll(&failing_direct(), Path::Direct);
}

#[test]
fn one_polling_thread_serves_every_other_client_on_both_paths() {
    poll(&catalogue::succeeding(), Path::Acceptor);
    poll(&catalogue::succeeding(), Path::Direct);
}
