//! `cargo xtask`: each command calls the tools that do the work.
#![forbid(unsafe_code)]

mod bench;
mod called;
mod ci;
mod fuzz;
mod test;
mod tidy;
mod tool;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use pico_args::Arguments;
use xshell::Shell;

use crate::bench::Bench;
use crate::called::Called;
use crate::fuzz::Fuzz;
use crate::tool::{cargo, root};

const HELP: &str = "\
Usage: cargo xtask COMMAND

For everybody:
  demo        Runs failing clients against our servers, and shows what each was told
  serve       Serves HTTPS, to try failing clients by hand
  test        Runs all tests and doctests. Arguments after `--` are for the test runner, which
              then runs no doctests: `cargo xtask test -- -p lastword-hello`

For a change:
  ci [STEP..] Runs all checks that a change must pass, or only these steps
  tidy        Checks the sources for what the compiler and clippy do not
  api         Compares the public API of each published crate with its api.txt
                --bless      Writes each api.txt
                --since REV  Finds changes since a revision that break users, with
                             cargo-semver-checks
  bench       Runs the benchmarks. Arguments after `--` are for criterion
                --instructions          Counts instructions instead, with valgrind
                --instructions --check  Fails if a count is 1 % above benches/baseline.txt
                --instructions --save   Writes the counts to benches/baseline.txt

By hand:
  prop        Runs all tests, with many cases of each property
                --cases N    The cases of each property. Default: 4096
  fuzz        Runs all fuzz targets, with a nightly toolchain and cargo-fuzz
                TARGET       Runs only this target
                --seconds N  How long each target runs. Default: 60
                --input FILE Runs the target with this input, once. No fuzzer is needed
  soak        Runs thousands of clients at once, and checks that nothing is left over
  scale       Opens thousands of connections that stay half open, and measures their cost
  coverage    Measures which lines the tests run, with cargo-llvm-cov. Arguments after `--` are
              for it
  mutants     Finds faults that no test notices, with cargo-mutants. Arguments after `--` are for it
  miri        Runs the tests of record, alert and hello in Miri

demo, serve, soak and scale have options: `cargo xtask demo --help`.

Exit codes: 0 success, 1 failure, 2 the command line is wrong. demo, serve, soak and scale: see
their help.
";

/// What the command line asks for. `rest` are arguments for another program.
enum Command {
    Help,
    Called(Box<Called>),
    Test { rest: Vec<OsString> },
    Ci { steps: Vec<String> },
    Tidy,
    Api { bless: bool },
    ApiSince { revision: String },
    Bench(Bench),
    Prop { cases: u32 },
    Fuzz(Fuzz),
    Coverage { rest: Vec<OsString> },
    Mutants { rest: Vec<OsString> },
    Miri,
}

fn main() -> ExitCode {
    let command = match parse(env::args_os().skip(1).collect()) {
        Ok(command) => command,
        Err(error) => {
            eprintln!("error: {error}\n\n`cargo xtask --help` lists the commands");
            return ExitCode::from(2);
        }
    };
    match run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut args: Vec<OsString>) -> anyhow::Result<Command> {
    let name = args.first().map(|name| name.to_string_lossy().into_owned());
    if let Some(called) = name
        .as_deref()
        .and_then(|name| Called::new(name, &args[1..]))
    {
        return Ok(Command::Called(Box::new(called)));
    }
    let rest = match args.iter().position(|arg| arg == "--") {
        Some(at) => args.split_off(at).split_off(1),
        None => Vec::new(),
    };
    let mut args = Arguments::from_vec(args);
    let name = args.subcommand()?;
    if args.contains(["-h", "--help"]) {
        return Ok(Command::Help);
    }
    let command = match name.as_deref() {
        None => Command::Help,
        Some("test") => Command::Test { rest },
        Some("ci") => {
            let mut steps = Vec::new();
            while let Some(step) = args.opt_free_from_str()? {
                steps.push(step);
            }
            ci::check_names(&steps)?;
            Command::Ci { steps }
        }
        Some("tidy") => Command::Tidy,
        Some("api") => match args.opt_value_from_str("--since")? {
            Some(revision) => Command::ApiSince { revision },
            None => Command::Api {
                bless: args.contains("--bless"),
            },
        },
        Some("bench") => Command::Bench(Bench::parse(&mut args, rest)?),
        Some("prop") => Command::Prop {
            cases: args.opt_value_from_str("--cases")?.unwrap_or(4096),
        },
        Some("fuzz") => Command::Fuzz(Fuzz::parse(&mut args)?),
        Some("coverage") => Command::Coverage { rest },
        Some("mutants") => Command::Mutants { rest },
        Some("miri") => Command::Miri,
        Some(other) => anyhow::bail!("there is no command `{other}`"),
    };
    let unknown = args.finish();
    anyhow::ensure!(unknown.is_empty(), "unknown arguments: {unknown:?}");
    Ok(command)
}

fn run(command: Command) -> anyhow::Result<()> {
    let sh = &Shell::new()?;
    sh.change_dir(root());
    match command {
        Command::Help => print!("{HELP}"),
        Command::Called(called) => called.replace_this_process()?,
        Command::Test { rest } => test::run(sh, &rest)?,
        Command::Ci { steps } => ci::run(sh, &steps)?,
        Command::Tidy => tidy::run(sh)?,
        Command::Api { bless } => drop(ci::api(sh, bless)?),
        Command::ApiSince { revision } => {
            let check = cargo(sh, "semver-checks").args(["--baseline-rev", &revision]);
            // the version is the same, and would allow no check of anything
            check.args(["--release-type", "minor"]).run()?;
        }
        Command::Bench(bench) => bench.run(sh)?,
        Command::Prop { cases } => test::properties(sh, cases)?,
        Command::Fuzz(fuzz) => fuzz.run(sh)?,
        Command::Coverage { rest } => {
            let tests = ["nextest", "--workspace", "--exclude", "lastword-benches"];
            cargo(sh, "llvm-cov").args(tests).args(rest).run()?;
        }
        Command::Mutants { rest } => {
            let mutants = cargo(sh, "mutants").args(["--output", "target"]);
            mutants.args(rest).run()?;
        }
        Command::Miri => ci::miri(sh)?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> anyhow::Result<Command> {
        parse(line.split_whitespace().map(OsString::from).collect())
    }

    #[test]
    fn an_unknown_command_or_argument_is_an_error() {
        for (line, error) in [
            ("dance", "there is no command `dance`"),
            ("tidy --fast", r#"unknown arguments: ["--fast"]"#),
            ("ci tidy dance", "there is no step `dance`"),
            ("bench --check", "--check and --save need --instructions"),
            ("fuzz --input a", "--input needs the target"),
        ] {
            let found = parsed(line).err().map(|error| error.to_string());
            let found = found.unwrap_or_default();
            assert!(found.starts_with(error), "{line}: {found}");
        }
    }

    #[test]
    fn arguments_after_two_dashes_are_for_the_other_program() {
        let Ok(Command::Test { rest }) = parsed("test -- -p lastword-hello --help") else {
            panic!("it is not a test")
        };
        assert_eq!(rest, ["-p", "lastword-hello", "--help"]);
        assert!(matches!(parsed("test --help"), Ok(Command::Help)));
        assert!(matches!(parsed("demo --help"), Ok(Command::Called(_))));
    }
}
