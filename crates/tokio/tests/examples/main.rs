//! The examples as the programs they are, with clients of another make.
//!
//! Cargo builds examples for `cargo test`, but not for `cargo test --test examples` alone.
#![cfg(unix)] // ctrl-c is sent as a signal

mod axum;
mod clients;
mod echo;
mod fleet;
mod hyper;
mod pass_through;
mod prometheus;
mod proxy;
mod servers;
mod tonic;

use lastword_testkit::untimed;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{env, fs, thread};

/// How long a server runs at most: it is killed then, and its clients, which have nobody left to
/// wait for, end too.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that is running. Killed when dropped, or when [`PATIENCE`] is at its end.
struct Running {
    child: Arc<Mutex<Child>>,
    /// Gone with this, which ends the wait.
    _patience: Sender<()>,
}

/// An example that is running.
struct Server {
    running: Running,
    address: SocketAddr,
    log: BufReader<ChildStderr>,
}

impl Running {
    fn new(child: Child) -> Self {
        let child = Arc::new(Mutex::new(child));
        let (patience, ended) = mpsc::channel();
        let late = Arc::clone(&child);
        thread::spawn(move || {
            if ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                kill(&late);
            }
        });
        Self {
            child,
            _patience: patience,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        kill(&self.child);
    }
}

fn kill(child: &Mutex<Child>) {
    let mut child = child.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = child.kill(); // it may have ended
    let _ = child.wait();
}

impl Server {
    fn start(example: &str, files: &[PathBuf]) -> Self {
        Self::run(Command::new(program(example)).args(files))
    }

    /// Runs an example with arguments and an environment.
    fn run(command: &mut Command) -> Self {
        let started = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = started.unwrap_or_else(|error| {
            panic!("{command:?}: {error}; `cargo build --examples` builds it")
        });
        let stdout = child.stdout.take().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let running = Running::new(child);
        let mut first = String::new();
        BufReader::new(stdout).read_line(&mut first).unwrap();
        let address = first.trim_end().strip_prefix("listening ");
        Self {
            running,
            address: address.unwrap_or_default().parse().unwrap(),
            log,
        }
    }

    /// The next line that it writes to standard error, once it has written it.
    fn log(&mut self) -> String {
        untimed(self.read_line())
    }

    /// The next line, whatever it is.
    fn read_line(&mut self) -> String {
        let mut line = String::new();
        self.log.read_line(&mut line).unwrap();
        line.trim_end().into()
    }

    /// The next line without the client's address in front.
    fn log_of_anybody(&mut self) -> String {
        let line = self.log();
        let (peer, said) = line.split_once(": ").unwrap();
        assert_eq!(
            peer.parse::<SocketAddr>().unwrap().ip(),
            self.address.ip(),
            "{line}"
        );
        said.into()
    }

    /// Has it end as ctrl-c does: the code with which it ended, and what else it logged.
    fn end(self) -> (Option<i32>, String) {
        self.interrupt();
        self.ended()
    }

    /// Does what ctrl-c does, once the server listens for it: until then it would be killed.
    fn interrupt(&self) {
        let id = self.running.child.lock().unwrap().id().to_string();
        while cfg!(target_os = "linux") && !awaits_interrupts(&id) {
            thread::yield_now();
        }
        let sent = Command::new("sh")
            .args(["-c", "kill -INT $0", &id])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Waits until it has ended: see [`end`](Self::end).
    fn ended(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).unwrap(); // until it has ended
        (
            self.running.child.lock().unwrap().wait().unwrap().code(),
            rest,
        )
    }
}

/// Whether a process has a handler for SIGINT, which is signal 2, and all its threads sleep: tokio
/// installs the handler before it notes who is to be told, and one that comes between is lost.
fn awaits_interrupts(id: &str) -> bool {
    let mut threads = fs::read_dir(format!("/proc/{id}/task")).unwrap();
    threads.all(|thread| {
        let status = fs::read_to_string(thread.unwrap().path().join("status"));
        status.is_ok_and(|status| {
            let field = |name| status.lines().find_map(|line| line.strip_prefix(name));
            let caught = u64::from_str_radix(field("SigCgt:").unwrap().trim(), 16).unwrap();
            caught & 2 != 0 && field("State:").unwrap().trim_start().starts_with('S')
        })
    })
}

/// Where cargo puts an example: this test is in `deps` beside `examples`.
fn program(example: &str) -> PathBuf {
    let test = env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let program = profile.join("examples").join(example);
    program.with_extension(env::consts::EXE_EXTENSION)
}

/// A client that has connected before ctrl-c, and fails after it, is told all the same.
fn tells_who_fails_after_ctrl_c(example: &str) {
    tells_who_fails_after_ctrl_c_with(Server::start(example, &[]));
}

fn tells_who_fails_after_ctrl_c_with(server: Server) {
    let mut last = TcpStream::connect(server.address).unwrap();
    let own = last.local_addr().unwrap();
    server.interrupt();
    let Server {
        running,
        address,
        mut log,
    } = server;
    // each connection below is a line, and a server that cannot write one waits
    let log = thread::spawn(move || {
        let mut lines = String::new();
        log.read_to_string(&mut lines).unwrap(); // until the server has ended
        lines
    });
    let refused =
        || TcpStream::connect(address).is_err_and(|e| e.kind() == ErrorKind::ConnectionRefused);
    while !refused() {}
    last.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let mut told = Vec::new();
    last.read_to_end(&mut told).unwrap();
    assert_eq!(told, [21, 3, 3, 0, 2, 2, 10]);
    drop(last);
    let log = log.join().unwrap();
    let ended = running.child.lock().unwrap().wait().unwrap();
    assert_eq!(ended.code(), Some(0), "{log}");
    let said = "client sent an HTTP GET request instead of TLS; alert unexpected_message (10) sent, delivered";
    let said = format!("{own}: {said}");
    assert!(log.lines().any(|line| untimed(line) == said), "{log}");
}

#[test]
fn the_examples_of_both_crates_make_certificates_in_the_same_way() {
    let here = include_str!("../../examples/common/mod.rs");
    assert_eq!(here, include_str!("../../../io/examples/common/mod.rs"));
}
