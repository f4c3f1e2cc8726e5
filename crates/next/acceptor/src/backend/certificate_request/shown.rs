//! What a configuration's `Debug` output shows of its verifier.
//!
//! rustls 0.23 keeps the verifier private. Only the output shows for certain that clients are not asked
//! for certificates. Also, with debug assertions rustls panics if a CertificateRequest is too long. In
//! TLS 1.3 it panics twice at once, which aborts the process. So in such builds the names are read from
//! the output of rustls's own verifier.

use std::fmt::{self, Write};

use rustls::ServerConfig;

/// What is known of the names without a CertificateRequest of rustls.
pub(super) enum Names {
    /// There are no names: clients are not asked for certificates.
    None,
    /// The number of names and their length in bytes, including two bytes for the length of each.
    Some(usize, usize),
    /// The verifier is the application's own.
    Unknown,
}

/// Returns whether clients are not asked for certificates. If in doubt, it returns false.
pub(super) fn asks_nobody(config: &ServerConfig) -> bool {
    verifier(config) == " NoClientAuth,\n"
}

/// Returns the names that `config` shows.
pub(super) fn names(config: &ServerConfig) -> Names {
    let shown = verifier(config);
    if shown == " NoClientAuth,\n" {
        return Names::None;
    }
    let Some(own) = shown.strip_prefix(" WebPkiClientVerifier {") else {
        return Names::Unknown;
    };
    let names = own.split_once("root_hint_subjects: [");
    let names = names.and_then(|(_, names)| names.split_once(']'));
    let Some((names, _)) = names else {
        return Names::Unknown;
    };
    let names = names.split("DistinguishedName(").skip(1);
    let digits = |name: &str| {
        let digits = name.replace("0x", "");
        digits.bytes().filter(u8::is_ascii_hexdigit).count()
    };
    let (count, len) = names.fold((0, 0), |(count, len), name| {
        (count + 1, len + 2 + digits(name) / 2)
    });
    Names::Some(count, len)
}

/// Returns the output of the verifier alone. In the `{:#?}` form a field of the configuration begins a
/// line with four spaces, and all lines of other values with more, whatever their `Debug` writes.
fn verifier(config: &ServerConfig) -> String {
    const FIELD: &str = "\n    verifier:";

    let mut found = Field {
        before: String::new(),
        shown: String::new(),
        state: State::Before,
    };
    // an error ends the output early
    write!(found, "{config:#?}").ok();
    return found.shown;

    struct Field {
        /// The last bytes before the field.
        before: String,
        shown: String,
        state: State,
    }

    #[derive(PartialEq)]
    enum State {
        Before,
        Within,
    }

    impl Write for Field {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            for c in text.chars() {
                if self.state == State::Before {
                    match FIELD[self.before.len()..].starts_with(c) {
                        true => self.before.push(c),
                        false => {
                            self.before.clear();
                            if c == '\n' {
                                self.before.push(c);
                            }
                        }
                    }
                    if self.before == FIELD {
                        self.state = State::Within;
                    }
                    continue;
                }
                // the next field begins
                if self.shown.ends_with("\n    ") && !matches!(c, ' ' | '}' | ']' | ')') {
                    let end = self.shown.len() - "    ".len();
                    self.shown.truncate(end);
                    return Err(fmt::Error);
                }
                self.shown.push(c);
            }
            Ok(())
        }
    }
}
