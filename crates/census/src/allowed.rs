//! The other results that the RFCs allow, instead of the required alert of a case.
//!
//! A case requires one alert, even if the RFCs leave a choice. RFC 8446 section 6.2 says that an
//! implementation SHOULD send an alert for a fatal error. RFC 5246 section 7.2.2 says that it MUST.

use lastword_alert::AlertDescription;

use crate::catalogue::Required;

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

impl Allowed {
    /// Nothing but the required alert.
    pub(crate) const NOTHING: Self = Self {
        alerts: &[],
        any_alert: false,
        plaintext: false,
        silence: false,
        service: false,
    };

    /// For bytes that are no record: no RFC says what to answer.
    pub(crate) const ANY_ANSWER: Self = Self {
        plaintext: true,
        ..Self::ANY_ALERT
    };

    /// For what no RFC names an alert for.
    pub(crate) const ANY_ALERT: Self = Self {
        any_alert: true,
        ..Self::NOTHING
    };

    /// For a client that waits after it has sent only a part.
    pub(crate) const SILENCE: Self = Self {
        silence: true,
        ..Self::NOTHING
    };

    /// For what no RFC limits.
    pub(crate) const ANYTHING: Self = Self {
        silence: true,
        ..Self::UNCHECKED
    };

    /// For what the client must not do, and the server need not check.
    pub(crate) const UNCHECKED: Self = Self {
        service: true,
        ..Self::ANY_ALERT
    };

    /// These alerts and no others.
    pub(crate) const fn alerts(alerts: &'static [AlertDescription]) -> Self {
        Self {
            alerts,
            ..Self::NOTHING
        }
    }

    /// The same, or to serve the client.
    pub(crate) const fn or_service(mut self) -> Self {
        self.service = true;
        self
    }

    /// Returns whether all these alerts are allowed.
    pub(crate) fn has(self, alerts: &[AlertDescription]) -> bool {
        self.any_alert || alerts.iter().all(|alert| self.alerts.contains(alert))
    }

    /// Returns what the RFCs allow instead of this result, whatever the client does.
    pub(crate) const fn instead_of(required: Required) -> Self {
        match required {
            // RFC 8446 6.1: each party sends close_notify before it closes its write side
            Required::Silent => Self::alerts(&[AlertDescription::CLOSE_NOTIFY]),
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
            Required::Alerts(_) | Required::Served => Self::NOTHING,
        }
    }
}
