//! The registry: every code IANA has assigned, and what is said of each.

use lastword_alert::{Alert, AlertDescription, AlertLevel};

/// The codes of IANA's registry "TLS Alerts", reserved ones included.
const ASSIGNED: [u8; 37] = [
    0, 10, 20, 21, 22, 30, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 60, 70, 71, 80, 86,
    90, 100, 109, 110, 111, 112, 113, 114, 115, 116, 117, 120, 121,
];

#[test]
fn has_every_code_that_is_assigned_and_no_other() {
    let codes: Vec<u8> = AlertDescription::ALL.iter().map(|alert| alert.0).collect();
    assert_eq!(codes, ASSIGNED);
    for code in 0..=255 {
        let alert = AlertDescription(code);
        assert_eq!(alert.name().is_some(), codes.contains(&code), "{code}");
        assert_eq!(alert.text().is_some(), codes.contains(&code), "{code}");
    }
}

#[test]
fn names_the_newest_codes() {
    assert_eq!(AlertDescription(117).to_string(), "general_error");
    assert_eq!(AlertDescription(121).to_string(), "ech_required");
    assert_eq!(AlertDescription(200).to_string(), "alert 200");
    assert_eq!(
        Alert::new(AlertDescription(117)).to_string(),
        "general_error (117)"
    );
    assert_eq!(Alert::new(AlertDescription(200)).to_string(), "200");
}

#[test]
fn shows_to_a_programmer_the_name_and_the_code() {
    for (code, words) in [
        (0, "close_notify(0)"),
        (50, "decode_error(50)"),
        (121, "ech_required(121)"),
        (200, "alert 200(200)"),
    ] {
        assert_eq!(format!("{:?}", AlertDescription(code)), words);
    }
}

#[test]
fn names_the_two_levels_and_counts_the_others() {
    for (level, name, words) in [
        (1, Some("warning"), ["warning", "warning(1)"]),
        (2, Some("fatal"), ["fatal", "fatal(2)"]),
        (0, None, ["level 0", "level 0(0)"]),
        (3, None, ["level 3", "level 3(3)"]),
    ] {
        let level = AlertLevel(level);
        assert_eq!(level.name(), name);
        assert_eq!([level.to_string(), format!("{level:?}")], words);
    }
}

#[test]
fn sends_only_three_alerts_as_warnings() {
    let warnings: Vec<u8> = (0..=255)
        .filter(|&code| AlertDescription(code).level() == AlertLevel::WARNING)
        .collect();
    assert_eq!(warnings, [0, 90, 100]);
}

#[test]
fn ends_the_connection_whatever_the_level_says() {
    let open: Vec<u8> = (0..=255)
        .filter(|&code| !Alert::new(AlertDescription(code)).is_final())
        .collect();
    assert_eq!(open, [90, 100]);
    let as_warning = Alert {
        level: AlertLevel::WARNING,
        description: AlertDescription::UNKNOWN_CA,
    };
    assert!(as_warning.is_final());
}
