//! Whether a case that is marked as not met is judged by what its client is told today.

use super::*;

/// A case that is not met by a server with rustls's own provider.
fn unmet_by_rustls() -> Case {
    let case = named("http-get").with_rustls_provider();
    case.unmet(told(&[AlertDescription::DECODE_ERROR]), "because")
}

#[test]
fn with_encrypted_alerts_every_case_is_held_to_what_is_required() {
    let case = Case {
        server: ServerProfile::DEFAULT,
        ..unmet_by_rustls()
    };
    assert_eq!(case.note(), None);
    let seen = |alert| case.verdict(&observed(&[alert], End::Fin));
    assert_eq!(seen(AlertDescription::UNEXPECTED_MESSAGE), Ok(()));
    let wrong = seen(AlertDescription::DECODE_ERROR).unwrap_err();
    assert!(matches!(wrong, Wrong::Alerts { .. }), "{wrong}");
}

#[test]
fn unmet_cases_are_the_marked_ones_with_rustls_own_provider() {
    let marked = failing();
    let marked = marked.iter().filter(|case| case.met != Met::Yes);
    let marked = marked.map(|case| case.name).collect::<Vec<_>>();
    let unmet = unmet();
    assert!(unmet.iter().all(|case| case.note().is_some()));
    assert_eq!(
        unmet.iter().map(|case| case.name).collect::<Vec<_>>(),
        marked
    );
}

#[test]
fn a_case_that_is_not_met_is_held_to_what_its_client_is_told_today() {
    let case = unmet_by_rustls();
    let seen = |alert| observed(&[alert], End::Fin);
    assert_eq!(case.verdict(&seen(AlertDescription::DECODE_ERROR)), Ok(()));
    let wrong = |observed: &Observed| case.verdict(observed).unwrap_err().to_string();
    assert_eq!(
        wrong(&seen(AlertDescription::HANDSHAKE_FAILURE)),
        "required: decode_error (50); got: handshake_failure (40), in 7 bytes"
    );
    assert_eq!(
        wrong(&seen(AlertDescription::UNEXPECTED_MESSAGE)),
        "got unexpected_message (10) as required: the case must no longer be marked as not met"
    );
    let reset = observed(&[AlertDescription::DECODE_ERROR], End::ResetOnRead);
    assert_eq!(case.verdict(&reset), Err(Wrong::End(End::ResetOnRead)));
}

#[test]
fn a_case_that_is_not_met_says_so_beside_what_is_required() {
    assert_eq!(named("http-get").note(), None);
    let case = unmet_by_rustls();
    let note = case.note();
    assert_eq!(note.as_deref(), Some("decode_error (50) today: because"));
}

#[test]
fn a_case_is_marked_only_if_its_client_is_told_something_else() {
    for case in all() {
        if let Met::No { today, why } = case.met {
            assert_ne!(today.alerts(), case.required.alerts(), "{}", case.name);
            assert!(!why.is_empty() && !why.ends_with('.'), "{}", case.name);
        }
    }
}
