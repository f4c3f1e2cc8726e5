//! Text from outside in one line of a log: escaped, quoted where necessary, and cut.
//!
//! Such text is, for example, a name from a client, or an error of a verifier, chooser or stream. It
//! must not start another line, hide what follows, look like another part of the line or fill a disk.
//! All messages of this crate are written with [`Quoted`] and [`write_line`].

use std::fmt::{self, Debug, Display, Formatter, Write};

/// The longest line in bytes, including the notice of what was left out: 1,024.
pub const LINE: usize = 1024;

/// The longest text in a line in bytes, including quotes and the notice of what was left out.
const QUOTED: usize = 512;

/// The longest notice in bytes: `.. (at least 18446744073709551615 bytes left out)`.
const NOTICE: usize = 49;

/// How many of the bytes left out are counted at least. Longer text is then stopped, to save time.
const COUNTED: usize = 16_384;

/// How many of a client's first bytes are shown.
const FIRST_BYTES: usize = 16;

/// Words that separate the parts of a line. All other separators have characters that unquoted text
/// cannot have.
const SEPARATORS: [&str; 3] = ["client asks for", "client offers", "server has"];

/// Text from outside, escaped and quoted for one line of a log.
///
/// It is cut to at most 512 bytes. It is in quotes if it could be taken for another part of the line.
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
        quote(f, &self.0, QUOTED - NOTICE - 2)
    }
}

/// Writes text of at most `most` bytes, in quotes if they are necessary.
fn quote(f: &mut Formatter<'_>, text: &dyn Display, most: usize) -> fmt::Result {
    // the need for quotes is known only at the end
    let mut shown = String::new();
    let mut cut = Cut::new(&mut shown, most);
    cut.escapes_quotes = true;
    cut.write(text)?;
    let left_out = cut.left_out;
    if left_out == 0 && is_plain(&shown) {
        return f.write_str(&shown);
    }
    write!(f, "\"{shown}\"")?;
    write_left_out(f, left_out)
}

/// Shows text as [`Quoted`] does, cut to at most 160 bytes without the notice.
#[cfg(feature = "x509")]
pub(crate) struct Short<T>(pub(crate) T);

#[cfg(feature = "x509")]
impl<T: Display> Display for Short<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        quote(f, &self.0, 160)
    }
}

/// The first bytes of a client, at most 16, in hexadecimal.
///
/// If at least half of them are printable, they follow in quotes as escaped ASCII.
///
/// ```
/// use lastword_acceptor::text::FirstBytes;
///
/// assert_eq!(FirstBytes(b"SSH-2.0").to_string(), r#"53 53 48 2d 32 2e 30 "SSH-2.0""#);
/// assert_eq!(FirstBytes(&[5, 1, 0]).to_string(), "05 01 00");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FirstBytes<'a>(pub &'a [u8]);

impl Display for FirstBytes<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let bytes = self.0.get(..FIRST_BYTES).unwrap_or(self.0);
        let mut separator = "";
        for byte in bytes {
            write!(f, "{separator}{byte:02x}")?;
            separator = " ";
        }
        let printable = bytes.iter().filter(|byte| matches!(byte, b' '..=b'~'));
        match bytes.len() {
            0 => Ok(()),
            len if printable.count() * 2 < len => Ok(()),
            _ => write!(f, "{separator}\"{}\"", bytes.escape_ascii()),
        }
    }
}

/// Writes `text` as a line of at most `most` bytes. A value below 49 counts as 49. Unprintable
/// characters are escaped, and a notice at the end says how many bytes were left out, if any.
///
/// An error of the text's own `Display` ends the text and is not returned.
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

/// Returns whether text is printable and short enough for a line as it is.
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

/// A writer that fails at the first character that does not fit in a line.
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
        // the text may not have been written to its end
        _ => write!(out, ".. (at least {left_out} bytes left out)"),
    }
}

/// The `Debug` of a value with text from outside, in one line. It is escaped, and cut to at most 512
/// bytes.
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

/// A writer that escapes text and passes on a limited number of bytes.
struct Cut<'a> {
    out: &'a mut dyn Write,
    escapes_quotes: bool,
    /// The number of bytes still passed on.
    left: usize,
    /// The number of bytes left out.
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

    /// Writes a text up to the first error of its `Display`. Only an error of the output is returned.
    fn write(&mut self, text: impl Display) -> fmt::Result {
        match write!(self, "{text}") {
            Err(error) if self.failed => Err(error),
            Ok(()) | Err(fmt::Error) => Ok(()),
        }
    }

    /// Writes a character. Returns whether there was room for it.
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
            // after the first part left out, all is left out
            if self.left_out > 0 || !self.put(c)? {
                self.left_out = self.left_out.saturating_add(text.len() - at);
                break;
            }
        }
        match self.left_out {
            0..=COUNTED => Ok(()),
            _ => Err(fmt::Error), // stop the text: enough is counted
        }
    }
}

/// Returns whether a character is shown as it is. Control and format characters, white space other
/// than a space, combining marks and invisible characters are not.
fn is_visible(c: char) -> bool {
    match c {
        ' '..='~' => true,
        // letters and a symbol that are invisible
        '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' => false,
        _ => c.escape_debug().len() == 1,
    }
}

/// A time of the system, in seconds since 1970: `2001-01-31 23:59:59 UTC`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Date(pub(crate) u64);

impl Display for Date {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (days, seconds) = (self.0 / 86_400, self.0 % 86_400);
        // years begin in March, so that a leap day is the last: 146,097 days are 400 years
        let days = days + 719_468;
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let (month, next_year) = match month {
            0..=9 => (month + 3, 0),
            _ => (month - 9, 1),
        };
        let year = era * 400 + year + next_year;
        write!(f, "{year:04}-{month:02}-{day:02} ")?;
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        write!(f, "{hour:02}:{minute:02}:{second:02} UTC")
    }
}

/// Returns whether escaped text needs no quotes.
pub(crate) fn is_plain(shown: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" -._/:'@+".contains(&byte);
    !shown.is_empty()
        && shown == shown.trim()
        && shown.bytes().all(is_plain)
        && !SEPARATORS.iter().any(|words| shown.contains(words))
}

#[cfg(test)]
#[allow(unreachable_pub)] // lastword-testkit has it too
pub(crate) mod outside;
#[cfg(test)]
mod tests;
