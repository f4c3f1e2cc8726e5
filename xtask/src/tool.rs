//! How another program is run: at the workspace's root, shown first, its failure told by name.

#[cfg(unix)]
use std::os::unix::process::CommandExt;
use std::{
    convert::Infallible,
    env,
    ffi::{OsStr, OsString},
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use crate::{counts::Counts, failure::Failure};

/// The folder of the workspace's manifest.
pub(crate) fn root() -> PathBuf {
    let xtask = env::var_os("CARGO_MANIFEST_DIR").unwrap_or(env!("CARGO_MANIFEST_DIR").into());
    let mut root = PathBuf::from(xtask);
    root.pop();
    root
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
    root().join(target)
}

/// One command of another program.
pub(crate) struct Tool {
    command: Command,
    /// The command as one would type it.
    line: String,
}

impl Tool {
    /// A command of `program`, run at the workspace's root.
    pub(crate) fn new(program: &str) -> Self {
        Self::at(program, program)
    }

    /// A command of the cargo that runs this program.
    pub(crate) fn cargo() -> Self {
        Self::at(env::var_os("CARGO").unwrap_or("cargo".into()), "cargo")
    }

    fn at(program: impl Into<OsString>, shown: &str) -> Self {
        let mut command = Command::new(program.into());
        command.current_dir(root());
        // `cargo run` set these for this program alone; handed on, they make build scripts that
        // watch them, ring's among them, run anew at every turn
        for (name, _) in env::vars_os().filter(|(name, _)| is_of_this_package(name)) {
            command.env_remove(name);
        }
        Self {
            command,
            line: shown.to_owned(),
        }
    }

    /// Adds arguments.
    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        for arg in args {
            self.line.push(' ');
            self.line.push_str(&quoted(&arg.as_ref().to_string_lossy()));
            self.command.arg(arg);
        }
        self
    }

    /// Has programs looked for in this folder too, behind all others.
    pub(crate) fn path(mut self, folder: &Path) -> Self {
        let others = env::var_os("PATH").unwrap_or_default();
        let folders = env::split_paths(&others).chain([folder.into()]);
        if let Ok(path) = env::join_paths(folders) {
            self.command.env("PATH", path);
        }
        self
    }

    /// Sets a variable of the environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.line = format!("{name}={} {}", quoted(value), self.line);
        self.command.env(name, value);
        self
    }

    /// Shows the command and runs it, its output going where this program's goes.
    pub(crate) fn run(mut self) -> Result<(), Failure> {
        self.show();
        let status = self.command.status();
        match status.map_err(|source| self.not_run(source))? {
            status if status.success() => Ok(()),
            status => Err(Failure::Said {
                command: self.line,
                status,
            }),
        }
    }

    /// Runs the command unseen in the caller's folder, in place of this process.
    ///
    /// On Unix it is the same process then: a signal to this process reaches the command. On other
    /// systems this process waits for the command, and exits with its code.
    ///
    /// # Errors
    ///
    /// If the command cannot be run.
    pub(crate) fn replace_this_process(mut self) -> Result<Infallible, Failure> {
        self.command.current_dir(".");
        #[cfg(unix)]
        let source = self.command.exec();
        #[cfg(not(unix))]
        let source = match self.command.status() {
            Ok(status) => std::process::exit(status.code().unwrap_or(1)),
            Err(error) => error,
        };
        Err(self.not_run(source))
    }

    /// Shows the command and runs it, passes on its output and counts the tests it speaks of.
    pub(crate) fn run_counting(mut self) -> Result<Counts, Failure> {
        self.show();
        let piped = self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().map_err(|source| self.not_run(source))?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let counted = thread::scope(|scope| {
            let err = scope.spawn(|| pass_on(err, io::stderr()));
            let out = pass_on(out, io::stdout())?;
            let err = err.join().unwrap_or_else(|_| Ok(Counts::default()))?;
            Ok(out + err)
        });
        let status = child.wait().map_err(|source| self.not_run(source))?;
        let counts = counted.map_err(|source| self.not_run(source))?;
        if status.success() {
            Ok(counts)
        } else {
            Err(Failure::Said {
                command: self.line,
                status,
            })
        }
    }

    /// Runs the command unseen and returns what it printed on standard output.
    pub(crate) fn stdout(mut self) -> Result<String, Failure> {
        let output = self.command.stderr(Stdio::null()).output();
        let output = output.map_err(|source| self.not_run(source))?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(Failure::Said {
                command: self.line,
                status: output.status,
            })
        }
    }

    /// The command as one would type it.
    #[cfg(test)]
    pub(crate) fn line(&self) -> &str {
        &self.line
    }

    fn show(&self) {
        eprintln!("$ {}", self.line);
    }

    fn not_run(&self, source: io::Error) -> Failure {
        Failure::NotRun {
            command: self.line.clone(),
            source,
        }
    }
}

/// Whether `cargo run` sets this variable to tell a program of its own package.
fn is_of_this_package(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let prefixes = [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_CRATE_",
    ];
    prefixes.iter().any(|prefix| name.starts_with(prefix))
}

/// The word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:+,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Copies line after line and counts the tests that the lines speak of.
fn pass_on(from: Option<impl Read>, mut to: impl Write) -> io::Result<Counts> {
    let mut counts = Counts::default();
    let Some(from) = from else {
        return Ok(counts);
    };
    for line in BufReader::new(from).split(b'\n') {
        let mut line = line?;
        if let Some(more) = Counts::of_line(&String::from_utf8_lossy(&line)) {
            counts = counts + more;
        }
        line.push(b'\n');
        to.write_all(&line)?;
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_a_command_as_one_would_type_it() {
        let tool = Tool::new("cargo").args(["test", "-E", "test(a) | test(b)"]);
        assert_eq!(
            tool.env("RUSTDOCFLAGS", "-D warnings").line,
            "RUSTDOCFLAGS='-D warnings' cargo test -E 'test(a) | test(b)'"
        );
    }

    #[test]
    fn hands_on_the_developers_variables_but_not_this_packages() {
        assert!(is_of_this_package(OsStr::new("CARGO_PKG_NAME")));
        assert!(is_of_this_package(OsStr::new("CARGO_MANIFEST_DIR")));
        assert!(!is_of_this_package(OsStr::new("CARGO_TARGET_DIR")));
        assert!(!is_of_this_package(OsStr::new("CARGO_BUILD_JOBS")));
    }

    #[test]
    fn passes_on_every_byte_and_counts_on_the_way() {
        let printed = b"test a ... ok\ntest result: ok. 1 passed; 0 failed; 0 ignored\n";
        let mut copy = Vec::new();
        let counts = pass_on(Some(&printed[..]), &mut copy).unwrap();
        assert_eq!(copy, printed);
        assert_eq!(counts.to_string(), "1 passed, 0 failed, 0 skipped");
    }

    #[test]
    fn a_program_that_is_not_there_is_told_by_name() {
        let failure = Tool::new("no-such-program-here").stdout().unwrap_err();
        let words = failure.in_words();
        assert!(
            words.starts_with("`no-such-program-here` could not be run: "),
            "{words}"
        );
    }
}
