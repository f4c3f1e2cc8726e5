//! How text from outside is shown in one line of a log: escaped, quoted where it must be, and cut.
//!
//! Names that a client sends, the errors of a verifier, of a chooser or of a stream: none of them
//! may begin another line, hide what follows, pass for another part of the line or fill a disk. All
//! words of this crate are written with [`Quoted`] and [`write_line`].

use std::fmt::{self, Debug, Display, Formatter, Write};

/// The longest line in bytes, with the words for what was left out.
pub const LINE: usize = 1024;

/// The longest text in a line in bytes, quotes and the words for what was left out included.
const QUOTED: usize = 512;

/// The longest words for what was left out: `.. (at least 18446744073709551615 bytes left out)`.
const NOTICE: usize = 49;

/// How many bytes of what is left out are counted, at the least. Text that goes on is then stopped,
/// so that it takes no more time.
const COUNTED: usize = 16_384;

/// Words that separate the parts of a line. All other separators have characters that text without
/// quotes cannot have.
const SEPARATORS: [&str; 3] = ["client asks for", "client offers", "server has"];

/// Text from outside, as a line shows it: in quotes where it could be taken for another part of the
/// line, escaped, and cut so that it takes at most 512 bytes.
///
/// Short text of ASCII letters, digits, spaces and `-._/:'@+` is shown as it is.
///
/// ```
/// use lastword_acceptor::text::Quoted;
///
/// assert_eq!(Quoted("no such tenant").to_string(), "no such tenant");
/// assert_eq!(Quoted("a\nb; c").to_string(), r#""a\nb; c""#);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Quoted<T>(pub T);

impl<T: Display> Display for Quoted<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        // whether it needs quotes is known at its end only
        let mut shown = String::new();
        let mut cut = Cut::new(&mut shown, QUOTED - NOTICE - 2);
        cut.escapes_quotes = true;
        cut.write(&self.0)?;
        let left_out = cut.left_out;
        if left_out == 0 && is_plain(&shown) {
            return f.write_str(&shown);
        }
        write!(f, "\"{shown}\"")?;
        write_left_out(f, left_out)
    }
}

/// Writes `text` as a line of at most `most` bytes, or 49 if that is less than 49: what is not printable is escaped, and words at
/// the end say how many bytes were left out, if any.
///
/// An error in the text's own `Display` ends the text and is no error here.
///
/// ```
/// use lastword_acceptor::text::write_line;
///
/// let mut line = String::new();
/// write_line(&mut line, 60, "one\ntwo three four")?;
/// assert_eq!(line, r"one\ntwo th.. (8 bytes left out)");
/// # Ok::<(), std::fmt::Error>(())
/// ```
///
/// # Errors
///
/// The errors of `out`.
pub fn write_line(out: &mut dyn Write, most: usize, text: impl Display) -> fmt::Result {
    let mut cut = Cut::new(out, most.saturating_sub(NOTICE));
    cut.write(text)?;
    let left_out = cut.left_out;
    write_left_out(out, left_out)
}

/// Whether text is printable and short enough for a line as it is.
///
/// ```
/// use lastword_acceptor::text::is_line;
///
/// assert!(is_line("peer sent no certificates"));
/// assert!(!is_line("one\ntwo"));
/// ```
pub fn is_line(text: impl Display) -> bool {
    write!(Fits { left: LINE }, "{text}").is_ok()
}

/// Fails at the first character that is not fit for a line.
struct Fits {
    left: usize,
}

impl Write for Fits {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let left = self.left.checked_sub(text.len()).ok_or(fmt::Error)?;
        self.left = left;
        match text.chars().all(is_visible) {
            true => Ok(()),
            false => Err(fmt::Error),
        }
    }
}

fn write_left_out(out: &mut dyn Write, left_out: usize) -> fmt::Result {
    match left_out {
        0 => Ok(()),
        1..=COUNTED => write!(out, ".. ({left_out} bytes left out)"),
        // it may not have been written to its end
        _ => write!(out, ".. (at least {left_out} bytes left out)"),
    }
}

/// What may hold text from outside, as `Debug` shows it: in one line, escaped, and cut so that it
/// takes at most 512 bytes.
///
/// ```
/// use lastword_acceptor::text::Dump;
///
/// assert_eq!(format!("{:?}", Dump(["a\u{202e}", "b"])), r#"["a\u{202e}", "b"]"#);
/// ```
#[derive(Clone, Copy)]
pub struct Dump<T>(pub T);

impl<T: Debug> Debug for Dump<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_line(f, QUOTED, format_args!("{:?}", self.0))
    }
}

/// Escapes what is written to it, and passes on so much of it.
struct Cut<'a> {
    out: &'a mut dyn Write,
    escapes_quotes: bool,
    /// How many bytes more are passed on.
    left: usize,
    /// How many bytes of what was written are not.
    left_out: usize,
    failed: bool,
}

impl<'a> Cut<'a> {
    fn new(out: &'a mut dyn Write, left: usize) -> Self {
        Self {
            out,
            escapes_quotes: false,
            left,
            left_out: 0,
            failed: false,
        }
    }

    /// Writes a text as far as it can be had. Only an error of what is written to is one.
    fn write(&mut self, text: impl Display) -> fmt::Result {
        match write!(self, "{text}") {
            Err(error) if self.failed => Err(error),
            Ok(()) | Err(fmt::Error) => Ok(()),
        }
    }

    /// Whether there was room for it.
    fn put(&mut self, c: char) -> Result<bool, fmt::Error> {
        let mut utf8 = [0; 4];
        match c {
            '"' | '\\' if self.escapes_quotes => self.put_whole(2, format_args!("\\{c}")),
            _ if is_visible(c) => self.put_whole(c.len_utf8(), &*c.encode_utf8(&mut utf8)),
            _ => match u8::try_from(c) {
                Ok(byte) if byte.is_ascii() => {
                    let escaped = byte.escape_ascii();
                    self.put_whole(escaped.len(), escaped)
                }
                _ => {
                    let escaped = c.escape_unicode();
                    self.put_whole(escaped.len(), escaped)
                }
            },
        }
    }

    fn put_whole(&mut self, len: usize, shown: impl Display) -> Result<bool, fmt::Error> {
        let Some(left) = self.left.checked_sub(len) else {
            return Ok(false);
        };
        self.left = left;
        let written = write!(self.out, "{shown}");
        self.failed = written.is_err();
        written.map(|()| true)
    }
}

impl Write for Cut<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for (at, c) in text.char_indices() {
            // what comes after a part that is left out is left out too
            if self.left_out > 0 || !self.put(c)? {
                self.left_out = self.left_out.saturating_add(text.len() - at);
                break;
            }
        }
        match self.left_out {
            0..=COUNTED => Ok(()),
            _ => Err(fmt::Error), // enough
        }
    }
}

/// Whether a character is shown as it is: not if it is a control or a format character, white space
/// other than a space, a mark upon another character, or has no shape.
fn is_visible(c: char) -> bool {
    match c {
        ' '..='~' => true,
        // letters and a symbol without a shape
        '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' => false,
        _ => c.escape_debug().len() == 1,
    }
}

/// Whether text, escaped, can be taken for nothing but itself.
fn is_plain(shown: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" -._/:'@+".contains(&byte);
    !shown.is_empty()
        && shown == shown.trim()
        && shown.bytes().all(is_plain)
        && !SEPARATORS.iter().any(|words| shown.contains(words))
}

#[cfg(test)]
mod tests;
