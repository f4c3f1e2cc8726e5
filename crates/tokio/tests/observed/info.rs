//! What a handshake that succeeds reports, and who would be refused.

use std::time::Duration;

use lastword_testkit::catalogue::{ServerProfile, Versions};
use lastword_testkit::observed::figures;
use lastword_testkit::pki::ClientProfile;
use lastword_testkit::wire::HelloBuilder;
use lastword_tokio::acceptor::ProtocolVersion;
use lastword_tokio::{Listener, ListenerOptions, TlsAcceptor, TlsStream};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::time::sleep;
use tokio_rustls::TlsConnector;

use crate::observed::{PKI, acceptor, block_on};

/// A good client, to the end of its handshake.
async fn established(acceptor: &TlsAcceptor) -> TlsStream<DuplexStream> {
    let (client, server) = duplex(1 << 16);
    let connector = TlsConnector::from(PKI.client_config(&ClientProfile::DEFAULT));
    let client = connector.connect("localhost".try_into().unwrap(), client);
    let (stream, client) = tokio::join!(acceptor.accept(server), client);
    client.unwrap();
    stream.unwrap()
}

#[test]
fn a_stream_has_the_record_of_its_handshake() {
    block_on(async {
        let acceptor = acceptor().with_authorizer(async |_| {
            sleep(Duration::from_millis(30)).await;
            Ok(())
        });
        let stream = established(&acceptor).await;
        let info = stream.handshake_info();
        assert_eq!(
            (info.kind_name(), info.server_name),
            ("full", Some("localhost"))
        );
        assert_eq!(info.offer.newest_version, Some(ProtocolVersion::TLS_1_3));
        let measures = info.measures;
        assert!(
            measures.received() > 200 && measures.sent() > 700,
            "{measures:?}"
        );
        let (finished, verdict) = (measures.finished().unwrap(), measures.verdict().unwrap());
        // by tokio's clock, which stands still but for the verdict
        assert_eq!(
            (finished.as_millis(), verdict.as_millis()),
            (0, 30),
            "{measures:?}"
        );
        assert_eq!(stream.elapsed().as_millis(), verdict.as_millis());
    });
}

#[test]
fn a_handshake_that_succeeds_is_counted_by_what_was_negotiated() {
    let lines = figures(|| block_on(async { drop(established(&acceptor()).await) }));
    let negotiated = "lastword_negotiated_total{version=\"TLS 1.3\",group=\"x25519\",\
                      cipher_suite=\"TLS_AES_256_GCM_SHA384\",handshake_kind=\"full\"} 1";
    assert!(lines.iter().any(|line| line == negotiated), "{lines:?}");
}

#[test]
fn a_listener_counts_who_would_be_refused_under_a_shadow_configuration() {
    let lines = figures(|| {
        block_on(async {
            let tls13 = ServerProfile {
                versions: Versions::Tls13,
                ..ServerProfile::DEFAULT
            };
            let tls13 = PKI.server_config(&tls13);
            let acceptor = acceptor().with_shadow("without_tls12", tls13);
            let listener = Listener::bind("127.0.0.1:0", acceptor, ListenerOptions::default());
            let listener = listener.await.unwrap();
            for hello in [HelloBuilder::tls12(), HelloBuilder::default()] {
                let mut client = TcpStream::connect(listener.local_addr().unwrap())
                    .await
                    .unwrap();
                client.write_all(&hello.record()).await.unwrap();
                client.read_exact(&mut [0; 7]).await.unwrap();
            }
        });
    });
    let would_refuse = "lastword_would_refuse_total{policy=\"without_tls12\",reason=\"version\"} 1";
    assert!(lines.iter().any(|line| line == would_refuse), "{lines:?}");
}

/// Connects this many clients one after the other, and lets each send the bytes of another protocol,
/// the last one first. Each must be told.
async fn clients(count: usize, options: ListenerOptions) {
    let listener = Listener::bind("127.0.0.1:0", acceptor(), options);
    let listener = listener.await.unwrap();
    let mut clients = Vec::new();
    for _ in 0..count {
        let client = TcpStream::connect(listener.local_addr().unwrap()).await;
        clients.push(client.unwrap());
    }
    for client in clients.iter_mut().rev() {
        client.write_all(b"SSH-2.0-").await.unwrap();
    }
    for client in &mut clients {
        client.read_to_end(&mut Vec::new()).await.unwrap();
    }
}

#[test]
fn each_limit_that_is_reached_is_counted() {
    let default = ListenerOptions::default;
    let lines = figures(|| {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            clients(2, default().with_handshakes(1)).await;
            clients(2, default().with_handshakes_per_address(1)).await;
            clients(2, default().with_deliveries(1)).await;
        });
    });
    for limit in ["handshakes", "handshakes_per_address", "deliveries"] {
        let start = format!("lastword_limits_reached_total{{limit=\"{limit}\"}} ");
        assert!(
            lines.iter().any(|line| line.starts_with(&start)),
            "{limit}: {lines:?}"
        );
    }
}
