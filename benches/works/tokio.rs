//! The server's part of a connection over tokio: all of the future it is, from its first poll.

use std::any::Any;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use lastword_testkit::catalogue::ClientAuth;
use rustls::server::Acceptor;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::runtime::{Builder, Runtime};
use tokio_rustls::{LazyConfigAcceptor, TlsAcceptor};

use crate::client::Client;
use crate::servers::{self, Like, Server};
use crate::work::{Meter, Work};

pub(super) fn works() -> Vec<Work> {
    let any = servers::server(&[], ClientAuth::No);
    vec![
        work("tokio/handshake", &any, "localhost"),
        work("tokio/unknown name", &servers::by_name(), "stranger.test"),
    ]
}

/// A connection. Its outcome is kept, so that its drop is not measured.
type Served = Pin<Box<dyn Future<Output = Box<dyn Any>>>>;

fn work(name: &str, server: &Server, asks_for: &'static str) -> Work {
    let runtime = Builder::new_current_thread().enable_time().build();
    let runtime = Rc::new(runtime.expect("there is a runtime"));
    let client = Like::DEFAULT.config();
    let bytes = Client::named(&client, asks_for).sent().len();
    let way = |serve: Box<dyn Fn(DuplexStream) -> Served>| {
        let (runtime, client) = (Rc::clone(&runtime), Arc::clone(&client));
        move |meter: &mut dyn Meter| run(&runtime, Client::named(&client, asks_for), &serve, meter)
    };
    let ours = server.tokio_acceptor();
    let direct = lastword_tokio::TlsAcceptor::new(server.ours.clone());
    let [theirs, lazy] = [Arc::clone(&server.rustls), Arc::clone(&server.rustls)];
    let work = Work::new(name, bytes).parts(
        "lastword tokio",
        way(Box::new(move |io| kept(ours.accept(io)))),
    );
    work.parts(
        "lastword tokio direct",
        way(Box::new(move |io| kept(direct.accept(io)))),
    )
    .parts(
        "tokio-rustls",
        way(Box::new(move |io| {
            kept(TlsAcceptor::from(Arc::clone(&theirs)).accept(io))
        })),
    )
    .parts(
        "LazyConfigAcceptor",
        way(Box::new(move |io| {
            let config = Arc::clone(&lazy);
            kept(async move {
                let start = LazyConfigAcceptor::new(Acceptor::default(), io).await?;
                start.into_stream(config).await
            })
        })),
    )
}

fn kept<T: 'static>(served: impl Future<Output = T> + 'static) -> Served {
    Box::pin(async { Box::new(served.await) as Box<dyn Any> })
}

/// One connection, of a client that closes once it has read what is for it.
fn run(
    runtime: &Runtime,
    mut client: Client,
    serve: &dyn Fn(DuplexStream) -> Served,
    meter: &mut dyn Meter,
) {
    let _entered = runtime.enter();
    let (server_end, mut client_end) = duplex(1 << 16);
    send(runtime, &mut client_end, &client.sent()).expect("there is room");

    let mut context = Context::from_waker(Waker::noop());
    let (mut server_end, mut served, mut outcome) = (Some(server_end), None, None);
    meter.measure(&mut || {
        let io = server_end.take().expect("it is measured once");
        let mut future = serve(io);
        outcome = ready(future.as_mut().poll(&mut context));
        served = Some(future);
    });
    let answer = client.try_answer(&receive(runtime, &mut client_end));
    let is_refused = answer.is_empty();
    if is_refused {
        drop(client_end);
    } else {
        send(runtime, &mut client_end, &answer).expect("there is room");
    }
    if outcome.is_none() {
        meter.measure(&mut || {
            let future = served.as_mut().expect("it was polled");
            outcome = ready(future.as_mut().poll(&mut context));
        });
    }
    assert!(outcome.is_some(), "it is over");
    assert_eq!(client.is_done(), !is_refused);
}

fn ready<T>(poll: Poll<T>) -> Option<T> {
    match poll {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

fn send(runtime: &Runtime, end: &mut DuplexStream, bytes: &[u8]) -> io::Result<()> {
    runtime.block_on(end.write_all(bytes))
}

/// What has been written to the other end.
fn receive(runtime: &Runtime, end: &mut DuplexStream) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1 << 16);
    let received = runtime.block_on(end.read_buf(&mut bytes));
    received.expect("the server writes first");
    bytes
}
