//! How other programs are called.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use xshell::{Cmd, Shell, cmd};

/// The folder of the workspace's manifest.
pub(crate) fn root() -> PathBuf {
    let xtask = env::var_os("CARGO_MANIFEST_DIR").unwrap_or(env!("CARGO_MANIFEST_DIR").into());
    let mut root = PathBuf::from(xtask);
    root.pop();
    root
}

/// A command of cargo.
pub(crate) fn cargo<'a>(sh: &'a Shell, command: &str) -> Cmd<'a> {
    without_own_variables(cmd!(sh, "cargo {command}"))
}

/// A command of the nightly toolchain's cargo.
pub(crate) fn nightly<'a>(sh: &'a Shell, command: &str) -> Cmd<'a> {
    let cargo = cmd!(sh, "rustup run nightly cargo {command}");
    // `cargo run` sets this to the stable toolchain's cargo
    without_own_variables(cargo).env_remove("CARGO")
}

fn without_own_variables(command: Cmd<'_>) -> Cmd<'_> {
    own_variables().fold(command, Cmd::env_remove)
}

/// The variables that `cargo run` sets for this program. Passed on, they make the build scripts that
/// watch them, for example ring's, run again each time.
pub(crate) fn own_variables() -> impl Iterator<Item = OsString> {
    let prefixes = [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_CRATE_",
    ];
    let names = env::vars_os().map(|(name, _)| name);
    names.filter(move |name| {
        let name = name.to_string_lossy();
        prefixes.iter().any(|prefix| name.starts_with(prefix))
    })
}

/// Whether the command succeeds. Its output is not shown.
pub(crate) fn succeeds(command: Cmd<'_>) -> bool {
    command.quiet().ignore_stderr().read().is_ok()
}

/// Whether cargo has this subcommand.
pub(crate) fn has(sh: &Shell, subcommand: &str) -> bool {
    succeeds(cargo(sh, subcommand).arg("--version"))
}
