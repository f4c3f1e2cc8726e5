//! The servers that are compared, and how each accepts a client.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use lastword::Config;
use lastword::tokio::step::Accept;
use lastword::tokio::{Listener, ListenerOptions, TlsAcceptor};
use rustls::ServerConfig;
use rustls::server::Acceptor;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Timeout, sleep, timeout};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

/// How a server accepts its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Style {
    /// lastword's `TlsAcceptor`, in a task for each client.
    Accept,
    /// lastword's `Listener`.
    Listener,
    /// tokio-rustls's `LazyConfigAcceptor`, in a task for each client. The others are compared with
    /// it.
    Lazy,
}

/// The timeout of a handshake: longer than the measurements of a server take.
pub(super) const DEADLINE: Duration = Duration::from_secs(300);

/// What a good client gets once it is accepted.
pub(super) const REPLY: &[u8] = b"!";

/// How long a server that has no descriptors left waits.
const PAUSE: Duration = Duration::from_millis(10);

impl Style {
    /// The peer comes last.
    pub(super) const ALL: [Self; 3] = [Self::Accept, Self::Listener, Self::Lazy];

    /// Returns the size in bytes of the future that accepts a client, if it can be measured.
    pub(super) fn future(self) -> Option<usize> {
        match self {
            Self::Accept => Some(size_of::<Accept<TcpStream>>()),
            Self::Listener => None, // its future is private
            Self::Lazy => Some(size(lazily_accepting)),
        }
    }

    /// Starts the server in this runtime, and returns its address.
    pub(super) async fn start(self, config: Arc<ServerConfig>) -> io::Result<SocketAddr> {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = tcp.local_addr()?;
        match self {
            Self::Accept => {
                let config = Config::new(config).map_err(io::Error::other)?;
                let acceptor =
                    TlsAcceptor::choosing(async move |_| Ok(config)).with_timeout(DEADLINE);
                tokio::spawn(each(tcp, move |tcp| accepted(acceptor.accept(tcp))));
            }
            Self::Listener => {
                let config = Config::new(config).map_err(io::Error::other)?;
                let acceptor = TlsAcceptor::new(config).with_timeout(DEADLINE);
                let options = ListenerOptions::default().with_handshakes(u32::MAX);
                tokio::spawn(listen(Listener::new(tcp, acceptor, options)));
            }
            Self::Lazy => {
                tokio::spawn(each(tcp, move |tcp| {
                    lazily_accepted(tcp, Arc::clone(&config))
                }));
            }
        }
        Ok(address)
    }
}

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Accept => "lastword accept",
            Self::Listener => "lastword Listener",
            Self::Lazy => "tokio-rustls LazyConfigAcceptor",
        })
    }
}

const fn size<A, B, F>(_: fn(A, B) -> F) -> usize {
    size_of::<F>()
}

/// Spawns a task for each client.
async fn each<F>(listener: TcpListener, task: impl Fn(TcpStream) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        match listener.accept().await {
            Ok((tcp, _)) => drop(tokio::spawn(task(tcp))),
            Err(_) => sleep(PAUSE).await,
        }
    }
}

async fn accepted(accept: Accept<TcpStream>) {
    if let Ok(stream) = accept.await {
        begin(stream);
    }
}

async fn listen(mut listener: Listener) {
    while let Some((stream, _)) = listener.accept().await {
        begin(stream);
    }
}

fn begin(stream: lastword::tokio::TlsStream<TcpStream>) {
    if stream.get_ref().0.set_nodelay(true).is_ok() {
        tokio::spawn(serve(stream));
    }
}

/// Accepts as the documentation of `LazyConfigAcceptor` does, with one timeout for the whole
/// handshake. One thing differs: it does not use the stream of a client that fails. For that it
/// would have to keep the acceptor to the end, and the future would be half as large again.
fn lazily_accepting(
    tcp: TcpStream,
    config: Arc<ServerConfig>,
) -> Timeout<impl Future<Output = io::Result<TlsStream<TcpStream>>>> {
    timeout(DEADLINE, async move {
        let start = LazyConfigAcceptor::new(Acceptor::default(), tcp).await?;
        let _hello = start.client_hello();
        start.into_stream(config).await
    })
}

async fn lazily_accepted(tcp: TcpStream, config: Arc<ServerConfig>) {
    if let Ok(Ok(stream)) = lazily_accepting(tcp, config).await {
        if stream.get_ref().0.set_nodelay(true).is_ok() {
            tokio::spawn(serve(stream));
        }
    }
}

/// Sends a byte and closes in order. The server closes first, so that the ports of the clients can
/// be used again at once.
async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    stream.write_all(REPLY).await?;
    stream.shutdown().await?;
    stream.read(&mut [0]).await.map(drop)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use lastword_testkit::catalogue::ServerProfile;
    use lastword_testkit::pki::Pki;
    use tokio::runtime::Runtime;

    use super::*;

    /// Returns the answer of a server to a record that cannot begin a connection.
    fn answer(style: Style) -> Vec<u8> {
        let runtime = Runtime::new().unwrap();
        let config = Pki::new().server_config(&ServerProfile::DEFAULT);
        let address = runtime.block_on(style.start(config)).unwrap();
        let mut client = std::net::TcpStream::connect(address).unwrap();
        client.set_read_timeout(Some(DEADLINE / 10)).unwrap();
        client.write_all(&[23, 3, 3, 0, 1, 0]).unwrap();
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).unwrap();
        answer
    }

    #[test]
    fn lastwords_servers_tell_a_client_what_was_unexpected_and_the_peer_as_yet_does_not() {
        assert_eq!(answer(Style::Accept), [21, 3, 3, 0, 2, 2, 10]);
        assert_eq!(answer(Style::Listener), [21, 3, 3, 0, 2, 2, 10]);
        // tokio-rustls 0.26.6 over rustls 0.23.46
        assert_eq!(answer(Style::Lazy), b"");
    }
}
