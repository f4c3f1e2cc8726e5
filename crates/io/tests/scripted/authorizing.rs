//! The states of a verdict, stepped over a stream that blocks.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use lastword_io::acceptor::{AlertDescription, Config, HandshakeKind, Phase, Reason, Rejection};
use lastword_io::step::{Accepting, Handshaking, Options, Step};
use lastword_io::{Delivery, TlsAcceptor, Transport};
use lastword_testkit::catalogue::{ClientAuth, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Identity};
use lastword_testkit::script::Outcome::{UpTo, WouldBlock};
use lastword_testkit::script::{Client, Schedules, ScriptedStream, schedules};
use lastword_testkit::untimed;
use lastword_testkit::wire::records;
use proptest::prelude::*;
use rustls::ClientConfig;

use crate::scripted::styles::{Style, blocked, stepped};
use crate::scripted::{CONFIG, PKI, Scripted, client};

/// Steps a handshake with a stream that blocks at its write after `writes` others. Returns the state
/// that waits for it.
fn writing(writes: usize) -> Option<(Handshaking, Scripted)> {
    let client = client(&ClientProfile::DEFAULT);
    let stream = ScriptedStream::new(&[]).with_client(client);
    let schedule = std::iter::repeat_n(UpTo(usize::MAX), writes);
    let stream = stream.writes(schedule.chain([WouldBlock]));
    let mut stream = Scripted::new(stream).without_timeouts();
    let accepting = Accepting::new(&Options::default(), stream.now());
    let Step::Over(Ok(accepted)) = accepting.step(&mut stream) else {
        panic!("no ClientHello");
    };
    match accepted.into_handshake(&CONFIG).unwrap().step(&mut stream) {
        Step::Writing(handshaking) => Some((handshaking, stream)),
        _ => None,
    }
}

/// It is too late for a verdict once the client is accepted.
#[test]
fn a_verdict_is_asked_for_in_time_or_the_client_is_not_served() {
    let mut aborted = 0;
    let mut writes = 0;
    while let Some((handshaking, mut stream)) = writing(writes) {
        match handshaking.authorizing().step(&mut stream) {
            Step::Over(Ok(client)) => assert!(client.accept().is_ok()),
            Step::Over(Err(undelivered)) => {
                assert_eq!(undelivered.error().error().reason(), Reason::Aborted);
                aborted += 1;
            }
            other => panic!("{other:?}"),
        }
        writes += 1;
    }
    assert!(writes >= 2, "{writes}");
    assert_eq!(aborted, 1);
}

/// The verdict of an authorizer.
#[derive(Clone, Copy, Debug)]
enum Verdict {
    Accepts,
    Refuses(AlertDescription),
    Panics,
}

const VERDICTS: [Verdict; 4] = [
    Verdict::Accepts,
    Verdict::Refuses(AlertDescription::CERTIFICATE_REVOKED),
    Verdict::Refuses(AlertDescription::USER_CANCELED),
    Verdict::Panics,
];

impl Verdict {
    fn acceptor(self, config: Config, resumed: bool) -> TlsAcceptor {
        TlsAcceptor::new(config).with_authorizer(move |peer| {
            assert_eq!(peer.certificates().len(), 1);
            let is_resumed = peer.handshake_kind() == Some(HandshakeKind::Resumed);
            assert_eq!(is_resumed, resumed);
            match self {
                Self::Accepts => Ok(()),
                Self::Refuses(alert) => Err(Rejection::new(alert, "not on the list")),
                Self::Panics => panic!("a planted panic"),
            }
        })
    }
}

/// What is sent, and what the client and the server's log say of it.
#[derive(Debug, PartialEq)]
struct Outcome {
    /// The types and lengths of the records. A record with a signature has no length here, because its
    /// length differs.
    sent: Vec<(u8, usize)>,
    read: Option<rustls::Error>,
    line: Option<String>,
    plaintext: Vec<u8>,
}

fn config() -> Config {
    let client_auth = ClientAuth::Required;
    Config::new(PKI.server_config(&ServerProfile {
        client_auth,
        ..ServerProfile::DEFAULT
    }))
    .unwrap()
}

/// A client with a certificate, and a session of this server if it resumes.
fn known(config: &Config, versions: Versions, resumes: bool) -> Arc<ClientConfig> {
    let client = PKI.client_config(&ClientProfile {
        versions,
        identity: Identity::Known,
        ..ClientProfile::DEFAULT
    });
    if resumes {
        let stream = ScriptedStream::new(&[]).with_client(Client::new(Arc::clone(&client)));
        let stream = Scripted::new(stream).ticking();
        let first = stepped(&TlsAcceptor::new(config.clone()), stream).unwrap();
        assert_eq!(first.close(b"").0, Delivery::Delivered);
    }
    client
}

fn outcome(
    verdict: Verdict,
    style: Style,
    (versions, resumes): (Versions, bool),
    on: impl FnOnce(ScriptedStream) -> ScriptedStream,
) -> Outcome {
    let config = config();
    let client = Client::new(known(&config, versions, resumes)).saying(b"a request");
    let stream = Scripted::new(on(ScriptedStream::new(&[]).with_client(client))).ticking();
    let acceptor = verdict.acceptor(config, resumes);
    let accepted = match style.blocks() {
        true => blocked(
            acceptor
                .accept_undelivered(stream)
                .map_err(lastword_io::Undelivered::deliver),
        ),
        false => stepped(&acceptor, stream),
    };
    let (stream, line) = match accepted {
        Ok(established) => {
            assert!(!established.wants_write());
            let (delivery, stream) = established.close(b"an answer");
            assert_eq!(delivery, Delivery::Delivered);
            (stream, None)
        }
        Err((error, stream)) => {
            assert_eq!(error.phase(), Phase::Authenticated);
            // rustls's client of TLS 1.2 ignores both before the end of its handshake, and does not close
            let delivery = match (error.alert(), versions, resumes) {
                (Some(AlertDescription::USER_CANCELED), Versions::Tls12, false) => {
                    Delivery::Written
                }
                _ => Delivery::Delivered,
            };
            assert_eq!(error.delivery(), delivery, "{error}");
            (stream, Some(untimed(error)))
        }
    };
    let client = stream.stream.client().unwrap();
    Outcome {
        sent: records(stream.shut().unwrap())
            .iter()
            .map(|record| (record[0], record.len()))
            .map(|(content_type, len)| (content_type, if len < 400 { len } else { 0 }))
            .collect(),
        read: client.error().cloned(),
        line,
        plaintext: client.plaintext().to_vec(),
    }
}

proptest! {
    #![proptest_config(lastword_testkit::cases(256))]

    #[test]
    fn the_verdict_has_the_same_outcome_whatever_the_stream_does(
        verdict in prop::sample::select(&VERDICTS[..]),
        style in prop::sample::select(&[Style::BlockingDirect, Style::NonblockingDirect][..]),
        versions in prop::sample::select(&[Versions::Tls12, Versions::Tls13][..]),
        resumes: bool,
        schedules in schedules(),
    ) {
        let how = (versions, resumes);
        let expected = outcome(verdict, Style::BlockingDirect, how, |stream| stream);
        let seen = outcome(verdict, style, how, |stream| Schedules::on(schedules, stream));
        prop_assert_eq!(seen, expected);
    }
}

/// A stream that knows the client's address until the ClientHello is answered, as one whose client has
/// reset the connection meanwhile.
struct Forgetting(Scripted);

const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 7);

impl Read for Forgetting {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }
}

impl Write for Forgetting {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Transport for Forgetting {
    fn peer_addr(&self) -> Option<SocketAddr> {
        self.0.stream.written().is_empty().then_some(PEER)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.0.shutdown_write()
    }

    fn now(&self) -> Instant {
        self.0.now()
    }
}

/// In both styles an authorizer sees what the chooser saw.
#[test]
fn an_authorizer_sees_the_addresses_that_the_chooser_saw() {
    let acceptor = TlsAcceptor::choosing(|incoming| {
        assert_eq!(incoming.peer_addr(), Some(PEER));
        Ok(CONFIG.clone())
    })
    .with_authorizer(|peer| {
        assert_eq!(peer.peer_addr(), Some(PEER));
        Ok(())
    });
    let stream = || {
        let client = client(&ClientProfile::DEFAULT);
        Forgetting(Scripted::new(ScriptedStream::new(&[]).with_client(client)))
    };
    acceptor.accept(stream()).map(drop).unwrap();
    let mut stream = stream();
    match acceptor.start(stream.now()).step(&mut stream) {
        Step::Over(Ok(_)) => {}
        other => panic!("{other:?}"),
    }
}
