//! The stages of a listener, with clients over real sockets.

mod admission;
mod drains;
mod left;
mod limits;
mod pass_through;
mod plaintext;
mod proxy;
mod runtime;
mod shutdown;
mod sources;

#[path = "../examples/clients.rs"]
#[allow(dead_code, reason = "some of it is for the examples")]
mod clients;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::{ClientProfile, Pki};
use lastword_testkit::untimed;
use lastword_testkit::wire::HelloBuilder;
use lastword_tokio::acceptor::Config;
use lastword_tokio::listener::ProxyProtocol;
use lastword_tokio::{Drain, Listener, ListenerOptions, TlsAcceptor};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

static PKI: LazyLock<Pki> = LazyLock::new(Pki::new);

static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config::new(PKI.server_config(&ServerProfile::DEFAULT)).unwrap());

/// A ClientHello, in one record.
static HELLO: LazyLock<Vec<u8>> = LazyLock::new(|| HelloBuilder::default().record());

/// `user_canceled` and `close_notify`, as they stand on the wire.
const CANCELED: [u8; 14] = [21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0];

const UNEXPECTED_MESSAGE: [u8; 7] = alert(10);
const ACCESS_DENIED: [u8; 7] = alert(49);
const DECODE_ERROR: [u8; 7] = alert(50);
const INTERNAL_ERROR: [u8; 7] = alert(80);

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(600);

/// Longer than anything takes that does not wait: a test that waits longer has failed.
const SOON: Duration = Duration::from_secs(20);

/// A timeout that a test waits for.
const SHORT: Duration = Duration::from_millis(300);

const fn alert(description: u8) -> [u8; 7] {
    [21, 3, 3, 0, 2, 2, description]
}

/// An acceptor under which nothing ends by the clock.
fn acceptor() -> TlsAcceptor {
    patient(TlsAcceptor::new(CONFIG.clone()))
}

fn patient<T>(acceptor: TlsAcceptor<T>) -> TlsAcceptor<T> {
    acceptor
        .with_timeout(LONG)
        .with_drain(Drain::default().with_time(LONG))
}

/// Proxies on this machine.
fn proxies() -> ProxyProtocol {
    ProxyProtocol::from_networks(["127.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()])
}

/// What a listener says of its failures, a line each.
type Failures = mpsc::UnboundedReceiver<String>;

/// A listener that reports its failures in words, with the client's address first.
async fn bind<T: Send + 'static>(
    acceptor: TlsAcceptor<T>,
    options: ListenerOptions<TcpStream, T>,
) -> (Listener<TcpStream, T>, SocketAddr, Failures) {
    let (options, failures) = reporting(options);
    let listener = Listener::bind("127.0.0.1:0", acceptor, options).await;
    let listener = listener.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address, failures)
}

fn reporting<IO, T>(options: ListenerOptions<IO, T>) -> (ListenerOptions<IO, T>, Failures) {
    let (send, failures) = mpsc::unbounded_channel();
    let options = options.on_failure(move |client, error| {
        let _ = send.send(format!("{client}: {}", untimed(error))); // no test waits for it any more
    });
    (options, failures)
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.unwrap()
}

/// All that the client is told, to the end of the stream.
async fn told(client: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut told = Vec::new();
    client.read_to_end(&mut told).await.unwrap();
    told
}

/// What a client is told that sends these bytes, and the line in the log. It leaves then.
async fn refused(address: SocketAddr, bytes: &[u8], failures: &mut Failures) -> (Vec<u8>, String) {
    let mut client = connect(address).await;
    let own = client.local_addr().unwrap();
    client.write_all(bytes).await.unwrap();
    let told = told(&mut client).await;
    drop(client);
    let line = failures.recv().await.unwrap();
    (told, line.replace(&own.to_string(), "CLIENT"))
}

/// The handshake of a good client that asks for `localhost`.
async fn handshake<IO>(io: IO) -> io::Result<TlsStream<IO>>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let config = PKI.client_config(&ClientProfile::DEFAULT);
    let name = "localhost".try_into().unwrap();
    TlsConnector::from(Arc::clone(&config))
        .connect(name, io)
        .await
}

/// The same, after these bytes.
async fn handshake_after(mut io: TcpStream, bytes: Vec<u8>) -> io::Result<TlsStream<TcpStream>> {
    io.write_all(&bytes).await?;
    handshake(io).await
}
