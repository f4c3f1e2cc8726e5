//! `tidy`: what the compiler does not hold the sources to.

mod budget;
mod first_line;
mod layers;
mod licence;
mod manifest;
mod msrv;
mod tokens;
pub(crate) mod tree;
mod unsafe_code;
mod words;

use clap::Args;

use crate::{
    failure::Failure,
    tidy::tree::{Fault, Tree},
    tool,
};

/// Check the sources for what the compiler does not
///
/// - every .rs file begins with `//!`
/// - no file has over 300 lines of code and no function over 60; blank lines, comments, rows of
///   tables and inline test modules do not count
/// - README.md, ARCHITECTURE.md and the crates' READMEs say the `rust-version` of the manifest
/// - record, alert and hello name nothing of std, record and alert nothing of alloc, and the
///   acceptor neither std::net nor more of std::io than Read, Write and their Result
/// - each lib.rs and main.rs, those of tests aside, forbids unsafe code, and each manifest takes
///   the workspace's lints
/// - no file holds words that belong to one machine, nor a private key
/// - each manifest has the workspace's licence, and each licence its text
///
/// Every fault is printed as `path:line: what is wrong`.
///
/// Needs git, to know which files are the project's; without it all files are.
/// Exit codes: 0 no fault, 1 faults, 2 the command line is wrong.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {}

/// A check: the faults it finds.
type Check = fn(&Tree) -> Vec<Fault>;

const CHECKS: [Check; 7] = [
    budget::check,
    first_line::check,
    layers::check,
    licence::check,
    msrv::check,
    unsafe_code::check,
    words::check,
];

pub(crate) fn run(_: Options) -> Result<(), Failure> {
    check()
}

/// Prints every fault of the project's files, in order of their paths.
pub(crate) fn check() -> Result<(), Failure> {
    let tree = Tree::load(&tool::root())?;
    let mut faults = CHECKS.map(|check| check(&tree)).concat();
    faults.sort();
    for fault in &faults {
        println!("{fault}");
    }
    match faults.len() {
        0 => {
            println!("{} files, no fault", tree.files().len());
            Ok(())
        }
        faults => Err(Failure::Untidy { faults }),
    }
}
