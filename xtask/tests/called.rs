//! `cargo xtask serve` and other verbs become the program that they call, which is built with what the tests build.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Held by each test. A program cannot be run while another thread, which starts one, has it open.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Prints its process, folder, package and arguments.
const SCRIPT: &str =
    "#!/bin/sh\necho $$\npwd\necho \"${CARGO_PKG_NAME-none}\"\necho \"$@\"\nexit 7\n";

fn script(file: &Path, script: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, script).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Runs a copy of xtask with a script in place of cargo, and returns the script's arguments.
#[track_caller]
fn arguments(folder: &Path, args: &[&str]) -> String {
    let child = Command::new(folder.join("target/debug/xtask"))
        .args(args)
        .env("CARGO", folder.join("cargo"))
        .env("CARGO_PKG_NAME", "xtask")
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let id = child.id().to_string();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let [process, at, package, line] = Vec::from_iter(said.lines()).try_into().unwrap();
    assert_eq!(process, id);
    assert_eq!(at, folder.to_str().unwrap());
    // or else the build scripts that watch it run again each time
    assert_eq!(package, "none");
    assert_eq!(output.status.code(), Some(7));
    assert!(output.stderr.is_empty());
    line.to_owned()
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("target/debug")).unwrap();
    let xtask = folder.join("target/debug/xtask");
    fs::copy(env!("CARGO_BIN_EXE_xtask"), xtask).unwrap();
    folder.canonicalize().unwrap()
}

#[test]
fn the_process_that_is_started_becomes_cargo_run_in_the_same_folder() {
    let _alone = alone();
    let folder = folder("run");
    script(&folder.join("cargo"), SCRIPT);
    for args in [&["soak", "--seconds", "1"][..], &["scale", "--growth"]] {
        let line = arguments(&folder, args);
        assert!(line.starts_with("run --manifest-path "), "{line}");
        assert!(line.ends_with(&format!(" -- {}", args.join(" "))), "{line}");
    }
}

#[test]
fn the_process_that_is_started_becomes_the_census_that_was_built() {
    let _alone = alone();
    let folder = folder("built");
    let build = "#!/bin/sh\necho \"${CARGO_PKG_NAME-none}\" \"$@\" >built\nexec cat\n";
    script(&folder.join("cargo"), build);
    script(&folder.join("target/debug/lastword-census"), SCRIPT);
    for args in [
        &["serve", "--help"][..],
        &["serve", "--tls", "1.3", "--echo"],
        &["demo", "--only", "-", "--json"],
    ] {
        assert_eq!(arguments(&folder, args), args.join(" "));
        let line = fs::read_to_string(folder.join("built")).unwrap();
        assert!(line.starts_with("none build --manifest-path "), "{line}");
        let packages = " --package lastword-census --package lastword-shared";
        let program = " --bin lastword-census --profile dev\n";
        assert!(line.ends_with(&format!("{packages}{program}")), "{line}");
    }
}

#[test]
fn a_build_that_fails_ends_with_the_code_of_cargo() {
    let _alone = alone();
    let folder = folder("failed");
    script(&folder.join("cargo"), "#!/bin/sh\nexit 101\n");
    script(&folder.join("target/debug/lastword-census"), SCRIPT);
    let mut xtask = Command::new(folder.join("target/debug/xtask"));
    let output = xtask.arg("demo").env("CARGO", folder.join("cargo"));
    let output = output.output().unwrap();
    assert_eq!(output.status.code(), Some(101));
    assert!(output.stdout.is_empty(), "the program was run");
}

/// If a dependency has other features for the demo than for the tests, it is built twice.
#[test]
fn the_demo_and_the_tests_have_the_same_features_of_other_crates() {
    let _alone = alone();
    let tree = |args: &[&str]| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["tree", "--offline", "--prefix", "none"]);
        cargo.args(["--format", "{p} [{f}]", "--manifest-path"]);
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        let output = cargo.arg(manifest).args(args).output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        let lines = text.lines().map(|line| line.trim_end_matches(" (*)"));
        BTreeSet::from_iter(lines.map(str::to_owned))
    };
    let tests = tree(&["--workspace"]);
    let demo = ["--package=lastword-census", "--package=lastword-shared"];
    let demo = tree(&[&demo[..], &["--edges=normal,build"]].concat());
    assert!(demo.iter().any(|line| line.starts_with("rustls v")));
    let others = Vec::from_iter(demo.difference(&tests));
    let may_differ = ["lastword", "lastword-io", "lastword-tokio"]; // what they depend on is large
    for line in others {
        let (name, _) = line.split_once(' ').unwrap();
        assert!(
            may_differ.contains(&name),
            "the tests have other features than `{line}`: add what is missing to crates/shared"
        );
    }
}
