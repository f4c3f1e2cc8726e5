//! The wire form: exact bytes out, every malformation in.

use lastword_alert::{Alert, AlertDescription, AlertLevel, ParseError};

#[test]
fn a_fatal_alert_is_seven_bytes() {
    let record = Alert::new(AlertDescription::RECORD_OVERFLOW).to_record();
    assert_eq!(record, [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x16]);
}

#[test]
fn close_notify_and_user_canceled_are_warnings() {
    assert_eq!(
        Alert::new(AlertDescription::CLOSE_NOTIFY).to_bytes(),
        [1, 0]
    );
    assert_eq!(
        Alert::new(AlertDescription::USER_CANCELED).to_bytes(),
        [1, 90]
    );
}

#[test]
fn answers_an_empty_alert_with_unexpected_message() {
    assert_eq!(Alert::parse(&[]), Err(ParseError::Empty));
    assert_eq!(
        ParseError::Empty.alert(),
        AlertDescription::UNEXPECTED_MESSAGE
    );
    assert_eq!(ParseError::Empty.to_string(), "it is empty");
}

#[test]
fn answers_an_alert_of_another_length_with_decode_error() {
    for payload in [&[2][..], &[2, 40, 0], &[1, 0, 1, 0]] {
        let error = ParseError::Length(payload.len());
        assert_eq!(Alert::parse(payload), Err(error));
        assert_eq!(error.alert(), AlertDescription::DECODE_ERROR);
    }
    assert_eq!(
        ParseError::Length(3).to_string(),
        "the length is 3 instead of 2 bytes"
    );
}

#[test]
fn every_alert_parses_to_what_was_encoded() {
    for level in 0..=255 {
        for description in 0..=255 {
            let alert = Alert {
                level: AlertLevel(level),
                description: AlertDescription(description),
            };
            assert_eq!(Alert::parse(&alert.to_bytes()), Ok(alert));
            assert_eq!(Alert::parse(&alert.to_record()[5..]), Ok(alert));
        }
    }
}
