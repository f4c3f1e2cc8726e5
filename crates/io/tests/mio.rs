//! Runs the example `mio` with curl.
//!
//! Cargo builds examples for `cargo test`, but not for `cargo test --test mio` alone.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

/// The example while it runs. It is killed when this is dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill(); // it may have ended
        let _ = self.0.wait();
    }
}

/// Where cargo puts an example: this test is in `deps` beside `examples`.
fn program() -> PathBuf {
    let test = env::current_exe().unwrap();
    let profile = test.parent().unwrap().parent().unwrap();
    let program = profile.join("examples").join("mio");
    program.with_extension(env::consts::EXE_EXTENSION)
}

/// Runs curl without a configuration file and without a proxy. `None` if there is no curl.
fn curl(arguments: &[&str]) -> Option<Output> {
    let mut curl = Command::new("curl");
    curl.args(["-q", "--noproxy", "*", "--silent", "--show-error"]);
    curl.args(["--max-time", "60"]);
    curl.args(arguments).output().ok()
}

#[test]
fn mio_serves_curl_and_logs_a_client_without_tls() {
    if curl(&["--version"]).is_none() {
        eprintln!("skipped: mio_serves_curl_and_logs_a_client_without_tls, there is no curl");
        return;
    }
    let mut command = Command::new(program());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command
        .spawn()
        .expect("`cargo build --examples` builds the example");
    let mut server = Server(child);
    let [mut address, mut log] = [const { String::new() }; 2];
    let mut stdout = BufReader::new(server.0.stdout.take().unwrap());
    stdout.read_line(&mut address).unwrap();
    let address = address.trim_end().strip_prefix("listening ").unwrap();

    let served = curl(&["-k", &format!("https://{address}/")]).unwrap();
    assert_eq!(served.stdout, b"welcome!\n", "{served:?}");
    let refused = curl(&[&format!("http://{address}/")]).unwrap();
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let mut stderr = BufReader::new(server.0.stderr.take().unwrap());
    stderr.read_line(&mut log).unwrap();
    let words = "client sent an HTTP GET request instead of TLS; alert unexpected_message (10) sent, delivered; ";
    assert!(log.starts_with(words), "{log}");
}
