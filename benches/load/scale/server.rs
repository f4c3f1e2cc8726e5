//! A server in a process of its own: what it prints, what it answers, and when it ends.

use std::io;
use std::process;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::Pki;
use tokio::runtime::Runtime;

use super::reading::Reading;
use super::style::Style;
use crate::failure::Failure;
use crate::soak::server::forgetful;

/// The time after which it ends in any case.
const LIFETIME: Duration = Duration::from_secs(300);

/// Runs the server. It prints its address, then the certificate of its authority in PEM, and an
/// empty line. It answers each line of standard input with a [`Reading`], until standard input
/// ends.
pub(super) fn run(style: Style) -> Result<(), Failure> {
    thread::spawn(|| {
        thread::sleep(LIFETIME);
        process::exit(1);
    });
    let pki = Pki::new();
    let config = Arc::new(forgetful(&pki.server_config(&ServerProfile::DEFAULT)));
    let runtime = Runtime::new().map_err(Failure::listen)?;
    let address = runtime.block_on(style.start(config));
    println!("{}\n{}", address.map_err(Failure::listen)?, pki.ca_pem());
    for _ in io::stdin().lines().map_while(Result::ok) {
        println!("{}", Reading::now(&runtime.metrics()));
    }
    runtime.shutdown_background();
    Ok(())
}
