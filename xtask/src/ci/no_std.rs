//! That record, alert and hello need no std: built for a target that has none, and linked here into
//! a program that has none either.

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

/// Only the C library is linked: it starts the program, and memory comes from there. Where std comes
/// in by any dependency, the compiler refuses the panic handler (E0152), for std has one.
const PROBE: &str = r#"//! Refuses a client, without std.
#![no_std]
#![no_main]
use lastword_alert::Alert;
use lastword_hello::{Collected, Collector, Limits};
use lastword_record as _;

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

/// alloc is built to unwind, and asks for this; here nothing unwinds.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[unsafe(no_mangle)]
extern "C" fn main() -> i32 {
    match Collector::new(Limits::default()).receive(&mut &b"GET / HTTP/1.1"[..]) {
        Ok(Collected::Hello(hello)) => hello.client_hello().ja4().as_str().len() as i32,
        Ok(Collected::NeedsInput(_)) => 1,
        Err(failed) => match failed.error.alert().map(|alert| Alert::new(alert).to_record()) {
            Some([21, 3, 3, 0, 2, 2, 10]) => 0,
            _ => 1,
        },
    }
}
"#;

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
        None => eprintln!("no bare-metal target is installed: proved by the program alone"),
    }
    let packages = metadata::packages()?;
    write_probe(&packages).map_err(|source| Failure::File {
        path: PROBE_FOLDER.to_owned(),
        source,
    })?;
    let manifest = format!("{PROBE_FOLDER}/Cargo.toml");
    let target = format!("{PROBE_FOLDER}/target");
    // to build it is to link it; that it runs is beyond doubt then, and still seen
    let run = ["run", "--manifest-path", &manifest, "--target-dir", &target];
    Tool::cargo().args(run).run()?;
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
    fs::write(folder.join("src/main.rs"), PROBE)?;
    fs::write(folder.join("Cargo.toml"), probe_manifest(packages))?;
    // the versions that the workspace has
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    Ok(())
}

/// One that has all features of the packages.
fn probe_manifest(packages: &[Package]) -> String {
    let mut manifest = "[package]\nname = \"no_std_probe\"\nedition = \"2024\"\n\n\
                        [workspace]\n\n[profile.dev]\npanic = \"abort\"\n\n\
                        [dependencies]\ndlmalloc = { version = \"0.2\", features = [\"global\"] }\n"
        .to_owned();
    let promise = |package: &&Package| PACKAGES.contains(&package.name.as_str());
    for package in packages.iter().filter(promise) {
        let (name, folder, features) = (&package.name, &package.folder, &package.features);
        manifest += &format!("{name} = {{ path = \"../../{folder}\", features = {features:?} }}\n");
    }
    manifest
}
