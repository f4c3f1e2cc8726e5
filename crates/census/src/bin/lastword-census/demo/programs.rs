//! The same conditions with programs that others have made, and the words in which these tell
//! their users.

use std::io;
use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use super::PATHS;
use super::lane::{Lane, Servers};
use super::mark::{Mark, Tally};
use super::report::Report;
use super::scratch::Scratch;
use crate::failure::Failure;

mod child;
mod conditions;
mod curl;
mod openssl;
mod python;

pub(super) use conditions::{CONDITIONS, Condition};

use child::Finished;

/// A program that speaks TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Program {
    Openssl,
    Curl,
    Python,
}

/// What came of a condition with a program on one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trial {
    pub(super) mark: Mark,
    /// What the program said of the alert.
    pub(super) words: String,
    /// The code with which it ended, if it ran and ended by itself.
    pub(super) exit: Option<i32>,
    /// What the server logged.
    pub(super) log: Option<String>,
    /// In what the server was wrong, or the program's words.
    pub(super) wrong: Option<String>,
    pub(super) took: Duration,
}

/// Where a program connects to, and with what.
#[derive(Clone, Copy, Debug)]
struct Site<'a> {
    address: SocketAddr,
    /// The file with the authority's certificate.
    ca: &'a Path,
}

/// How long a program may run.
const PATIENCE: Duration = Duration::from_secs(10);

/// Tries and reports all `conditions` over all paths, with each program that there is.
pub(super) fn run(
    conditions: &[Condition],
    servers: &mut Servers,
    report: &mut dyn Report,
    tally: &mut Tally,
) -> Result<(), Failure> {
    if conditions.is_empty() {
        return Ok(());
    }
    let file = |source| Failure::File {
        path: "a temporary file".into(),
        source,
    };
    let scratch = Scratch::new().map_err(file)?;
    let ca = scratch
        .write("ca.pem", &servers.pki.ca_pem())
        .map_err(file)?;
    for program in Program::ALL {
        let found = program.find();
        let version = found.as_ref().map(|(_, version)| &version[..]);
        report.program(program, version).map_err(Failure::output)?;
        let Some((name, _)) = found else {
            continue;
        };
        for condition in conditions {
            let lanes = servers.lanes(condition.server)?;
            let trials = side_by_side(lanes, |lane| trial(program, name, condition, lane, &ca));
            trials.iter().for_each(|trial| tally.count(trial.mark));
            report
                .trial(program, condition, &trials)
                .map_err(Failure::output)?;
        }
    }
    Ok(())
}

/// Tries all paths at the same time: most of a trial is the start of the program.
fn side_by_side(
    lanes: &mut [Lane; PATHS],
    trial: impl Fn(&mut Lane) -> Trial + Sync,
) -> [Trial; PATHS] {
    thread::scope(|scope| {
        let trials = lanes.each_mut().map(|lane| scope.spawn(|| trial(lane)));
        trials.map(|trial| trial.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// Tries one condition on one path with the program of this `name`.
fn trial(program: Program, name: &str, condition: &Condition, lane: &mut Lane, ca: &Path) -> Trial {
    if condition.in_plaintext && program != Program::Curl {
        return Trial::not_applicable();
    }
    let visit = lane.client(|address| {
        let mut command = Command::new(name);
        program.arguments(&mut command, condition, Site { address, ca });
        child::run(&mut command, PATIENCE)
    });
    let mut trial = match visit.seen {
        Ok(finished) => program.judge(condition, &finished),
        Err(error) => Trial::not_run(&error),
    };
    if let (None, Some(wrong)) = (&trial.wrong, visit.farewell.wrong(false)) {
        (trial.mark, trial.wrong) = (Mark::Wrong, Some(wrong.to_owned()));
    }
    trial.log = visit.farewell.log();
    trial.took = visit.took;
    trial
}

impl Program {
    const ALL: [Self; 3] = [Self::Openssl, Self::Curl, Self::Python];

    /// What it is called.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Openssl => "openssl s_client",
            Self::Curl => "curl",
            Self::Python => "Python's ssl",
        }
    }

    /// The command and its version, if it is on this machine and does what is needed.
    fn find(self) -> Option<(&'static str, String)> {
        let (names, arguments): (&[_], &[_]) = match self {
            Self::Openssl => (&["openssl"], &["version"]),
            Self::Curl => (&["curl"], &["-q", "--version"]),
            Self::Python => (&["python3", "python"], &python::VERSION),
        };
        names.iter().find_map(|name| {
            let finished = child::run(Command::new(name).args(arguments), PATIENCE).ok()?;
            let version = finished.stdout.lines().next()?.trim().to_owned();
            (finished.code == Some(0)).then_some((*name, version))
        })
    }

    fn arguments(self, command: &mut Command, condition: &Condition, site: Site<'_>) {
        match self {
            Self::Openssl => openssl::arguments(command, condition, site),
            Self::Curl => curl::arguments(command, condition, site),
            Self::Python => python::arguments(command, condition, site),
        }
    }

    /// What the program says, and whether that names the alert.
    fn judge(self, condition: &Condition, finished: &Finished) -> Trial {
        let (words, mark) = match self {
            Self::Openssl => openssl::read(&finished.stderr, condition.required),
            Self::Curl => (curl::read(&finished.stderr), Mark::Unjudged),
            Self::Python => python::read(&finished.stderr, condition.required),
        };
        let (mark, wrong) = match (finished.code, mark) {
            _ if finished.killed => {
                let wrong = format!("it did not end within {} s", PATIENCE.as_secs());
                (Mark::Wrong, Some(wrong))
            }
            (_, Mark::Wrong) => {
                let required = condition.required;
                let wrong = format!("its output does not name {required} ({})", required.0);
                (Mark::Wrong, Some(wrong))
            }
            (Some(0), _) => (Mark::Wrong, Some("it reported no error".to_owned())),
            (_, mark) => (mark, None),
        };
        Trial {
            mark,
            words,
            exit: finished.code,
            wrong,
            ..Trial::not_applicable()
        }
    }
}

impl Trial {
    /// That of a program that cannot be the client.
    fn not_applicable() -> Self {
        Self {
            mark: Mark::NotApplicable,
            words: "not applicable: it speaks only TLS".into(),
            exit: None,
            log: None,
            wrong: None,
            took: Duration::ZERO,
        }
    }

    /// That of a program that said nothing.
    fn not_run(error: &io::Error) -> Self {
        Self {
            mark: Mark::Wrong,
            words: String::new(),
            wrong: Some(format!("it could not be run: {error}")),
            ..Self::not_applicable()
        }
    }
}

/// The last line that is not empty, of which a program that gives up makes its reason.
fn last_line(text: &str) -> String {
    let mut lines = text.lines().rev().map(str::trim);
    let last = lines.find(|line| !line.is_empty());
    last.unwrap_or("(no word)").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(stderr: &str, code: i32) -> Finished {
        Finished {
            stdout: String::new(),
            stderr: stderr.into(),
            code: Some(code),
            killed: false,
        }
    }

    const SAID: &str =
        "40:error:0A:SSL routines:f:tlsv1 alert protocol version:s:1:SSL alert number 70\n";

    #[test]
    fn a_program_that_names_the_alert_is_right_and_another_wrong() {
        let version = &CONDITIONS[0];
        let right = Program::Openssl.judge(version, &finished(SAID, 1));
        assert_eq!((right.mark, right.wrong), (Mark::Right, None));
        assert_eq!(
            right.words,
            "tlsv1 alert protocol version: SSL alert number 70"
        );
        let alpn = &CONDITIONS[1];
        let other = Program::Openssl.judge(alpn, &finished(SAID, 1));
        assert_eq!(other.mark, Mark::Wrong);
        assert_eq!(
            other.wrong.as_deref(),
            Some("its output does not name no_application_protocol (120)")
        );
    }

    #[test]
    fn a_program_that_is_content_or_had_to_be_killed_is_wrong() {
        let content = Program::Curl.judge(&CONDITIONS[0], &finished("", 0));
        assert_eq!(content.wrong.as_deref(), Some("it reported no error"));
        let mut killed = finished(SAID, 1);
        killed.killed = true;
        let killed = Program::Openssl.judge(&CONDITIONS[0], &killed);
        assert_eq!(killed.mark, Mark::Wrong);
        assert_eq!(killed.wrong.as_deref(), Some("it did not end within 10 s"));
    }

    #[test]
    fn a_program_that_cannot_be_run_is_wrong() {
        let trial = Trial::not_run(&io::ErrorKind::PermissionDenied.into());
        assert_eq!(trial.mark, Mark::Wrong);
        let wrong = trial.wrong.as_deref();
        assert_eq!(wrong, Some("it could not be run: permission denied"));
    }

    #[test]
    fn what_curl_says_is_shown_and_not_judged() {
        let trial = Program::Curl.judge(&CONDITIONS[4], &finished("curl: (1) What?\n", 1));
        assert_eq!((trial.mark, trial.exit), (Mark::Unjudged, Some(1)));
        assert_eq!(trial.words, "curl: (1) What?");
    }
}
