//! Which files are the project's, and what a fault in one of them is.

use std::{fmt, fs, path::Path};

use proc_macro2::TokenStream;

use crate::{failure::Failure, tool::Tool};

/// Something wrong at a line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fault {
    pub(crate) path: String,
    /// The line, counted from 1.
    pub(crate) line: usize,
    pub(crate) what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, what } = self;
        write!(f, "{path}:{line}: {what}")
    }
}

/// A text file of the project.
pub(crate) struct File {
    /// Its path from the root, with `/` between folders.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    /// A fault at a line of this file.
    pub(crate) fn fault(&self, line: usize, what: impl Into<String>) -> Fault {
        Fault {
            path: self.path.clone(),
            line,
            what: what.into(),
        }
    }

    /// The name without the folders.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The tokens of a Rust file, or none where it is no Rust; the compiler tells about those.
    pub(crate) fn tokens(&self) -> TokenStream {
        self.text.parse().unwrap_or_default()
    }
}

/// The project's text files, in order of their paths.
pub(crate) struct Tree {
    files: Vec<File>,
}

impl Tree {
    /// The files below `root` that git tracks or would track, or all files where git has no say.
    pub(crate) fn load(root: &Path) -> Result<Self, Failure> {
        let tracked = Tool::new("git").args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let mut paths = match tracked.stdout() {
            Ok(listed) => listed.split_terminator('\0').map(str::to_owned).collect(),
            Err(_) => walk(root, "")?,
        };
        paths.sort();
        paths.dedup();
        let mut files = Vec::new();
        for path in paths {
            // a file that is deleted but still tracked, and one that is not text, have no faults
            if let Ok(text) = fs::read_to_string(root.join(&path)) {
                files.push(File { path, text });
            }
        }
        Ok(Self { files })
    }

    /// A tree made of paths and texts.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        Self {
            files: files.iter().map(file).collect(),
        }
    }

    pub(crate) fn files(&self) -> &[File] {
        &self.files
    }

    /// The file at a path.
    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The Rust sources.
    pub(crate) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }

    /// The manifests.
    pub(crate) fn manifests(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.name() == "Cargo.toml")
    }
}

/// The files of a folder and of those below it, save what git and cargo keep there.
fn walk(root: &Path, folder: &str) -> Result<Vec<String>, Failure> {
    let failure = |source| Failure::File {
        path: format!("./{folder}"),
        source,
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(root.join(folder)).map_err(failure)? {
        let entry = entry.map_err(failure)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{folder}{name}");
        if !entry.file_type().map_err(failure)?.is_dir() {
            paths.push(path);
        } else if name != ".git" && name != "target" {
            paths.extend(walk(root, &format!("{path}/"))?);
        }
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool;

    #[test]
    fn walks_to_this_very_file_and_not_into_what_cargo_built() {
        let paths = walk(&tool::root(), "").unwrap();
        assert!(paths.contains(&"xtask/src/tidy/tree.rs".to_owned()));
        assert!(!paths.iter().any(|path| path.starts_with("target/")));
    }

    #[test]
    fn a_fault_is_a_path_a_line_and_what_is_wrong() {
        let tree = Tree::of(&[("a/b.rs", "")]);
        let fault = tree.files()[0].fault(7, "it is wrong");
        assert_eq!(fault.to_string(), "a/b.rs:7: it is wrong");
    }
}
