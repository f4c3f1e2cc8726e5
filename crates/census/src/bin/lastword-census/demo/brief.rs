//! The short report for people, in at most 80 columns: three lines for each of a few clients.

use std::io::{self, Write};
use std::time::Duration;

use lastword_census::catalogue::{Case, End};

use super::mark::{Mark, Tally};
use super::outcome::{Outcome, Ran};
use super::programs::{Condition, Program, Trial};
use super::report::Report;
use super::table::{RED, RESET};
use super::text;
use super::{PATHS, STYLES};

/// The clients that are shown if none are named: of different kinds, with short log lines.
pub(super) const SHOWN: [&str; 10] = [
    "half-a-hello",
    "http-get",
    "oversized-record",
    "no-key-share",
    "tls12-only",
    "refused",
    "wrong-binder",
    "garbage-certificate",
    "broken-key",
    "tls13",
];

/// The width of a line, in characters.
const WIDTH: usize = 80;

/// The short report.
pub(super) struct Brief<W> {
    out: W,
    colour: bool,
    /// Whether all clients are shown.
    all: bool,
    clients: usize,
    /// Whether the last line is not an empty one.
    in_block: bool,
}

impl<W: Write> Brief<W> {
    /// Creates a report on this number of clients. It shows `all` of them, or a few.
    ///
    /// A client with a wrong result is always shown.
    pub(super) const fn new(out: W, colour: bool, all: bool, clients: usize) -> Self {
        Self {
            out,
            colour,
            all,
            clients,
            in_block: false,
        }
    }

    /// Writes one line, or more if it is too long.
    fn line(&mut self, indent: &str, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", wrapped(indent, text))
    }

    fn wrong(&mut self, text: &str) -> io::Result<()> {
        let text = wrapped("", text);
        match self.colour {
            true => writeln!(self.out, "{RED}{text}{RESET}"),
            false => writeln!(self.out, "{text}"),
        }
    }

    fn ran(&mut self, styles: &str, ran: &Ran) -> io::Result<()> {
        self.line("", &format!("got{styles}: {}", told(ran)))?;
        let log = ran.log.as_deref().unwrap_or("nothing");
        self.line("", &format!("log{styles}: {log}"))?;
        if let Some(note) = &ran.note {
            self.line("", &format!("known{styles}: {note}"))?;
        }
        match &ran.wrong {
            Some(wrong) => self.wrong(&format!("WRONG{styles}: {wrong}")),
            None => Ok(()),
        }
    }
}

impl<W: Write> Report for Brief<W> {
    fn begin(&mut self) -> io::Result<()> {
        if self.all {
            return Ok(());
        }
        let (some, all) = (SHOWN.len(), self.clients);
        let text = format!("{some} of {all} clients are shown; --all shows all of them.\n");
        self.line("", &text)
    }

    fn case(&mut self, case: &Case, outcomes: &[Outcome; PATHS]) -> io::Result<()> {
        let is_wrong = outcomes.iter().any(|it| it.mark() == Mark::Wrong);
        if !(self.all || is_wrong || SHOWN.contains(&case.name)) {
            return Ok(());
        }
        self.line("", &format!("{}: {}", case.name, case.does))?;
        let groups = alike(outcomes);
        for (styles, ran) in &groups {
            let styles = match groups.len() {
                1 => String::new(),
                _ => format!(" ({})", styles.join(", ")),
            };
            self.ran(&styles, ran)?;
        }
        writeln!(self.out)
    }

    fn program(&mut self, program: Program, version: Option<&str>) -> io::Result<()> {
        self.in_block = true;
        let name = program.name();
        match version {
            None => self.line("", &format!("absent: {name}")),
            Some(version) => {
                let (version, _) = version.split_once(" (").unwrap_or((version, ""));
                self.line("", &format!("{name} ({version}) says:"))
            }
        }
    }

    fn trial(
        &mut self,
        _: Program,
        condition: &Condition,
        trials: &[Trial; PATHS],
    ) -> io::Result<()> {
        let mut shown = Vec::new();
        for trial in trials {
            let words = format!("{}: {}", condition.name, trial.words);
            if trial.mark != Mark::NotApplicable && !shown.contains(&words) {
                self.line("  ", &words)?;
                shown.push(words);
            }
        }
        for (style, trial) in STYLES.iter().zip(trials) {
            if let Some(wrong) = &trial.wrong {
                self.wrong(&format!("WRONG ({}): {wrong}", style.name()))?;
            }
        }
        Ok(())
    }

    fn end(&mut self, tally: &Tally, took: Duration) -> io::Result<()> {
        if self.in_block {
            writeln!(self.out)?;
        }
        writeln!(self.out, "{tally}, in {:.1} s", took.as_secs_f64())
    }
}

/// Returns the different outcomes, each with the names of its styles.
fn alike(outcomes: &[Outcome; PATHS]) -> Vec<(Vec<&'static str>, &Ran)> {
    let mut groups: Vec<(Vec<_>, &Ran)> = Vec::new();
    for (style, outcome) in STYLES.iter().zip(outcomes) {
        let Outcome::Ran(ran) = outcome else {
            continue;
        };
        let is_alike = |other: &Ran| {
            told(other) == told(ran) && (&other.log, &other.wrong) == (&ran.log, &ran.wrong)
        };
        match groups.iter_mut().find(|(_, other)| is_alike(other)) {
            Some((styles, _)) => styles.push(style.name()),
            None => groups.push((vec![style.name()], ran)),
        }
    }
    groups
}

/// Returns what a client got, and how its connection ended.
fn told(ran: &Ran) -> String {
    let Some(observed) = &ran.observed else {
        return "nothing".into();
    };
    let told = text::told(observed);
    match observed.end {
        End::StillOpen => format!("{told}, and the connection stays open"),
        end => format!("{told}, then {}", text::end(end)),
    }
}

/// Breaks a text into lines of at most 80 characters. All but the first are indented.
fn wrapped(indent: &str, text: &str) -> String {
    let mut line = String::from(indent);
    let mut column = indent.len();
    for (number, word) in text.split(' ').enumerate() {
        let len = word.chars().count();
        if number > 0 && column + 1 + len > WIDTH {
            line += &format!("\n{indent}  ");
            column = indent.len() + 2;
        } else if number > 0 {
            line.push(' ');
            column += 1;
        }
        line += word;
        column += len;
    }
    line
}

#[cfg(test)]
mod tests {
    use lastword::{Alert, AlertDescription};
    use lastword_census::catalogue::{Observed, failing, succeeding};

    use super::super::clients;
    use super::super::lane::Servers;
    use super::super::order::Order;
    use super::super::programs::CONDITIONS;
    use super::*;

    fn ran(log: Option<&str>, wrong: Option<&str>) -> Outcome {
        Outcome::Ran(Box::new(Ran {
            observed: Some(Observed {
                alerts: vec![Alert::new(AlertDescription::ACCESS_DENIED)],
                unreadable: 0,
                told_after: None,
                plaintext: Vec::new(),
                end: End::Fin,
                alpn: None,
                reply: None,
            }),
            log: log.map(Into::into),
            note: None,
            wrong: wrong.map(Into::into),
            took: Duration::ZERO,
        }))
    }

    fn shown(all: bool, report: impl FnOnce(&mut Brief<&mut Vec<u8>>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        report(&mut Brief::new(&mut out, false, all, 158)).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn named(name: &str) -> Case {
        let mut cases = failing().into_iter();
        cases.find(|case| case.name == name).unwrap()
    }

    #[test]
    fn each_client_that_is_shown_has_three_lines_of_80_columns() {
        let mut cases = [failing(), succeeding()].concat();
        cases.retain(|case| SHOWN.contains(&case.name));
        let text = shown(false, |brief| {
            let (mut servers, mut tally) = (Servers::new(), Tally::default());
            let ran = clients::run(&cases, &mut servers, Order::Listed, brief, &mut tally);
            ran.map_err(io::Error::other)
        });
        let blocks = Vec::from_iter(text.trim_end().split("\n\n"));
        assert_eq!(
            blocks[0],
            "10 of 158 clients are shown; --all shows all of them."
        );
        assert_eq!(blocks.len(), 1 + SHOWN.len(), "{text}");
        for block in &blocks[1..] {
            let [does, told, log] = Vec::from_iter(block.lines()).try_into().unwrap();
            assert!(does.contains(": "), "{block}");
            assert!(told.starts_with("got: "), "{block}");
            assert!(log.starts_with("log: "), "{block}");
        }
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
        let http = "http-get: sends an HTTP request in plaintext\n\
            got: unexpected_message (10), then FIN\n\
            log: client sent an HTTP GET request instead of TLS";
        assert!(blocks.contains(&http), "{text}");
    }

    #[test]
    fn styles_that_differ_are_named_and_a_wrong_client_is_always_shown() {
        let wrong = ran(None, Some("the server logged nothing"));
        let right = ran(Some("by policy"), None);
        let outcomes = [Outcome::NotApplicable, right.clone(), wrong, right];
        let text = shown(false, |brief| brief.case(&named("ssh-banner"), &outcomes));
        assert_eq!(
            text,
            "ssh-banner: speaks SSH\n\
             got (acceptor, tokio): access_denied (49), then FIN\n\
             log (acceptor, tokio): by policy\n\
             got (nonblocking): access_denied (49), then FIN\n\
             log (nonblocking): nothing\n\
             WRONG (nonblocking): the server logged nothing\n\n"
        );
    }

    #[test]
    fn other_clients_are_shown_only_if_all_are() {
        let outcomes = [(); PATHS].map(|()| ran(Some("words"), None));
        let case = named("ssh-banner");
        assert_eq!(shown(false, |brief| brief.case(&case, &outcomes)), "");
        assert!(shown(true, |brief| brief.case(&case, &outcomes)).starts_with("ssh-banner: "));
    }

    #[test]
    fn a_long_line_is_broken_and_indented() {
        let words = "curl: (35) OpenSSL/3.0.19: error:0A00042E:SSL routines::tlsv1 alert \
             protocol version";
        let trial = Trial {
            mark: Mark::Unjudged,
            words: words.into(),
            exit: Some(35),
            log: None,
            wrong: None,
            took: Duration::ZERO,
        };
        let text = shown(true, |brief| {
            brief.program(Program::Curl, Some("curl 7.88.1 (x86_64-pc-linux-gnu)"))?;
            let trials = [(); PATHS].map(|()| trial.clone());
            brief.trial(Program::Curl, &CONDITIONS[0], &trials)
        });
        assert_eq!(
            text,
            "curl (curl 7.88.1) says:\n  version-mismatch: curl: (35) OpenSSL/3.0.19: \
             error:0A00042E:SSL\n    routines::tlsv1 alert protocol version\n"
        );
    }
}
