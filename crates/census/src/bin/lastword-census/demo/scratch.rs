//! Where files for other programs are: a directory of their own, gone when it is dropped.

use std::path::{Path, PathBuf};
use std::{env, fs, io, process};

/// A fresh directory, removed with all that is in it when it is dropped.
#[derive(Debug)]
pub(super) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    pub(super) fn new() -> io::Result<Self> {
        let mut number = 0_u64;
        loop {
            let name = format!("lastword-demo-{}-{number}", process::id());
            let path = env::temp_dir().join(name);
            match fs::create_dir(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                created => return created.map(|()| Self { path }),
            }
        }
    }

    /// Writes a file and returns its path.
    pub(super) fn write(&self, name: &str, text: &str) -> io::Result<PathBuf> {
        let path = self.path().join(name);
        fs::write(&path, text)?;
        Ok(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // if this fails, it stays a temporary file
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_fresh_and_is_removed_with_what_is_in_it() {
        let [one, other] = [Scratch::new().unwrap(), Scratch::new().unwrap()];
        assert_ne!(one.path(), other.path());
        let file = one.write("ca.pem", "text").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "text");
        let path = one.path().to_owned();
        drop(one);
        assert!(!path.exists());
        assert!(other.path().exists());
    }
}
