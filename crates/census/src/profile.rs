//! What the server has, and which clients can be sent to it.

use crate::catalogue::{Case, ClientAuth, Names, ServerProfile, Versions};

/// The features of the server under test. A client that needs more is not sent.
///
/// ```
/// use lastword_census::Profile;
///
/// let mut profile = Profile::default();
/// profile.alpn = true;
/// profile.strict_names = true;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Profile {
    /// It speaks TLS 1.3 alone.
    pub tls13_only: bool,
    /// It speaks the application protocols `h2` or `http/1.1`, and refuses clients that offer only
    /// others.
    pub alpn: bool,
    /// It refuses clients that ask for a name that is not its own.
    pub strict_names: bool,
    /// It requires a certificate of the census's [authority](crate::Census::authority). Then only the
    /// clients that need this are sent.
    pub client_certificates: bool,
}

/// A requirement of a client that a server does not meet by default.
///
/// ```
/// use lastword_census::{Need, Report};
///
/// fn show(report: &Report) {
///     for (client, need) in report.not_sent() {
///         println!("{client}: not sent, it needs {}", need.words());
///     }
/// }
/// # assert_eq!(Need::OwnCode.words(), "code in the server");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Need {
    /// [`Profile::tls13_only`].
    Tls13Only,
    /// TLS 1.2: the profile says that the server does not have it.
    Tls12,
    /// [`Profile::alpn`].
    Alpn,
    /// [`Profile::strict_names`].
    StrictNames,
    /// [`Profile::client_certificates`].
    ClientCertificates,
    /// A server that does not ask for a certificate.
    NoClientCertificates,
    /// A server whose own code makes it fail or refuse clients.
    OwnCode,
    /// A session that the server resumes.
    Ticket,
}

impl Need {
    /// Returns the part of `--profile` that says that the server has it.
    pub(crate) const fn part(self) -> Option<&'static str> {
        match self {
            Self::Tls13Only => Some("tls13-only"),
            Self::Alpn => Some("alpn"),
            Self::StrictNames => Some("strict-names"),
            _ => None,
        }
    }

    /// Returns a description of the requirement, for a line of a report.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Tls13Only => "a server of TLS 1.3 alone (--profile tls13-only)",
            Self::Tls12 => "a server that speaks TLS 1.2",
            Self::Alpn => "a server that requires ALPN (--profile alpn)",
            Self::StrictNames => "a server that refuses other names (--profile strict-names)",
            Self::ClientCertificates => "a server that requires certificates (--authority)",
            Self::NoClientCertificates => "a server that asks for no certificates",
            Self::OwnCode => "code in the server",
            Self::Ticket => "a server that resumes sessions of TLS 1.3",
        }
    }
}

impl Profile {
    /// Returns what a client needs and the server does not have.
    pub(crate) fn lacks(self, case: &Case) -> Option<Need> {
        const DEFAULT: ServerProfile = ServerProfile::DEFAULT;

        let server = case.server;
        if server.refuses.is_some() || server.verdict.is_some() || !server.signs {
            return Some(Need::OwnCode);
        }
        let needs = [
            (Need::Tls12, self.tls13_only && case.needs_tls12),
            (
                Need::Tls13Only,
                server.versions == Versions::Tls13 && !self.tls13_only,
            ),
            (Need::Alpn, server.alpn != DEFAULT.alpn && !self.alpn),
            (
                Need::StrictNames,
                server.names != Names::Any && !self.strict_names,
            ),
            (
                Need::ClientCertificates,
                server.client_auth != ClientAuth::No && !self.client_certificates,
            ),
            (
                Need::NoClientCertificates,
                server.client_auth == ClientAuth::No && self.client_certificates,
            ),
        ];
        let mut needs = needs.into_iter();
        needs.find_map(|(need, is_lacking)| is_lacking.then_some(need))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    fn named(name: &str) -> Case {
        let mut cases = catalogue::failing().into_iter();
        cases.find(|case| case.name == name).unwrap()
    }

    #[test]
    fn clients_that_are_difficult_to_tell_need_nothing_but_an_address() {
        for name in [
            "http-upload",
            "http-half-close",
            "writes-on",
            "writes-late",
            "writes-bytewise",
            "half-close",
            "reads-late",
            "reads-slowly",
            "narrow-window",
        ] {
            assert_eq!(Profile::default().lacks(&named(name)), None, "{name}");
        }
    }

    #[test]
    fn clients_of_tls12_are_not_sent_to_a_server_of_tls13_alone() {
        let tls13_only = Profile {
            tls13_only: true,
            ..Profile::default()
        };
        for name in ["fallback", "out-of-order", "no-uncompressed-points"] {
            assert_eq!(tls13_only.lacks(&named(name)), Some(Need::Tls12), "{name}");
        }
        assert_eq!(tls13_only.lacks(&named("tls12-only")), None);
        assert_eq!(tls13_only.lacks(&named("tls10-only")), None);
    }
}
