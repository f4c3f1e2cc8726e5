//! What the types promise: one pointer, sendable, an error, and no conversion that loses the alert.

use std::error::Error as StdError;
use std::io;

use lastword_acceptor::{
    AlertDescription, End, ErrorAndAlert, ErrorKind, Handshake, Phase, Reason, Rejection, Silence,
};
use lastword_testkit::wire::HelloBuilder;

/// Fails to compile if `$type` is `From<ErrorAndAlert>`: then either impl of the trait would do.
macro_rules! assert_no_conversion {
    ($($type:ty),*) => {$(
        const _: fn() = || {
            trait Ambiguous<A> { fn one() {} }
            impl<T: ?Sized> Ambiguous<()> for T {}
            #[allow(dead_code)]
            struct Converts;
            impl<T: ?Sized + From<ErrorAndAlert>> Ambiguous<Converts> for T {}
            <$type as Ambiguous<_>>::one();
        };
    )*};
}

assert_no_conversion!(io::Error, rustls::Error);

#[test]
fn is_one_pointer_wide_and_an_error_that_goes_anywhere() {
    fn is_error<T: StdError + Send + Sync + Unpin + 'static>() {}
    is_error::<ErrorAndAlert>();
    assert_eq!(size_of::<ErrorAndAlert>(), size_of::<usize>());
    assert_eq!(size_of::<Option<ErrorAndAlert>>(), size_of::<usize>());
}

fn refused(rejection: Rejection) -> ErrorAndAlert {
    crate::handshake::clients::accepted(&HelloBuilder::default().record()).reject(rejection)
}

#[test]
fn goes_into_a_boxed_error_with_a_question_mark() {
    fn refuse() -> Result<(), Box<dyn StdError>> {
        Err(refused(Rejection::unrecognized_name()))?;
        Ok(())
    }
    let error = refuse().unwrap_err();
    assert_eq!(
        error.to_string(),
        "this server refused the client: no server by this name: client asks for localhost"
    );
    assert!(error.downcast_ref::<ErrorAndAlert>().is_some());
}

#[test]
fn tells_a_client_without_a_server_name_that_it_must_send_one() {
    let error = refused(Rejection::missing_server_name());
    assert_eq!(error.tls(), [21, 3, 3, 0, 2, 2, 109]);
    assert_eq!(
        error.to_string(),
        "this server refused the client: a server name is required and none came: client asks for localhost"
    );
}

#[test]
fn hands_out_what_is_left_to_write_and_no_more() {
    let mut error = refused(Rejection::unrecognized_name());
    assert_eq!(error.tls(), [21, 3, 3, 0, 2, 2, 112]);
    error.advance(3);
    assert_eq!(error.tls(), [0, 2, 2, 112]);
    error.advance(usize::MAX);
    assert_eq!(error.tls(), b"");
    assert_eq!(error.alert(), Some(AlertDescription::UNRECOGNIZED_NAME));
}

#[test]
fn gives_its_parts_away_with_what_is_unwritten() {
    let mut error = refused(Rejection::access_denied("not today"));
    error.advance(5);
    let (error, unwritten) = error.into_parts();
    assert_eq!(unwritten, [2, 49]);
    assert_eq!(
        (error.reason(), error.phase()),
        (Reason::Rejected, Phase::ServerHello)
    );
    assert_eq!(error.received(), HelloBuilder::default().record());
}

#[test]
fn a_cancelled_handshake_is_two_alerts_in_two_records() {
    let error = refused(Rejection::user_canceled("shutting down"));
    assert_eq!(error.tls(), [21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0]);
    assert_eq!(error.alert(), Some(AlertDescription::USER_CANCELED));
}

#[test]
fn a_choice_that_fails_is_an_internal_error_and_keeps_its_source() {
    fn choose() -> Result<(), Rejection> {
        Err(io::Error::new(io::ErrorKind::NotFound, "no such file"))?;
        Ok(())
    }
    let error = refused(choose().unwrap_err());
    assert_eq!(error.tls(), [21, 3, 3, 0, 2, 2, 80]);
    assert_eq!(
        error.to_string(),
        "this server failed: no such file: client asks for localhost"
    );
    let ErrorKind::Rejected(rejection) = error.error().kind() else {
        panic!("{error:?}")
    };
    let source = rejection
        .source()
        .and_then(|source| source.downcast_ref::<io::Error>());
    assert_eq!(source.map(io::Error::kind), Some(io::ErrorKind::NotFound));
}

#[test]
fn silence_is_a_decision_too() {
    let error = Handshake::default().end(End::Closed);
    assert_eq!(
        (error.alert(), error.silence()),
        (None, Some(Silence::PeerClosed))
    );
    let error = Handshake::default().end(End::TimedOut);
    assert_eq!(
        (error.alert(), error.silence()),
        (None, Some(Silence::NothingReceived))
    );
    assert_eq!(error.tls(), b"");

    let mut alert = &[21, 3, 3, 0, 2, 2, 48][..];
    let error = Handshake::default().receive(&mut alert).unwrap_err();
    assert_eq!(
        (error.alert(), error.silence()),
        (None, Some(Silence::PeerAlert))
    );
    let peer_alert = error.error().peer_alert().map(|alert| alert.description);
    assert_eq!(peer_alert, Some(AlertDescription::UNKNOWN_CA));
}
