//! What may be sent to another thread, shared and moved. Most of this is only compiled.

use std::cell::Cell;
use std::error::Error;
use std::future::Future;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use lastword_tokio::acceptor::{Config, Hello, Rejection};
use lastword_tokio::{
    Accepted, Accepting, Chooser, Closing, Deliveries, Delivering, Established, Failure,
    Handshaking, Listener, ListenerOptions, Options, TlsStream, Undelivered, accept, accept_direct,
    begin, close,
};
use tokio::io::DuplexStream;
use tokio::net::TcpStream;
use tokio::task::{JoinSet, spawn_local};
use tokio::time::sleep;

const fn is_send<T: Send>() {}
const fn is_sync<T: Sync>() {}
const fn is_unpin<T: Unpin>() {}

/// Each state of this stream.
type States<IO> = (
    Accepting<IO>,
    Accepted<IO>,
    Handshaking<IO>,
    Undelivered<IO>,
    Delivering<IO>,
    Failure<IO>,
    Established<IO>,
    Closing<IO>,
);

const fn all_of_them<IO: Send + Sync + Unpin>() {
    is_send::<States<IO>>();
    is_sync::<States<IO>>();
    is_unpin::<States<IO>>();
}

#[test]
fn every_state_is_send_sync_and_unpin_as_its_stream_is() {
    all_of_them::<TcpStream>();
    all_of_them::<DuplexStream>();
    all_of_them::<TlsStream<TcpStream>>();
    is_send::<States<Cell<u8>>>(); // which is not Sync
    is_unpin::<States<Rc<u8>>>(); // which is neither
    is_send::<Deliveries>();
    is_sync::<Deliveries>();
}

/// Certificates that are elsewhere.
struct Store;

impl Chooser for Store {
    async fn choose(&self, hello: &Hello) -> Result<Config, Rejection> {
        let found = self.find(hello.server_name().unwrap_or_default()).await;
        found.ok_or_else(Rejection::unrecognized_name)
    }
}

impl Store {
    async fn find(&self, name: &str) -> Option<Config> {
        sleep(Duration::from_secs(name.len() as u64)).await;
        None
    }
}

#[expect(dead_code, reason = "it is compiled")]
fn spawns_a_closure_that_owns_what_it_captured(tcp: TcpStream, config: Config, store: Arc<Store>) {
    tokio::spawn(accept(tcp, &Options::default(), async move |hello| {
        let found = match hello.server_name() {
            None => return Ok(config),
            Some(name) => store.find(name).await, // which is the hello's
        };
        found.ok_or_else(Rejection::unrecognized_name)
    }));
}

#[expect(dead_code, reason = "it is compiled")]
fn spawns_a_block_whose_closure_borrows(tcp: TcpStream, config: Config, store: Store) {
    tokio::spawn(async move {
        let accepted = accept(tcp, &Options::default(), async |hello| {
            let hello = hello.client_hello();
            let (protocols, groups) = (hello.alpn(), hello.named_groups());
            if store.find("by default").await.is_some() {
                return Ok(config.clone());
            }
            sleep(Duration::from_secs(1)).await;
            match (protocols, groups) {
                (Some(_), Some(_)) => Ok(config.clone()),
                _ => Err(Rejection::access_denied("too little is offered")),
            }
        });
        accepted.await.map(Established::into_stream)
    });
}

#[expect(dead_code, reason = "it is compiled")]
fn spawns_a_function(tcp: TcpStream, tasks: &mut JoinSet<io::Result<TlsStream<TcpStream>>>) {
    async fn choose(hello: &Hello) -> Result<Config, Rejection> {
        let name = hello
            .server_name()
            .ok_or_else(Rejection::missing_server_name)?;
        Store
            .find(name)
            .await
            .ok_or_else(Rejection::unrecognized_name)
    }
    tasks.spawn(async {
        let established = accept(tcp, &Options::default(), choose).await?;
        Ok(established.into())
    });
}

#[expect(dead_code, reason = "it is compiled")]
fn spawns_every_way_to_accept(tcp: [TcpStream; 4], config: Config, deliveries: &Deliveries) {
    let options = Options::default();
    let [first, second, third, fourth] = tcp;
    let chosen = config.clone();
    tokio::spawn(deliveries.accept(first, &options, async move |_| Ok(chosen)));
    tokio::spawn(deliveries.accept_direct(second, &options, &config));
    tokio::spawn(accept_direct(third, &options, &config));
    tokio::spawn(async move {
        match begin(fourth, &Options::default(), async |_| Ok(config)).await {
            Ok(established) => drop(close(established.into_stream(), options.drain).await),
            Err(undelivered) => drop(undelivered.deliver().await),
        }
    });
}

#[expect(dead_code, reason = "it is compiled")]
fn spawns_a_closure_that_stays_in_its_thread(tcp: TcpStream, config: Rc<Config>) {
    let options = Options::default();
    spawn_local(accept(tcp, &options, async move |_| Ok((*config).clone())));
}

#[expect(dead_code, reason = "it is compiled")]
async fn listens_at_two_addresses_with_one_store(store: Arc<Store>) -> io::Result<[Listener; 2]> {
    let options = ListenerOptions::default();
    let first = Listener::bind("127.0.0.1:0", Arc::clone(&store), options.clone()).await?;
    Ok([first, Listener::bind("[::1]:0", store, options).await?])
}

#[expect(dead_code, reason = "it is compiled")]
fn accepts_without_a_borrow(tcp: TcpStream, config: &Config) -> impl Future + Send + use<> {
    accept_direct(tcp, &Options::default(), config)
}

#[expect(dead_code, reason = "it is compiled")]
async fn a_failure_is_an_error(tcp: TcpStream) -> Result<(), Box<dyn Error + Send + Sync>> {
    let refuse = async |_: &Hello| Err(Rejection::unrecognized_name());
    drop(accept(tcp, &Options::default(), refuse).await?);
    Ok(())
}
