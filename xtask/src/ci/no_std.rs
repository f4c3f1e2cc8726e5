//! That record, alert and hello need no std: built for a target that has none, and for this one
//! beside a crate that only compiles where none of its dependencies brings std.

use std::{fs, io};

use crate::{
    ci::Outcome,
    failure::Failure,
    metadata::{self, Package},
    tool::{Tool, root},
};

/// The packages that promise it.
pub(crate) const PACKAGES: [&str; 3] = ["lastword-record", "lastword-alert", "lastword-hello"];

/// Where the probe is written, from the workspace's root: a place that git ignores.
const PROBE_FOLDER: &str = "target/no_std_probe";

/// A panic handler of one's own is refused by the compiler (E0152) where std, which has one, comes
/// in by any dependency.
const PROBE: &str = "//! Compiles only without std.
#![no_std]
use {lastword_alert as _, lastword_hello as _, lastword_record as _};
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
";

pub(super) fn run() -> Result<Outcome, Failure> {
    let target = bare_metal_target();
    match &target {
        Some(target) => {
            for package in PACKAGES {
                let build = [
                    "build",
                    "--package",
                    package,
                    "--all-features",
                    "--target",
                    target,
                ];
                Tool::cargo().args(build).run()?;
            }
        }
        None => eprintln!("no bare-metal target is installed: checked by the probe alone"),
    }
    let packages = metadata::packages()?;
    write_probe(&packages).map_err(|source| Failure::File {
        path: PROBE_FOLDER.to_owned(),
        source,
    })?;
    let manifest = format!("{PROBE_FOLDER}/Cargo.toml");
    let target = format!("{PROBE_FOLDER}/target");
    let build = [
        "build",
        "--manifest-path",
        &manifest,
        "--target-dir",
        &target,
    ];
    Tool::cargo().args(build).run()?;
    Ok(Outcome::Passed)
}

/// An installed target that has no operating system and so no std.
fn bare_metal_target() -> Option<String> {
    let list = Tool::new("rustup").args(["target", "list", "--installed"]);
    let list = list.stdout().ok()?;
    let has_no_system = |target: &&str| target.split('-').any(|part| part == "none");
    list.lines().find(has_no_system).map(str::to_owned)
}

/// Writes the probe, a package of its own.
fn write_probe(packages: &[Package]) -> io::Result<()> {
    let folder = root().join(PROBE_FOLDER);
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("src/lib.rs"), PROBE)?;
    fs::write(folder.join("Cargo.toml"), probe_manifest(packages))?;
    // the versions that the workspace has, so that nothing is fetched
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    Ok(())
}

/// One that has all features of the packages.
fn probe_manifest(packages: &[Package]) -> String {
    let mut manifest = "[package]\nname = \"no_std_probe\"\nedition = \"2024\"\n\n\
                        [workspace]\n\n[profile.dev]\npanic = \"abort\"\n\n[dependencies]\n"
        .to_owned();
    let promise = |package: &&Package| PACKAGES.contains(&package.name.as_str());
    for package in packages.iter().filter(promise) {
        let (name, folder, features) = (&package.name, &package.folder, &package.features);
        manifest += &format!("{name} = {{ path = \"../../{folder}\", features = {features:?} }}\n");
    }
    manifest
}
