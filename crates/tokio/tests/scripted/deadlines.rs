//! One timeout for the whole handshake, the choice included, by tokio's clock.

use std::iter::repeat_n;
use std::time::Duration;

use lastword_testkit::catalogue::Versions;
use lastword_testkit::pki::ClientProfile;
use lastword_testkit::script::Outcome::{UpTo, WouldBlock};
use lastword_testkit::script::ScriptedStream;
use lastword_tokio::acceptor::{AlertDescription, ErrorKind, Phase, Rejection, Silence};
use lastword_tokio::choose::Choice;
use lastword_tokio::step::{Accepting, Options};
use lastword_tokio::{AcceptError, Delivery, Drain, TlsAcceptor};
use tokio::time::{Instant, advance, sleep};

use crate::scripted::styles::{STYLES, Style};
use crate::scripted::{
    CANCELED, CONFIG, Scripted, choosing, client, hello, soon, undecided, with_client, with_options,
};

const TIMEOUT: Duration = Duration::from_secs(7);

fn options() -> Options {
    Options::default().with_timeout(TIMEOUT)
}

/// What is not known within the deadline is not waited for, and neither is a client to whom it makes
/// no difference.
fn without_a_drain() -> Options {
    options().with_drain(Drain::default().with_time(Duration::ZERO))
}

async fn times_out(style: Style, stream: Scripted) -> AcceptError<Scripted> {
    let started = Instant::now();
    let options = without_a_drain();
    let accepted = style.accept_any(stream, &options, &CONFIG).await;
    let failure = accepted.unwrap_err();
    assert_eq!(started.elapsed(), TIMEOUT, "{style:?}");
    assert_eq!(failure.elapsed(), TIMEOUT, "{style:?}");
    assert!(matches!(failure.error().kind(), ErrorKind::TimedOut));
    failure
}

#[tokio::test(start_paused = true)]
async fn a_client_that_sends_nothing_gets_no_alert() {
    for style in STYLES {
        let stream = Scripted::new(ScriptedStream::new(&[]).stays_open());
        let failure = times_out(style, stream).await;
        assert_eq!(failure.silence(), Some(Silence::NothingReceived));
        assert_eq!(failure.delivery(), Delivery::NothingToSend);
        assert_eq!(failure.into_stream().shut().as_deref(), Some(&[][..]));
    }
}

#[tokio::test(start_paused = true)]
async fn half_a_hello_gets_user_canceled_and_close_notify() {
    for style in STYLES {
        let stream = Scripted::new(ScriptedStream::new(&hello()[..50]).stays_open());
        let failure = times_out(style, stream).await;
        assert_eq!(failure.alert(), Some(AlertDescription::USER_CANCELED));
        assert_eq!(failure.delivery(), Delivery::Written);
        assert_eq!(
            failure.error().to_string(),
            "handshake timed out before the ClientHello was complete, 50 bytes received"
        );
        assert_eq!(failure.into_stream().shut().as_deref(), Some(&CANCELED[..]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_silent_after_the_server_hello_gets_encrypted_alerts() {
    for style in STYLES {
        let stream = Scripted::new(ScriptedStream::new(&hello()).stays_open());
        let failure = times_out(style, stream).await;
        assert_eq!(failure.error().phase(), Phase::AfterServerHello);
        assert_eq!(failure.alert(), Some(AlertDescription::USER_CANCELED));
        assert_eq!(failure.error().server_name(), Some("localhost"));
        // user_canceled and close_notify, encrypted: two bytes, the content type, and the tag
        let told = failure.into_stream().shut().unwrap();
        assert_eq!(told[..2], [22, 3]);
        for alert in told[told.len() - 48..].chunks(24) {
            assert_eq!(alert[..5], [23, 3, 3, 0, 19]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_byte_now_and_then_does_not_extend_the_timeout() {
    for style in STYLES {
        let trickle = repeat_n([WouldBlock, UpTo(1)], 1000).flatten();
        let stream = ScriptedStream::new(&hello()).stays_open().reads(trickle);
        let stream = Scripted::new(stream).with_moment(Duration::from_millis(600));
        let failure = times_out(style, stream).await;
        assert_eq!(failure.error().phase(), Phase::ClientHello);
        // the eleventh byte came at 6.6 s
        assert_eq!(failure.error().received(), &hello()[..11]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_choice_that_is_never_made_times_out_with_the_handshake() {
    let reads = [UpTo(100), WouldBlock];
    let stream = ScriptedStream::new(&hello()).stays_open().reads(reads);
    // the hello is not whole before three seconds have passed
    let stream = Scripted::new(stream).with_moment(Duration::from_secs(3));
    let started = Instant::now();
    let acceptor = with_options(undecided(), &options());
    let undelivered = soon(acceptor.accept_undelivered(stream)).await;
    let undelivered = undelivered.unwrap_err();
    assert_eq!(started.elapsed(), TIMEOUT);
    let error = undelivered.error();
    assert_eq!(
        error.to_string(),
        "handshake timed out before the ServerHello"
    );
    assert_eq!(error.tls(), CANCELED);
    let failure = soon(undelivered.deliver()).await;
    assert_eq!(failure.elapsed(), TIMEOUT);
    assert_eq!(failure.into_stream().shut().as_deref(), Some(&CANCELED[..]));
}

#[tokio::test(start_paused = true)]
async fn what_the_choice_takes_is_taken_from_the_handshake() {
    let stream = Scripted::new(ScriptedStream::new(&hello()).stays_open());
    let started = Instant::now();
    let acceptor = TlsAcceptor::choosing(async |_| {
        sleep(Duration::from_secs(5)).await;
        Ok(CONFIG.clone())
    });
    let acceptor = with_options(acceptor, &without_a_drain());
    let failure = soon(acceptor.accept(stream)).await.unwrap_err();
    assert_eq!(failure.error().phase(), Phase::AfterServerHello);
    assert_eq!((started.elapsed(), failure.elapsed()), (TIMEOUT, TIMEOUT));
}

#[tokio::test(start_paused = true)]
async fn a_choice_just_before_the_deadline_is_in_time() {
    let profile = ClientProfile {
        versions: Versions::Tls13,
        ..ClientProfile::DEFAULT
    };
    let stream = Scripted::new(with_client(client(&profile)));
    let time = TIMEOUT - Duration::from_millis(1);
    let acceptor = TlsAcceptor::choosing(async move |_| {
        sleep(time).await;
        Ok(CONFIG.clone())
    });
    let acceptor = acceptor.with_timeout(TIMEOUT);
    let stream = acceptor.accept(stream).await.unwrap();
    assert_eq!(stream.elapsed(), time);
}

#[tokio::test(start_paused = true)]
async fn the_timeout_runs_from_the_call_and_not_from_the_first_poll() {
    let stream = Scripted::new(ScriptedStream::new(&hello()).stays_open());
    let (started, late) = (Instant::now(), Duration::from_secs(2));
    let accepted = with_options(choosing(), &without_a_drain()).accept(stream);
    sleep(late).await;
    let failure = soon(accepted).await.unwrap_err();
    assert_eq!((started.elapsed(), failure.elapsed()), (TIMEOUT, TIMEOUT));
}

#[tokio::test(start_paused = true)]
async fn what_has_arrived_when_the_deadline_passes_unpolled_is_not_read() {
    let stream = Scripted::new(with_client(client(&ClientProfile::DEFAULT)));
    let accepted = with_options(choosing(), &without_a_drain()).accept(stream);
    sleep(TIMEOUT).await;
    let failure = soon(accepted).await.unwrap_err();
    assert_eq!(failure.silence(), Some(Silence::NothingReceived));
}

#[tokio::test(start_paused = true)]
async fn an_accepted_client_has_the_deadline_of_its_handshake() {
    let stream = Scripted::new(ScriptedStream::new(&hello()));
    let started = Instant::now();
    let accepting = Accepting::new(stream, &options());
    sleep(Duration::from_secs(1)).await;
    assert_eq!(accepting.await.unwrap().deadline(), started + TIMEOUT);
}

#[tokio::test(start_paused = true)]
async fn the_longest_timeout_does_not_overflow() {
    for style in STYLES {
        let options = Options::default().with_timeout(Duration::MAX);
        let stream = Scripted::new(ScriptedStream::new(&hello()[..50]));
        let accepted = style.accept_any(stream, &options, &CONFIG).await;
        let failure = accepted.unwrap_err();
        assert_eq!(failure.silence(), Some(Silence::PeerClosed), "{style:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_timeout_of_zero_fails_at_once() {
    for style in STYLES {
        let options = without_a_drain().with_timeout(Duration::ZERO);
        let stream = Scripted::new(ScriptedStream::new(&hello()));
        let remote = stream.clone();
        let accepted = style.accept_any(stream, &options, &CONFIG).await;
        let failure = accepted.unwrap_err();
        assert_eq!(
            failure.silence(),
            Some(Silence::NothingReceived),
            "{style:?}"
        );
        assert_eq!(remote.shut().as_deref(), Some(&[][..]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_choice_that_comes_too_late_costs_no_flight() {
    let choices: [fn() -> Result<Choice, Rejection>; 3] = [
        || Ok(Choice::serve(CONFIG.clone())),
        || Ok(Choice::pass_through(())),
        || Err(Rejection::unrecognized_name()),
    ];
    for choice in choices {
        let stream = Scripted::new(ScriptedStream::new(&hello()).stays_open());
        let acceptor = TlsAcceptor::choosing(async move |_| {
            advance(TIMEOUT).await; // a chooser that blocks the thread
            choice()
        });
        let acceptor = with_options(acceptor, &without_a_drain());
        let failure = acceptor.accept(stream).await.unwrap_err();
        let words = "handshake timed out before the ServerHello";
        assert_eq!(failure.error().to_string(), words);
        assert_eq!(failure.into_stream().shut().as_deref(), Some(&CANCELED[..]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_configuration_that_comes_too_late_costs_no_flight() {
    let stream = Scripted::new(ScriptedStream::new(&hello()).stays_open());
    let accepted = Accepting::new(stream, &options()).await.unwrap();
    advance(TIMEOUT).await;
    let undelivered = accepted.into_handshake(&CONFIG).await.unwrap_err();
    assert_eq!(undelivered.error().tls(), CANCELED);
}

#[tokio::test(start_paused = true)]
async fn a_client_takes_no_longer_than_the_timeout_and_the_drain() {
    let drain = Duration::from_secs(1);
    let options = options().with_drain(Drain::default().with_time(drain));
    let (hello, most) = (hello(), TIMEOUT + drain);
    for input in [&b"GET / HTTP/1.0\r\n"[..], &hello[..50], &hello] {
        for (calls, style) in (0..12).flat_map(|n| STYLES.map(|style| (n, style))) {
            let blocks = repeat_n(WouldBlock, calls);
            let stream = ScriptedStream::new(input)
                .stays_open()
                .writes(blocks.clone())
                .flushes(blocks.clone())
                .shutdowns(blocks);
            let stream = Scripted::new(stream).with_moment(Duration::from_millis(300));
            let started = Instant::now();
            let accepted = style.accept_any(stream, &options, &CONFIG).await;
            accepted.unwrap_err();
            let took = started.elapsed();
            assert!(took <= most, "{style:?} {calls}: {took:?} of {most:?}");
        }
    }
}
