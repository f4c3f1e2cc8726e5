//! `ci no_std`: record, alert and hello need no std. A program without std is linked with them.

use std::env;

use xshell::Shell;

use crate::tool::{cargo, root};

/// The packages that need no std.
pub(crate) const PACKAGES: [&str; 3] = ["lastword-record", "lastword-alert", "lastword-hello"];

/// Where the program is written.
const FOLDER: &str = "target/no_std_probe";

const MANIFEST: &str = r#"[package]
name = "no_std_probe"
edition = "2024"

[workspace]

[profile.dev]
panic = "abort"

[dependencies]
dlmalloc = { version = "0.2", features = ["global"] }
lastword-alert = { path = "../../crates/alert" }
lastword-hello = { path = "../../crates/hello", features = ["ja4"] }
lastword-record = { path = "../../crates/record" }
"#;

/// Only the C library is linked, which starts the program. If a dependency brings std, the compiler
/// refuses the panic handler, because std has one (E0152).
const PROGRAM: &str = r#"//! Refuses a client, without std.
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

pub(super) fn run(sh: &Shell) -> anyhow::Result<()> {
    sh.write_file(format!("{FOLDER}/src/main.rs"), PROGRAM)?;
    sh.write_file(format!("{FOLDER}/Cargo.toml"), MANIFEST)?;
    // the versions of the workspace
    sh.copy_file("Cargo.lock", FOLDER)?;
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or(root().join("target").into());
    let manifest = format!("{FOLDER}/Cargo.toml");
    let run = cargo(sh, "run").args(["--manifest-path", &manifest, "--target-dir"]);
    Ok(run.arg(target).run()?)
}
