//! The result of a client: the alert that it got, and whether it could read it.

use std::fmt::{self, Display, Formatter};

use lastword_alert::AlertDescription;
use lastword_record::ContentType;

use crate::catalogue::{Case, Observed, Required, Wrong};
use crate::end::End;

/// The answer that a client got, compared with the required one.
///
/// ```
/// use lastword_census::Told;
///
/// assert_eq!(Told::Plaintext.name(), "plaintext");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Told {
    /// The required answer.
    Required,
    /// Something else that the RFCs allow.
    Allowed,
    /// An answer in its own protocol, which is not TLS.
    Plaintext,
    /// Another alert.
    Wrong,
    /// No alert.
    Nothing,
    /// An alert that it cannot read, because it is encrypted.
    Unreadable,
    /// It was served, or its handshake continued.
    Served,
}

/// The result of one client.
///
/// ```
/// use lastword_census::Verdict;
///
/// assert_eq!(Verdict::ResetOnRead.name(), "reset-on-read");
/// assert_eq!(Verdict::ResetOnRead.means(), "a client that reads late loses the alert");
/// assert!(Verdict::Allowed.is_good());
/// assert!(Verdict::Right < Verdict::NothingAndReset); // ordered, the best first
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// It got the required alert or silence, and the connection ended in order.
    Right,
    /// It got something else that the RFCs allow, and the connection ended in order.
    Allowed,
    /// It got an alert that it cannot read, because the alert is encrypted.
    Unreadable,
    /// The server did not close the connection in time.
    Open,
    /// It got an alert, and what it wrote afterwards was answered with a reset. A client that still
    /// writes when the alert arrives can lose the alert because of the reset.
    ResetOnWrite,
    /// It got an alert, and a read after that failed with a reset.
    ResetOnRead,
    /// It got a wrong alert.
    Wrong,
    /// It was served, or its handshake continued.
    Served,
    /// It got no alert.
    Nothing,
    /// It got no alert, and the connection was reset.
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

    /// Returns what a bad result means for the client, for a line of a report; empty for a good
    /// one.
    #[must_use]
    pub const fn means(self) -> &'static str {
        match self {
            Self::Right | Self::Allowed | Self::Unreadable => "",
            Self::Open => "the client waits until it gives up, and the server keeps its state",
            Self::ResetOnWrite => "a client that still sends can lose the alert",
            Self::ResetOnRead => "a client that reads late loses the alert",
            Self::Wrong => "the client reports a fault that it does not have",
            Self::Served => "the client violates the protocol, and the server continues",
            Self::Nothing | Self::NothingAndReset => {
                "the client cannot tell this from a broken network"
            }
        }
    }

    pub(crate) const fn of(told: Told, end: End) -> Self {
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
            (Told::Allowed | Told::Plaintext, _) => Self::Allowed,
            (Told::Required, _) => Self::Right,
        }
    }
}

/// What it means, for a line of a summary.
impl Display for Verdict {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Right => "got the required alert, or none where none is required",
            Self::Allowed => "got something else that is allowed",
            Self::Unreadable => "got an encrypted alert that it cannot read",
            Self::Open => "connection left open",
            Self::ResetOnWrite => "got an alert, and a reset after a later write",
            Self::ResetOnRead => "got an alert, and then a reset",
            Self::Wrong => "got a wrong alert",
            Self::Served => "served, or its handshake continued",
            Self::Nothing => "got no alert",
            Self::NothingAndReset => "got no alert, and a reset",
        })
    }
}

impl Told {
    /// Returns a short stable name, in kebab-case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Allowed => "allowed",
            Self::Plaintext => "plaintext",
            Self::Wrong => "wrong",
            Self::Nothing => "nothing",
            Self::Unreadable => "unreadable",
            Self::Served => "served",
        }
    }

    /// Returns what a client of this case was told, given the first difference from what is required.
    pub(crate) fn of(case: &Case, observed: &Observed, difference: Option<&Wrong>) -> Self {
        let allowed = case.allowed;
        let mut alerts: Vec<_> = observed.alerts.iter().map(|it| it.description).collect();
        if allowed.silence && alerts.is_empty() && observed.end == End::StillOpen {
            return Self::Allowed;
        }
        match difference {
            // a client that has its alert does not look at the level, or at what came besides
            None | Some(Wrong::End(_) | Wrong::Level(_) | Wrong::Unasked(_)) => {
                return Self::Required;
            }
            Some(Wrong::Unreadable(_)) if !alerts.is_empty() => return Self::Required,
            Some(_) => {}
        }
        // a server may send close_notify behind an alert that ends the connection
        if alerts.len() > 1 && alerts.last() == Some(&AlertDescription::CLOSE_NOTIFY) {
            alerts.pop();
            if alerts == case.required.alerts() {
                return Self::Required;
            }
        }
        let served = match allowed.service {
            true => Self::Allowed,
            false => Self::Served,
        };
        if observed.reply.is_some() {
            return served;
        }
        match &alerts[..] {
            // a client that has left needs to read nothing
            [] if observed.unreadable > 0 && case.required == Required::Silent => Self::Allowed,
            [] if observed.unreadable > 0 => Self::Unreadable,
            [] if allowed.plaintext && is_plaintext(observed) => Self::Plaintext,
            [] if allowed.silence => Self::Allowed,
            [] if observed.end == End::StillOpen && is_answer(observed) => served,
            [] => Self::Nothing,
            alerts if allowed.has(alerts) => Self::Allowed,
            _ => Self::Wrong,
        }
    }
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

#[cfg(test)]
mod tests {
    use lastword_alert::Alert;

    use super::*;
    use crate::catalogue;

    const DECODE_ERROR: AlertDescription = AlertDescription::DECODE_ERROR;
    const ILLEGAL_PARAMETER: AlertDescription = AlertDescription::ILLEGAL_PARAMETER;
    const CLOSE_NOTIFY: AlertDescription = AlertDescription::CLOSE_NOTIFY;
    const HANDSHAKE_FAILURE: AlertDescription = AlertDescription::HANDSHAKE_FAILURE;

    fn verdict(name: &str, alerts: &[AlertDescription], end: End, answer: &[u8]) -> Verdict {
        let mut cases = catalogue::failing().into_iter();
        let case = cases.find(|case| case.name == name).unwrap();
        let observed = Observed {
            alerts: alerts.iter().copied().map(Alert::new).collect(),
            unreadable: 0,
            told_after: None,
            plaintext: answer.to_vec(),
            end,
            alpn: None,
            reply: None,
        };
        case.judge(&observed).verdict
    }

    #[test]
    fn an_alert_is_required_or_allowed_or_wrong() {
        for (name, alerts, expected) in [
            ("empty-hello", &[DECODE_ERROR][..], Verdict::Right),
            ("empty-hello", &[DECODE_ERROR, CLOSE_NOTIFY], Verdict::Right),
            ("empty-hello", &[ILLEGAL_PARAMETER], Verdict::Allowed),
            ("empty-hello", &[HANDSHAKE_FAILURE], Verdict::Wrong),
            ("empty-hello", &[CLOSE_NOTIFY], Verdict::Wrong),
            ("empty-hello", &[], Verdict::Nothing),
            ("psk-not-last", &[ILLEGAL_PARAMETER], Verdict::Right),
            (
                "no-common-suite",
                &[AlertDescription::INSUFFICIENT_SECURITY],
                Verdict::Allowed,
            ),
            ("fatal-alert", &[], Verdict::Right),
            ("fatal-alert", &[CLOSE_NOTIFY], Verdict::Allowed),
            ("fatal-alert", &[DECODE_ERROR], Verdict::Wrong),
            ("http-get", &[HANDSHAKE_FAILURE], Verdict::Allowed),
        ] {
            assert_eq!(
                verdict(name, alerts, End::Fin, b""),
                expected,
                "{name} {alerts:?}"
            );
        }
    }

    #[test]
    fn the_end_of_the_connection_counts_too() {
        for (name, alerts, end, expected) in [
            (
                "empty-hello",
                &[DECODE_ERROR][..],
                End::ResetOnRead,
                Verdict::ResetOnRead,
            ),
            (
                "empty-hello",
                &[ILLEGAL_PARAMETER],
                End::ResetOnWrite,
                Verdict::ResetOnWrite,
            ),
            (
                "empty-hello",
                &[DECODE_ERROR],
                End::StillOpen,
                Verdict::Open,
            ),
            (
                "empty-hello",
                &[HANDSHAKE_FAILURE],
                End::ResetOnRead,
                Verdict::Wrong,
            ),
            (
                "empty-hello",
                &[],
                End::ResetOnRead,
                Verdict::NothingAndReset,
            ),
            (
                "empty-hello",
                &[],
                End::ResetOnWrite,
                Verdict::NothingAndReset,
            ),
            ("empty-hello", &[], End::StillOpen, Verdict::Open),
            // no RFC says how long a server waits
            ("nothing", &[], End::StillOpen, Verdict::Allowed),
            ("nothing", &[], End::Fin, Verdict::Right),
        ] {
            assert_eq!(verdict(name, alerts, end, b""), expected, "{name} {end}");
        }
    }

    #[test]
    fn an_answer_is_allowed_where_the_client_does_not_speak_tls() {
        let answer = b"HTTP/1.1 400 Bad Request";
        assert_eq!(verdict("http-get", &[], End::Fin, answer), Verdict::Allowed);
        assert_eq!(
            verdict("empty-hello", &[], End::Fin, answer),
            Verdict::Nothing
        );
        let hello = [22, 3, 3, 0, 4, 2, 0, 0, 0];
        assert_eq!(
            verdict("empty-hello", &[], End::StillOpen, &hello),
            Verdict::Served
        );
        let checked = verdict("share-not-offered", &[], End::StillOpen, &hello);
        assert_eq!(checked, Verdict::Allowed);
    }

    /// The names of the clients that are treated as the RFCs allow if they observe this.
    fn allowed(observed: &Observed) -> Vec<&'static str> {
        let mut cases = catalogue::failing();
        cases.retain(|case| case.judge(observed).verdict == Verdict::Allowed);
        cases.iter().map(|case| case.name).collect()
    }

    #[test]
    fn an_alert_that_cannot_be_read_matters_only_to_a_client_that_has_no_other() {
        for (name, alerts, expected) in [
            ("no-key-share", &[][..], Verdict::Unreadable),
            ("empty-hello", &[DECODE_ERROR], Verdict::Right),
            ("leaves-in-mid-handshake", &[], Verdict::Allowed),
        ] {
            let mut cases = catalogue::failing().into_iter();
            let case = cases.find(|case| case.name == name).unwrap();
            let observed = Observed {
                alerts: alerts.iter().copied().map(Alert::new).collect(),
                unreadable: 1,
                told_after: None,
                plaintext: Vec::new(),
                end: End::Fin,
                alpn: None,
                reply: None,
            };
            assert_eq!(case.judge(&observed).verdict, expected, "{name}");
        }
    }

    #[test]
    fn these_clients_may_be_served_and_no_others() {
        let served = Observed {
            alerts: vec![Alert::new(CLOSE_NOTIFY)],
            unreadable: 0,
            told_after: None,
            plaintext: Vec::new(),
            end: End::Fin,
            alpn: None,
            reply: Some(b"HTTP/1.0 200 OK".to_vec()),
        };
        let expected = [
            "warning-flood",
            "half-a-hello",
            "nothing",
            "share-not-offered",
            "no-common-group",
            "no-common-curve-to-sign-with",
            "unknown-name",
            "no-name",
            "retry-with-another-suite",
            "retry-with-another-name",
            "retry-with-a-protocol",
            "retry-with-another-random",
            "retry-of-tls12",
            "retry-with-two-shares",
            "empty-data-flood",
            "empty-data-flood-tls12",
            "cipher-change-flood",
            "late-warning-flood",
            "late-warning-flood-tls12",
        ];
        assert_eq!(allowed(&served), expected);
    }

    #[test]
    fn a_server_may_wait_for_the_rest_of_these_and_no_others() {
        let waits = Observed {
            alerts: Vec::new(),
            unreadable: 0,
            told_after: None,
            plaintext: Vec::new(),
            end: End::StillOpen,
            alpn: None,
            reply: None,
        };
        let expected = [
            "oversized-record",
            "warning-flood",
            "half-a-hello",
            "nothing",
            "overlong-header",
            "empty-data-flood",
            "empty-data-flood-tls12",
            "cipher-change-flood",
            "late-warning-flood",
            "late-warning-flood-tls12",
        ];
        assert_eq!(allowed(&waits), expected);
    }

    #[test]
    fn names_are_unique_and_the_good_results_come_first() {
        let mut names: Vec<_> = Verdict::ALL.iter().map(|verdict| verdict.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Verdict::ALL.len());
        assert!(Verdict::ALL.is_sorted());
        assert!(Verdict::ALL.is_sorted_by_key(|verdict| !verdict.is_good()));
    }
}
