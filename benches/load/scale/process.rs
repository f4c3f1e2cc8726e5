//! The process of a server, seen from another process: how it is started, asked, waited for and
//! ended.

use std::env;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use clap::ValueEnum as _;
use clap::builder::PossibleValue;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::reading::Reading;
use super::style::Style;
use crate::failure::Failure;

/// How long a server may take to process what was sent to it.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long its heap must not change until the server counts as idle.
const QUIET: Duration = Duration::from_millis(100);

/// The process of a server. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    ask: ChildStdin,
    said: BufReader<ChildStdout>,
    pub(super) address: SocketAddr,
    /// The certificate of its authority.
    pub(super) authority: CertificateDer<'static>,
}

impl Process {
    /// Starts a server in another process of this program.
    pub(super) fn start(style: Style) -> Result<Self, Failure> {
        let mut child = spawn(style).map_err(|source| Failure::NotRun {
            command: COMMAND.into(),
            source,
        })?;
        let (Some(ask), Some(said)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(unexpected("nothing: it has no pipes"));
        };
        let mut said = BufReader::new(said);
        let first = line(&mut said)?;
        let mut pem = String::new();
        while !pem.ends_with("\n\n") {
            pem += &line(&mut said)?;
        }
        Ok(Self {
            address: first.trim_end().parse().map_err(|_| unexpected(&first))?,
            authority: CertificateDer::from_pem_slice(pem.as_bytes())
                .map_err(|_| unexpected(&pem))?,
            child,
            ask,
            said,
        })
    }

    /// Returns what the server holds now.
    pub(super) fn reading(&mut self) -> Result<Reading, Failure> {
        writeln!(self.ask).map_err(|error| unexpected(&error.to_string()))?;
        let said = line(&mut self.said)?;
        said.parse().map_err(|_| unexpected(&said))
    }

    /// Waits until it has this many tasks.
    pub(super) fn tasks(&mut self, tasks: usize) -> Result<Reading, Failure> {
        let until = Instant::now() + PATIENCE;
        loop {
            let reading = self.reading()?;
            if reading.tasks == tasks {
                return Ok(reading);
            }
            if Instant::now() >= until {
                let what = format!("{} tasks instead of {tasks}", reading.tasks);
                return Err(unexpected(&what));
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Returns what the server holds once it has this many tasks and is idle.
    pub(super) fn idle(&mut self, tasks: usize) -> Result<Reading, Failure> {
        let mut last = self.tasks(tasks)?;
        loop {
            thread::sleep(QUIET);
            let reading = self.tasks(tasks)?;
            if reading.heap == last.heap {
                return Ok(reading);
            }
            last = reading;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // it has ended already, or cannot be ended: then it ends by itself
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The name of the process in a message.
const COMMAND: &str = "load scale --server";

fn spawn(style: Style) -> io::Result<Child> {
    let value = style.to_possible_value();
    Command::new(env::current_exe()?)
        .args(["scale", "--server"])
        .args(value.as_ref().map(PossibleValue::get_name))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
}

fn line(said: &mut BufReader<ChildStdout>) -> Result<String, Failure> {
    let mut line = String::new();
    match said.read_line(&mut line) {
        Ok(0) => Err(unexpected("no more lines")),
        Ok(_) => Ok(line),
        Err(error) => Err(unexpected(&error.to_string())),
    }
}

fn unexpected(what: &str) -> Failure {
    Failure::Output {
        command: COMMAND.into(),
        what: what.trim_end().into(),
    }
}
