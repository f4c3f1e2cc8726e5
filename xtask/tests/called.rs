//! `cargo xtask serve` and other verbs become the program that they call.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::{env, fs, process};

#[test]
fn the_process_that_is_started_becomes_cargo_run_in_the_same_folder() {
    let folder = env::temp_dir().join(format!("lastword-cargo-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let folder = folder.canonicalize().unwrap();
    // in place of cargo: prints its process, folder, package and arguments
    let cargo = folder.join("cargo");
    fs::write(
        &cargo,
        "#!/bin/sh\necho $$\npwd\necho \"${CARGO_PKG_NAME-none}\"\necho \"$@\"\nexit 7\n",
    )
    .unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();

    for args in [
        &["serve", "--help"][..],
        &["serve", "--tls", "1.3", "--echo"],
        &["demo", "--only", "-", "--json"],
        &["soak", "--seconds", "1"],
        &["scale", "--growth"],
    ] {
        let child = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(args)
            .env("CARGO", &cargo)
            .env("CARGO_PKG_NAME", "xtask")
            .current_dir(&folder)
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
        assert!(line.starts_with("run --manifest-path "), "{line}");
        assert!(line.ends_with(&format!(" -- {}", args.join(" "))), "{line}");
        assert_eq!(output.status.code(), Some(7));
        assert!(output.stderr.is_empty());
    }
    fs::remove_dir_all(&folder).unwrap();
}
