//! Runs the example `foresee` and checks its output.
//!
//! Cargo builds examples for `cargo test`, but not for `cargo test --test foresee` alone.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

/// Where cargo puts an example: this test is in `deps` beside `examples`.
fn program(example: &str) -> PathBuf {
    let test = env::current_exe().unwrap();
    let profile = test.parent().unwrap().parent().unwrap();
    let program = profile.join("examples").join(example);
    program.with_extension(env::consts::EXE_EXTENSION)
}

/// Runs the example with these files, and returns what it prints.
fn run(files: &[PathBuf]) -> String {
    let program = program("foresee");
    let output = Command::new(&program).args(files).output();
    let output = output.unwrap_or_else(|error| {
        let program = program.display();
        panic!("{program}: {error}; `cargo build --examples` builds it")
    });
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn without_a_file_it_checks_clients_of_rustls() {
    let refused = "no protocol version in common: client offers TLS 1.2, server has TLS 1.3";
    let lines = [
        "today: 0 of 3 clients refused",
        "without TLS 1.2: 1 of 3 clients refused",
        &format!("  rustls without TLS 1.3: {refused}"),
        "ALPN required: 1 of 3 clients refused",
        "  rustls without ALPN: the client does not use ALPN",
    ];
    assert_eq!(run(&[]).lines().collect::<Vec<_>>(), lines);
}

#[test]
fn it_names_the_clients_that_each_policy_refuses() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../testkit/hellos");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let files: Vec<_> = files
        .filter(|file| file.extension() == Some("bin".as_ref()))
        .collect();
    let output = run(&files);
    let lines: Vec<_> = output.lines().collect();
    for line in [
        "today: 4 of 33 clients refused",
        "  openssl-3.0.19-fallback: inappropriate fallback: client offers TLS 1.2 or older after an \
         attempt with a newer version failed (TLS_FALLBACK_SCSV), server has TLS 1.2, TLS 1.3",
        "without TLS 1.2: 12 of 33 clients refused",
        "  java-17.0.15-tls12: no protocol version in common: client offers TLS 1.2, server has \
         TLS 1.3",
        "ALPN required: 22 of 33 clients refused",
        "  python-3.11.7: the client does not use ALPN",
    ] {
        assert!(lines.contains(&line), "{line}\n{output}");
    }
    assert_eq!(lines.len(), 3 + 4 + 12 + 22, "{output}");
}
