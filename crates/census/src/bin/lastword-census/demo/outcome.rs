//! What came of a client of the catalogue on one path, and whether it was told right.

use std::io;
use std::time::Duration;

use lastword_census::catalogue::{Case, Observed, Required};

use super::lane::Visit;
use super::mark::Mark;

/// What came of a client on one path.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// The path cannot do what the client wants of a server.
    NotApplicable,
    /// It ran.
    Ran(Box<Ran>),
}

/// What came of a client that ran.
#[derive(Clone, Debug)]
pub(super) struct Ran {
    /// What it saw, unless it could not run.
    pub(super) observed: Option<Observed>,
    /// What the server logged, unless it served the client.
    pub(super) log: Option<String>,
    /// In what the server was wrong.
    pub(super) wrong: Option<String>,
    /// What is known to be told otherwise, and why.
    pub(super) note: Option<String>,
    /// How long the client took, from connecting to seeing the end.
    pub(super) took: Duration,
}

/// Why a client has no meaning on a path.
pub(super) const NO_CHOOSER: &str = "not applicable: the direct path has no chooser";

impl Outcome {
    pub(super) fn mark(&self) -> Mark {
        match self {
            Self::NotApplicable => Mark::NotApplicable,
            Self::Ran(ran) if ran.wrong.is_some() => Mark::Wrong,
            Self::Ran(ran) if ran.note.is_some() => Mark::Otherwise,
            Self::Ran(_) => Mark::Right,
        }
    }
}

impl Ran {
    /// The judgement on a client's visit: what it was told first, then what was logged.
    pub(super) fn new(case: &Case, visit: Visit<io::Result<Observed>>) -> Self {
        let Visit {
            seen,
            took,
            farewell,
        } = visit;
        let told = match &seen {
            Ok(observed) => case.judge(observed).wrong.map(|wrong| wrong.to_string()),
            Err(error) => Some(format!("the client failed: {error}")),
        };
        let logged = farewell.wrong(case.required == Required::Served);
        Self {
            observed: seen.ok(),
            wrong: told.or(logged.map(Into::into)),
            log: farewell.log(),
            note: case.note(),
            took,
        }
    }
}

#[cfg(test)]
mod tests {
    use lastword_census::catalogue::{End, failing};

    use super::super::lane::Farewell;
    use super::*;

    fn half_a_hello() -> Case {
        let mut cases = failing().into_iter();
        cases.find(|case| case.name == "half-a-hello").unwrap()
    }

    fn ran(end: End, farewell: Farewell) -> Ran {
        let seen = Observed {
            alerts: half_a_hello()
                .required
                .alerts()
                .iter()
                .map(|alert| lastword::Alert::new(*alert))
                .collect(),
            unreadable: 0,
            told_after: None,
            plaintext: Vec::new(),
            end,
            alpn: None,
            reply: None,
        };
        let visit = Visit {
            seen: Ok(seen),
            took: Duration::from_millis(501),
            farewell,
        };
        Ran::new(&half_a_hello(), visit)
    }

    #[test]
    fn a_client_told_right_and_logged_is_right() {
        let ran = ran(End::Fin, Farewell::Logged("timed out".into()));
        assert_eq!(ran.wrong, None);
        assert_eq!(ran.log.as_deref(), Some("timed out"));
        assert_eq!(Outcome::Ran(ran.into()).mark(), Mark::Right);
    }

    #[test]
    fn a_client_told_right_and_then_reset_is_wrong() {
        let ran = ran(End::ResetOnWrite, Farewell::Logged("timed out".into()));
        let wrong = ran.wrong.as_deref();
        assert_eq!(
            wrong,
            Some("the connection ended with a reset, seen on a write")
        );
        assert_eq!(Outcome::Ran(ran.into()).mark(), Mark::Wrong);
    }

    #[test]
    fn a_client_of_whom_nothing_is_logged_is_wrong() {
        let served = ran(End::Fin, Farewell::Served);
        assert_eq!(served.wrong.as_deref(), Some("the server logged nothing"));
        let missing = ran(End::Fin, Farewell::Missing);
        assert_eq!(
            missing.wrong.as_deref(),
            Some("the server never finished with it")
        );
    }

    #[test]
    fn a_client_that_could_not_connect_is_wrong() {
        let visit = Visit {
            seen: Err(io::ErrorKind::ConnectionRefused.into()),
            took: Duration::ZERO,
            farewell: Farewell::Missing,
        };
        let ran = Ran::new(&half_a_hello(), visit);
        assert_eq!(
            ran.wrong.as_deref(),
            Some("the client failed: connection refused")
        );
    }
}
