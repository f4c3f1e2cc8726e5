//! What a server may tell a client instead of the alert that the catalogue requires.
//!
//! The catalogue names one alert for each client, also where the RFCs leave a choice. RFC 8446 section
//! 6.2: an implementation SHOULD send an alert for a fatal error. RFC 5246 section 7.2.2: it MUST.

use lastword_alert::AlertDescription;

use crate::catalogue::{Case, Required};

/// What a server may do instead of sending the required alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowed {
    /// Other alerts.
    alerts: &'static [AlertDescription],
    /// Any other alert.
    any_alert: bool,
    /// An answer in the client's own protocol.
    pub(crate) plaintext: bool,
    /// No alert.
    pub(crate) silence: bool,
    /// To serve the client.
    pub(crate) service: bool,
}

/// Nothing but the required alert.
const NOTHING: Allowed = Allowed {
    alerts: &[],
    any_alert: false,
    plaintext: false,
    silence: false,
    service: false,
};

impl Allowed {
    /// Returns whether all these alerts are.
    pub(crate) fn has(self, alerts: &[AlertDescription]) -> bool {
        self.any_alert || alerts.iter().all(|alert| self.alerts.contains(alert))
    }

    const fn alerts(alerts: &'static [AlertDescription]) -> Self {
        Self { alerts, ..NOTHING }
    }

    /// Returns what is allowed for this client.
    pub(crate) fn of(case: &Case) -> Self {
        let named = Self::of_record(case.name).or_else(|| Self::of_message(case));
        named.unwrap_or_else(|| Self::for_required(case.required))
    }

    /// Returns what is allowed for clients that send certain records.
    fn of_record(name: &str) -> Option<Self> {
        const UNEXPECTED: AlertDescription = AlertDescription::UNEXPECTED_MESSAGE;
        const ILLEGAL: AlertDescription = AlertDescription::ILLEGAL_PARAMETER;
        const DECODE: AlertDescription = AlertDescription::DECODE_ERROR;

        Some(match name {
            // bytes that are no record: no RFC says what to answer
            "http-get" | "http2-preface" | "ssh-banner" | "proxy-v1-header" | "proxy-v2-header"
            | "random-bytes" | "http-upload" | "http-half-close" | "sslv2-hello" => Self {
                any_alert: true,
                plaintext: true,
                ..NOTHING
            },
            // RFC 8446 5: unexpected_message, also where a record of this type comes too early
            "fatal-alert-first"
            | "unknown-alert-first"
            | "unknown-level-alert-first"
            | "close-notify-first" => Self::alerts(&[UNEXPECTED]),
            "overlong-alert" | "empty-alert" => Self::alerts(&[UNEXPECTED, DECODE, ILLEGAL]),
            // RFC 5246 names no alert for this
            "cipher-change-of-two-tls12" => Self::alerts(&[UNEXPECTED, ILLEGAL]),
            // a record that is not protected has a wrong type, and does not decrypt
            "unknown-record-type" | "unknown-record-type-tls12" | "http-after-finished" => {
                Self::alerts(&[AlertDescription::BAD_RECORD_MAC])
            }
            // only the header of the record arrives
            "oversized-record" | "overlong-header" => Self {
                silence: true,
                ..NOTHING
            },
            _ => return None,
        })
    }

    /// Returns what is allowed for clients that send certain messages, too many of them, or none.
    fn of_message(case: &Case) -> Option<Self> {
        Some(match case.name {
            // the client has closed: nothing forbids an alert
            "leaves-in-mid-handshake"
            | "leaves-in-mid-handshake-tls12"
            | "leaves-in-mid-record"
            | "leaves-in-mid-record-tls12" => Self {
                any_alert: true,
                ..NOTHING
            },
            // no RFC bounds these, or names an alert for a timeout
            "nothing"
            | "half-a-hello"
            | "warning-flood"
            | "late-warning-flood"
            | "late-warning-flood-tls12"
            | "empty-data-flood"
            | "empty-data-flood-tls12"
            | "cipher-change-flood" => Self {
                any_alert: true,
                silence: true,
                service: true,
                ..NOTHING
            },
            // no RFC says how long a message may be
            "hello-declared-too-long" | "endless-certificate" | "endless-certificate-tls12" => {
                Self {
                    any_alert: true,
                    ..NOTHING
                }
            }
            // RFC 8446 4.1.2 forbids it to the client, and does not ask the server to check
            "retry-with-another-suite"
            | "retry-with-another-name"
            | "retry-with-a-protocol"
            | "retry-with-another-random"
            | "retry-with-two-shares"
            | "retry-of-tls12" => Self {
                any_alert: true,
                service: true,
                ..NOTHING
            },
            // RFC 8446 4.2.8: servers MAY check
            "share-not-offered" => Self {
                service: true,
                ..Self::for_required(case.required)
            },
            // RFC 6066 3: unrecognized_name, or go on
            "unknown-name" | "writes-on" | "writes-late" | "writes-bytewise" | "half-close" => {
                Self {
                    service: true,
                    ..NOTHING
                }
            }
            // the certificate's curve, or the group, may be one of the server's
            "no-common-curve-to-sign-with" | "no-common-group" => Self {
                service: true,
                ..Self::for_required(case.required)
            },
            _ => return None,
        })
    }

    fn for_required(required: Required) -> Self {
        match required {
            // RFC 8446 6.1: each party sends close_notify before it closes its write side
            Required::Silent => Self::alerts(&[AlertDescription::CLOSE_NOTIFY]),
            Required::Served => NOTHING,
            Required::Alerts([AlertDescription::DECODE_ERROR]) => {
                // RFC 8446 6.2: the two differ in whether the syntax is right
                Self::alerts(&[AlertDescription::ILLEGAL_PARAMETER])
            }
            Required::Alerts([AlertDescription::ILLEGAL_PARAMETER]) => {
                Self::alerts(&[AlertDescription::DECODE_ERROR])
            }
            Required::Alerts([AlertDescription::HANDSHAKE_FAILURE]) => {
                // RFC 8446 4.1.1
                Self::alerts(&[AlertDescription::INSUFFICIENT_SECURITY])
            }
            // RFC 8446 6.2: certificate_unknown is for what has no alert of its own, and
            // bad_certificate for signatures; servers tell clients no more than they want to
            Required::Alerts(
                [
                    AlertDescription::UNKNOWN_CA
                    | AlertDescription::CERTIFICATE_EXPIRED
                    | AlertDescription::CERTIFICATE_REVOKED
                    | AlertDescription::UNSUPPORTED_CERTIFICATE
                    | AlertDescription::BAD_CERTIFICATE,
                ],
            ) => Self::alerts(&[
                AlertDescription::BAD_CERTIFICATE,
                AlertDescription::CERTIFICATE_UNKNOWN,
            ]),
            Required::Alerts(_) => NOTHING,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use crate::catalogue;

    #[test]
    fn each_client_that_is_named_here_is_in_the_catalogue() {
        let names: HashSet<_> = catalogue::failing().iter().map(|case| case.name).collect();
        let (product, _) = include_str!("allowed.rs")
            .split_once("#[cfg(test)]")
            .unwrap();
        let mut named = product.split('"').skip(1).step_by(2).peekable();
        assert!(named.peek().is_some());
        named.for_each(|name| assert!(names.contains(name), "{name}"));
    }
}
