//! Which alert levels there are.

use core::fmt;

/// The level of an alert, a legacy of TLS 1.2 (RFC 8446 section 6).
///
/// Any byte is a value of it. Of an alert received it means nothing: the severity is in the
/// description. Of an alert sent it must be right, for clients of TLS 1.2 go by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlertLevel(pub u8);

impl AlertLevel {
    /// The connection may go on, or ends in order.
    pub const WARNING: Self = Self(1);
    /// The connection ends at once.
    pub const FATAL: Self = Self(2);

    /// The name in RFC 8446, or `None` for a level that it does not have.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::WARNING => Some("warning"),
            Self::FATAL => Some("fatal"),
            _ => None,
        }
    }
}

impl fmt::Display for AlertLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "level {}", self.0),
        }
    }
}

impl fmt::Debug for AlertLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}({})", self.0)
    }
}
