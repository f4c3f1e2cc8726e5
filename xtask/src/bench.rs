//! `bench`: the benchmarks, ours beside their peers.

mod baseline;
mod callgrind;
mod clock;
mod dump;
mod figures;
mod page;
mod program;
mod table;
mod targets;

use std::ffi::OsString;

use clap::Args;

use crate::failure::Failure;
use baseline::Compared;
use figures::Figure;
use program::Peers;

pub(crate) use callgrind::missing;

/// Run the benchmarks
///
/// By the clock, with criterion, over TCP, and with up to 10,000 clients half open; or with --instructions by counts, which are the same on a
/// busy machine: of instructions, allocations, bytes held, reads and writes. Either prints one table of
/// ours and the peers', and makes a page of it with what the other measured last. What stands behind
/// `--` goes to criterion, and there is no table then:
///
///   cargo xtask bench -- 'record/16 KiB'        the benchmarks with this in their names
///   cargo xtask bench -- --save-baseline before  keeps the numbers to compare with
///   cargo xtask bench -- --baseline before       compares with them
///   cargo xtask bench --instructions             the table of counts
///   cargo xtask bench --instructions --check     whether a count of ours has grown by over 1 %
///   cargo xtask bench --instructions --save      keeps them, in benches/baseline.txt
///
/// OpenSSL is among the peers where pkg-config finds it (Debian: libssl-dev). For X25519MLKEM768
/// aws-lc-rs is built, but for --check and --save.
///
/// Needs a Rust toolchain, a C compiler, and by the clock a machine that does nothing else meanwhile;
/// with --instructions valgrind.
/// Exit codes: 0 measured, 1 a benchmark failed or did not compile or a count has grown, 2 the
/// command line is wrong.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// Count instructions and allocations
    #[arg(long, conflicts_with = "criterion")]
    instructions: bool,
    /// Fail if a count of ours has grown
    #[arg(long, requires = "instructions")]
    check: bool,
    /// Keep the counts as those to check against
    #[arg(long, requires = "instructions", conflicts_with = "check")]
    save: bool,
    /// Arguments for criterion
    #[arg(last = true, value_name = "ARGS")]
    criterion: Vec<OsString>,
}

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    if options.check {
        return match check()? {
            None => Ok(()),
            Some(why) => {
                println!("not compared: {why}");
                Ok(())
            }
        };
    }
    if options.instructions {
        return count(options.save);
    }
    if !options.criterion.is_empty() {
        return clock::criterion(Peers::at_hand(), &options.criterion);
    }
    let peers = Peers::at_hand();
    print(&clock::measure(peers)?, peers, CLOCK, COUNTS)
}

/// Where the figures are kept by the clock, and those by counts.
const CLOCK: &str = "clock.tsv";
const COUNTS: &str = "counts.tsv";

/// Prints the table of counts.
fn count(save: bool) -> Result<(), Failure> {
    if let Some(missing) = missing() {
        return Err(Failure::missing("valgrind", missing));
    }
    if save {
        return baseline::save(&callgrind::count(Peers::Baseline)?);
    }
    let peers = Peers::at_hand();
    let mut figures = callgrind::count(peers)?;
    let allocations = program::run("allocations", &[], peers)?;
    figures.extend(allocations.lines().filter_map(Figure::of_line));
    print(&figures, peers, COUNTS, CLOCK)
}

/// Prints the table, and makes a page of it and of the other's figures.
fn print(figures: &[Figure], peers: Peers, name: &str, other: &str) -> Result<(), Failure> {
    println!("{}", table::headings());
    let rows = table::rows(figures);
    for row in &rows {
        println!("{row}");
    }
    let met = |is| rows.iter().filter(|row| row.is_met() == Some(is)).count();
    println!("{} met, {} not met", met(true), met(false));
    if let Some(left_out) = peers.left_out() {
        println!("{left_out}");
    }
    let path = page::write(figures, name, other)?;
    println!("page: {}", path.display());
    Ok(())
}

/// Whether a count of ours has grown: why it cannot be told, if it cannot.
pub(crate) fn check() -> Result<Option<String>, Failure> {
    if let Some(why) = baseline::incomparable()? {
        return Ok(Some(why));
    }
    match baseline::compare(&callgrind::count(Peers::Baseline)?)? {
        Compared::Held(counts) => {
            println!("{counts} counts of instructions, none has grown by more than 1 %");
            Ok(None)
        }
        Compared::Incomparable(why) => Ok(Some(why)),
        Compared::Grown(grown) => {
            for each in &grown {
                println!("{each}");
            }
            Err(Failure::Grown {
                counts: grown.len(),
            })
        }
    }
}
