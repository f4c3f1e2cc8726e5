//! Over tokio's own streams: pipes of one byte, TCP with its resets, Unix streams.

mod authorizing;
mod pipe;
mod proof;
mod tcp;
#[cfg(unix)]
mod unix;

use std::future::Future;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use lastword_testkit::catalogue::{ClientAuth, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Pki};
use lastword_tokio::TlsAcceptor;
use lastword_tokio::acceptor::Config;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

static PKI: LazyLock<Pki> = LazyLock::new(Pki::new);

static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config::new(PKI.server_config(&ServerProfile::DEFAULT)).unwrap());

/// What is no TLS.
const GARBAGE: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

/// The alert `unexpected_message`, as it stands on the wire.
const UNEXPECTED_MESSAGE: [u8; 7] = [21, 3, 3, 0, 2, 2, 10];

/// Longer than any deadline here.
const LONG: Duration = Duration::from_secs(60);

const VERSIONS: [Versions; 2] = [Versions::Tls12, Versions::Tls13];

fn acceptor() -> TlsAcceptor {
    TlsAcceptor::new(CONFIG.clone())
}

/// An acceptor that requires a certificate of every client.
fn requiring() -> TlsAcceptor {
    let client_auth = ClientAuth::Required;
    let config = Config::new(PKI.server_config(&ServerProfile {
        client_auth,
        ..ServerProfile::DEFAULT
    }));
    TlsAcceptor::new(config.unwrap())
}

/// A good client: its handshake.
async fn connect<IO>(io: IO, versions: Versions) -> std::io::Result<TlsStream<IO>>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let config = PKI.client_config(&ClientProfile {
        versions,
        ..ClientProfile::DEFAULT
    });
    let connector = TlsConnector::from(Arc::clone(&config));
    connector.connect("localhost".try_into().unwrap(), io).await
}

/// Both ends, which do not hang.
async fn both<A: Future, B: Future>(server: A, client: B) -> (A::Output, B::Output) {
    let over = timeout(LONG, async { tokio::join!(server, client) }).await;
    over.expect("it hangs")
}

/// All that comes, to the end of the stream; a reset panics.
async fn read(mut io: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = timeout(LONG, io.read_to_end(&mut bytes)).await;
    read.expect("it hangs").unwrap();
    bytes
}
