//! What may be sent to another thread, shared and moved. Most of this is only compiled.

use std::cell::Cell;
use std::error::Error;
use std::future::Future;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use lastword_tokio::acceptor::{Config, Rejection};
use lastword_tokio::choose::Choice;
use lastword_tokio::step::{
    Accept, AcceptUndelivered, Accepted, Accepting, Closing, Delivering, Handshaking,
};
use lastword_tokio::{
    AcceptError, Deliveries, Incoming, Listener, ListenerOptions, Shutdown, TlsAcceptor, TlsStream,
    Undelivered,
};
use tokio::io::DuplexStream;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep;

const fn is_clone<T: Clone>() {}
const fn is_send<T: Send>() {}
const fn is_sync<T: Sync>() {}
const fn is_unpin<T: Unpin>() {}

/// Each state of this stream.
type States<IO> = (
    Accepting<IO>,
    Accepted<IO>,
    Handshaking<IO>,
    Undelivered<IO, String>,
    Delivering<IO>,
    AcceptError<IO>,
    TlsStream<IO, String>,
    Closing<IO>,
);

const fn all_of_them<IO: Send + Sync + Unpin>() {
    is_send::<States<IO>>();
    is_sync::<States<IO>>();
    is_unpin::<States<IO>>();
    futures::<IO>();
}

/// The future of a chooser is not `Sync`, so these are not.
const fn futures<IO: Send>() {
    is_send::<(Accept<IO>, AcceptUndelivered<IO, String>)>();
    is_unpin::<(Accept<IO>, AcceptUndelivered<IO, String>)>();
}

#[test]
fn every_state_is_send_sync_and_unpin_as_its_stream_is() {
    all_of_them::<TcpStream>();
    all_of_them::<DuplexStream>();
    all_of_them::<TlsStream<TcpStream>>();
    is_send::<States<Cell<u8>>>(); // which is not Sync
    futures::<Cell<u8>>();
    is_unpin::<States<Rc<u8>>>(); // which is neither
}

#[test]
fn an_acceptor_is_shared_by_tasks_whatever_its_value_is() {
    is_clone::<(TlsAcceptor, TlsAcceptor<Cell<u8>>, Deliveries, Shutdown)>();
    is_send::<(TlsAcceptor, TlsAcceptor<Cell<u8>>, Deliveries, Shutdown)>();
    is_sync::<(TlsAcceptor, TlsAcceptor<Cell<u8>>, Deliveries, Shutdown)>();
    is_send::<(Listener, Listener<DuplexStream, Cell<u8>>)>();
}

/// Certificates that are elsewhere.
struct Store;

impl Store {
    async fn find(&self, name: &str) -> Option<Config> {
        sleep(Duration::from_secs(name.len() as u64)).await;
        None
    }
}

#[expect(dead_code, reason = "it is compiled")]
fn spawns_with_a_closure_that_awaits_what_it_captured(tcp: TcpStream, store: Arc<Store>) {
    let acceptor = TlsAcceptor::choosing(async move |incoming: Incoming| {
        let found = match incoming.server_name() {
            None => return Err(Rejection::missing_server_name()),
            Some(name) => store.find(name).await, // which the client's hello holds
        };
        found.ok_or_else(Rejection::unrecognized_name)
    });
    tokio::spawn(acceptor.accept(tcp));
}

#[expect(dead_code, reason = "it is compiled")]
fn spawns_with_a_closure_that_keeps_a_part_of_the_hello_across_an_await(
    tcp: TcpStream,
    config: Config,
) {
    let acceptor = TlsAcceptor::choosing(async move |incoming: Incoming| {
        let hello = incoming.client_hello();
        let (protocols, groups) = (hello.alpn(), hello.named_groups());
        sleep(Duration::from_secs(1)).await;
        match (protocols, groups) {
            (Some(_), Some(_)) => Ok(config),
            _ => Err(Rejection::access_denied("too little is offered")),
        }
    });
    tokio::spawn(async move { acceptor.accept(tcp).await });
}

#[expect(dead_code, reason = "it is compiled")]
fn spawns_with_a_function(tcp: TcpStream, tasks: &mut JoinSet<io::Result<TlsStream<TcpStream>>>) {
    async fn choose(incoming: Incoming) -> Result<Config, Rejection> {
        let name = incoming
            .server_name()
            .ok_or_else(Rejection::missing_server_name)?;
        Store
            .find(name)
            .await
            .ok_or_else(Rejection::unrecognized_name)
    }
    let accept = TlsAcceptor::choosing(choose).accept(tcp);
    tasks.spawn(async { Ok(accept.await?) });
}

#[expect(dead_code, reason = "it is compiled")]
fn spawns_every_way_to_accept(tcp: [TcpStream; 3], acceptor: &TlsAcceptor<Cell<u8>>) {
    let [first, second, third] = tcp;
    tokio::spawn(acceptor.accept(first));
    tokio::spawn(acceptor.accept_local(second));
    let accept = acceptor.accept_undelivered(third);
    tokio::spawn(async move {
        match accept.await {
            Ok(stream) => drop(stream.close().await),
            Err(undelivered) => drop(undelivered.deliver().await),
        }
    });
}

#[expect(dead_code, reason = "it is compiled")]
async fn listens_at_two_addresses_with_one_acceptor<T: Send + 'static>(
    acceptor: TlsAcceptor<T>,
) -> io::Result<[Listener<TcpStream, T>; 2]> {
    let first = Listener::bind("127.0.0.1:0", acceptor.clone(), ListenerOptions::default());
    let second = Listener::bind("[::1]:0", acceptor, ListenerOptions::default());
    Ok([first.await?, second.await?])
}

#[expect(dead_code, reason = "it is compiled")]
fn accepts_without_a_borrow(tcp: TcpStream, acceptor: &TlsAcceptor) -> impl Future + Send + use<> {
    acceptor.accept(tcp)
}

#[expect(dead_code, reason = "it is compiled")]
async fn an_error_is_boxed(tcp: TcpStream) -> Result<(), Box<dyn Error + Send + Sync>> {
    let refuse = |_| Err::<Choice, _>(Rejection::unrecognized_name());
    drop(TlsAcceptor::choosing(refuse).accept(tcp).await?);
    Ok(())
}
