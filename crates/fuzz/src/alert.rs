//! Alerts: two bytes are one and nothing else is, what is written can be read, and a record holds
//! exactly one.

use lastword_acceptor::alert::ParseError;
use lastword_acceptor::record::{ContentType, Deframed, LengthLimit, deframe};
use lastword_acceptor::{Alert, AlertDescription, AlertLevel};

/// The oracle. The input is the payload of an alert record.
pub fn check(payload: &[u8]) {
    match (Alert::parse(payload), payload) {
        (Ok(alert), [level, description]) => {
            assert_eq!((alert.level.0, alert.description.0), (*level, *description));
            check_alert(alert);
            check_alert(Alert::new(alert.description));
        }
        (Err(ParseError::Empty), []) => {
            let told = ParseError::Empty.alert();
            assert_eq!(told, AlertDescription::UNEXPECTED_MESSAGE);
        }
        (Err(ParseError::Length(len)), _) if len != 2 => {
            assert_eq!(len, payload.len());
            let told = ParseError::Length(len).alert();
            assert_eq!(told, AlertDescription::DECODE_ERROR);
        }
        (parsed, _) => panic!("{payload:02x?} is {parsed:?}"),
    }
}

/// The inputs to begin with that these bytes make.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let all = AlertDescription::ALL.iter();
    let alerts = all.map(|description| Alert::new(*description).to_bytes().to_vec());
    let odd = [
        vec![],
        vec![2],
        vec![2, 40, 0],
        vec![1, 0, 2, 40],
        vec![3, 255],
    ];
    alerts.chain(odd).collect()
}

fn check_alert(alert: Alert) {
    assert_eq!(Alert::parse(&alert.to_bytes()), Ok(alert));

    let record = alert.to_record();
    let Ok(Deframed::Record(deframed, [])) = deframe(&record, LengthLimit(2)) else {
        panic!("{record:02x?} is not one record");
    };
    assert_eq!(deframed.header.content_type, ContentType::ALERT);
    assert_eq!(deframed.header.to_bytes()[..3], [21, 3, 3]);
    assert_eq!(deframed.payload, alert.to_bytes());

    let words = alert.to_string();
    let code = alert.description.0.to_string();
    assert!(words.contains(&code), "{words} without {code}");
    assert!(words.bytes().all(|byte| (b' '..=b'~').contains(&byte)));

    // RFC 8446 6: these two alone end nothing by themselves; RFC 5246 7.2.2: no_renegotiation
    assert_eq!(alert.is_final(), ![90, 100].contains(&alert.description.0));
    // RFC 8446 6, 6.1: all alerts are sent as fatal, but the closing ones
    let warns = Alert::new(alert.description).level == AlertLevel::WARNING;
    assert_eq!(warns, [0, 90, 100].contains(&alert.description.0));
}
