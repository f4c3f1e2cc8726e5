//! `tidy`: what neither the compiler nor clippy checks, by a table of rules.

mod not_run;
mod rules;
mod source;

use std::collections::BTreeMap;

use anyhow::bail;
use xshell::{Shell, cmd};

use crate::tidy::rules::RULES;
use crate::tidy::source::Source;

/// Prints each fault as `path:line: what is wrong`.
pub(crate) fn run(sh: &Shell) -> anyhow::Result<()> {
    // with git: those that it tracks or would track
    let files = cmd!(sh, "git ls-files --cached --others --exclude-standard")
        .quiet()
        .read()?;
    // one that is deleted but still tracked, or that is not text, has no fault
    let text = |path: &str| Some((path.to_owned(), sh.read_file(path).ok()?));
    let files = BTreeMap::from_iter(files.lines().filter_map(text));
    let mut faults = not_run::faults(&files);
    for (path, text) in &files {
        let source = Source::new(path, text);
        faults.extend(RULES.iter().flat_map(|rule| rule.faults(&source)));
    }
    faults.iter().for_each(|fault| println!("{fault}"));
    match faults.len() {
        0 => println!("{} files, no fault", files.len()),
        faults => bail!(
            "tidy found {faults} fault{}",
            if faults == 1 { "" } else { "s" }
        ),
    }
    Ok(())
}
