//! `fuzz`: inputs made up without end, and what each must come to.

use std::{
    collections::BTreeSet,
    fs, panic,
    path::{Path, PathBuf},
    thread,
};

use clap::{Args, builder::PossibleValuesParser};

use crate::{
    failure::Failure,
    tool::{Tool, root, target},
};

mod fuzzer;

use fuzzer::Fuzzer;
pub(crate) use fuzzer::missing;

/// The targets, each a program of crates/fuzz, in the order of the layers.
const TARGETS: [&str; 8] = [
    "record",
    "alert",
    "hello",
    "proxy",
    "acceptor",
    "handshake",
    "transport",
    "tickets",
];

/// Where they are, from the workspace's root.
const FOLDER: &str = "crates/fuzz";
/// Their manifest.
const MANIFEST: &str = "crates/fuzz/Cargo.toml";

/// Make up inputs without end, and hold each to what it must come to
///
/// The targets, all of them one after the other if none is named:
///
///   record     deframing: no byte lost or made up, in any chunks
///   alert      two bytes are an alert and nothing else is; what is written can be read
///   hello      a ClientHello collected and shown: all that was said, in any chunks, within memory
///   proxy      a PROXY header: what its bytes say, in any chunks, and no byte after it is asked for
///   acceptor   raw bytes: one outcome in any chunks, never stricter than rustls
///   handshake  whole handshakes, the client's bytes altered in flight: likewise, to the byte, and
///              what the error says is what the client was told
///   transport  a stream that is short, blocks, fails or ends at any call: what is written, too
///   tickets    a session ticket that was sealed is opened, and one that was altered is not accepted
///
/// Each begins with the seeds, which are made of testkit's clients at every run, and with what
/// earlier runs found of interest. An input that does not come to what it must is kept, and how
/// to try it again is said, for which no fuzzer is needed:
///
///   cargo xtask fuzz hello --input crates/fuzz/artifacts/hello/crash-..
///
/// Needs a nightly toolchain, which rustup installs, and a C++ compiler. Installs cargo-fuzz where
/// it is not installed, beside the build, by pip.
/// Exit codes: 0 nothing was found, 1 an input was found, a target did not compile, or something is
/// missing, 2 the command line is wrong.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// The target
    #[arg(value_name = "TARGET", value_parser = PossibleValuesParser::new(TARGETS), hide_possible_values = true)]
    target: Option<String>,
    /// How long each target runs
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// Try this input alone, once
    #[arg(long, value_name = "FILE", requires = "target")]
    input: Option<PathBuf>,
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let target = options.target.as_deref();
    if let (Some(target), Some(input)) = (target, &options.input) {
        let whole = fs::canonicalize(input).map_err(|source| Failure::unusable(input, source))?;
        let program = cargo("run").args(["--bin", target, "--"]);
        return program.args([whole]).run();
    }
    let fuzzer = Fuzzer::find()?;
    prepare(&fuzzer)?;
    for each in TARGETS
        .iter()
        .filter(|each| target.is_none_or(|target| target == **each))
    {
        hunt(&fuzzer, each, options.seconds, 1)?;
    }
    Ok(())
}

/// Every target for ten seconds, two at a time, in a few lines.
pub(crate) fn smoke() -> Result<(), Failure> {
    let fuzzer = Fuzzer::find()?.soon();
    prepare(&fuzzer)?;
    for pair in TARGETS.chunks(2) {
        thread::scope(|scope| {
            let fuzzer = &fuzzer;
            let run = |target| scope.spawn(move || hunt(fuzzer, target, 10, 0));
            let running: Vec<_> = pair.iter().copied().map(run).collect();
            running.into_iter().try_for_each(|each| {
                let ended = each.join();
                ended.unwrap_or_else(|panic| panic::resume_unwind(panic))
            })
        })?;
    }
    Ok(())
}

/// That every oracle holds for every seed, and that the sources are as others are: for which no
/// fuzzer is needed.
pub(crate) fn check() -> Result<(), Failure> {
    let format = ["fmt", "--manifest-path", MANIFEST, "--check"];
    Tool::cargo().args(format).run()?;
    let lint = ["--all-targets", "--", "-D", "warnings"];
    cargo("clippy").args(lint).run()?;
    cargo("test").run()
}

/// A command of cargo for their workspace. What both workspaces need is built once.
fn cargo(verb: &str) -> Tool {
    let target = target().display().to_string();
    Tool::cargo().args([verb, "--manifest-path", MANIFEST, "--target-dir", &target])
}

/// Makes the seeds and builds the targets.
fn prepare(fuzzer: &Fuzzer) -> Result<(), Failure> {
    let corpus = format!("{FOLDER}/corpus");
    let seeds = cargo("run").args(["--example", "seeds", "--"]);
    seeds.args([corpus]).run()?;
    fuzzer.build().run()
}

/// Runs a target. `verbosity`: whether libFuzzer says what it finds of interest, a line each.
fn hunt(fuzzer: &Fuzzer, target: &str, seconds: u32, verbosity: u8) -> Result<(), Failure> {
    let found = Found::before(target);
    let run = fuzzer.run(target).args([
        "--",
        &format!("-max_total_time={seconds}"),
        &format!("-verbosity={verbosity}"),
        "-print_funcs=0",
        "-print_final_stats=1",
    ]);
    run.run().map_err(|failure| found.explain(failure))
}

/// What there is of inputs that a target found.
struct Found<'a> {
    target: &'a str,
    before: BTreeSet<PathBuf>,
}

impl<'a> Found<'a> {
    fn before(target: &'a str) -> Self {
        Self {
            target,
            before: files(&artifacts(target)),
        }
    }

    /// Says of a target that failed which input did it, if it was one.
    fn explain(&self, failure: Failure) -> Failure {
        let now = files(&artifacts(self.target));
        match now.difference(&self.before).next() {
            None => failure,
            Some(input) => {
                let input = input.strip_prefix(root()).unwrap_or(input);
                Failure::Input {
                    target: self.target.to_owned(),
                    input: input.display().to_string(),
                }
            }
        }
    }
}

fn artifacts(target: &str) -> PathBuf {
    root().join(FOLDER).join("artifacts").join(target)
}

/// The files of a folder, none if it is not there.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.flatten().map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_a_program_of_the_manifest_and_said_in_the_help() {
        let manifest = fs::read_to_string(root().join(MANIFEST)).unwrap();
        let names = manifest
            .split("[[bin]]\nname = \"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next());
        assert_eq!(Vec::from_iter(names), TARGETS);

        let help = <Options as Args>::augment_args(clap::Command::new("fuzz"))
            .render_long_help()
            .to_string();
        for target in TARGETS {
            assert!(help.contains(&format!("\n  {target} ")), "{target}: {help}");
        }
    }

    #[test]
    fn an_input_is_explained_only_if_it_is_new() {
        let found = Found {
            target: "no such target",
            before: BTreeSet::new(),
        };
        let failure = found.explain(Failure::NoTest);
        assert_eq!(failure.in_words(), "not a single test ran");
    }
}
