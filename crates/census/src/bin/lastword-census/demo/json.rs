//! The report for programs: one JSON object a line.

use std::io::{self, Write};
use std::time::Duration;

use lastword::{Alert, AlertDescription};
use lastword_census::catalogue::{Case, Required};
use serde_json::{Value, json};

use super::outcome::Outcome;
use super::programs::{Condition, Program, Trial};
use super::report::Report;
use super::text;
use super::{PATHS, STYLES};
use crate::server::Style;

/// The report for programs.
pub(super) struct Json<W> {
    out: W,
}

impl<W: Write> Json<W> {
    pub(super) const fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: Write> Report for Json<W> {
    fn case(&mut self, case: &Case, outcomes: &[Outcome; PATHS]) -> io::Result<()> {
        for (style, outcome) in STYLES.into_iter().zip(outcomes) {
            writeln!(self.out, "{}", of_case(case, style, outcome))?;
        }
        Ok(())
    }

    fn program(&mut self, program: Program, version: Option<&str>) -> io::Result<()> {
        let object = json!({ "program": program.name(), "version": version });
        writeln!(self.out, "{object}")
    }

    fn trial(
        &mut self,
        program: Program,
        condition: &Condition,
        trials: &[Trial; PATHS],
    ) -> io::Result<()> {
        for (style, trial) in STYLES.into_iter().zip(trials) {
            writeln!(self.out, "{}", of_trial(program, condition, style, trial))?;
        }
        Ok(())
    }
}

fn of_case(case: &Case, style: Style, outcome: &Outcome) -> Value {
    let ran = match outcome {
        Outcome::NotApplicable => None,
        Outcome::Ran(ran) => Some(ran),
    };
    let observed = ran.and_then(|ran| ran.observed.as_ref());
    let received = observed.map(|observed| observed.alerts.iter().map(received));
    json!({
        "case": case.name,
        "path": style.name(),
        "does": case.does,
        "required": required(case.required),
        "reference": case.reference,
        "received": received.map(Vec::from_iter),
        "end": observed.map(|observed| text::end(observed.end)),
        "log": ran.and_then(|ran| ran.log.as_deref()),
        "note": ran.and_then(|ran| ran.note.as_deref()),
        "ok": outcome.mark().ok(),
        "wrong": ran.and_then(|ran| ran.wrong.as_deref()),
        "milliseconds": ran.map(|ran| milliseconds(ran.took)),
    })
}

fn of_trial(program: Program, condition: &Condition, style: Style, trial: &Trial) -> Value {
    json!({
        "program": program.name(),
        "condition": condition.name,
        "path": style.name(),
        "does": condition.does,
        "required": [alert(condition.required)],
        "reference": condition.reference,
        "exit": trial.exit,
        "words": trial.words,
        "log": trial.log,
        "ok": trial.mark.ok(),
        "wrong": trial.wrong,
        "milliseconds": milliseconds(trial.took),
    })
}

fn required(required: Required) -> Value {
    match required {
        Required::Alerts(alerts) => alerts.iter().copied().map(alert).collect(),
        Required::Silent => "silent".into(),
        Required::Served => "served".into(),
    }
}

fn alert(description: AlertDescription) -> Value {
    json!({ "code": description.0, "name": description.name() })
}

fn received(alert: &Alert) -> Value {
    json!({
        "level": alert.level.to_string(),
        "code": alert.description.0,
        "name": alert.description.name(),
    })
}

/// To a tenth.
fn milliseconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 1e4).round() / 10.0
}

#[cfg(test)]
mod tests {
    use lastword_census::catalogue::{End, Observed, failing, succeeding};

    use super::super::mark::Mark;
    use super::super::outcome::Ran;
    use super::super::programs::CONDITIONS;
    use super::*;

    fn named(name: &str) -> Case {
        let mut cases = failing().into_iter().chain(succeeding());
        cases.find(|case| case.name == name).unwrap()
    }

    fn ran(alerts: &[AlertDescription], log: Option<&str>, wrong: Option<&str>) -> Outcome {
        Outcome::Ran(Box::new(Ran {
            observed: Some(Observed {
                alerts: alerts.iter().copied().map(Alert::new).collect(),
                unreadable: 0,
                told_after: None,
                plaintext: Vec::new(),
                end: End::ResetOnRead,
                alpn: None,
                reply: None,
            }),
            log: log.map(Into::into),
            note: None,
            wrong: wrong.map(Into::into),
            took: Duration::from_micros(1_260),
        }))
    }

    fn lines(report: impl FnOnce(&mut Json<&mut Vec<u8>>) -> io::Result<()>) -> Vec<Value> {
        let mut out = Vec::new();
        report(&mut Json::new(&mut out)).unwrap();
        let text = String::from_utf8(out).unwrap();
        let parsed = text.lines().map(|line| serde_json::from_str(line).unwrap());
        parsed.collect()
    }

    #[test]
    fn a_client_is_an_object_a_line_for_each_path() {
        let case = named("refused");
        let other = ran(
            &[AlertDescription::DECODE_ERROR, AlertDescription(200)],
            Some("a \"word\""),
            Some("told another"),
        );
        let outcomes = [Outcome::NotApplicable, other.clone(), other.clone(), other];
        let objects = lines(|json| json.case(&case, &outcomes));
        let required = json!([{ "code": 49, "name": "access_denied" }]);
        let direct = json!({
            "case": "refused", "path": "direct", "does": "is refused by the application",
            "required": required, "reference": "RFC 8446 §6.2", "received": null, "end": null,
            "log": null, "note": null, "ok": null, "wrong": null, "milliseconds": null,
        });
        let other = |path| {
            json!({
                "case": "refused", "path": path, "does": "is refused by the application",
                "required": required, "reference": "RFC 8446 §6.2",
                "received": [
                    { "level": "fatal", "code": 50, "name": "decode_error" },
                    { "level": "fatal", "code": 200, "name": null },
                ],
                "end": "RST on read", "log": "a \"word\"", "note": null, "ok": false,
                "wrong": "told another", "milliseconds": 1.3,
            })
        };
        let expected = [
            direct,
            other("acceptor"),
            other("nonblocking"),
            other("tokio"),
        ];
        assert_eq!(objects, expected);
    }

    #[test]
    fn silence_and_service_are_words() {
        for (name, word) in [("nothing", "silent"), ("tls13", "served")] {
            let outcomes = [(); PATHS].map(|()| ran(&[], None, None));
            let objects = lines(|json| json.case(&named(name), &outcomes));
            assert_eq!(objects[0]["required"], word);
            assert_eq!(objects[0]["received"], json!([]));
            assert_eq!(objects[3]["ok"], true);
        }
    }

    #[test]
    fn a_program_is_an_object_and_each_condition_one_for_each_path() {
        let trial = Trial {
            mark: Mark::Unjudged,
            words: "curl: (35) words".into(),
            exit: Some(35),
            log: Some("why".into()),
            wrong: None,
            took: Duration::from_millis(20),
        };
        let objects = lines(|json| {
            json.program(Program::Openssl, None)?;
            json.program(Program::Curl, Some("curl 8"))?;
            json.trial(
                Program::Curl,
                &CONDITIONS[0],
                &[(); PATHS].map(|()| trial.clone()),
            )
        });
        assert_eq!(
            objects[..2],
            [
                json!({ "program": "openssl s_client", "version": null }),
                json!({ "program": "curl", "version": "curl 8" }),
            ]
        );
        let expected = |path| {
            json!({
                "program": "curl", "condition": "version-mismatch", "path": path,
                "does": "speaks TLS 1.2 to a server that speaks only TLS 1.3",
                "required": [{ "code": 70, "name": "protocol_version" }],
                "reference": "RFC 8446 §4.2.1", "exit": 35, "words": "curl: (35) words",
                "log": "why", "ok": null, "wrong": null, "milliseconds": 20.0,
            })
        };
        assert_eq!(objects[2..], STYLES.map(|style| expected(style.name())));
    }
}
