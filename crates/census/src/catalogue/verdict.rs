//! Judges what a client observed.

use std::fmt;

use lastword_alert::{Alert, AlertDescription};

use super::observed::Reading;
use super::{Case, Client, End, Met, Observed, Required};
use crate::verdict::{Told, Verdict};

/// A difference between the required and the observed result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wrong {
    /// The client did not get the required alerts.
    Alerts {
        /// The required alerts.
        required: Vec<AlertDescription>,
        /// The alerts that it got.
        observed: Vec<AlertDescription>,
        /// The number of bytes that it got, if it is a raw client.
        bytes: usize,
    },
    /// An alert had the wrong level.
    Level(Alert),
    /// The client got this number of further alerts, and could not read them.
    Unreadable(usize),
    /// The client got this number of bytes that do not belong to an answer.
    Unasked(usize),
    /// There was no reply, or not an HTTP 200. These are its bytes.
    Reply(Option<Vec<u8>>),
    /// The application protocol is not one of the server's, or there is none.
    Alpn(Option<Vec<u8>>),
    /// The connection did not end with an orderly end of stream.
    End(End),
    /// The client got the required alerts, which are these, and the case is marked as not met.
    Better(Vec<AlertDescription>),
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alerts {
                required,
                observed,
                bytes,
            } => {
                write!(f, "required: {}; got: ", list(required))?;
                f.write_str(&list(observed))?;
                match bytes {
                    0 => Ok(()),
                    bytes => write!(f, ", in {bytes} bytes"),
                }
            }
            Self::Level(alert) => write!(f, "{alert} has the level {}", alert.level),
            Self::Unreadable(count) => write!(f, "{count} more alerts that cannot be read"),
            Self::Unasked(count) => write!(f, "{count} bytes that are not an answer"),
            Self::Reply(None) => f.write_str("no reply"),
            Self::Reply(Some(reply)) => {
                write!(f, "not a reply: {}", reply.escape_ascii())
            }
            Self::Alpn(None) => f.write_str("no application protocol chosen"),
            Self::Alpn(Some(protocol)) => {
                write!(f, "application protocol {} chosen", protocol.escape_ascii())
            }
            Self::End(end) => write!(f, "the connection ended with {end}"),
            Self::Better(alerts) => write!(
                f,
                "got {} as required: the case must no longer be marked as not met",
                list(alerts)
            ),
        }
    }
}

impl std::error::Error for Wrong {}

/// Alerts by name and code.
pub(super) fn list(alerts: &[AlertDescription]) -> String {
    let alerts = alerts
        .iter()
        .map(|alert| format!("{alert} ({})", alert.0))
        .collect::<Vec<_>>();
    match &alerts[..] {
        [] => "nothing".to_owned(),
        alerts => alerts.join(" and "),
    }
}

/// What a server under test made of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What the client was told.
    pub told: Told,
    /// The result, by what the RFCs require and allow of any server.
    pub verdict: Verdict,
    /// The first difference from exactly what is required of lastword's own servers.
    pub wrong: Option<Wrong>,
}

impl Case {
    /// Judges what a client of this case observed.
    ///
    /// Alerts are compared before the end of the connection. For a case that is not met with rustls's own
    /// provider, exactly today's result is required. If it is better, that is [`Wrong::Better`].
    #[must_use]
    pub fn judge(&self, observed: &Observed) -> Judgement {
        let strict = difference(self, self.required, observed);
        let told = Told::of(self, observed, strict.as_ref());
        let wrong = match (self.met_by_server(), &strict) {
            (Met::Yes, _) => strict,
            (Met::No { .. }, None) => Some(Wrong::Better(self.required.alerts().to_vec())),
            (Met::No { today, .. }, Some(_)) => difference(self, today, observed),
        };
        Judgement {
            told,
            verdict: Verdict::of(told, observed.end),
            wrong,
        }
    }

    /// Checks that the client observed exactly what is required of lastword's own servers.
    ///
    /// # Errors
    ///
    /// The first difference: [`Judgement::wrong`].
    pub fn verdict(&self, observed: &Observed) -> Result<(), Wrong> {
        self.judge(observed).wrong.map_or(Ok(()), Err)
    }
}

/// Returns the first difference of what was observed from `expected`.
fn difference(case: &Case, expected: Required, observed: &Observed) -> Option<Wrong> {
    told(case, expected, observed).err().or_else(|| {
        let served = match expected {
            Required::Served => served(case, observed).err(),
            Required::Alerts(_) | Required::Silent => None,
        };
        let end = (observed.end != End::Fin).then_some(Wrong::End(observed.end));
        served.or(end)
    })
}

/// Exactly the alerts expected, at the right levels, and nothing else.
fn told(case: &Case, expected: Required, observed: &Observed) -> Result<(), Wrong> {
    let alerts = observed.alerts.iter().map(|alert| alert.description);
    if !alerts.clone().eq(expected.alerts().iter().copied()) {
        return Err(Wrong::Alerts {
            required: expected.alerts().to_vec(),
            observed: alerts.collect(),
            bytes: observed.plaintext.len(),
        });
    }
    for alert in &observed.alerts {
        if *alert != Alert::new(alert.description) {
            return Err(Wrong::Level(*alert));
        }
    }
    if observed.unreadable > 0 {
        return Err(Wrong::Unreadable(observed.unreadable));
    }
    match unasked(case, observed) {
        0 => Ok(()),
        bytes => Err(Wrong::Unasked(bytes)),
    }
}

/// How many bytes a raw client received that are no part of an answer: a client that waits for no
/// `ServerHello` has nothing coming but its alerts.
fn unasked(case: &Case, observed: &Observed) -> usize {
    match &case.client {
        Client::Raw(client) if !client.converses() => {
            let answered = observed.alerts.len() * Alert::RECORD_LEN;
            observed.plaintext.len().saturating_sub(answered)
        }
        _ => Reading::of(&observed.plaintext).remainder,
    }
}

fn served(case: &Case, observed: &Observed) -> Result<(), Wrong> {
    let reply = observed.reply.as_deref().unwrap_or_default();
    let status = reply.split(|byte| *byte == b' ').nth(1);
    if !reply.starts_with(b"HTTP/1.") || status != Some(b"200") {
        return Err(Wrong::Reply(observed.reply.clone()));
    }
    let known = case.server.alpn.iter().map(|name| name.as_bytes());
    match &observed.alpn {
        None if case.server.alpn.is_empty() => Ok(()),
        Some(chosen) if known.clone().any(|name| name == chosen) => Ok(()),
        other => Err(Wrong::Alpn(other.clone())),
    }
}
