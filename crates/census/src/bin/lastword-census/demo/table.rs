//! Lines of a table: their columns aligned, the paths on one line where they agree.

use super::mark::Mark;
use super::{PATHS, STYLES};
use crate::server::Style;

/// The columns of a table, the last of which is as wide as it happens to be.
pub(super) struct Table {
    widths: Vec<usize>,
    /// Whether marks are in colour.
    colour: bool,
}

/// What there is to show of one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) mark: Mark,
    pub(super) cells: Vec<String>,
    /// In what the server was wrong, which gets a line of its own.
    pub(super) wrong: Option<String>,
}

const GREEN: &str = "\x1b[32m";
pub(super) const RED: &str = "\x1b[1;31m";
pub(super) const RESET: &str = "\x1b[0m";

impl Table {
    /// A table with these headings behind the marks, each column as wide as the widest of its
    /// `cells` that is known.
    pub(super) fn new<const N: usize>(
        headings: [&str; N],
        cells: impl IntoIterator<Item = [String; N]>,
        colour: bool,
    ) -> Self {
        let mut widths = Vec::from_iter(paths().into_iter().chain(headings).map(width));
        for row in cells {
            let behind_marks = widths.iter_mut().skip(PATHS);
            for (column, cell) in behind_marks.zip(row) {
                *column = width(&cell).max(*column);
            }
        }
        Self { widths, colour }
    }

    /// A line for all paths where they agree, else a line for each that differs from those before.
    pub(super) fn entries(&self, entries: &[Entry; PATHS]) -> String {
        let mut lines = String::new();
        for (path, entry) in entries.iter().enumerate() {
            if !entries.iter().take(path).any(|before| before == entry) {
                let marks = entries
                    .each_ref()
                    .map(|of| (of == entry).then_some(of.mark));
                lines += &self.entry(entry, marks);
            }
        }
        lines
    }

    /// The line of headings.
    pub(super) fn headings<const N: usize>(&self, headings: [&str; N]) -> String {
        let line = paths().into_iter().chain(headings);
        self.line(line.map(|heading| (heading, None)))
    }

    fn entry(&self, entry: &Entry, marks: [Option<Mark>; PATHS]) -> String {
        let marks = marks.map(|mark| (mark.map_or("", Mark::word), mark));
        let cells = entry.cells.iter().map(|cell| (&cell[..], None));
        let mut lines = self.line(marks.into_iter().chain(cells));
        if let Some(wrong) = &entry.wrong {
            let indent = " ".repeat(paths().into_iter().map(|path| width(path) + 2).sum());
            lines += &format!("{indent}{}\n", self.painted(wrong, Some(Mark::Wrong)));
        }
        lines
    }

    fn line<'a>(&self, cells: impl IntoIterator<Item = (&'a str, Option<Mark>)>) -> String {
        let mut line = String::new();
        let mut gap = 0;
        for ((cell, mark), wide) in cells.into_iter().zip(&self.widths) {
            if !cell.is_empty() {
                line.extend(std::iter::repeat_n(' ', gap));
                line += &self.painted(cell, mark);
                gap = 0;
            }
            gap += wide.saturating_sub(width(cell)) + 2;
        }
        line + "\n"
    }

    fn painted(&self, text: &str, mark: Option<Mark>) -> String {
        match mark {
            Some(Mark::Right) if self.colour => format!("{GREEN}{text}{RESET}"),
            Some(Mark::Wrong) if self.colour => format!("{RED}{text}{RESET}"),
            _ => text.to_owned(),
        }
    }
}

/// The headings of the marks: the names of the paths.
fn paths() -> [&'static str; PATHS] {
    STYLES.map(Style::name)
}

/// In columns of a terminal: all that is shown is of one column a character.
fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(mark: Mark, cells: [&str; 3]) -> Entry {
        Entry {
            mark,
            cells: cells.map(str::to_owned).to_vec(),
            wrong: (mark == Mark::Wrong).then(|| "told nothing".to_owned()),
        }
    }

    fn table(colour: bool) -> Table {
        let known = [["a", "RFC 8446 §5.1", ""], ["abcd", "x", ""]];
        let known = known.map(|row| row.map(str::to_owned));
        Table::new(["name", "where", "log"], known, colour)
    }

    #[test]
    fn paths_that_agree_have_one_line_and_columns_are_aligned() {
        let row = entry(Mark::Right, ["a", "§5", "it said so"]);
        let table = table(false);
        assert_eq!(
            table.headings(["name", "where", "log"])
                + &table.entries(&[(); PATHS].map(|()| row.clone())),
            "direct  acceptor  nonblocking  tokio  name  where          log\n\
             ok      ok        ok           ok     a     §5             it said so\n"
        );
    }

    #[test]
    fn paths_that_differ_have_a_line_each_and_a_wrong_one_says_why() {
        let right = entry(Mark::Right, ["a", "§5", "x"]);
        let wrong = entry(Mark::Wrong, ["a", "§5", "y"]);
        let known = entry(Mark::Otherwise, ["a", "§5", "z"]);
        let other = entry(Mark::Right, ["a", "§5", "z"]);
        assert_eq!(
            table(false).entries(&[wrong, right, known, other]),
            "WRONG                                 a     §5             y\n\
             \x20                                     told nothing\n\
             \x20       ok                            a     §5             x\n\
             \x20                 known               a     §5             z\n\
             \x20                              ok     a     §5             z\n"
        );
    }

    #[test]
    fn paths_share_a_line_though_one_between_them_differs() {
        let [shared, other] = ["x", "y"].map(|log| entry(Mark::Right, ["a", "§5", log]));
        assert_eq!(
            table(false).entries(&[shared.clone(), other.clone(), shared, other]),
            "ok                ok                  a     §5             x\n\
             \x20       ok                     ok     a     §5             y\n"
        );
    }

    #[test]
    fn an_empty_last_cell_leaves_no_blanks_behind() {
        let row = entry(Mark::NotApplicable, ["a", "§5", ""]);
        assert_eq!(
            table(false).entries(&[(); PATHS].map(|()| row.clone())),
            "n/a     n/a       n/a          n/a    a     §5\n"
        );
    }

    #[test]
    fn colour_changes_no_column() {
        let rows = [Mark::Right, Mark::Wrong, Mark::Right, Mark::Right];
        let rows = rows.map(|mark| entry(mark, ["a", "§5", "x"]));
        let coloured = table(true).entries(&rows);
        assert!(coloured.starts_with(
            "\x1b[32mok\x1b[0m                \x1b[32mok\x1b[0m           \
                 \x1b[32mok\x1b[0m     a     §5"
        ));
        let plain = [GREEN, RED, RESET]
            .iter()
            .fold(coloured, |text, code| text.replace(code, ""));
        assert_eq!(plain, table(false).entries(&rows));
    }
}
