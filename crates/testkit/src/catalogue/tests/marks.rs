//! Whether a case that is marked as not met is judged by what its client is told today.

use super::*;

#[test]
fn a_case_that_is_not_met_is_held_to_what_its_client_is_told_today() {
    let case = named("http-get").unmet(told(&[AlertDescription::DECODE_ERROR]), "because");
    let seen = |alert| observed(&[alert], End::Fin);
    assert_eq!(case.verdict(&seen(AlertDescription::DECODE_ERROR)), Ok(()));
    let wrong = |observed: &Observed| case.verdict(observed).unwrap_err().to_string();
    assert_eq!(
        wrong(&seen(AlertDescription::HANDSHAKE_FAILURE)),
        "must be told decode_error (50), was told handshake_failure (40), in 7 bytes"
    );
    assert_eq!(
        wrong(&seen(AlertDescription::UNEXPECTED_MESSAGE)),
        "was told unexpected_message (10) as it must be: the mark that it is not may go"
    );
    let reset = observed(&[AlertDescription::DECODE_ERROR], End::ResetOnRead);
    assert_eq!(case.verdict(&reset), Err(Wrong::End(End::ResetOnRead)));
}

#[test]
fn a_case_that_is_not_met_says_so_beside_what_is_required() {
    assert_eq!(named("http-get").note(), None);
    let case = named("http-get").unmet(told(&[AlertDescription::DECODE_ERROR]), "because");
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
