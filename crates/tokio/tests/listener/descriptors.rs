//! A listener that is out of descriptors.

use std::env;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::timeout;

use crate::listener::{address, connect, listener, options, serves_a_good_client};

/// Longer than it takes to run out of descriptors.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs another test of this program with few descriptors.
fn run_with_few(test: &str) {
    let run = Command::new("sh")
        .args(["-c", "ulimit -n 40 && exec \"$0\" \"$@\""])
        .arg(env::current_exe().unwrap())
        .args(["--exact", "--ignored", test])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

#[test]
fn without_free_descriptors_it_waits_and_then_takes_clients_again() {
    run_with_few("listener::descriptors::with_few_descriptors");
}

#[test]
fn a_callback_that_panics_without_free_descriptors_stops_nothing() {
    run_with_few("listener::descriptors::with_few_descriptors_and_a_panic");
}

#[tokio::test]
#[ignore = "it is run by another with few descriptors"]
async fn with_few_descriptors() {
    takes_clients_again(|| ()).await;
}

#[tokio::test]
#[ignore = "it is run by another with few descriptors"]
async fn with_few_descriptors_and_a_panic() {
    takes_clients_again(|| panic!("a planted panic")).await;
}

/// Takes clients until it has been out of descriptors three times, and then another. `on_error` is
/// called each time.
async fn takes_clients_again(on_error: impl Fn() + Send + Sync + 'static) {
    let errors = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&errors);
    let options = options().on_accept_error(move |error| {
        let is_emfile = error.raw_os_error() == Some(24);
        counted.fetch_add(usize::from(is_emfile), Ordering::Relaxed);
        on_error();
    });
    let (mut listener, _failures) = listener(options).await;
    let run_out = async {
        let mut clients = Vec::new();
        while errors.load(Ordering::Relaxed) < 3 {
            match tokio::net::TcpStream::connect(address(&listener)).await {
                Ok(client) => clients.push(client),
                Err(_) => tokio::task::yield_now().await, // out of them itself
            }
        }
    };
    timeout(PATIENCE, run_out).await.expect("it takes none");
    serves_a_good_client(&mut listener).await;
    drop(connect(&listener).await);
}
