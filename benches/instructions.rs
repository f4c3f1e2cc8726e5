//! Counts the instructions of every work in every way, with valgrind.
//!
//! Without an option it prints a table of ours and the peers'. `--check` compares ours with the
//! baseline, and `--save` writes the baseline. It starts valgrind on itself, with `--count`.
#![forbid(unsafe_code)]

use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

use lastword_benches::report::baseline::Comparison;
use lastword_benches::report::{self, Figure, baseline, callgrind};
use lastword_benches::work::{Meter, WarmUp};
use lastword_benches::works;

/// The file of the saved counts.
const BASELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/baseline.txt");

const OURS: &str = "ours";

fn main() -> ExitCode {
    // cargo adds `--bench`
    let args: Vec<_> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        [] => counted("all").map(|figures| report::print(&figures)),
        ["--check"] => check(),
        ["--save"] => save(),
        ["--count", ways] => {
            count(ways == OURS);
            Ok(())
        }
        _ => {
            eprintln!("usage: instructions [--check | --save]");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Compares ours with the baseline.
///
/// # Errors
///
/// If one has grown, or nothing can be counted for another reason than the tools.
fn check() -> io::Result<()> {
    let saved = fs::read_to_string(BASELINE)?;
    let incomparable = match callgrind::version() {
        Some(version) => baseline::incomparable(&saved, &baseline::head(&version)),
        None => Some("valgrind is not installed".into()),
    };
    if let Some(why) = incomparable {
        println!("not compared: {why}");
        return Ok(());
    }
    let Comparison { held, grown } = baseline::compare(&saved, &counted(OURS)?);
    grown.iter().for_each(|each| println!("{each}"));
    match grown.len() {
        0 => println!("{held} counts of instructions, none has grown by more than 1 %"),
        number => {
            let failed = format!("{number} of {} counts have grown", held + number);
            return Err(io::Error::other(failed));
        }
    }
    Ok(())
}

fn save() -> io::Result<()> {
    let figures = counted(OURS)?;
    let head = baseline::head(&callgrind::version().unwrap_or_default());
    fs::write(BASELINE, baseline::text(&head, &figures))
}

/// Counts with valgrind.
fn counted(ways: &str) -> io::Result<Vec<Figure>> {
    if callgrind::version().is_none() {
        let missing = "valgrind is not installed, and it counts the instructions";
        return Err(io::Error::other(missing));
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("callgrind");
    callgrind::count(&folder, &["--count", ways])
}

/// Runs every work for callgrind.
fn count(only_ours: bool) {
    for mut work in works::all() {
        let ways = work.ways.iter_mut();
        for way in ways.filter(|way| !only_ours || way.name.starts_with("lastword")) {
            // what is made at its first use is made, and memory is at hand
            way.run(&mut WarmUp);
            way.run(&mut WarmUp);
            for _ in 0..work.runs {
                way.run(&mut Counted);
            }
            ended();
            let times = u64::from(work.runs) * work.each;
            println!("{}\t{}\t{times}", work.name, way.name);
        }
    }
}

struct Counted;

impl Meter for Counted {
    fn measure(&mut self, part: &mut dyn FnMut()) {
        measured(part);
    }
}

#[inline(never)]
fn measured(part: &mut dyn FnMut()) {
    black_box(part)();
}

#[inline(never)]
fn ended() {
    black_box(());
}
