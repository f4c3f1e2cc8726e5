//! `lastword-census serve` as a user runs it: options, files, clients good and bad, one line a failure.

mod behind;
mod good_server;
mod megabytes;

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use lastword_census::catalogue::{Case, Target, failing, succeeding};
use lastword_census::pki::{ClientProfile, Pki};
use rustls::{ClientConnection, StreamOwned};

fn census() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lastword-census"));
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
        let mut command = census();
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
        let target = Target::new(self.address, &self.pki, patience);
        let observed = case.run(&target).unwrap();
        if let Err(wrong) = case.verdict(&observed) {
            panic!("{}: {wrong}", case.name);
        }
    }

    /// A client of rustls's, connected, that trusts the server.
    fn tls(&self) -> StreamOwned<ClientConnection, TcpStream> {
        let config = self.pki.client_config(&ClientProfile::DEFAULT);
        let name = "localhost".try_into().unwrap();
        let connection = ClientConnection::new(config, name).unwrap();
        let tcp = TcpStream::connect(self.address).unwrap();
        tcp.set_nodelay(true).unwrap();
        StreamOwned::new(connection, tcp)
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

const STYLES: [&str; 4] = ["direct", "acceptor", "nonblocking", "tokio"];

/// Runs a test in all styles at once.
fn in_each_style(test: impl Fn(&'static str) + Sync) {
    thread::scope(|scope| {
        for style in STYLES {
            let test = &test;
            scope.spawn(move || test(style));
        }
    });
}

#[test]
fn serves_good_clients_while_others_are_silent_or_slow() {
    for style in STYLES {
        let serve = Serve::start(style, &["--style", style]);
        let _silent: Vec<_> = (0..20)
            .map(|_| TcpStream::connect(serve.address).unwrap())
            .collect();
        let mut asks_nothing = serve.tls();
        asks_nothing
            .conn
            .complete_io(&mut asks_nothing.sock)
            .unwrap();
        serve.run(&case(succeeding(), "tls13"));
        serve.run(&case(succeeding(), "tls12"));
        serve.run(&case(succeeding(), "bytewise"));
    }
}

#[test]
fn logs_each_failed_handshake_on_one_line() {
    for style in ["acceptor", "nonblocking", "tokio"] {
        let mut serve = Serve::start(
            &format!("log-{style}"),
            &["--sni-only", "localhost", "--style", style],
        );
        for (name, expected) in [
            (
                "http-get",
                "client sent an HTTP GET request instead of TLS; alert unexpected_message (10) sent, delivered; ",
            ),
            (
                "unknown-name",
                "this server refused the client: no server by this name: client asks for ",
            ),
            (
                "no-name",
                "this server refused the client: a server name is required and none came; \
                    alert missing_extension (109) sent, delivered; ",
            ),
        ] {
            serve.run(&case(failing(), name));
            let line = serve.log();
            let (_peer, said) = line.split_once(": ").unwrap();
            assert!(
                said.starts_with(expected) && said.ends_with(" ms"),
                "{style}: {line}"
            );
        }
    }
}

#[test]
fn ends_a_silent_client_at_the_deadline_and_serves_others_meanwhile() {
    in_each_style(|style| {
        let mut serve = Serve::start(
            &format!("deadline-{style}"),
            &["--deadline", "1", "--style", style],
        );
        let mut silent = TcpStream::connect(serve.address).unwrap();
        serve.run(&case(succeeding(), "tls13"));
        let mut told = Vec::new();
        silent.read_to_end(&mut told).unwrap();
        assert_eq!(told, b"", "{style}");
        drop(silent); // the server waits for it
        let line = serve.log();
        let (_peer, said) = line.split_once(": ").unwrap();
        let expected = "handshake timed out before the ClientHello was complete, nothing received: the client may wait \
             for this server to speak first, as clients of STARTTLS do; no alert sent; ";
        let took = said
            .strip_prefix(expected)
            .and_then(|took| took.strip_suffix(" ms"));
        let took: f64 = took.unwrap_or_else(|| panic!("{line}")).parse().unwrap();
        assert!((1e3..10e3).contains(&took), "{style}: {line}");
    });
}

#[test]
fn serves_good_clients_while_others_send_without_end() {
    for style in STYLES {
        let serve = Serve::start(&format!("flood-{style}"), &["--style", style]);
        thread::scope(|scope| {
            let floods = [(); 3].map(|()| {
                let mut flood = TcpStream::connect(serve.address).unwrap();
                scope.spawn(move || {
                    // not TLS: refused, and then drained for the drain time
                    let bytes = [b'a'; 64 << 10];
                    while flood.write_all(&bytes).is_ok() {}
                })
            });
            for _ in 0..20 {
                serve.run(&case(succeeding(), "tls13"));
            }
            for flood in floods {
                flood.join().unwrap();
            }
        });
    }
}

#[test]
fn echoes_every_byte() {
    for style in STYLES {
        let serve = Serve::start(&format!("echo-{style}"), &["--echo", "--style", style]);
        let mut tls = serve.tls();
        for round in 0..32 {
            let sent: Vec<u8> = (0..40_000).map(|n| (n % 251) as u8 ^ round).collect();
            tls.write_all(&sent).unwrap();
            let mut received = vec![0; sent.len()];
            tls.read_exact(&mut received).unwrap();
            assert!(received == sent, "{style}, round {round}");
        }
        tls.conn.send_close_notify();
        tls.flush().unwrap();
        // close_notify comes back, or this would be an error
        assert_eq!(tls.read(&mut [0]).unwrap(), 0, "{style}");
        assert_eq!(tls.sock.read(&mut [0]).unwrap(), 0, "{style}");
    }
}

#[test]
fn serves_one_client_while_another_that_is_accepted_says_nothing() {
    for style in STYLES {
        // to echo it waits for a client for ever
        let serve = Serve::start(&format!("idle-{style}"), &["--echo", "--style", style]);
        let mut idle = serve.tls();
        idle.conn.complete_io(&mut idle.sock).unwrap();
        let mut tls = serve.tls();
        tls.write_all(b"hi").unwrap();
        let mut received = [0; 2];
        tls.read_exact(&mut received).unwrap();
        assert_eq!(&received, b"hi", "{style}");
    }
}

#[test]
fn an_unknown_option_and_an_unreadable_file_end_with_code_2() {
    let run =
        |options: &[&str]| -> Output { census().arg("serve").args(options).output().unwrap() };
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
    for style in STYLES {
        let options = ["serve", "--max-seconds", "0", "--style", style];
        let output = census().args(options).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{style}");
        assert!(output.stdout.starts_with(b"listening 127.0.0.1:"));
    }
}

#[test]
fn a_server_that_is_killed_no_longer_listens() {
    for style in STYLES {
        let mut serve = Serve::start(&format!("killed-{style}"), &["--style", style]);
        serve.run(&case(succeeding(), "tls13"));
        serve.child.kill().unwrap();
        serve.child.wait().unwrap();
        let refused = TcpStream::connect(serve.address).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused, "{style}");
        let options = [
            "serve",
            "--max-seconds",
            "0",
            "--listen",
            &serve.address.to_string(),
        ];
        let again = census().args(options).output().unwrap();
        assert_eq!(again.status.code(), Some(0), "{style}");
    }
}
