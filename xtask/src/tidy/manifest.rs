//! What a manifest says under a key.

/// A value and the line it stands on, counted from 1.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Value<'a> {
    pub(crate) line: usize,
    /// The value without quotes, or `workspace` where it is inherited.
    pub(crate) is: &'a str,
}

/// What the manifest says in the table `[table]` under `key`, on a line of its own.
pub(crate) fn value<'a>(manifest: &'a str, table: &str, key: &str) -> Option<Value<'a>> {
    let mut here = false;
    for (line, text) in (1..).zip(manifest.lines()) {
        if let Some(header) = text.trim().strip_prefix('[') {
            here = header.split(']').next() == Some(table);
        } else if let Some((name, is)) = text.split_once('=').filter(|_| here) {
            let is = is.trim();
            if name.trim() == key {
                return Some(Value {
                    line,
                    is: unquoted(is),
                });
            }
            if name.trim().strip_suffix(".workspace") == Some(key) && is.starts_with("true") {
                let is = "workspace";
                return Some(Value { line, is });
            }
        }
    }
    None
}

/// Whether the manifest has the table `[table]`.
pub(crate) fn has_table(manifest: &str, table: &str) -> bool {
    let header = format!("[{table}]");
    manifest.lines().any(|line| line.trim() == header)
}

/// The text between quotes, or all before a comment.
fn unquoted(value: &str) -> &str {
    match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().unwrap_or_default(),
        None => value.split('#').next().unwrap_or_default().trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[a]\nlicense = \"X\"\n[package]\nlicense = \"MIT OR ISC\" # why\n\
                            version.workspace = true\npublish = false # never\n";

    #[test]
    fn finds_a_value_in_its_table_with_its_line() {
        let value = |table, key| value(MANIFEST, table, key).map(|found| (found.line, found.is));
        assert_eq!(value("a", "license"), Some((2, "X")));
        assert_eq!(value("package", "license"), Some((4, "MIT OR ISC")));
        assert_eq!(value("package", "version"), Some((5, "workspace")));
        assert_eq!(value("package", "publish"), Some((6, "false")));
        assert_eq!(value("package", "name"), None);
        assert_eq!(value("b", "license"), None);
    }

    #[test]
    fn finds_a_table_by_its_header() {
        assert!(has_table(MANIFEST, "package"));
        assert!(!has_table(MANIFEST, "pack"));
    }
}
