//! `prop`: the properties, with more cases than a run of all tests takes.

use std::collections::BTreeSet;

use clap::Args;

use crate::tidy::tree::{File, Tree};
use crate::tool::root;
use crate::{failure::Failure, metadata, metadata::Package, test::Runner, tool::Tool};

/// Run every property of the workspace with many cases
///
/// Every test program in which `proptest!` stands is run, whole. A case that fails is printed, and
/// its seed kept in a folder `proptest-regressions` beside the tests: commit it, and it is tried
/// first from then on.
///
/// Needs a Rust toolchain and a C compiler; uses cargo-nextest where it is installed.
/// Exit codes: 0 all hold, 1 one does not hold or did not compile, 2 the command line is wrong.
#[derive(Args, Clone, Copy)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// How many cases each property is tried with
    #[arg(long, value_name = "N", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(1..))]
    cases: u32,
}

pub(crate) fn run(options: Options) -> Result<(), Failure> {
    let programs = programs(&Tree::load(&root())?, &metadata::packages()?);
    let cases = options.cases.to_string();
    let run = |tool: Tool| tool.env("PROPTEST_CASES", &cases).run();
    match Runner::find() {
        Runner::Nextest => {
            let filters: Vec<String> = programs.iter().map(Program::filter).collect();
            let nextest = Tool::cargo().args(["nextest", "run", "--workspace", "-E"]);
            run(nextest.args([filters.join(" | ")]))
        }
        Runner::CargoTest => programs
            .iter()
            .try_for_each(|program| run(Tool::cargo().args(["test"]).args(program.arguments()))),
    }
}

/// A program of tests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Program {
    package: String,
    /// The integration test's name; `None` for the tests in the library.
    test: Option<String>,
}

impl Program {
    /// How nextest is asked for it.
    fn filter(&self) -> String {
        let package = &self.package;
        match &self.test {
            Some(test) => format!("(package(={package}) & kind(test) & binary(={test}))"),
            None => format!("(package(={package}) & kind(lib))"),
        }
    }

    /// How cargo is.
    fn arguments(&self) -> Vec<&str> {
        let package = ["--package", &self.package];
        match &self.test {
            Some(test) => [&package[..], &["--test", test]].concat(),
            None => [&package[..], &["--lib"]].concat(),
        }
    }
}

/// Those in which there are properties.
fn programs(tree: &Tree, packages: &[Package]) -> BTreeSet<Program> {
    let has_properties = |file: &&File| {
        let mut lines = file.text.lines();
        lines.any(|line| line.trim_start().starts_with("proptest! {"))
    };
    let properties = tree.rust().filter(has_properties);
    properties
        .filter_map(|file| program(&file.path, packages))
        .collect()
}

/// The one that a file is part of.
fn program(path: &str, packages: &[Package]) -> Option<Program> {
    packages.iter().find_map(|package| {
        let path = path.strip_prefix(&package.folder)?.strip_prefix('/')?;
        let test = match path.strip_prefix("tests/") {
            Some(path) => Some(path.split(['/', '.']).next()?.to_owned()),
            None => None,
        };
        let package = package.name.clone();
        Some(Program { package, test })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packages() -> [Package; 1] {
        [Package {
            name: "lastword-io".into(),
            folder: "crates/io".into(),
            published: true,
            ..Package::default()
        }]
    }

    #[test]
    fn finds_properties_in_a_library_and_in_its_tests() {
        let property = "proptest! {\n}\n";
        let tree = Tree::of(&[
            ("crates/io/src/sorted.rs", property),
            ("crates/io/tests/scripted/schedules.rs", property),
            ("crates/io/tests/scripted/properties.rs", property),
            ("crates/io/tests/whole.rs", property),
            ("crates/io/tests/without.rs", "use proptest::prelude::*;"),
        ]);
        let programs = programs(&tree, &packages());
        let arguments: Vec<_> = programs.iter().map(|it| it.arguments().join(" ")).collect();
        assert_eq!(
            arguments,
            [
                "--package lastword-io --lib",
                "--package lastword-io --test scripted",
                "--package lastword-io --test whole",
            ]
        );
    }

    #[test]
    fn asks_nextest_for_just_these() {
        let program = program("crates/io/tests/scripted/a.rs", &packages()).unwrap();
        assert_eq!(
            program.filter(),
            "(package(=lastword-io) & kind(test) & binary(=scripted))"
        );
        let program = super::program("crates/io/src/a.rs", &packages()).unwrap();
        assert_eq!(program.filter(), "(package(=lastword-io) & kind(lib))");
    }
}
