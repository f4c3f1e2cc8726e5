//! `cargo xtask serve` as a user runs it: options, files, clients good and bad, one line a failure.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::time::Duration;

use lastword_testkit::catalogue::{Case, Target, failing, succeeding};
use lastword_testkit::pki::Pki;

fn xtask() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A running server, with a certificate that the clients of `pki` trust. Ended when dropped.
struct Serve {
    child: Child,
    log: BufReader<ChildStderr>,
    address: SocketAddr,
    folder: PathBuf,
    pki: Pki,
}

impl Serve {
    fn start(name: &str, options: &[&str]) -> Self {
        let folder = std::env::temp_dir().join(format!("lastword-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let pki = Pki::new();
        fs::write(folder.join("cert.pem"), pki.server().certificate_pem()).unwrap();
        fs::write(folder.join("key.pem"), pki.server().key_pem()).unwrap();
        let mut command = xtask();
        command
            .args(["serve", "--max-seconds", "60", "--cert"])
            .arg(folder.join("cert.pem"));
        command
            .arg("--key")
            .arg(folder.join("key.pem"))
            .args(options);
        let mut child = command.spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut first)
            .unwrap();
        let address = first
            .strip_prefix("listening ")
            .unwrap()
            .trim_end()
            .parse()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        Self {
            child,
            log,
            address,
            folder,
            pki,
        }
    }

    fn run(&self, case: &Case) {
        let patience = Duration::from_secs(20);
        let target = Target {
            address: self.address,
            pki: &self.pki,
            patience,
        };
        let observed = case.run(&target).unwrap();
        if let Err(wrong) = case.verdict(&observed) {
            panic!("{}: {wrong}", case.name);
        }
    }

    /// The next line that it writes to standard error, once it has written it.
    fn log(&mut self) -> String {
        let mut line = String::new();
        self.log.read_line(&mut line).unwrap();
        line.trim_end().into()
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn case(cases: Vec<Case>, name: &str) -> Case {
    cases.into_iter().find(|case| case.name == name).unwrap()
}

#[test]
fn serves_good_clients_while_others_are_silent_or_slow() {
    for style in ["direct", "acceptor"] {
        let serve = Serve::start(style, &["--style", style]);
        let _silent: Vec<_> = (0..20)
            .map(|_| TcpStream::connect(serve.address).unwrap())
            .collect();
        serve.run(&case(succeeding(), "tls13"));
        serve.run(&case(succeeding(), "tls12"));
        serve.run(&case(succeeding(), "bytewise"));
    }
}

#[test]
fn logs_each_failed_handshake_on_one_line() {
    let mut serve = Serve::start("log", &["--sni-only", "localhost"]);
    for (name, expected) in [
        (
            "http-get",
            "client_hello: not TLS but an HTTP GET request; \
                sent unexpected_message (10), delivered; name none; ",
        ),
        (
            "unknown-name",
            "server_hello: no server by this name: client asks for ",
        ),
        (
            "no-name",
            "server_hello: a server name is required and none came; \
                sent missing_extension (109), delivered; name none; ",
        ),
    ] {
        serve.run(&case(failing(), name));
        let line = serve.log();
        let (_peer, said) = line.split_once(" awaiting ").unwrap();
        assert!(
            said.starts_with(expected) && said.ends_with(" ms"),
            "{line}"
        );
    }
}

#[test]
fn an_unknown_option_and_an_unreadable_file_end_with_code_2() {
    let run = |options: &[&str]| -> Output { xtask().arg("serve").args(options).output().unwrap() };
    let unknown = run(&["--dance"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("'--dance'"));

    for wrong in [["--alpn", ""], ["--sni-only", ""], ["--deadline", "0"]] {
        assert_eq!(run(&wrong).status.code(), Some(2), "{wrong:?}");
    }

    for options in [
        &["--cert", "/no/such.pem", "--key", "/no/such.key"][..],
        &["--client-ca", "/no/such.pem"],
        &["--ca-out", "/no/such/folder/ca.pem"],
        &["--cert", "Cargo.toml", "--key", "Cargo.toml"], // no PEM
    ] {
        let output = run(options);
        assert_eq!(output.status.code(), Some(2), "{options:?}");
        assert!(output.stdout.is_empty(), "{options:?}");
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(words.starts_with("error: "), "{words}");
        assert!(words.contains(options[1]), "{words}");
    }
}

#[test]
fn ends_by_itself_when_told_to() {
    let output = xtask()
        .args(["serve", "--max-seconds", "0"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.starts_with(b"listening 127.0.0.1:"));
}
