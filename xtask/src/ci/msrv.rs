//! `ci msrv`: the published packages compile with the minimum Rust version: with the lock file, and
//! with the minimum versions of their dependencies.

use std::env;
use std::path::Path;

use xshell::{Cmd, Shell, cmd};

use super::{Outcome, not_installed};
use crate::tool::{cargo, has, nightly, root, succeeds};

/// The workspace's `rust-version`.
const MSRV: &str = env!("CARGO_PKG_RUST_VERSION");

/// A copy of the libraries, with a lock file of minimum versions.
const COPY: &str = "target/minimal";

/// Members of the workspace on which no published package depends. Their requirements would raise
/// the versions of the others, because all share a lock file.
const PROGRAMS: [&str; 3] = ["benches", "crates/shared", "xtask"];

pub(super) fn run(sh: &Shell) -> anyhow::Result<Outcome> {
    let Some(rust) = Rust::find(sh) else {
        let how = "`rustup toolchain install` or .ci/rust installs it";
        return Ok(Outcome::Skipped(format!(
            "Rust {MSRV} is not installed: {how}"
        )));
    };
    let features = features(sh)?;
    let check = |folder: &str| {
        let manifest = root().join(folder).join("Cargo.toml");
        let check = rust
            .cargo(sh)
            .args(["check", "--locked", "--target-dir", "target/msrv"]);
        let check = check.arg("--manifest-path").arg(manifest);
        let packages = ["--package=lastword", "--package=lastword-census"];
        check
            .args(packages)
            .arg(format!("--features={features}"))
            .run()
    };
    check("")?;
    if !has(sh, "hack") {
        return Ok(not_installed("cargo-hack"));
    }
    if !succeeds(nightly(sh, "--version")) {
        let what = "with the minimum versions of dependencies: no nightly toolchain";
        return Ok(Outcome::Skipped(what.to_owned()));
    }
    copy_with_minimum_versions(sh)?;
    check(COPY)?;
    Ok(Outcome::Passed)
}

/// A toolchain of the minimum version.
enum Rust {
    Rustup,
    /// Unpacked from Debian's packages by .ci/rust, in the build folder.
    Debian,
}

impl Rust {
    fn find(sh: &Shell) -> Option<Self> {
        let mut all = [Self::Rustup, Self::Debian].into_iter();
        all.find(|rust| succeeds(rust.cargo(sh).arg("--version")))
    }

    /// A command of its cargo.
    fn cargo<'a>(&self, sh: &'a Shell) -> Cmd<'a> {
        match self {
            Self::Rustup => cmd!(sh, "rustup run {MSRV} cargo").env_remove("CARGO"),
            Self::Debian => {
                let folder = root().join(format!("target/tools/rust-{MSRV}"));
                let libraries = ["usr/lib", "lib"].map(|libraries| {
                    let triple = format!("{}-linux-gnu", env::consts::ARCH);
                    folder.join(libraries).join(triple)
                });
                let cargo = folder.join("usr/bin/cargo");
                cmd!(sh, "{cargo}")
                    .env("RUSTC", folder.join("usr/bin/rustc"))
                    .env(
                        "LD_LIBRARY_PATH",
                        env::join_paths(libraries).unwrap_or_default(),
                    )
            }
        }
    }
}

/// All features of the facade, which has the features of every layer, with one of the two crypto
/// providers.
fn features(sh: &Shell) -> anyhow::Result<String> {
    let manifest = sh.read_file("crates/lastword/Cargo.toml")?;
    let (_, features) = manifest.split_once("[features]\n").unwrap_or_default();
    let names = features.lines().map_while(|line| line.split_once(" = "));
    let names = names
        .map(|(name, _)| name)
        .filter(|name| !["aws-lc-rs", "default"].contains(name));
    Ok(Vec::from_iter(names.map(|name| format!("lastword/{name}"))).join(","))
}

/// Copies the libraries, without dev-dependencies, and writes the lock file.
fn copy_with_minimum_versions(sh: &Shell) -> anyhow::Result<()> {
    sh.remove_path(COPY)?;
    let files = cmd!(
        sh,
        "git ls-files --cached --others --exclude-standard Cargo.toml crates"
    );
    for file in files.quiet().read()?.lines() {
        // one that is deleted is listed until that is committed
        if Path::new(file).exists() {
            let copy = Path::new(COPY).join(file);
            sh.create_dir(copy.parent().unwrap_or(&copy))?;
            sh.copy_file(file, copy)?;
        }
    }
    let is_program = |line: &&str| {
        let line = line.trim_start();
        PROGRAMS
            .iter()
            .any(|name| line.starts_with(&format!("\"{name}\",")))
    };
    let manifest = sh.read_file("Cargo.toml")?;
    let members = manifest.lines().filter(|line| !is_program(line));
    sh.write_file(
        format!("{COPY}/Cargo.toml"),
        Vec::from_iter(members).join("\n"),
    )?;
    let copy = &format!("{COPY}/Cargo.toml");
    let hack =
        cargo(sh, "hack").args(["--remove-dev-deps", "--workspace", "--manifest-path", copy]);
    hack.run()?;
    let lock = nightly(sh, "generate-lockfile").args(["--manifest-path", copy]);
    Ok(lock
        .args(["-Z", "direct-minimal-versions", "--quiet"])
        .run()?)
}
