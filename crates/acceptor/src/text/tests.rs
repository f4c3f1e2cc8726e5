//! Any text is one short line, and no part of it passes for another.

use crate::text::outside::{is_line, text, unquoted};
use proptest::prelude::*;

use super::*;

fn line(most: usize, text: impl Display) -> String {
    let mut line = String::new();
    write_line(&mut line, most, text).unwrap();
    line
}

/// Is shown part by part.
struct Parts<'a>(&'a [String]);

impl Display for Parts<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| f.write_str(part))
    }
}

#[test]
fn what_cannot_be_printed_is_escaped() {
    assert_eq!(line(LINE, "a\"b\\ \u{fc}\u{6f22}"), "a\"b\\ \u{fc}\u{6f22}");
    assert_eq!(
        line(LINE, "\0\t\r\n\u{1b}\u{7f}\u{85}\u{a0}\u{202e}\u{e000}"),
        r"\x00\t\r\n\x1b\x7f\u{85}\u{a0}\u{202e}\u{e000}"
    );
}

#[test]
fn first_bytes_are_hexadecimal_and_escaped_ascii() {
    for (bytes, shown) in [
        (&b""[..], ""),
        (b"\0\xff\n ", "00 ff 0a 20"),
        (b"\0\nAB", "00 0a 41 42 \"\\x00\\nAB\""),
        (b"\"\\\x1b\xe2", r#"22 5c 1b e2 "\"\\\x1b\xe2""#),
        (
            b"0123456789abcdefg",
            "30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66 \"0123456789abcdef\"",
        ),
    ] {
        assert_eq!(FirstBytes(bytes).to_string(), shown);
    }
}

#[test]
fn a_line_that_is_cut_ends_between_characters() {
    assert_eq!(line(50, "\u{202e}"), ".. (3 bytes left out)");
    assert_eq!(line(50, "\u{fc}a"), ".. (3 bytes left out)");
    assert_eq!(line(51, "\u{fc}a"), "\u{fc}.. (1 bytes left out)");
    assert_eq!(line(0, "abc"), ".. (3 bytes left out)");
}

#[test]
fn text_without_an_end_is_asked_for_an_end() {
    struct Endless;
    impl Display for Endless {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            loop {
                f.write_str("0123456789")?;
            }
        }
    }
    let zeros = "0123456789".repeat(98);
    let line = line(LINE, Endless);
    assert!(line.starts_with(&zeros[..975]), "{line}");
    assert_eq!(&line[975..], ".. (at least 16385 bytes left out)");
}

#[test]
fn what_cannot_be_written_is_an_error() {
    struct Full;
    impl Write for Full {
        fn write_str(&mut self, _: &str) -> fmt::Result {
            Err(fmt::Error)
        }
    }
    assert_eq!(write_line(&mut Full, LINE, "a"), Err(fmt::Error));
    assert_eq!(write_line(&mut Full, 0, "a"), Err(fmt::Error));
    assert_eq!(write_line(&mut Full, LINE, ""), Ok(()));
}

proptest! {
    #[test]
    fn any_text_is_a_line_however_it_is_written(
        parts in prop::collection::vec(text(), 0..4),
        most in 0..2 * LINE,
    ) {
        let whole = parts.concat();
        let shown = line(most.min(LINE), &whole);
        prop_assert!(is_line(&shown), "{shown:?}");
        prop_assert!(shown.len() <= most.max(NOTICE), "{} of {most}", shown.len());
        if whole.len() <= COUNTED {
            prop_assert_eq!(line(most.min(LINE), Parts(&parts)), shown);
        }
    }

    #[test]
    fn a_line_counts_what_it_leaves_out(text in "[ -~]{0,1500}") {
        let most = LINE - NOTICE;
        let expected = match text.get(most..) {
            None | Some("") => text.clone(),
            Some(rest) => format!("{}.. ({} bytes left out)", &text[..most], rest.len()),
        };
        prop_assert_eq!(line(LINE, &text), expected);
    }

    #[test]
    fn quoted_text_says_where_it_ends(text in text()) {
        let shown = Quoted(&text).to_string();
        prop_assert!(is_line(&shown) && shown.len() <= QUOTED, "{shown:?}");
        if shown != text {
            prop_assert!(shown.starts_with('"'), "{shown}");
            let outside = unquoted(&shown);
            let left_out = outside
                .strip_prefix(".. (")
                .and_then(|left_out| left_out.strip_suffix(" bytes left out)"));
            prop_assert!(outside.is_empty() || left_out.is_some(), "{shown}");
        }
    }
}
