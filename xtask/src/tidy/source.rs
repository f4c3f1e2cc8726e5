//! A text file as the rules see it: its code and its prose apart.

/// A text file of the project.
pub(crate) struct Source<'a> {
    pub(crate) path: &'a str,
    pub(crate) text: &'a str,
    /// Rust: the lines of code, without tests, comments, blank lines and rows of tables.
    pub(crate) code: Vec<Line<'a>>,
    /// Rust: the documentation comments. Markdown: all but code blocks.
    pub(crate) prose: Vec<Line<'a>>,
}

/// A line and its number, from 1.
pub(crate) type Line<'a> = (usize, &'a str);

impl<'a> Source<'a> {
    pub(crate) fn new(path: &'a str, text: &'a str) -> Self {
        let lines = (1..).zip(text.lines());
        let (mut code, mut prose) = (Vec::new(), Vec::new());
        if path.ends_with(".rs") {
            let docs = lines.clone().filter_map(|(number, line)| {
                let line = line.trim_start();
                let doc = line.strip_prefix("//!").or(line.strip_prefix("///"))?;
                Some((number, doc))
            });
            prose = without_code_blocks(docs);
            // test modules stand at the end of a file; a file of tests has no code but theirs
            let is_test = path.contains("/tests/") || path.ends_with("/tests.rs");
            let own = lines.take_while(|(_, line)| !is_test && *line != "#[cfg(test)]");
            let own =
                own.map(|(number, line)| (number, line.split("//").next().unwrap_or_default()));
            code = own.filter(|(_, line)| is_code(line.trim())).collect();
        } else if path.ends_with(".md") {
            prose = without_code_blocks(lines);
        }
        Self {
            path,
            text,
            code,
            prose,
        }
    }
}

/// Neither blank nor a row of a table, which begins with a literal and ends on its line.
fn is_code(line: &str) -> bool {
    let is_literal = |first: char| first.is_ascii_digit() || first == '"';
    let is_row = line.starts_with(is_literal) && line.ends_with([',', ';']);
    !(line.is_empty() || is_row)
}

fn without_code_blocks<'a>(lines: impl Iterator<Item = Line<'a>>) -> Vec<Line<'a>> {
    let mut in_block = false;
    let is_prose = |(_, line): &Line<'_>| {
        let is_fence = line.trim_start().starts_with("```");
        in_block ^= is_fence;
        !in_block && !is_fence
    };
    lines.filter(is_prose).collect()
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

    #[test]
    fn prose_is_without_code_blocks() {
        let source = Source::new("a.rs", "//! one\n//! ```\n//! code\n//! ```\n/// two\n");
        assert_eq!(source.prose, [(1, " one"), (5, " two")]);
        let source = Source::new("a.md", "one\n```text\ncode\n```\ntwo\n");
        assert_eq!(source.prose, [(1, "one"), (5, "two")]);
    }
}
