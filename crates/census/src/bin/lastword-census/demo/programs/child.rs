//! Running another program within a time: what it printed and how it ended.

use std::io::{self, Read};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// What a program printed and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finished {
    pub(super) stdout: String,
    pub(super) stderr: String,
    /// Its exit code; `None` if a signal ended it.
    pub(super) code: Option<i32>,
    /// Whether its time had passed.
    pub(super) killed: bool,
}

/// How long a killed program may take to let go of its output.
const AGONY: Duration = Duration::from_secs(1);

/// Runs a program without input until it closes its output, for no longer than `patience`.
pub(super) fn run(command: &mut Command, patience: Duration) -> io::Result<Finished> {
    let until = Instant::now() + patience;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let outputs = [collect(child.stdout.take()), collect(child.stderr.take())];
    let [mut out, mut err] = outputs.each_ref().map(|output| {
        let left = until.saturating_duration_since(Instant::now());
        output.recv_timeout(left).ok()
    });
    let killed = out.is_none() || err.is_none();
    if killed {
        child.kill()?;
        out = out.or_else(|| outputs[0].recv_timeout(AGONY).ok());
        err = err.or_else(|| outputs[1].recv_timeout(AGONY).ok());
    }
    let status = child.wait()?;
    Ok(Finished {
        stdout: out.unwrap_or_default(),
        stderr: err.unwrap_or_default(),
        code: status.code(),
        killed,
    })
}

/// Reads all of an output beside the rest.
fn collect(output: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut output) = output {
            // what has been read until an error counts
            let _ = output.read_to_end(&mut bytes);
        }
        let _ = send.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receive
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    /// This test program, as the other program: it runs the test of this name and no other.
    fn this(test: &str) -> Command {
        let mut command = Command::new(env::current_exe().unwrap());
        let path = module_path!().split_once("::").unwrap().1;
        let test = format!("{path}::{test}");
        command.args(["--exact", &test, "--nocapture", "--include-ignored"]);
        command
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    #[ignore = "a program for the other tests"]
    fn speaks() {
        println!("to stdout");
        eprintln!("to stderr");
        assert!(env::var_os("CHILD_FAILS").is_none());
    }

    #[test]
    #[ignore = "a program for the other tests, which outlasts them"]
    fn waits() {
        if env::var_os("CHILD_WAITS").is_some() {
            println!("waiting");
            thread::park_timeout(LONG);
        }
    }

    #[test]
    fn has_all_output_and_the_code() {
        let finished = run(&mut this("speaks"), LONG).unwrap();
        assert!(finished.stdout.contains("to stdout\n"), "{finished:?}");
        assert!(finished.stderr.contains("to stderr\n"), "{finished:?}");
        assert_eq!((finished.code, finished.killed), (Some(0), false));
        let finished = run(this("speaks").env("CHILD_FAILS", "1"), LONG).unwrap();
        assert_eq!((finished.code, finished.killed), (Some(101), false));
    }

    #[test]
    fn a_program_that_does_not_end_is_killed() {
        let finished = run(
            this("waits").env("CHILD_WAITS", "1"),
            Duration::from_millis(300),
        );
        let finished = finished.unwrap();
        assert!(finished.killed);
        assert_ne!(finished.code, Some(0));
    }

    #[test]
    fn a_program_that_is_not_there_is_not_found() {
        let error = run(&mut Command::new("no-such-program-here"), LONG).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
