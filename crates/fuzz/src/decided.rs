//! What an error must be: decided, in whole records, one line of words, and told as it says.

use lastword_acceptor::record::{ContentType, LengthLimit, Records};
use lastword_acceptor::{Alert, AlertDescription, AlertLevel, Error, ErrorAndAlert, ErrorKind};

use crate::glass::TAG;
use crate::server::Server;

/// What must hold of any error, and of all that its server wrote, what the error has still to be
/// written among it.
pub(crate) fn check(server: &Server, error: &ErrorAndAlert, output: &[u8]) {
    assert_ne!(
        error.alert().is_some(),
        error.silence().is_some(),
        "undecided: {error:?}"
    );
    assert_eq!(error.alert().is_none(), error.tls().is_empty(), "{error:?}");
    whole_records(error.tls());
    assert!(output.ends_with(error.tls()));
    sealed(output);

    let words = error.to_string();
    assert!(
        !words.is_empty() && !words.contains(char::is_control),
        "{words:?}"
    );
    assert!(
        words.len() <= 1024,
        "{} bytes of words: {words}",
        words.len()
    );
    assert!(!error.error().reason().name().is_empty());

    let told = is_told(server, error.error(), error.alert(), output);
    assert!(told, "told {:?}: {error:?}", alerts(output));
    if let Some(required) = error.error().required_alert() {
        assert!(!server.config.encrypts_alerts(), "{error:?}");
        assert_ne!(Some(required), error.alert());
    }
}

/// Whether the alerts in `output` are this one, each at the level it must have; or none.
pub(crate) fn is_told(
    server: &Server,
    error: &Error,
    alert: Option<AlertDescription>,
    output: &[u8],
) -> bool {
    let told = alerts(output);
    let warns = |told: &Alert| {
        // RFC 8446 6.2: error alerts are fatal
        let closes = [
            AlertDescription::CLOSE_NOTIFY,
            AlertDescription::USER_CANCELED,
        ];
        closes.contains(&told.description)
    };
    let is_level = |told: &Alert| (told.level == AlertLevel::WARNING) == warns(told);
    let told_are = told.iter().map(|told| told.description);
    told.iter().all(is_level)
        && match alert {
            None => told.is_empty(),
            Some(AlertDescription::USER_CANCELED) => told_are.eq([
                AlertDescription::USER_CANCELED,
                AlertDescription::CLOSE_NOTIFY,
            ]),
            Some(alert) => {
                let is_one = || is_one_error(error, alert, told_are.clone().next_back());
                told_are.clone().eq([alert]) || !server.config.encrypts_alerts() && is_one()
            }
        }
}

/// The one thing that rustls reports by one error and tells by two alerts: what does not decrypt,
/// and a Finished that does not verify. An alert that rustls encrypts cannot be read.
fn is_one_error(error: &Error, alert: AlertDescription, told: Option<AlertDescription>) -> bool {
    matches!(error.kind(), ErrorKind::Decrypt)
        && alert == AlertDescription::BAD_RECORD_MAC
        && told == Some(AlertDescription::DECRYPT_ERROR)
}

/// That there is no half a record.
pub(crate) fn whole_records(bytes: &[u8]) {
    let mut records = Records::new(bytes, LengthLimit::TLS12_CIPHERTEXT);
    for record in records.by_ref() {
        assert!(
            (20..24).contains(&record.header.content_type.0),
            "{record:?}"
        );
        assert!(!record.payload.is_empty());
    }
    assert_eq!(records.remainder(), [], "half a record");
}

/// What a client sent without its records of change_cipher_spec.
pub(crate) fn without_change_cipher_specs(bytes: &[u8]) -> Vec<u8> {
    let mut records = Records::new(bytes, LengthLimit(u16::MAX));
    let mut kept = Vec::new();
    for record in records.by_ref() {
        if record.header.content_type != ContentType::CHANGE_CIPHER_SPEC {
            kept.extend(record.header.to_bytes());
            kept.extend(record.payload);
        }
    }
    kept.extend(records.remainder());
    kept
}

/// That everything is encrypted which a server wrote behind its change of keys.
pub(crate) fn sealed(output: &[u8]) {
    const RETRIES: [u8; 8] = [0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11];
    let (mut retries, mut changed) = (false, false);
    for record in Records::new(output, LengthLimit::TLS12_CIPHERTEXT) {
        match record.header.content_type {
            // behind a HelloRetryRequest it is there for middleboxes alone
            ContentType::CHANGE_CIPHER_SPEC => changed |= !retries,
            of => {
                changed |= of == ContentType::APPLICATION_DATA;
                assert!(!changed || record.payload.ends_with(&TAG), "{record:02x?}");
                // its `random`, as RFC 8446 4.1.3 has it
                let random = record.payload.get(6..14);
                retries |= of == ContentType::HANDSHAKE && random == Some(&RETRIES);
            }
        }
    }
}

/// Every alert in what a server wrote, in plaintext or encrypted to itself.
pub(crate) fn alerts(output: &[u8]) -> Vec<Alert> {
    let records = Records::new(output, LengthLimit::TLS12_CIPHERTEXT);
    let contents = records.filter_map(|record| {
        let (opened, sealed) = match record.payload.strip_suffix(&TAG) {
            Some(opened) => (opened, true),
            None => (record.payload, false),
        };
        match record.header.content_type {
            ContentType::ALERT => Some(opened),
            ContentType::APPLICATION_DATA if sealed => {
                let end = opened.iter().rposition(|byte| *byte != 0)?;
                (opened[end] == ContentType::ALERT.0).then_some(&opened[..end])
            }
            _ => None,
        }
    });
    let alerts = contents.map(|content| Alert::parse(content).expect("an alert a record"));
    alerts.collect()
}

/// What a server wrote before its first alert.
pub(crate) fn to_alert(output: &[u8]) -> &[u8] {
    let mut records = Records::new(output, LengthLimit::TLS12_CIPHERTEXT);
    let mut len = 0;
    while records.next().is_some() {
        let rest = records.remainder().len();
        let is_alert = !alerts(&output[len..output.len() - rest]).is_empty();
        if is_alert {
            break;
        }
        len = output.len() - rest;
    }
    &output[..len]
}
