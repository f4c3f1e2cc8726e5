//! The verbs of `cargo xtask`.
#![forbid(unsafe_code)]

mod api;
mod bench;
mod called;
mod ci;
mod counts;
mod coverage;
mod failure;
mod fuzz;
mod metadata;
mod miri;
mod mutants;
mod prop;
mod subcommand;
mod test;
mod tidy;
mod tool;
mod toolchain;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::failure::Failure;

/// Every verb a developer or a newcomer needs.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    disable_help_subcommand = true,
    subcommand_help_heading = "Verbs",
    subcommand_value_name = "VERB"
)]
struct Cli {
    #[command(subcommand)]
    verb: Option<Verb>,
}

/// What there is to do; each module's options say what a verb does, needs and ends with.
#[derive(Subcommand)]
enum Verb {
    Api(api::Options),
    Bench(bench::Options),
    Ci(ci::Options),
    Coverage(coverage::Options),
    Demo(called::Demo),
    Fuzz(fuzz::Options),
    Miri(miri::Options),
    Mutants(mutants::Options),
    Prop(prop::Options),
    Scale(called::Scale),
    Serve(called::Serve),
    Soak(called::Soak),
    Test(test::Options),
    Tidy(tidy::Options),
}

impl Verb {
    fn run(self) -> Result<(), Failure> {
        match self {
            Self::Api(options) => api::run(&options),
            Self::Bench(options) => bench::run(&options),
            Self::Ci(options) => ci::run(&options),
            Self::Coverage(options) => coverage::run(options),
            Self::Demo(options) => options.run(),
            Self::Fuzz(options) => fuzz::run(&options),
            Self::Miri(options) => miri::run(options),
            Self::Mutants(options) => mutants::run(options),
            Self::Prop(options) => prop::run(options),
            Self::Scale(options) => options.run(),
            Self::Serve(options) => options.run(),
            Self::Soak(options) => options.run(),
            Self::Test(options) => test::run(options),
            Self::Tidy(options) => tidy::run(options),
        }
    }
}

fn main() -> ExitCode {
    let Some(verb) = Cli::parse().verb else {
        print!("{}", verbs());
        return ExitCode::SUCCESS;
    };
    match verb.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {}", failure.in_words());
            ExitCode::from(failure.code())
        }
    }
}

/// The verbs, a line each.
fn verbs() -> String {
    let cli = Cli::command();
    let lines = cli.get_subcommands().map(|verb| {
        let about = verb.get_about().map(ToString::to_string);
        let about = about.unwrap_or_default();
        format!("cargo xtask {:<8} {about}\n", verb.get_name())
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_one_that_clap_accepts() {
        Cli::command().debug_assert();
    }

    #[test]
    fn lists_each_verb_on_a_line_with_what_it_does() {
        let verbs = verbs();
        assert!(verbs.starts_with("cargo xtask api      Compare the public API"));
        assert_eq!(
            verbs.lines().count(),
            Cli::command().get_subcommands().count()
        );
        for line in verbs.lines() {
            assert!(line.len() > "cargo xtask bench    ".len(), "{line}");
        }
    }

    #[test]
    fn every_verb_says_how_it_ends() {
        for verb in Cli::command().get_subcommands() {
            let help = verb.clone().render_long_help().to_string();
            assert!(help.contains("Exit codes: "), "{}", verb.get_name());
            assert!(help.contains("Needs "), "{}", verb.get_name());
        }
    }

    #[test]
    fn an_unknown_verb_and_an_unknown_option_end_with_code_2() {
        for line in [
            ["cargo xtask", "dance", ""],
            ["cargo xtask", "tidy", "--fast"],
        ] {
            let line = line.into_iter().filter(|word| !word.is_empty());
            let error = Cli::try_parse_from(line).map(|_| ()).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            assert!(error.use_stderr());
        }
    }
}
