//! Where secrets come from, and what is said of those that are not accepted.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, process};

use lastword_tickets::{Secret, SecretError, Tickets};

/// The words of an error and of what caused it.
pub(crate) fn words(error: &SecretError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

pub(crate) fn line(letter: &str) -> String {
    letter.repeat(44)
}

/// A file that is removed at the end.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Self {
        Self(env::temp_dir().join(format!("lastword-tickets-{}-{name}", process::id())))
    }

    /// Replaces the file, with a rename.
    pub(crate) fn write(&self, text: impl AsRef<[u8]>, mode: u32) {
        let new = self.0.with_extension("new");
        fs::write(&new, text).unwrap();
        set_mode(&new, mode);
        fs::rename(&new, &self.0).unwrap();
    }

    fn error(&self) -> String {
        words(&Secret::read_file(&self.0).unwrap_err())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}

#[test]
fn a_list_has_a_secret_on_each_line() {
    let text = format!("\n  {}\r\n\n{}", line("a"), line("b"));
    let secrets = Secret::parse_list(&text).unwrap();
    let expected = ["a", "b"].map(|letter| Secret::new(line(letter)).unwrap());
    assert_eq!(secrets, expected);
}

#[test]
fn a_list_that_is_empty_short_or_long_is_refused() {
    let refused = |text: &str| words(&Secret::parse_list(text).unwrap_err());
    assert_eq!(refused(" \n\n"), "no secret: the list is empty");
    let short = "a secret of 31 bytes is too short, it needs at least 32";
    assert_eq!(
        refused(&format!("{}\n{}", line("a"), "b".repeat(31))),
        short
    );
    assert!(Secret::parse_list(&"b".repeat(32)).is_ok());
    let list = |count| format!("{}\n", line("a")).repeat(count);
    assert_eq!(Secret::parse_list(&list(16)).unwrap().len(), 16);
    let many = "17 secrets are too many, at most 16 are used at a time";
    assert_eq!(refused(&list(17)), many);
    let secrets = vec![Secret::new(line("a")).unwrap(); 17];
    assert_eq!(words(&Tickets::new(secrets).unwrap_err()), many);
    assert!(matches!(Tickets::new(vec![]), Err(SecretError::Empty)));
}

#[test]
fn a_secret_is_not_shown() {
    let secret = Secret::new(line("a")).unwrap();
    assert_eq!(format!("{secret:?}"), "Secret { .. }");
    let tickets = Tickets::new(vec![secret]).unwrap();
    assert_eq!(format!("{tickets:?}"), "Tickets { lifetime: 21600, .. }");
}

#[test]
fn a_file_that_has_no_secret_is_refused_with_the_reason() {
    let file = Scratch::new("refused");
    let path = file.0.display().to_string();
    let unread = format!("cannot read secrets from {path}: ");
    assert_eq!(
        file.error(),
        unread.clone() + "No such file or directory (os error 2)"
    );
    file.write("", 0o600);
    assert_eq!(file.error(), "no secret: the list is empty");
    file.write("short\n", 0o600);
    assert_eq!(
        file.error(),
        "a secret of 5 bytes is too short, it needs at least 32"
    );
    file.write([0xff; 40], 0o600);
    assert_eq!(file.error(), unread.clone() + "invalid data");
    file.write("\n".repeat(65_537), 0o600);
    assert_eq!(file.error(), unread + "file too large");
    file.write("\n".repeat(65_492) + &line("a"), 0o600);
    assert_eq!(Secret::read_file(&file.0).unwrap().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_file_that_all_users_can_read_is_refused() {
    let file = Scratch::new("readable");
    for (mode, is_refused) in [(0o644, true), (0o604, true), (0o640, false), (0o400, false)] {
        file.write(line("a"), mode);
        let refused = format!(
            "{} has the mode {mode:04o}, so all users can read the secret",
            file.0.display(),
        );
        match Secret::read_file(&file.0) {
            Ok(_) => assert!(!is_refused, "{mode:o}"),
            Err(error) => assert_eq!((words(&error), is_refused), (refused, true)),
        }
    }
}

/// The variable of a process cannot be set without unsafe code, so the test runs itself with it.
#[test]
fn a_variable_of_the_environment_has_secrets() {
    const NAME: &str = "LASTWORD_TICKETS_TEST";
    if env::var_os(NAME).is_some() {
        assert_eq!(Secret::read_env(NAME).unwrap().len(), 2);
        return;
    }
    let error = Secret::read_env(NAME).unwrap_err();
    let unset = "cannot read secrets from the environment variable LASTWORD_TICKETS_TEST: \
                 environment variable not found";
    assert_eq!(words(&error), unset);
    let status = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "secrets::a_variable_of_the_environment_has_secrets",
        ])
        .env(NAME, format!("{}\n{}", line("a"), line("b")))
        .status();
    assert!(status.unwrap().success());
}
