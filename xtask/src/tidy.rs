//! `tidy`: what neither the compiler nor clippy checks, by a table of rules.

mod rules;
mod source;

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
    let (mut count, mut faults) = (0, Vec::new());
    for path in files.lines() {
        // one that is deleted but still tracked, or that is not text, has no fault
        if let Ok(text) = sh.read_file(path) {
            count += 1;
            let source = Source::new(path, &text);
            faults.extend(RULES.iter().flat_map(|rule| rule.faults(&source)));
        }
    }
    faults.iter().for_each(|fault| println!("{fault}"));
    match faults.len() {
        0 => println!("{count} files, no fault"),
        faults => bail!(
            "tidy found {faults} fault{}",
            if faults == 1 { "" } else { "s" }
        ),
    }
    Ok(())
}
