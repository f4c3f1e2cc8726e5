//! The sources of secrets, and the errors for secrets that are not accepted.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, process};

use lastword_tickets::{Secret, SecretError, Tickets};
use rustls::server::ProducesTickets;

pub(crate) fn line(letter: &str) -> String {
    letter.repeat(44)
}

/// A file or a folder that is removed at the end.
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
        Secret::read_file(&self.0).unwrap_err().to_string()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0).or_else(|_| fs::remove_dir_all(&self.0)));
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
    // the first seals, and each accepts the tickets of the same secret alone
    let tickets = |secrets| Tickets::new(secrets).unwrap();
    let alone = |letter| tickets(vec![Secret::new(line(letter)).unwrap()]);
    for text in [
        format!("\n  {}\r\n\n{}", line("a"), line("b")),
        format!(
            "\u{feff}{}\r# {}\r{}\n",
            line("a"),
            line("comment"),
            line("b")
        ),
    ] {
        let list = tickets(Secret::parse_list(&text).unwrap());
        assert!(
            alone("a").decrypt(&list.encrypt(b"").unwrap()).is_some(),
            "{text:?}"
        );
        assert!(
            list.decrypt(&alone("b").encrypt(b"").unwrap()).is_some(),
            "{text:?}"
        );
        assert!(
            list.decrypt(&alone("comment").encrypt(b"").unwrap())
                .is_none()
        );
    }
}

#[test]
fn a_list_that_is_empty_short_or_long_is_refused() {
    let refused = |text: &str| Secret::parse_list(text).unwrap_err().to_string();
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
    assert_eq!(Tickets::new(secrets).unwrap_err().to_string(), many);
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
    let folder = Secret::read_file(env::temp_dir()).unwrap_err();
    assert!(
        folder.to_string().ends_with(": it is not a regular file"),
        "{folder}"
    );
    file.write("", 0o600);
    assert_eq!(file.error(), "no secret: the list is empty");
    file.write("short\n", 0o600);
    assert_eq!(
        file.error(),
        "a secret of 5 bytes is too short, it needs at least 32"
    );
    file.write([0xff; 40], 0o600);
    assert_eq!(file.error(), unread.clone() + "it is not UTF-8 text");
    file.write("\n".repeat(65_537), 0o600);
    assert_eq!(file.error(), unread + "file too large");
    file.write("\n".repeat(65_492) + &line("a"), 0o600);
    assert_eq!(Secret::read_file(&file.0).unwrap().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_file_that_all_users_can_read_or_write_is_refused() {
    let file = Scratch::new("readable");
    for (mode, is_refused) in [
        (0o644, true),
        (0o604, true),
        (0o602, true),
        (0o660, false),
        (0o400, false),
    ] {
        file.write(line("a"), mode);
        let refused = format!(
            "{} has the mode {mode:04o}: all users can read or write it",
            file.0.display(),
        );
        match Secret::read_file(&file.0) {
            Ok(_) => assert!(!is_refused, "{mode:o}"),
            Err(error) => assert_eq!((error.to_string(), is_refused), (refused, true)),
        }
    }
}

/// The variable of a process cannot be set without unsafe code, so the test runs itself with it.
#[test]
fn a_variable_of_the_environment_has_secrets_and_is_not_shown() {
    const NAME: &str = "LASTWORD_TICKETS_TEST";
    let run = |value: &OsStr| {
        Command::new(env::current_exe().unwrap())
            .args([
                "--exact",
                "secrets::a_variable_of_the_environment_has_secrets_and_is_not_shown",
            ])
            .env(NAME, value)
            .status()
            .unwrap()
    };
    if let Some(value) = env::var_os(NAME) {
        match (value.to_str(), Secret::read_env(NAME)) {
            (Some(_), Ok(secrets)) => assert_eq!(secrets.len(), 2),
            (None, Err(error)) => {
                assert_eq!(
                    error.to_string(),
                    "the environment variable LASTWORD_TICKETS_TEST is not UTF-8"
                );
                assert!(!format!("{error:?}").contains("hidden"));
            }
            other => panic!("{other:?}"),
        }
        return;
    }
    let error = Secret::read_env(NAME).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the environment variable LASTWORD_TICKETS_TEST is not set"
    );
    assert!(run(format!("{}\n{}", line("a"), line("b")).as_ref()).success());
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        assert!(
            run(OsStr::from_bytes(
                b"hidden hidden hidden hidden hidden \xff"
            ))
            .success()
        );
    }
}
