//! Callgrind over the benchmark `instructions`: what it counts of each way of each work.

use std::fs;
use std::path::Path;

use super::dump;
use super::figures::{Figure, Measure};
use super::program::{self, Peers};
use crate::failure::Failure;
use crate::tool::{Tool, target};

/// Why nothing can be counted here, if nothing can.
pub(crate) fn missing() -> Option<String> {
    match version() {
        Ok(_) => None,
        Err(_) => Some("valgrind is not installed".into()),
    }
}

/// `valgrind-3.19.0`.
pub(super) fn version() -> Result<String, Failure> {
    let said = Tool::new("valgrind").args(["--version"]).stdout()?;
    Ok(said.trim().into())
}

/// Counts.
pub(super) fn count(peers: Peers) -> Result<Vec<Figure>, Failure> {
    let folder = target().join("callgrind");
    let file = |source| Failure::file(&folder, source);
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(file)?;
    }
    fs::create_dir_all(&folder).map_err(file)?;
    let dumps = folder.join("out");
    let said = program::run("instructions", &runner(&dumps), peers)?;
    let mut figures = Vec::new();
    for (number, line) in (1..).zip(said.lines()) {
        let unexpected = || Failure::Output {
            command: "the benchmark `instructions`".into(),
            what: line.into(),
        };
        let parts: Vec<_> = line.split('\t').collect();
        let [work, way, times] = parts[..] else {
            return Err(unexpected());
        };
        let times: f64 = times.parse().map_err(|_| unexpected())?;
        let path = folder.join(format!("out.{number}"));
        let dump = fs::read_to_string(&path).map_err(|source| Failure::file(&path, source))?;
        let counted = dump::read(&dump);
        let mut push = |measure, count: u64| {
            figures.push(Figure {
                work: work.into(),
                way: way.into(),
                measure,
                value: count as f64 / times,
            });
        };
        push(Measure::Instructions, counted.all);
        if counted.crypto > 0 {
            let outside = counted.all - counted.crypto - counted.malloc;
            push(Measure::OutsideCrypto, outside);
            if way == "rustls" {
                // the limit: what no server does without
                figures.push(Figure {
                    work: work.into(),
                    way: "crypto alone".into(),
                    measure: Measure::Instructions,
                    value: counted.crypto as f64 / times,
                });
            }
        }
    }
    Ok(figures)
}

/// What lies within `measured` is collected, and dumped at each entry of `ended`.
fn runner(dumps: &Path) -> Vec<String> {
    vec![
        "valgrind".into(),
        "--quiet".into(),
        "--tool=callgrind".into(),
        "--toggle-collect=instructions::measured*".into(),
        "--dump-before=instructions::ended*".into(),
        "--dump-line=no".into(),
        format!("--callgrind-out-file={}", dumps.display()),
    ]
}
