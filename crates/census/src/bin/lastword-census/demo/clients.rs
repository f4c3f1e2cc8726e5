//! Running the clients of the catalogue: those of one server one after the other, the servers
//! side by side.

use std::sync::mpsc::{self, Sender};
use std::thread;

use lastword_census::catalogue::Case;

use super::STYLES;
use super::lane::{Lane, Servers};
use super::mark::Tally;
use super::order::{Order, Queue};
use super::outcome::{Outcome, Ran};
use super::report::Report;
use crate::failure::Failure;
use crate::server::Style;

/// Runs and reports all `cases` over all paths.
pub(super) fn run(
    cases: &[Case],
    servers: &mut Servers,
    order: Order,
    report: &mut dyn Report,
    tally: &mut Tally,
) -> Result<(), Failure> {
    if cases.is_empty() {
        return Ok(());
    }
    for case in cases {
        servers.lanes(case.server)?;
    }
    report.begin().map_err(Failure::output)?;
    let mut queue = Queue::new(order, cases.len());
    thread::scope(|scope| {
        let (send, ends) = mpsc::channel();
        for lane in servers.all() {
            let send = send.clone();
            scope.spawn(move || run_lane(cases, lane, &send));
        }
        drop(send);
        for (row, style, outcome) in ends {
            tally.count(outcome.mark());
            let part = STYLES
                .iter()
                .position(|of| *of == style)
                .unwrap_or_default();
            for (row, outcomes) in queue.put(row, part, outcome) {
                report
                    .case(&cases[row], &outcomes)
                    .map_err(Failure::output)?;
            }
        }
        Ok(())
    })
}

/// Runs the clients of one server, until nobody wants to know any more.
fn run_lane(cases: &[Case], lane: &mut Lane, ends: &Sender<(usize, Style, Outcome)>) {
    for (row, case) in cases.iter().enumerate() {
        if case.server != lane.profile {
            continue;
        }
        let outcome = if is_applicable(case, lane.style) {
            Outcome::Ran(Ran::new(case, lane.case(case)).into())
        } else {
            Outcome::NotApplicable
        };
        if ends.send((row, lane.style, outcome)).is_err() {
            return;
        }
    }
}

/// Whether the path can be what the case wants: without a chooser an application refuses nobody.
fn is_applicable(case: &Case, style: Style) -> bool {
    style != Style::Direct || case.server.refuses.is_none()
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::time::Duration;

    use lastword::record::ContentType;
    use lastword_census::catalogue::{End, Observed, failing, succeeding};

    use super::super::PATHS;
    use super::*;

    /// What was reported: the case's name, the end and the complaint on each path.
    #[derive(Default)]
    struct Seen(Vec<(&'static str, Vec<String>)>);

    impl Report for Seen {
        fn case(&mut self, case: &Case, outcomes: &[Outcome; PATHS]) -> io::Result<()> {
            let outcomes = outcomes.iter().map(|outcome| match outcome {
                Outcome::NotApplicable => "not applicable".into(),
                Outcome::Ran(ran) => {
                    assert!(ran.took < Duration::from_secs(20));
                    let end = ran.observed.as_ref().map(|observed| observed.end);
                    assert_eq!(end, Some(End::Fin));
                    format!("{:?}, {:?}", ran.log, ran.wrong)
                }
            });
            self.0.push((case.name, outcomes.collect()));
            Ok(())
        }
    }

    /// Asserts that a client saw the same on each path.
    struct Alike;

    impl Report for Alike {
        fn case(&mut self, case: &Case, outcomes: &[Outcome; PATHS]) -> io::Result<()> {
            let ran = outcomes.iter().filter_map(|outcome| match outcome {
                Outcome::NotApplicable => None,
                Outcome::Ran(ran) => Some((seen(ran), &ran.wrong)),
            });
            let mut seen = Vec::from_iter(ran);
            assert!(seen.len() >= PATHS - 1, "{}", case.name);
            seen.dedup();
            assert_eq!(seen.len(), 1, "{}: {seen:?}", case.name);
            Ok(())
        }
    }

    /// What a client saw, the time and the bytes left out that differ from one handshake to the next.
    fn seen(ran: &Ran) -> Observed {
        let mut seen = ran.observed.clone().unwrap();
        seen.told_after = None;
        if seen.plaintext.first() != Some(&ContentType::ALERT.0) {
            seen.plaintext.clear();
        }
        seen
    }

    #[test]
    fn every_path_tells_every_client_the_same_and_closes_alike() {
        let cases = [failing(), succeeding()].concat();
        let (mut servers, mut tally) = (Servers::new(), Tally::default());
        run(&cases, &mut servers, Order::Listed, &mut Alike, &mut tally).unwrap();
        assert_eq!(tally.wrong, 0);
    }

    fn run_named(names: &[&str], spoil: impl Fn(&mut Case)) -> (Seen, Tally) {
        let mut cases = [failing(), succeeding()].concat();
        cases.retain(|case| names.contains(&case.name));
        cases.iter_mut().for_each(spoil);
        let (mut seen, mut tally) = (Seen::default(), Tally::default());
        let mut servers = Servers::new();
        run(&cases, &mut servers, Order::Listed, &mut seen, &mut tally).unwrap();
        (seen, tally)
    }

    #[test]
    fn every_client_gets_its_own_line_of_the_log_on_every_path() {
        let (seen, tally) = run_named(&["http-get", "ssh-banner", "refused", "tls13"], |_| {});
        let http = r#"Some("client sent an HTTP GET request instead of TLS"), None"#.to_owned();
        let ssh =
            r#"Some("client sent SSH instead of TLS, first bytes 53 53 48 2d \"SSH-\""), None"#
                .to_owned();
        let refused =
            r#"Some("this server refused the client: by policy: client asks for localhost"), None"#
                .to_owned();
        let mut refusals = vec![refused; PATHS];
        refusals[0] = "not applicable".to_owned();
        let served = "None, None".to_owned();
        assert_eq!(
            seen.0,
            [
                ("http-get", vec![http; PATHS]),
                ("ssh-banner", vec![ssh; PATHS]),
                ("refused", refusals),
                ("tls13", vec![served; PATHS]),
            ]
        );
        assert_eq!(
            tally,
            Tally {
                right: 15,
                not_applicable: 1,
                ..Tally::default()
            }
        );
    }

    #[test]
    fn a_client_told_something_else_is_counted_as_wrong() {
        let [http, ssh] = ["http-get", "ssh-banner"].map(|name| {
            failing()
                .into_iter()
                .find(|case| case.name == name)
                .unwrap()
        });
        let silent = lastword_census::catalogue::Required::Silent;
        let (seen, tally) = run_named(&[http.name, ssh.name], |case| {
            if case.name == "ssh-banner" {
                case.required = silent;
            }
        });
        let wrong = "Some(\"client sent SSH instead of TLS, first bytes 53 53 48 2d \\\"SSH-\\\"\"), \
             Some(\"required: nothing; got: unexpected_message (10), in 7 bytes\")";
        assert_eq!(seen.0[1].1, [wrong; PATHS]);
        assert_eq!((tally.right, tally.wrong), (PATHS, PATHS));
    }
}
