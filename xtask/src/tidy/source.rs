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
            // test modules stand at the end of a file
            let lines = (1..).zip(text.lines());
            let own = lines.take_while(|(_, line)| *line != "#[cfg(test)]");
            let own =
                own.map(|(number, line)| (number, line.split("//").next().unwrap_or_default()));
            code = own.filter(|(_, line)| is_code(line.trim())).collect();
        }
        Self { path, text, code }
    }
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
    }
}
