//! `ci next`: the tests of the layers over the development release of rustls.

use anyhow::bail;
use xshell::{Cmd, Shell};

use super::Outcome;
use crate::test::runner_of;
use crate::tool::{cargo, root};

/// A workspace of its own.
const MANIFEST: &str = "crates/next/Cargo.toml";

/// Checks the format and runs the tests, without warnings; skipped if a package cannot be downloaded.
/// clippy has seen most of the sources already, and would build all packages again.
pub(super) fn run(sh: &Shell) -> anyhow::Result<Outcome> {
    let fetch = in_next(sh, "fetch").arg("--locked");
    let fetched = fetch.ignore_status().quiet().output()?;
    if !fetched.status.success() {
        let said = String::from_utf8_lossy(&fetched.stderr);
        return match is_unreachable(&said) {
            true => Ok(Outcome::Skipped(
                "rustls 0.24.0-dev.2 cannot be downloaded".to_owned(),
            )),
            false => bail!("cargo fetch: {said}"),
        };
    }
    in_next(sh, "fmt").args(["--all", "--check"]).run()?;
    let test = in_target(runner_of(sh, MANIFEST));
    test.env("RUSTFLAGS", "-D warnings").run()?;
    Ok(Outcome::Passed)
}

/// Whether cargo says that it cannot reach the registry.
fn is_unreachable(said: &str) -> bool {
    [
        "failed to download",
        "failed to get",
        "Unable to update registry",
        "offline mode",
    ]
    .iter()
    .any(|why| said.contains(why))
}

/// A command of cargo in that workspace.
fn in_next<'a>(sh: &'a Shell, command: &str) -> Cmd<'a> {
    in_target(cargo(sh, command).args(["--manifest-path", MANIFEST]))
}

/// The same packages with other features: they would be built again each time.
fn in_target(command: Cmd<'_>) -> Cmd<'_> {
    command.env("CARGO_TARGET_DIR", root().join("target/next"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_registry_out_of_reach_is_a_reason_to_skip() {
        let offline = "error: failed to download `rustls v0.24.0-dev.2`\n\nCaused by:\n  attempting to \
                       make an HTTP request, but --offline was specified";
        assert!(is_unreachable(offline));
        assert!(is_unreachable(
            "error: no matching package named `sha2` found\nyou're using offline mode (--offline)"
        ));
        assert!(!is_unreachable(
            "error: cannot update the lock file because --locked was passed"
        ));
    }
}
