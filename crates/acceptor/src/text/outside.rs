//! Text from outside, for properties: what it may be, and what a line of a log makes of it.

use proptest::prelude::*;

/// Whether a terminal and a reader of the log take it for one line, and it has at most 1,024 bytes.
#[must_use]
pub fn is_line(text: &str) -> bool {
    text.len() <= 1024 && !text.contains(breaks_a_line)
}

/// Controls, separators, what changes the direction, and what has no width or no shape.
fn breaks_a_line(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{e0000}'..='\u{e0fff}')
        || "\u{61c}\u{feff}\u{ad}\u{180e}\u{34f}\u{115f}\u{1160}\u{2800}\u{3164}\u{fe0f}\u{ffa0}"
            .contains(c)
}

/// Text of pieces that mean something in a line, and of any characters.
pub fn text() -> impl Strategy<Value = String> {
    let syntax = [
        "; ",
        ", ",
        "\"",
        "\\",
        "(",
        ")",
        "=",
        ": ",
        "..",
        " ",
        "a",
        "x-1",
        "alert ",
        "client offers ",
        " bytes left out)",
        "\r\n",
        "\u{1b}[31m",
        "\u{7f}",
        "\u{85}",
        "\u{202e}",
        "\u{2066}",
        "\u{200b}",
        "\u{2028}",
        "\u{feff}",
        "\u{61c}",
        "\u{301}",
        "\u{37e}",
        "\u{e0041}",
        "\u{115f}\u{1160}\u{2800}\u{3164}\u{ffa0}",
    ];
    let piece = prop_oneof![
        4 => prop::sample::select(syntax.to_vec()).prop_map(str::to_owned),
        2 => any::<char>().prop_map(String::from),
        1 => (any::<char>(), 0..2000_usize).prop_map(|(c, n)| String::from(c).repeat(n)),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// A line without what it quotes.
///
/// # Panics
///
/// If a quote is not closed.
#[must_use]
pub fn unquoted(line: &str) -> String {
    let (mut outside, mut is_quoted, mut is_escaped) = (String::new(), false, false);
    for c in line.chars() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            c if !is_quoted => outside.push(c),
            _ => {}
        }
    }
    assert!(!is_quoted, "a quote that is not closed: {line}");
    outside
}
