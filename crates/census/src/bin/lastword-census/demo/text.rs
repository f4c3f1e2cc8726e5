//! The long report for people: a table of the clients, and one for each program.

use std::io::{self, Write};
use std::time::Duration;

use lastword::Alert;
use lastword_census::catalogue::{Case, End, Observed, Required};

use super::PATHS;
use super::mark::Tally;
use super::outcome::{NO_CHOOSER, Outcome};
use super::programs::{CONDITIONS, Condition, Program, Trial};
use super::report::Report;
use super::table::{Entry, Table};

/// The long report for people.
pub(super) struct Text<W> {
    out: W,
    clients: Table,
    programs: Table,
}

const CLIENTS: [&str; 7] = [
    "name",
    "the client",
    "required",
    "by",
    "got",
    "end",
    "the server's log",
];

const PROGRAMS: [&str; 6] = ["name", "the client", "required", "by", "exit", "its words"];

impl<W: Write> Text<W> {
    /// A report on these clients.
    pub(super) fn new(out: W, colour: bool, cases: &[Case]) -> Self {
        let clients = cases.iter().map(|case| {
            let [name, does, told, by] = of_case(case);
            let end = end(End::ResetOnWrite).to_owned();
            [name, does, told.clone(), by, told, end, String::new()]
        });
        let programs = CONDITIONS.iter().map(|condition| {
            let [name, does, told, by] = of_condition(condition);
            [name, does, told, by, String::new(), String::new()]
        });
        Self {
            out,
            clients: Table::new(CLIENTS, clients, colour),
            programs: Table::new(PROGRAMS, programs, colour),
        }
    }
}

impl<W: Write> Report for Text<W> {
    fn begin(&mut self) -> io::Result<()> {
        write!(self.out, "{}", self.clients.headings(CLIENTS))
    }

    fn case(&mut self, case: &Case, outcomes: &[Outcome; PATHS]) -> io::Result<()> {
        let entries = outcomes.each_ref().map(|outcome| entry(case, outcome));
        write!(self.out, "{}", self.clients.entries(&entries))
    }

    fn program(&mut self, program: Program, version: Option<&str>) -> io::Result<()> {
        let name = program.name();
        match version {
            None => writeln!(self.out, "\nabsent: {name}"),
            Some(version) => {
                let headings = self.programs.headings(PROGRAMS);
                write!(self.out, "\n{name}: {version}\n{headings}")
            }
        }
    }

    fn trial(
        &mut self,
        _: Program,
        condition: &Condition,
        trials: &[Trial; PATHS],
    ) -> io::Result<()> {
        let entries = trials.each_ref().map(|trial| {
            let exit = trial.exit.map(|code| code.to_string());
            let seen = [exit.unwrap_or_default(), trial.words.clone()];
            Entry {
                mark: trial.mark,
                cells: of_condition(condition).into_iter().chain(seen).collect(),
                wrong: trial.wrong.clone(),
            }
        });
        write!(self.out, "{}", self.programs.entries(&entries))
    }

    fn end(&mut self, tally: &Tally, took: Duration) -> io::Result<()> {
        writeln!(self.out, "\n{tally}, in {:.1} s", took.as_secs_f64())
    }
}

fn entry(case: &Case, outcome: &Outcome) -> Entry {
    let (seen, wrong) = match outcome {
        Outcome::NotApplicable => (vec![NO_CHOOSER.to_owned()], None),
        Outcome::Ran(ran) => {
            let [told, end] = match &ran.observed {
                Some(observed) => [told(observed), end(observed.end).to_owned()],
                None => Default::default(),
            };
            let mut log = ran.log.clone().unwrap_or_default();
            if let Some(note) = &ran.note {
                log += &format!(" [{note}]");
            }
            (vec![told, end, log], ran.wrong.clone())
        }
    };
    Entry {
        mark: outcome.mark(),
        cells: of_case(case).into_iter().chain(seen).collect(),
        wrong,
    }
}

/// What is known of a client before it runs.
fn of_case(case: &Case) -> [String; 4] {
    let alerts = case.required.alerts().iter().copied();
    let required = list(
        case.required == Required::Served,
        alerts.map(|alert| Alert::new(alert).to_string()),
    );
    let known = [case.name, case.does, &required, case.reference];
    known.map(str::to_owned)
}

fn of_condition(condition: &Condition) -> [String; 4] {
    let required = Alert::new(condition.required).to_string();
    let known = [
        condition.name,
        condition.does,
        &required,
        condition.reference,
    ];
    known.map(str::to_owned)
}

/// Returns what a client got.
pub(super) fn told(observed: &Observed) -> String {
    let alerts = observed.alerts.iter().map(|alert| {
        if alert.level == alert.description.level() {
            alert.to_string()
        } else {
            format!("{alert} as {}", alert.level)
        }
    });
    let unreadable = match observed.unreadable {
        0 => None,
        count => Some(format!("{count} more that it could not read")),
    };
    list(observed.reply.is_some(), alerts.chain(unreadable))
}

fn list(reply: bool, alerts: impl Iterator<Item = String>) -> String {
    let reply = reply.then(|| "a reply".to_owned());
    let told = Vec::from_iter(reply.into_iter().chain(alerts));
    if told.is_empty() {
        return "nothing".into();
    }
    told.join(", ")
}

/// How a connection ended, in the words of TCP.
pub(super) const fn end(end: End) -> &'static str {
    match end {
        End::Fin => "FIN",
        End::ResetOnRead => "RST on read",
        End::ResetOnWrite => "RST on write",
        End::StillOpen => "still open",
    }
}

#[cfg(test)]
mod tests {
    use lastword::{AlertDescription, AlertLevel};
    use lastword_census::catalogue::{failing, succeeding};

    use super::super::mark::Mark;
    use super::super::outcome::Ran;
    use super::*;

    fn named(name: &str) -> Case {
        let mut cases = failing().into_iter().chain(succeeding());
        cases.find(|case| case.name == name).unwrap()
    }

    fn seen(alerts: &[AlertDescription]) -> Observed {
        Observed {
            alerts: alerts.iter().copied().map(Alert::new).collect(),
            unreadable: 0,
            told_after: None,
            plaintext: Vec::new(),
            end: End::Fin,
            alpn: None,
            reply: None,
        }
    }

    fn shown(report: impl FnOnce(&mut Text<&mut Vec<u8>>), cases: &[Case]) -> String {
        let mut out = Vec::new();
        report(&mut Text::new(&mut out, false, cases));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_cell_of_a_line_stands_below_its_heading() {
        let cases = [named("half-a-hello"), named("refused")];
        let ran = Outcome::Ran(Box::new(Ran {
            observed: Some(seen(&[AlertDescription::ACCESS_DENIED])),
            log: Some("by policy".into()),
            note: None,
            wrong: None,
            took: Duration::ZERO,
        }));
        let outcomes = [Outcome::NotApplicable, ran.clone(), ran.clone(), ran];
        let text = shown(
            |text| {
                text.begin().unwrap();
                text.case(&cases[1], &outcomes).unwrap();
            },
            &cases,
        );
        let [headings, direct, acceptor] = Vec::from_iter(text.lines()).try_into().unwrap();
        // in characters: a section sign is two bytes long
        let at = |line: &str, heading: &str| {
            let (before, _) = headings.split_once(heading).unwrap();
            line.chars()
                .skip(before.chars().count())
                .collect::<String>()
        };
        assert!(direct.starts_with("n/a                                   refused "));
        assert_eq!(at(direct, "got"), NO_CHOOSER);
        assert!(at(acceptor, "acceptor").starts_with("ok        ok           ok     refused "));
        assert!(at(acceptor, "the client").starts_with("is refused by"));
        assert!(at(acceptor, "required").starts_with("access_denied (49)  "));
        assert!(at(acceptor, "by").starts_with("RFC 8446 §6.2 "));
        assert!(at(acceptor, "got").starts_with("access_denied (49)  "));
        assert!(at(acceptor, "end").starts_with("FIN  "));
        assert_eq!(at(acceptor, "the server's log"), "by policy");
    }

    #[test]
    fn says_what_a_client_was_told_down_to_a_level_that_is_wrong() {
        assert_eq!(told(&seen(&[])), "nothing");
        let mut observed = seen(&[
            AlertDescription::USER_CANCELED,
            AlertDescription::CLOSE_NOTIFY,
        ]);
        assert_eq!(told(&observed), "user_canceled (90), close_notify (0)");
        observed.alerts[0].level = AlertLevel::FATAL;
        observed.unreadable = 1;
        observed.reply = Some(b"HTTP/1.0 200 OK".to_vec());
        assert_eq!(
            told(&observed),
            "a reply, user_canceled (90) as fatal, close_notify (0), 1 more that it could not read"
        );
    }

    #[test]
    fn a_program_that_is_absent_is_named() {
        let text = shown(|text| text.program(Program::Curl, None).unwrap(), &[]);
        assert_eq!(text, "\nabsent: curl\n");
    }

    #[test]
    fn a_program_is_shown_with_its_words() {
        let trial = Trial {
            mark: Mark::Unjudged,
            words: "curl: (1) Received HTTP/0.9 when not allowed".into(),
            exit: Some(1),
            log: None,
            wrong: None,
            took: Duration::ZERO,
        };
        let condition = CONDITIONS.last().unwrap();
        let text = shown(
            |text| {
                let trials = [(); PATHS].map(|()| trial.clone());
                text.trial(Program::Curl, condition, &trials).unwrap();
            },
            &[],
        );
        assert_eq!(
            text,
            "shown   shown     shown        shown  plain-http        sends an HTTP request in plaintext                     \
             unexpected_message (10)        RFC 8446 §5        1     \
             curl: (1) Received HTTP/0.9 when not allowed\n"
        );
    }
}
