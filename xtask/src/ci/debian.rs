//! A Rust toolchain of Debian's, downloaded and unpacked beside the build. Nothing is installed, and
//! no root is needed.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use crate::{
    failure::Failure,
    tool::{Tool, target},
    toolchain::is_of,
};

/// How many seconds each command of apt-get may take.
const TIME: &str = "300";

/// Returns the folder of the toolchain of this version, which is downloaded if it is not there.
///
/// # Errors
///
/// If it cannot be had: why.
pub(super) fn toolchain(version: &str) -> Result<PathBuf, String> {
    let tools = target().join("tools");
    let folder = tools.join(format!("rust-{version}"));
    if runs(&folder, version) {
        return Ok(folder);
    }
    if Tool::new("apt-get").args(["--version"]).stdout().is_err() {
        return Err("there is no apt-get to download Debian's packages of it".to_owned());
    }
    let part = tools.join(format!("rust-{version}.part"));
    let had = install(version, &part, &folder);
    let left = remove(&part).map_err(|source| Failure::file(&part, source));
    had.and(left).map_err(|failure| {
        eprintln!("{}", failure.in_words());
        "Debian's packages of it could not be downloaded and unpacked".to_owned()
    })?;
    if runs(&folder, version) {
        Ok(folder)
    } else {
        Err("Debian's packages of it do not run on this machine".to_owned())
    }
}

/// Downloads and unpacks the packages in `part`. `folder` is there only once all of them are.
fn install(version: &str, part: &Path, folder: &Path) -> Result<(), Failure> {
    let unpacked = download(version, part)?;
    let moved = remove(folder).and_then(|()| fs::rename(unpacked, folder));
    moved.map_err(|source| Failure::file(folder, source))
}

/// A command of the toolchain's cargo.
pub(super) fn cargo(folder: &Path) -> Tool {
    let rustc = folder.join("usr/bin/rustc");
    tool(folder, "cargo").env("RUSTC", &rustc.to_string_lossy())
}

/// A command of one of its programs, with the libraries that were downloaded with it.
fn tool(folder: &Path, program: &str) -> Tool {
    let libraries = ["usr/lib", "lib"].map(|libraries| {
        let triple = format!("{}-linux-gnu", env::consts::ARCH);
        folder.join(libraries).join(triple).display().to_string()
    });
    let program = folder.join("usr/bin").join(program);
    Tool::new(&program.to_string_lossy()).env("LD_LIBRARY_PATH", &libraries.join(":"))
}

/// Whether both programs are there, and of this version.
fn runs(folder: &Path, version: &str) -> bool {
    ["rustc", "cargo"].iter().all(|program| {
        let said = tool(folder, program).args(["--version"]).stdout();
        let said = said.unwrap_or_default();
        let said = said.split(' ').nth(1);
        said.is_some_and(|said| is_of(said, version))
    })
}

/// Downloads the packages, and those below them that the machine lacks, and unpacks them.
fn download(version: &str, part: &Path) -> Result<PathBuf, Failure> {
    let file = |source| Failure::file(part, source);
    remove(part).map_err(file)?;
    let (lists, cache, unpacked) = (part.join("lists"), part.join("cache"), part.join("root"));
    fs::create_dir_all(&lists).map_err(file)?;
    fs::create_dir_all(&cache).map_err(file)?;
    // lists of its own: the machine's may be old or none, and only root may renew them
    let apt = |verb: &[&str]| {
        let lists = format!("Dir::State::Lists={}", lists.display());
        let cache = format!("Dir::Cache={}", cache.display());
        let options = [
            "Debug::NoLocking=1",
            "APT::Sandbox::User=root",
            &lists,
            &cache,
        ];
        let apt = Tool::new("timeout").args([TIME, "apt-get", "-qq"]);
        let apt = options.iter().fold(apt, |apt, it| apt.args(["-o", it]));
        apt.args(verb).run()
    };
    apt(&["update"])?;
    let download = [
        "install",
        "--yes",
        "--download-only",
        "--no-install-recommends",
    ];
    let [rustc, cargo, std] = ["rustc-web", "cargo-web", "libstd-rust-web-dev"]
        .map(|package| format!("{package}={version}.*"));
    let shared = format!("libstd-rust-web-{version}");
    apt(&[&download[..], &[&rustc, &cargo, &std, &shared]].concat())?;
    for entry in fs::read_dir(cache.join("archives")).map_err(file)? {
        let package = entry.map_err(file)?.path();
        if package.extension().is_some_and(|it| it == "deb") {
            let unpack = Tool::new("dpkg-deb").args(["--extract"]);
            unpack.args([&package, &unpacked]).run()?;
        }
    }
    Ok(unpacked)
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
