//! What axum takes from a listener: its connections, and no end.

use std::future::pending;
use std::io;
use std::net::SocketAddr;

use tokio::net::TcpStream;

use crate::{Listener, TlsStream};

/// The feature `axum`: a listener to serve a router with. ALPN is the configuration's: `h2` and
/// `http/1.1` where both of axum's features are on.
///
/// axum knows no end of a listener: once this one is closed and nothing of it is left, its `accept`
/// waits for ever, until axum drops it.
///
/// # A graceful shutdown
///
/// As soon as the future given to `with_graceful_shutdown` returns, axum drops its listener and has
/// its connections end. A listener that is dropped cancels the handshakes in flight, and closes
/// what is established and has not been taken yet. So have that future close it first, and wait
/// until nothing of it is left; axum takes the last clients meanwhile:
///
/// ```no_run
/// # use std::{future::Future, time::Duration};
/// # use lastword_tokio::Listener;
/// # async fn serve(
/// #     listener: Listener,
/// #     router: axum::Router,
/// #     signal: impl Future<Output = ()> + Send + 'static,
/// # ) -> std::io::Result<()> {
/// let closer = listener.closer();
/// axum::serve(listener, router)
///     .with_graceful_shutdown(async move {
///         signal.await;
///         closer.close(Duration::from_secs(10)); // for the handshakes under way
///         closer.finished().await;
///     })
///     .await
/// # }
/// ```
///
/// Requests that have begun are then answered, and connections between two requests closed with
/// `close_notify`. A client that has asked nothing yet is dropped by hyper-util (0.1.21) without
/// one. To do better, drive hyper, as the example `hyper` does.
///
/// # What a handler may know
///
/// A type of yours that implements axum's `Connected<IncomingStream<'_, Listener>>` has the TLS
/// connection from `stream.io().get_ref().1`, as the example `axum` shows. For the client's address
/// alone, `listener.tap_io(|_| {})` makes `ConnectInfo<SocketAddr>` work: axum has it for no other
/// listener but its own.
impl axum::serve::Listener for Listener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match Self::accept(self).await {
            Some((established, peer)) => (established.into_stream(), peer),
            None => pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(Self::local_addr(self))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use axum::extract::ConnectInfo;
    use axum::serve::ListenerExt;
    use axum::{Router, routing::get};
    use lastword_testkit::catalogue::ServerProfile;
    use lastword_testkit::pki::{ClientProfile, Pki};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_rustls::{TlsConnector, client};

    use super::*;
    use crate::{ListenerOptions, acceptor::Config};

    async fn listener(pki: &Pki) -> Listener {
        let config = Config::new(pki.server_config(&ServerProfile::DEFAULT)).unwrap();
        let options = ListenerOptions::default();
        Listener::bind("127.0.0.1:0", config, options)
            .await
            .unwrap()
    }

    async fn handshake(pki: &Pki, tcp: TcpStream) -> client::TlsStream<TcpStream> {
        let config = pki.client_config(&ClientProfile::DEFAULT);
        let name = "localhost".try_into().unwrap();
        let connector = TlsConnector::from(Arc::clone(&config));
        connector.connect(name, tcp).await.unwrap()
    }

    #[tokio::test]
    async fn closed_it_is_waited_for_without_end() {
        let mut listener = listener(&Pki::new()).await;
        listener.close(Duration::ZERO);
        assert!(listener.accept().await.is_none());
        tokio::time::pause(); // the time passes at once where there is nothing else to do
        let accept = axum::serve::Listener::accept(&mut listener);
        let year = Duration::from_secs(365 * 86_400);
        assert!(tokio::time::timeout(year, accept).await.is_err());
    }

    #[tokio::test]
    async fn tapped_it_tells_a_handler_the_address_of_its_client() {
        let pki = Pki::new();
        let listener = listener(&pki).await;
        let address = listener.local_addr();
        let handler = async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string();
        let router = Router::new().route("/", get(handler));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let serve = axum::serve(listener.tap_io(|_| {}), service);
        assert_eq!(serve.local_addr().unwrap(), address);
        tokio::spawn(serve.into_future());

        let tcp = TcpStream::connect(address).await.unwrap();
        let own = tcp.local_addr().unwrap().to_string();
        let mut client = handshake(&pki, tcp).await;
        let request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        client.write_all(request).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer.split_once("\r\n\r\n").unwrap().1, own);
    }
}
