//! A secret, and the places that it comes from.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::{env, error, fmt};

use zeroize::Zeroizing;

/// The maximum size of a file of secrets, in bytes.
const MAX_FILE: u64 = 64 * 1024;

/// A secret of at least 32 bytes, from which the keys of tickets are derived.
///
/// It must be random: `openssl rand -base64 32` writes one. Its bytes are erased from memory when
/// it is dropped. Copies are not erased: for example, the slice that it was made from, or the
/// environment of the process.
///
/// ```
/// use lastword_tickets::Secret;
///
/// let secret = Secret::new(*b"Fq0V0c2mCzQz5H9nJ8vB1yTj7kLp3xWs")?;
/// assert_eq!(format!("{secret:?}"), "Secret { .. }"); // the bytes are not shown
/// # Ok::<(), lastword_tickets::SecretError>(())
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// The minimum length, in bytes.
    pub const MIN_LEN: usize = 32;

    /// The maximum number of secrets in a list. A longer one is an error.
    pub const MAX_COUNT: usize = 16;

    /// Makes a secret from its bytes, white space included.
    ///
    /// ```
    /// use lastword_tickets::{Secret, SecretError};
    ///
    /// let error = Secret::new("too short").unwrap_err();
    /// assert!(matches!(error, SecretError::Short { len: 9 }));
    /// ```
    ///
    /// # Errors
    ///
    /// [`SecretError::Short`] if it has fewer than 32 bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, SecretError> {
        let secret = Self(Zeroizing::new(bytes.into()));
        match secret.0.len() {
            len if len < Self::MIN_LEN => Err(SecretError::Short { len }),
            _ => Ok(secret),
        }
    }

    /// Reads a list of secrets, one on each line, the current one first.
    ///
    /// The bytes of a line are the secret. They are not decoded. White space at both ends of the
    /// line is removed. A line can end with LF, CR or both. Empty lines, and lines that begin with
    /// `#`, are skipped. A byte order mark at the start is skipped too.
    ///
    /// ```
    /// use lastword_tickets::Secret;
    ///
    /// let list = "# the current one, then the one before\n\
    ///     Fq0V0c2mCzQz5H9nJ8vB1yTj7kLp3xWs\n\
    ///     sWx3pLk7jTy1Bv8Jn9H5zQzCm2c0V0qF\n";
    /// assert_eq!(Secret::parse_list(list)?.len(), 2);
    /// # Ok::<(), lastword_tickets::SecretError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SecretError::Empty`], [`SecretError::Short`], or [`SecretError::TooMany`].
    pub fn parse_list(text: &str) -> Result<Vec<Self>, SecretError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines = text.split(['\n', '\r']).map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let secrets: Vec<Self> = lines.map(Self::new).collect::<Result<_, _>>()?;
        check_count(&secrets)?;
        Ok(secrets)
    }

    /// Reads a list of secrets from an environment variable. See [`parse_list`](Self::parse_list).
    ///
    /// ```no_run
    /// use lastword_tickets::{Secret, Tickets};
    ///
    /// let tickets = Tickets::new(Secret::read_env("TICKET_SECRETS")?)?;
    /// # Ok::<(), lastword_tickets::SecretError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SecretError::Variable`] if it is not set or is not UTF-8, and the errors of `parse_list`.
    pub fn read_env(name: &str) -> Result<Vec<Self>, SecretError> {
        // std's error shows the value
        let value = env::var_os(name).map(|value| Zeroizing::new(value.into_encoded_bytes()));
        let text = value.as_deref().map(|value| std::str::from_utf8(value));
        match text {
            Some(Ok(text)) => Self::parse_list(text),
            None | Some(Err(_)) => Err(SecretError::Variable {
                name: name.to_owned(),
                is_set: text.is_some(),
            }),
        }
    }

    /// Reads a list of secrets from a file of UTF-8 text. See [`parse_list`](Self::parse_list).
    ///
    /// On Unix the file must not be readable or writable by all users. On other systems this is not
    /// checked. Kubernetes mounts a secret with the mode 0644. In the volume set `defaultMode: 0440`,
    /// and in the pod's `securityContext` set `fsGroup`, or only root can read it.
    ///
    /// ```no_run
    /// use lastword_tickets::{Secret, Tickets};
    ///
    /// let tickets = Tickets::new(Secret::read_file("/run/secrets/tickets")?)?;
    /// # Ok::<(), lastword_tickets::SecretError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SecretError::Exposed`]; [`SecretError::File`] if it cannot be read, is not a regular file, is
    /// not UTF-8 or has more than 64 KiB; and the errors of `parse_list`.
    pub fn read_file(path: impl AsRef<Path>) -> Result<Vec<Self>, SecretError> {
        let path = path.as_ref();
        let failed = |source| SecretError::File {
            path: path.to_owned(),
            source,
        };
        // to open a named pipe would wait for who writes to it
        if !fs::metadata(path).map_err(failed)?.is_file() {
            return Err(failed(io::Error::other("it is not a regular file")));
        }
        let file = File::open(path).map_err(failed)?;
        if let Some(mode) = exposed(&file).map_err(failed)? {
            let path = path.to_owned();
            return Err(SecretError::Exposed { path, mode });
        }
        // a buffer that grows would leave copies that are not erased
        let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_FILE as usize + 1));
        file.take(MAX_FILE + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(failed(io::ErrorKind::FileTooLarge.into()));
        }
        let text = std::str::from_utf8(&bytes);
        let text = text.map_err(|_| failed(io::Error::other("it is not UTF-8 text")))?;
        Self::parse_list(text)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Checks that a list has from 1 to 16 secrets.
pub(crate) fn check_count(secrets: &[Secret]) -> Result<(), SecretError> {
    match secrets.len() {
        0 => Err(SecretError::Empty),
        1..=Secret::MAX_COUNT => Ok(()),
        count => Err(SecretError::TooMany { count }),
    }
}

/// Returns the mode of a file that all users can read or write.
#[cfg(unix)]
fn exposed(file: &File) -> io::Result<Option<u32>> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata()?.permissions().mode() & 0o7777;
    Ok((mode & 0o006 != 0).then_some(mode))
}

#[cfg(not(unix))]
fn exposed(_: &File) -> io::Result<Option<u32>> {
    Ok(None)
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").finish_non_exhaustive()
    }
}

/// The error for secrets that are missing or not acceptable.
///
/// ```
/// use lastword_tickets::{Secret, SecretError};
///
/// match Secret::read_env("TICKET_SECRETS_OF_NO_HOST") {
///     Ok(secrets) => println!("{} secrets", secrets.len()),
///     Err(SecretError::Variable { is_set: false, .. }) => println!("sessions are not shared"),
///     Err(error) => eprintln!("{error}"),
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The list is empty.
    #[error("no secret: the list is empty")]
    Empty,
    /// A secret is too short.
    #[error("a secret of {len} bytes is too short, it needs at least 32")]
    Short {
        /// Its length in bytes.
        len: usize,
    },
    /// The list is too long.
    #[error("{count} secrets are too many, at most 16 are used at a time")]
    TooMany {
        /// The number of secrets.
        count: usize,
    },
    /// All users can read or write the file.
    #[error("{} has the mode {mode:04o}: all users can read or write it", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its mode on Unix.
        mode: u32,
    },
    /// The file could not be read.
    #[error("cannot read secrets from {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The error.
        source: io::Error,
    },
    /// The environment variable could not be read.
    #[error("the environment variable {name} {}", if *is_set { "is not UTF-8" } else { "is not set" })]
    Variable {
        /// The name of the variable.
        name: String,
        /// Whether it is set. Then it is not UTF-8.
        is_set: bool,
    },
    /// A source of your own failed.
    #[error("cannot get secrets: {0}")]
    Source(#[source] Box<dyn error::Error + Send + Sync>),
}
