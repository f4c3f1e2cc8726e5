//! What criterion has timed, and what the processor was used for over TCP.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::Value;

use super::figures::{Figure, Measure};
use super::program::{self, Peers};
use crate::called;
use crate::failure::Failure;
use crate::tool::target;

/// Times every work, then runs the servers over TCP, and with ever more half-open clients.
pub(super) fn measure(peers: Peers) -> Result<Vec<Figure>, Failure> {
    let start = SystemTime::now();
    criterion(peers, &[])?;
    let mut figures = timed(&target().join("criterion"), start)?;
    let loopback = program::run("loopback", &[], peers)?;
    let growth = called::load("scale", "bench").args(["--growth"]).stdout()?;
    let lines = loopback.lines().chain(growth.lines());
    figures.extend(lines.filter_map(Figure::of_line));
    Ok(figures)
}

/// Runs criterion, its output going where this program's goes.
pub(super) fn criterion(peers: Peers, args: &[std::ffi::OsString]) -> Result<(), Failure> {
    let bench = program::bench("times", peers);
    bench.args(["--"]).args(args).run()
}

/// The medians that criterion has written since `start`, by work.
fn timed(folder: &Path, start: SystemTime) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for group in folders(folder)? {
        for way in folders(&group)? {
            let new = way.join("new");
            let (Some(names), Some(estimates)) = (
                json(&new, "benchmark.json", start),
                json(&new, "estimates.json", start),
            ) else {
                continue;
            };
            let name = |key| names[key].as_str().unwrap_or_default().to_owned();
            if let Some(value) = estimates["median"]["point_estimate"].as_f64() {
                figures.push(Figure {
                    work: name("group_id"),
                    way: name("function_id"),
                    measure: Measure::Time,
                    value,
                });
            }
        }
    }
    figures.sort_by(|a, b| (&a.work, &a.way).cmp(&(&b.work, &b.way)));
    Ok(figures)
}

/// A file that is there and not from before.
fn json(folder: &Path, name: &str, start: SystemTime) -> Option<Value> {
    let path = folder.join(name);
    let modified = fs::metadata(&path).ok()?.modified().ok()?;
    let text = (modified >= start).then(|| fs::read_to_string(&path).ok())?;
    serde_json::from_str(&text?).ok()
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failure = |source| Failure::file(folder, source);
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder).map_err(failure)? {
        let path = entry.map_err(failure)?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    Ok(folders)
}
