//! Verdicts over any schedule of the stream, and clients whose verdict is dropped.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use lastword_testkit::catalogue::{ClientAuth, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Identity};
use lastword_testkit::script::{Client, ScriptedStream};
use lastword_testkit::untimed;
use lastword_testkit::wire::records;
use lastword_tokio::acceptor::{AlertDescription, Config, Phase, Rejection};
use lastword_tokio::{AcceptError, Deliveries, Delivery, TlsAcceptor, TlsStream};
use proptest::prelude::*;
use rustls::ClientConfig;

use crate::scripted::cancel::polled;
use crate::scripted::schedules::{Weather, versions, weather};
use crate::scripted::watched::watched;
use crate::scripted::{PKI, Scripted, paused, soon, with_client};

/// The verdict: none, or an alert.
type Verdict = Option<AlertDescription>;

const VERDICTS: [Verdict; 3] = [
    None,
    Some(AlertDescription::CERTIFICATE_REVOKED),
    Some(AlertDescription::USER_CANCELED),
];

fn config() -> Config {
    let client_auth = ClientAuth::Required;
    Config::new(PKI.server_config(&ServerProfile {
        client_auth,
        ..ServerProfile::DEFAULT
    }))
    .unwrap()
}

/// An acceptor that gives this verdict, later or at once.
fn acceptor(config: Config, verdict: Verdict, later: bool) -> TlsAcceptor {
    let judged = move || match verdict {
        None => Ok(()),
        Some(alert) => Err(Rejection::new(alert, "not on the list")),
    };
    let acceptor = TlsAcceptor::new(config);
    match later {
        false => acceptor.with_authorizer(move |_| judged()),
        true => acceptor.with_authorizer(async move |peer| {
            assert_eq!(peer.certificates().len(), 1);
            let mut has_yielded = false;
            poll_fn(|cx| {
                cx.waker().wake_by_ref();
                match std::mem::replace(&mut has_yielded, true) {
                    true => Poll::Ready(()),
                    false => Poll::Pending,
                }
            })
            .await;
            judged()
        }),
    }
}

/// A client with a certificate, and a session of this server if it resumes.
fn known(config: &Config, versions: Versions, resumes: bool) -> Arc<ClientConfig> {
    let client = PKI.client_config(&ClientProfile {
        versions,
        identity: Identity::Known,
        ..ClientProfile::DEFAULT
    });
    if resumes {
        let stream = with_client(Client::new(Arc::clone(&client)));
        let stream = Scripted::new(stream);
        paused().block_on(async {
            let acceptor = TlsAcceptor::new(config.clone());
            let stream = soon(acceptor.accept(stream)).await.unwrap();
            assert_eq!(soon(stream.close()).await.0, Delivery::Delivered);
        });
    }
    client
}

/// The types and lengths of the records. A record with a signature has no length here, because its
/// length differs.
fn shape(sent: &[u8]) -> Vec<(u8, usize)> {
    let records = records(sent);
    let shapes = records.iter().map(|record| match record.len() {
        len @ ..400 => (record[0], len),
        _ => (record[0], 0),
    });
    shapes.collect()
}

/// How a client is served or refused.
#[derive(Clone, Copy, Debug)]
struct How {
    verdict: Verdict,
    later: bool,
    versions: Versions,
    resumes: bool,
}

fn how() -> impl Strategy<Value = How> {
    let verdict = prop::sample::select(&VERDICTS[..]);
    (verdict, any::<bool>(), versions(), any::<bool>()).prop_map(
        |(verdict, later, versions, resumes)| How {
            verdict,
            later,
            versions,
            resumes,
        },
    )
}

impl How {
    /// Returns an acceptor and the other end of the stream.
    fn start(self, on: impl FnOnce(ScriptedStream) -> Scripted) -> (TlsAcceptor, Scripted) {
        let config = config();
        let client = known(&config, self.versions, self.resumes);
        let client = Client::new(client).saying(b"a request");
        let acceptor = acceptor(config, self.verdict, self.later);
        (acceptor, on(with_client(client)))
    }

    /// Returns what was sent, what the client read, and the line of the log.
    fn outcome(
        self,
        on: impl FnOnce(ScriptedStream) -> Scripted,
    ) -> (Vec<(u8, usize)>, Option<rustls::Error>, Option<String>) {
        let (acceptor, stream) = self.start(on);
        let remote = stream.clone();
        let accepted: Result<TlsStream<Scripted>, AcceptError<Scripted>> =
            paused().block_on(async { watched(&remote, acceptor.accept(stream)).await });
        let line = accepted.map(drop).map_err(|error| {
            assert_eq!(error.phase(), Phase::Authenticated);
            untimed(error)
        });
        let sent = remote.shut().unwrap_or_else(|| remote.written());
        let read = remote.look(|stream| stream.client().unwrap().error().cloned());
        (shape(&sent), read, line.err())
    }
}

proptest! {
    #![proptest_config(lastword_testkit::cases(256))]

    #[test]
    fn the_verdict_has_the_same_outcome_whatever_the_stream_does(
        how in how(),
        weather in weather(),
    ) {
        let expected = how.outcome(Scripted::new);
        let seen = how.outcome(|stream| Weather::on(weather, stream));
        match how.verdict {
            None => prop_assert_eq!(seen.2, None),
            Some(_) => prop_assert_eq!(seen, expected),
        }
    }

    /// At whatever poll: before the verdict, while it is awaited, or while the alert is sent.
    #[test]
    fn a_client_whose_verdict_is_dropped_reads_an_alert_and_the_end(
        how in how(),
        polls in 0_usize..100,
        weather in weather(),
    ) {
        let (acceptor, stream) = how.start(|stream| Weather::on(weather, stream));
        let remote = stream.clone();
        let deliveries = Deliveries::new(1);
        let dropped = paused().block_on(async {
            let acceptor = acceptor.with_deliveries(deliveries.clone());
            let mut accepted = acceptor.accept(stream);
            let dropped = polled(&mut accepted, polls).await.is_none();
            drop(accepted);
            soon(deliveries.finished()).await;
            dropped
        });
        if dropped {
            let shut = remote.shut().expect("not closed in order");
            let error = remote.look(|stream| stream.client().unwrap().error().cloned());
            let alert = how.verdict.map(|alert| rustls::Error::AlertReceived(alert.0.into()));
            match error {
                None => crate::scripted::cancel::ends_in_order(&remote, &shut),
                refused => prop_assert_eq!(refused, alert),
            }
        }
    }
}
