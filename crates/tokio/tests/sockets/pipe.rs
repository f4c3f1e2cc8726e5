//! Over pipes that hold one byte in one direction: a writer waits at each byte.
//!
//! With both directions narrow, a client that writes all it has before it reads and a server that
//! sends an alert meanwhile would wait for each other. Sockets have room for an alert.

use std::io;
use std::time::Duration;

use lastword_testkit::wire::{HelloBuilder, records};
use lastword_tokio::acceptor::Config;
use lastword_tokio::{Deliveries, Delivery, TlsAcceptor};
use rustls::AlertDescription;
use tokio::io::{
    AsyncReadExt, AsyncWriteExt, Join, ReadHalf, SimplexStream, WriteHalf, duplex, simplex,
};
use tokio::time::timeout;

use crate::sockets::{
    CONFIG, GARBAGE, UNEXPECTED_MESSAGE, VERSIONS, acceptor, both, connect, read, requiring,
};

type Pipe = Join<ReadHalf<SimplexStream>, WriteHalf<SimplexStream>>;

/// The client's end and the server's, once for each way that is narrow.
fn pipes() -> [(Pipe, Pipe); 2] {
    [(1, 65_536), (65_536, 1)].map(|(to_server, to_client)| {
        let (from_client, to_server) = simplex(to_server);
        let (from_server, to_client) = simplex(to_client);
        let client = tokio::io::join(from_server, to_server);
        (client, tokio::io::join(from_client, to_client))
    })
}

#[tokio::test(start_paused = true)]
async fn a_refused_client_reads_its_alert_byte_by_byte() {
    for (mut client, server) in pipes() {
        let acceptor = TlsAcceptor::choosing(|_| -> Result<Config, _> { unreachable!("no TLS") });
        let refused = acceptor.accept(server);
        let client = async {
            client.write_all(GARBAGE).await.unwrap();
            let mut alert = [0; 7];
            client.read_exact(&mut alert).await.unwrap();
            // and it may go on to say what it likes
            client.write_all(&[b'x'; 10_000]).await.unwrap();
            assert_eq!(client.read(&mut [0; 1]).await.unwrap(), 0);
            client.shutdown().await.unwrap();
            alert
        };
        let (refused, alert) = both(refused, client).await;
        assert_eq!(alert, UNEXPECTED_MESSAGE);
        assert_eq!(refused.unwrap_err().delivery(), Delivery::Delivered);
    }
}

#[tokio::test(start_paused = true)]
async fn a_good_client_is_served_byte_by_byte() {
    for versions in VERSIONS {
        for (client, server) in pipes() {
            let server = async {
                let acceptor = TlsAcceptor::choosing(async |_| Ok(CONFIG.clone()));
                let mut stream = acceptor.accept(server).await.unwrap();
                let mut request = [0; 9];
                stream.read_exact(&mut request).await.unwrap();
                stream.write_all(b"a reply").await.unwrap();
                let (delivery, _) = stream.close().await;
                assert_eq!(delivery, Delivery::Delivered, "{versions:?}");
                request
            };
            let client = async {
                let mut stream = connect(client, versions).await.unwrap();
                stream.write_all(b"a request").await.unwrap();
                stream.flush().await.unwrap(); // or it stays in the connection
                let reply = read(&mut stream).await; // to the close_notify
                stream.shutdown().await.unwrap();
                reply
            };
            let (request, reply) = both(server, client).await;
            assert_eq!((&request, &reply[..]), (b"a request", &b"a reply"[..]));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_without_a_certificate_reads_its_alert_byte_by_byte() {
    for (versions, alert) in VERSIONS.into_iter().zip([
        AlertDescription::HandshakeFailure,
        AlertDescription::CertificateRequired,
    ]) {
        for (client, server) in pipes() {
            let refused = requiring().accept(server);
            let client = async {
                // in TLS 1.3 its handshake is complete before the server's is
                let mut stream = connect(client, versions).await?;
                stream.read(&mut [0; 1]).await
            };
            let (refused, error) = both(refused, client).await;
            assert_eq!(refused.unwrap_err().delivery(), Delivery::Written);
            let error: io::Error = error.unwrap_err();
            let error = error.downcast::<rustls::Error>().unwrap();
            assert_eq!(error, rustls::Error::AlertReceived(alert), "{versions:?}");
        }
    }
}

/// A client that does not read: the server's flight is stuck in the pipe.
#[tokio::test(start_paused = true)]
async fn a_flight_that_is_stuck_is_written_to_its_end_though_its_future_is_dropped() {
    let hello = HelloBuilder::default().record();
    for holds in [1, 5, 64, 500] {
        let (mut client, server) = duplex(holds);
        let deliveries = Deliveries::new(1);
        let acceptor = acceptor().with_deliveries(deliveries.clone());
        let accepted = acceptor.accept(server);
        let dropped = async { timeout(Duration::from_secs(1), accepted).await.is_err() };
        let (dropped, written) = both(dropped, client.write_all(&hello)).await;
        assert!(dropped && written.is_ok());
        assert_eq!(deliveries.in_flight(), 1);
        let (flight, ()) = both(read(&mut client), deliveries.finished()).await;
        let flight = records(&flight);
        let types: Vec<u8> = flight.iter().map(|record| record[0]).collect();
        // after the flight user_canceled and close_notify
        assert_eq!(types, [22, 20, 23, 23, 23], "{holds} bytes at a time");
        for alert in &flight[3..] {
            assert_eq!((alert.len(), &alert[..5]), (24, &[23, 3, 3, 0, 19][..]));
        }
    }
}
