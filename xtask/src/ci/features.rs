//! That each published package compiles without warnings with each of its features and each two of
//! them, alone, so that none needs a feature that another switches on.

use crate::{ci::Outcome, failure::Failure, metadata, subcommand::HACK};

/// Handed on to rustls alone: no code here asks after one, so none is in the sets, which would be
/// twice as many for each and want rustls, and aws-lc-rs's C, built anew.
const HANDED_ON: [&str; 3] = ["aws-lc-rs", "logging", "ring"];

pub(super) fn run() -> Result<Outcome, Failure> {
    if let Err(failure) = HACK.program() {
        return Ok(Outcome::skipped(failure.in_words()));
    }
    let published = metadata::published()?;
    let packages = published.iter().flat_map(|it| ["--package", &it.name]);
    HACK.tool()?
        .args(["clippy", "--feature-powerset", "--depth", "2"])
        .args(packages)
        // by default what is handed on, and io, is on, and io is a feature of its own
        .args(["--exclude-features", "default"])
        .args(["--exclude-features", &HANDED_ON.join(",")])
        .args(["--", "-D", "warnings"])
        .run()?;
    Ok(Outcome::Passed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{tidy::tree::Tree, tool::root};

    #[test]
    fn no_published_code_asks_after_a_feature_that_is_handed_on() {
        let tree = Tree::load(&root()).unwrap();
        let crates = tree.rust().filter(|file| file.path.starts_with("crates/"));
        for file in crates.filter(|file| file.path.contains("/src/")) {
            for name in HANDED_ON {
                let asks = file.text.contains(&format!("feature = \"{name}\""));
                assert!(!asks, "{} asks after {name}", file.path);
            }
        }
    }
}
