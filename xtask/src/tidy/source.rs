//! A text file as the rules see it, with its lines of code.

/// A text file of the project.
pub(crate) struct Source<'a> {
    pub(crate) path: &'a str,
    pub(crate) text: &'a str,
    /// Of a Rust file: the lines without tests, comments, blank lines and rows of tables.
    pub(crate) code: Vec<Line<'a>>,
}

/// A line and its number, from 1.
pub(crate) type Line<'a> = (usize, &'a str);

impl<'a> Source<'a> {
    pub(crate) fn new(path: &'a str, text: &'a str) -> Self {
        // a file of tests has no code but theirs
        let is_test = path.contains("/tests/") || path.ends_with("/tests.rs");
        let mut code = Vec::new();
        if path.ends_with(".rs") && !is_test {
            let lines = without_tests((1..).zip(text.lines()));
            let own =
                lines.map(|(number, line)| (number, line.split("//").next().unwrap_or_default()));
            code = own.filter(|(_, line)| is_code(line.trim())).collect();
        }
        Self { path, text, code }
    }
}

/// The lines without the items for tests: those of one line, and a module, which is the end of the file.
fn without_tests<'a>(mut lines: impl Iterator<Item = Line<'a>>) -> impl Iterator<Item = Line<'a>> {
    std::iter::from_fn(move || {
        loop {
            let (number, line) = lines.next()?;
            if line != "#[cfg(test)]" {
                return Some((number, line));
            }
            let item = lines.find(|(_, line)| !line.starts_with("#["));
            if !item?.1.ends_with(';') {
                return None;
            }
        }
    })
    .fuse()
}

/// Neither blank nor a row of a table, which begins with a literal and ends on its line.
fn is_code(line: &str) -> bool {
    let is_literal = |first: char| first.is_ascii_digit() || first == '"';
    let is_row = line.starts_with(is_literal) && line.ends_with([',', ';']);
    !(line.is_empty() || is_row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_without_comments_blank_lines_rows_and_tests() {
        let text = "//! doc\n\n/// doc\nfn f() { // why\n    // why\n    1 \"row\";\n}\n\n#[cfg(test)]\nmod tests {}\n";
        let source = Source::new("a.rs", text);
        assert_eq!(source.code, [(4, "fn f() { "), (7, "}")]);
        assert!(Source::new("a/tests/b.rs", text).code.is_empty());
        let text = "#[cfg(test)]\n#[allow(x)]\nmod a;\nf();\n#[cfg(test)]\nmod b {\n}\n";
        assert_eq!(Source::new("a.rs", text).code, [(4, "f();")]);
    }
}
