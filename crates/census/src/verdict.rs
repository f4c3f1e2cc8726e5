//! What became of a client: what it was told, and whether it could read it.

use std::fmt::{self, Display, Formatter};

use lastword_alert::AlertDescription;
use lastword_record::ContentType;

use crate::allowed::Allowed;
use crate::catalogue::{Case, Observed, Required};
use crate::end::End;

/// What a client was told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Told {
    /// Exactly what it must be told.
    Required,
    /// Something else that the RFCs allow.
    Allowed,
    /// Another alert.
    Wrong,
    /// No alert.
    Nothing,
    /// An alert that it cannot read, because it is encrypted.
    Unreadable,
    /// It was served, or its handshake went on.
    Served,
}

/// The result of one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// It was told what it must be told, and the connection ended in order.
    Right,
    /// It was told something else that the RFCs allow, and the connection ended in order.
    Allowed,
    /// It was sent an alert that it cannot read, because it is encrypted.
    Unreadable,
    /// The server did not close the connection in time.
    Open,
    /// It was told, and what it wrote afterwards was answered with a reset. A client that still writes
    /// when the alert arrives can lose the alert by it.
    ResetOnWrite,
    /// It was told, and a read after that found a reset.
    ResetOnRead,
    /// It was told the wrong alert.
    Wrong,
    /// It was served, or its handshake went on.
    Served,
    /// It was told nothing.
    Nothing,
    /// It was told nothing, and the connection was reset.
    NothingAndReset,
}

impl Verdict {
    /// All verdicts, the best first.
    pub const ALL: [Self; 10] = [
        Self::Right,
        Self::Allowed,
        Self::Unreadable,
        Self::Open,
        Self::ResetOnWrite,
        Self::ResetOnRead,
        Self::Wrong,
        Self::Served,
        Self::Nothing,
        Self::NothingAndReset,
    ];

    /// Returns a short stable name, in kebab-case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Allowed => "allowed",
            Self::Unreadable => "unreadable",
            Self::Open => "open",
            Self::ResetOnWrite => "reset-on-write",
            Self::ResetOnRead => "reset-on-read",
            Self::Wrong => "wrong",
            Self::Served => "served",
            Self::Nothing => "nothing",
            Self::NothingAndReset => "nothing-reset",
        }
    }

    /// Returns whether the server did what the RFCs require or allow.
    #[must_use]
    pub const fn is_good(self) -> bool {
        matches!(self, Self::Right | Self::Allowed | Self::Unreadable)
    }

    pub(crate) fn of(told: &Told, end: End) -> Self {
        let is_reset = matches!(end, End::ResetOnRead | End::ResetOnWrite);
        match (told, end) {
            (Told::Wrong, _) => Self::Wrong,
            (Told::Served, _) => Self::Served,
            (Told::Nothing, _) if is_reset => Self::NothingAndReset,
            (Told::Nothing, End::StillOpen) => Self::Open,
            (Told::Nothing, _) => Self::Nothing,
            (_, End::ResetOnWrite) => Self::ResetOnWrite,
            (_, End::ResetOnRead) => Self::ResetOnRead,
            (Told::Allowed, End::StillOpen) => Self::Allowed,
            (_, End::StillOpen) => Self::Open,
            (Told::Unreadable, _) => Self::Unreadable,
            (Told::Allowed, _) => Self::Allowed,
            (Told::Required, _) => Self::Right,
        }
    }
}

/// What it means, for a line of a summary.
impl Display for Verdict {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Right => "told the required alert, or silence",
            Self::Allowed => "told something else that is allowed",
            Self::Unreadable => "told an alert that only the server can read",
            Self::Open => "connection left open",
            Self::ResetOnWrite => "told, and reset if it writes on",
            Self::ResetOnRead => "told, and then reset",
            Self::Wrong => "told a wrong alert",
            Self::Served => "served, or its handshake went on",
            Self::Nothing => "told nothing",
            Self::NothingAndReset => "told nothing, and reset",
        })
    }
}

impl Told {
    /// Returns what a client of this case was told.
    pub(crate) fn of(case: &Case, observed: &Observed) -> Self {
        let allowed = Allowed::of(case);
        let mut alerts: Vec<_> = observed.alerts.iter().map(|it| it.description).collect();
        let required = case.required.alerts();
        if allowed.silence && alerts.is_empty() && observed.end == End::StillOpen {
            return Self::Allowed;
        }
        if alerts == required && observed.unreadable == 0 && is_answered(case, observed) {
            return Self::Required;
        }
        // a server may send close_notify behind an alert that ends the connection
        if alerts.len() > 1 && alerts.last() == Some(&AlertDescription::CLOSE_NOTIFY) {
            alerts.pop();
        }
        if alerts == required {
            return Self::Required;
        }
        let served = match allowed.service {
            true => Self::Allowed,
            false => Self::Served,
        };
        if observed.reply.is_some() {
            return served;
        }
        match &alerts[..] {
            [] if observed.unreadable > 0 => Self::Unreadable,
            [] if allowed.silence || (allowed.plaintext && is_plaintext(observed)) => Self::Allowed,
            [] if observed.end == End::StillOpen && is_answer(observed) => served,
            [] => Self::Nothing,
            alerts if allowed.has(alerts) => Self::Allowed,
            _ => Self::Wrong,
        }
    }
}

/// Returns whether a client that must be served has a reply. Others need none.
fn is_answered(case: &Case, observed: &Observed) -> bool {
    case.required != Required::Served || observed.reply.is_some()
}

/// Returns whether the server answered with a handshake message.
fn is_answer(observed: &Observed) -> bool {
    observed.plaintext.first() == Some(&ContentType::HANDSHAKE.0)
}

/// Returns whether the server answered with bytes that are not TLS.
fn is_plaintext(observed: &Observed) -> bool {
    let first = observed.plaintext.first();
    first.is_some_and(|first| !(20..=23).contains(first))
}
