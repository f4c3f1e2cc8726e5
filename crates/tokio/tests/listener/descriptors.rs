//! A listener that is out of descriptors.

use std::env;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{connect, listener, patient, serves_a_good_client};

/// Runs another test of this program with few descriptors.
#[test]
fn it_bears_being_out_of_descriptors_and_takes_clients_again() {
    let run = Command::new("sh")
        .args(["-c", "ulimit -n 40 && exec \"$0\" \"$@\""])
        .arg(env::current_exe().unwrap())
        .args(["--exact", "--ignored", "descriptors::with_few_descriptors"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

#[tokio::test]
#[ignore = "it is run by another with few descriptors"]
async fn with_few_descriptors() {
    let errors = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&errors);
    let options = patient().on_accept_error(move |error| {
        assert_eq!(error.raw_os_error(), Some(24), "EMFILE");
        counted.fetch_add(1, Ordering::Relaxed);
    });
    let (mut listener, _failures) = listener(options).await;
    let mut clients = Vec::new();
    while errors.load(Ordering::Relaxed) < 3 {
        match tokio::net::TcpStream::connect(listener.local_addr()).await {
            Ok(client) => clients.push(client),
            Err(_) => tokio::task::yield_now().await, // out of them itself
        }
    }
    drop(clients);
    serves_a_good_client(&mut listener).await;
    drop(connect(&listener).await);
}
