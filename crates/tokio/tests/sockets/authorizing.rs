//! A verdict on the client's certificate by a future: what the client reads, and the server's line.

use std::future::{pending, ready};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use lastword_testkit::catalogue::{ClientAuth, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Identity};
use lastword_testkit::untimed;
use lastword_tokio::acceptor::{AlertDescription, Config, Phase, Reason, Rejection};
use lastword_tokio::step::{Accepting, Options};
use lastword_tokio::{Deliveries, TlsAcceptor};
use rustls::ClientConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::yield_now;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::sockets::{LONG, PKI, VERSIONS, both};

fn acceptor() -> TlsAcceptor {
    TlsAcceptor::new(Config::new(PKI.server_config(&MUTUAL)).unwrap())
}

const MUTUAL: ServerProfile = ServerProfile {
    client_auth: ClientAuth::Required,
    ..ServerProfile::DEFAULT
};

fn client_config(versions: Versions) -> Arc<ClientConfig> {
    PKI.client_config(&ClientProfile {
        versions,
        identity: Identity::Known,
        ..ClientProfile::DEFAULT
    })
}

/// Connects a client that sends a request as soon as it can. Returns what it reads.
async fn request<IO>(io: IO, versions: Versions) -> io::Result<Vec<u8>>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let connector = TlsConnector::from(client_config(versions));
    let mut stream = connector
        .connect("localhost".try_into().unwrap(), io)
        .await?;
    stream.write_all(b"early bird").await?;
    stream.flush().await?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).await?;
    Ok(reply)
}

/// Returns the alert that a client has read.
fn alert(error: &io::Error) -> Option<u8> {
    match error.get_ref()?.downcast_ref()? {
        rustls::Error::AlertReceived(alert) => Some(u8::from(*alert)),
        _ => None,
    }
}

/// Looks a certificate up in a list that is elsewhere.
async fn is_listed(_certificate: &[u8]) -> io::Result<bool> {
    for _ in 0..3 {
        yield_now().await;
    }
    Ok(true)
}

#[tokio::test]
async fn a_client_whose_verified_certificate_is_refused_reads_the_alert() {
    let acceptor = acceptor().with_authorizer(async |peer| {
        assert_eq!(peer.server_name(), Some("localhost"));
        assert!(peer.peer_addr().is_some_and(|it| it.ip().is_loopback()));
        match peer.certificates() {
            [own] if is_listed(own).await? => Err(Rejection::new(
                AlertDescription::CERTIFICATE_REVOKED,
                "refused by the list",
            )),
            _ => Ok(()),
        }
    });
    for versions in VERSIONS {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap());
        let client = client.await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        let (error, seen) = both(acceptor.accept(server), request(client, versions)).await;
        let error = error.unwrap_err();
        assert_eq!(
            without_certificate(&error),
            "this server refused the client: refused by the list: client asks for localhost; \
             alert certificate_revoked (44) sent, delivered"
        );
        let told = (error.phase(), error.reason());
        assert_eq!(told, (Phase::Authenticated, Reason::Rejected));
        assert_eq!(alert(&seen.unwrap_err()), Some(44), "{versions:?}");
    }
}

#[tokio::test]
async fn an_accepted_client_is_served_with_what_it_sent_before_the_verdict() {
    for versions in VERSIONS {
        let acceptor = acceptor().with_authorizer(async |peer| match peer.certificates() {
            [own] if is_listed(own).await? => Ok(()),
            _ => Err(Rejection::access_denied("not on the list")),
        });
        let (client, server) = duplex(65_536);
        let serve = async {
            let mut stream = acceptor.accept(server).await.unwrap();
            let mut received = [0; 10];
            stream.read_exact(&mut received).await.unwrap();
            stream.write_all(b"caught").await.unwrap();
            stream.shutdown().await.unwrap();
            received
        };
        let (received, reply) = both(serve, request(client, versions)).await;
        assert_eq!(&received, b"early bird");
        assert_eq!(reply.unwrap(), b"caught", "{versions:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_verdict_that_never_comes_times_out_with_the_handshake() {
    let acceptor = acceptor().with_authorizer(|_| pending::<Result<(), Rejection>>());
    for versions in VERSIONS {
        let (client, server) = duplex(65_536);
        let (error, seen) = both(acceptor.accept(server), request(client, versions)).await;
        let error = error.unwrap_err();
        assert_eq!(error.alert(), Some(AlertDescription::USER_CANCELED));
        assert_eq!(
            error.error().summary().to_string(),
            "handshake timed out after the client was authenticated"
        );
        // in TLS 1.3 the client has connected and sees an orderly close
        match versions {
            Versions::Tls13 => assert_eq!(seen.unwrap(), b""),
            _ => assert!(seen.is_err()),
        }
    }
}

#[tokio::test]
async fn a_client_whose_verdict_is_dropped_gets_its_alert_in_the_background() {
    let deliveries = Deliveries::new(1);
    let acceptor = acceptor()
        .with_deliveries(deliveries.clone())
        .with_authorizer(|_| pending::<Result<(), Rejection>>());
    let (client, server) = duplex(65_536);
    let client = tokio::spawn(request(client, Versions::Tls13));
    let dropped = timeout(Duration::from_millis(200), acceptor.accept(server));
    assert!(dropped.await.is_err());
    let seen = timeout(LONG, client).await.expect("it hangs").unwrap();
    assert_eq!(seen.unwrap(), b"");
    deliveries.finished().await;
}

#[tokio::test]
#[should_panic(expected = "a planted panic")]
async fn an_authorizer_that_panics_answers_before_the_panic_resumes() {
    let acceptor = acceptor().with_authorizer(|_| match "a planted panic" {
        "" => ready(Ok(())),
        panic => panic!("{panic}"),
    });
    let (client, server) = duplex(65_536);
    let client = tokio::spawn(async {
        let seen = request(client, Versions::Tls13).await.unwrap_err();
        assert_eq!(alert(&seen), Some(80));
    });
    let accepted = tokio::spawn(async move { acceptor.accept(server).await.is_ok() });
    let panic = accepted.await.unwrap_err();
    client.await.unwrap();
    std::panic::resume_unwind(panic.into_panic());
}

#[tokio::test]
async fn the_states_stop_for_a_verdict() {
    let config = Config::new(PKI.server_config(&MUTUAL)).unwrap();
    for accepts in [true, false] {
        let (client, server) = duplex(65_536);
        let serve = async {
            let accepted = Accepting::new(server, &Options::default()).await.unwrap();
            let authenticating = accepted.into_handshake(&config).authorizing();
            let client = authenticating.await.unwrap();
            assert_eq!(client.peer().certificates().len(), 1);
            if !accepts {
                let undelivered = client.reject(Rejection::access_denied("not on the list"));
                let error = undelivered.deliver().await;
                assert_eq!(error.alert(), Some(AlertDescription::ACCESS_DENIED));
                return;
            }
            let mut stream = client.accept().await.unwrap();
            stream.write_all(b"caught").await.unwrap();
            stream.shutdown().await.unwrap();
        };
        let ((), reply) = both(serve, request(client, Versions::Tls13)).await;
        match accepts {
            true => assert_eq!(reply.unwrap(), b"caught"),
            false => assert_eq!(alert(&reply.unwrap_err()), Some(49)),
        }
    }
}

/// Returns the line of an error without its last parts: the client's certificate and the time.
fn without_certificate<S>(error: &lastword_tokio::AcceptError<S>) -> String {
    let line = untimed(error);
    let (rest, certificate) = line.split_once("; client certificate ").unwrap();
    assert!(certificate.starts_with("\"CN=a client\", issued by \"CN=lastword test CA\", serial "));
    rest.into()
}
