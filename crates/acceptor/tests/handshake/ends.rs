//! How a handshake ends that nobody finishes, at each of its stages.

use crate::clients::{answered, client, reads_close_notify, written};
use lastword_acceptor::{
    Accepted, Acceptor, AlertDescription, Config, ErrorAndAlert, Handshake, Limits, Phase,
    Progress, Reason, Silence, Step,
};
use lastword_testkit::catalogue::{ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Pki};
use lastword_testkit::wire::HelloBuilder;

/// `user_canceled` and `close_notify`, in plaintext.
const CANCELLED: [u8; 14] = [21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0];

fn config() -> Config {
    Config::try_from(Pki::new().server_config(&ServerProfile::DEFAULT)).unwrap()
}

/// An acceptor and a handshake that have had these bytes of a ClientHello.
fn begun(len: usize) -> (Acceptor, Handshake) {
    let hello = &HelloBuilder::default().record()[..len];
    let handshake = Handshake::new(&config(), Limits::default());
    let step = Acceptor::default().receive(&mut &hello[..]).unwrap();
    let progress = handshake.receive(&mut &hello[..]).unwrap();
    match (step, progress) {
        (Step::NeedsInput(acceptor), Progress::Continue(handshake)) => (acceptor, handshake),
        _ => panic!("{len} bytes are a ClientHello"),
    }
}

fn accepted() -> Accepted {
    crate::clients::accepted(&HelloBuilder::default().record())
}

fn answering(hello: &HelloBuilder) -> Handshake {
    crate::clients::answering(&config(), &hello.record())
}

/// What the client is told, and what the log says.
fn told(error: &ErrorAndAlert) -> (&[u8], Option<Silence>, Reason, Phase, String) {
    assert_eq!(error.error().peer_alert(), None);
    let (reason, phase) = (error.error().reason(), error.error().phase());
    let words = error.to_string();
    (error.tls(), error.silence(), reason, phase, words)
}

/// That the stream's end and its failure are told to nobody.
fn is_silent(closed: &ErrorAndAlert, failed: &ErrorAndAlert, phase: Phase) {
    let (closed_by, failed_by) = (Silence::PeerClosed, Silence::StreamFailed);
    let words = format!("client closed the connection {phase}");
    let silent = (&[][..], Some(closed_by), Reason::Closed, phase, words);
    assert_eq!(told(closed), silent);
    let words = format!("stream failed {phase}");
    let silent = (&[][..], Some(failed_by), Reason::StreamFailed, phase, words);
    assert_eq!(told(failed), silent);
}

/// That a client given up is told these bytes, and the log says this behind the phase.
fn is_told(tls: &[u8], expired: &ErrorAndAlert, canceled: &ErrorAndAlert, behind: &str) {
    let phase = expired.error().phase();
    let silence = tls.is_empty().then_some(Silence::NothingReceived);
    let words = format!("deadline passed {phase}{behind}");
    assert_eq!(told(expired), (tls, silence, Reason::Expired, phase, words));
    let words = format!("server gave up {phase}{behind}");
    assert_eq!(
        told(canceled),
        (tls, silence, Reason::Canceled, phase, words)
    );
}

#[test]
fn before_the_client_hello_both_paths_end_alike() {
    let phase = Phase::ClientHello;
    for (len, tls, behind) in [
        (0, &[][..], ", nothing received"),
        (9, &CANCELLED, ", 9 bytes received"),
    ] {
        let acceptor = || begun(len).0;
        let handshake = || begun(len).1;
        is_silent(
            &acceptor().end_of_stream(),
            &acceptor().stream_failed(),
            phase,
        );
        is_silent(
            &handshake().end_of_stream(),
            &handshake().stream_failed(),
            phase,
        );
        is_told(tls, &acceptor().expire(), &acceptor().cancel(), behind);
        is_told(tls, &handshake().expire(), &handshake().cancel(), behind);
    }
}

#[test]
fn a_client_for_which_a_configuration_is_chosen_is_cancelled() {
    is_told(&CANCELLED, &accepted().expire(), &accepted().cancel(), "");
    let phase = accepted().cancel().error().phase();
    assert_eq!(phase, Phase::ServerHello);
}

#[test]
fn a_client_that_is_asked_to_retry_is_cancelled() {
    let retry = || answering(&HelloBuilder::default().key_shares(&[]));
    let phase = Phase::ServerHello;
    assert_eq!(retry().phase(), phase);
    is_silent(&retry().end_of_stream(), &retry().stream_failed(), phase);
    is_told(&CANCELLED, &retry().expire(), &retry().cancel(), "");
}

#[test]
fn a_client_of_tls12_that_is_answered_is_told_the_end() {
    let answered = || answering(&HelloBuilder::tls12());
    let phase = Phase::Finished;
    assert_eq!(answered().phase(), phase);
    is_silent(
        &answered().end_of_stream(),
        &answered().stream_failed(),
        phase,
    );
    let close_notify = [21, 3, 3, 0, 2, 1, 0];
    is_told(
        &close_notify,
        &answered().expire(),
        &answered().cancel(),
        "",
    );
    let closes = answered().receive(&mut &close_notify[..]).unwrap_err();
    is_silent(&closes, &answered().stream_failed(), phase);
}

#[test]
fn a_client_of_tls13_that_is_answered_reads_the_end() {
    let pki = Pki::new();
    let config = Config::try_from(pki.server_config(&ServerProfile::DEFAULT)).unwrap();
    for end in [Handshake::expire, Handshake::cancel] {
        let mut client = client(pki.client_config(&ClientProfile::DEFAULT));
        let handshake = Handshake::new(&config, Limits::default());
        let error = end(answered(&mut client, handshake));
        assert_eq!(error.alert(), Some(AlertDescription::CLOSE_NOTIFY));
        assert_eq!(error.error().phase(), Phase::Finished);
        assert!(reads_close_notify(&mut client, &error));
    }
}

#[test]
fn the_last_flight_goes_in_front_of_the_end_if_it_is_not_written() {
    let pki = Pki::new();
    let config = Config::try_from(pki.server_config(&ServerProfile::DEFAULT)).unwrap();
    for versions in [Versions::Tls12, Versions::Tls13] {
        let unwritten = || {
            let profile = ClientProfile {
                versions,
                ..ClientProfile::DEFAULT
            };
            let mut client = client(pki.client_config(&profile));
            let handshake = Handshake::new(&config, Limits::default());
            let handshake = answered(&mut client, handshake);
            match handshake.receive(&mut &written(&mut client)[..]) {
                Ok(Progress::Complete(connection)) => (client, Handshake::unwritten(connection)),
                _ => panic!("not complete"),
            }
        };
        let (_, handshake) = unwritten();
        let failed = handshake.stream_failed();
        is_silent(&unwritten().1.end_of_stream(), &failed, Phase::Finished);

        let (mut client, handshake) = unwritten();
        assert!(handshake.wants_write());
        let error = handshake.expire();
        assert_eq!(error.alert(), Some(AlertDescription::CLOSE_NOTIFY));
        assert!(reads_close_notify(&mut client, &error));
        assert!(!client.is_handshaking(), "{versions:?}");
    }
}

#[test]
fn every_phase_has_a_name() {
    let names = [Phase::ClientHello, Phase::ServerHello, Phase::Finished].map(Phase::name);
    assert_eq!(names, ["client_hello", "server_hello", "finished"]);
}
