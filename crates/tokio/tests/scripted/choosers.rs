//! The closures that an application writes: each compiles as it stands, and chooses.

use std::collections::HashMap;
use std::future::ready;
use std::io;
use std::sync::Arc;

use lastword_testkit::pki::ClientProfile;
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::untimed;
use lastword_tokio::acceptor::{AlertDescription, Config, Rejection};
use lastword_tokio::choose::Choice;
use lastword_tokio::{AcceptError, Addresses, Incoming, TlsAcceptor, TlsStream};

use crate::scripted::{CONFIG, Scripted, client, hello, with_client};

type Accepted<T> = Result<TlsStream<Scripted, T>, AcceptError<Scripted>>;

/// Accepts a good client, which asks for `localhost`.
async fn accept<T>(acceptor: TlsAcceptor<T>) -> Accepted<T> {
    let stream = with_client(client(&ClientProfile::DEFAULT));
    acceptor.accept(Scripted::new(stream)).await
}

/// The configurations of a server, by server name.
fn configs() -> Arc<HashMap<String, Config>> {
    Arc::new(HashMap::from([("localhost".to_owned(), CONFIG.clone())]))
}

async fn load(name: &str) -> io::Result<Config> {
    tokio::task::yield_now().await;
    match name {
        "localhost" => Ok(CONFIG.clone()),
        _ => Err(io::Error::other("the disk is gone")),
    }
}

fn load_at_once(name: Option<&str>) -> io::Result<Config> {
    match name {
        Some("localhost") => Ok(CONFIG.clone()),
        _ => Err(io::Error::other("the disk is gone")),
    }
}

#[tokio::test(start_paused = true)]
async fn an_async_closure_matches_the_server_name() {
    let acceptor = TlsAcceptor::choosing(async |incoming| match incoming.server_name() {
        Some(name) => Ok(load(name).await?),
        None => Err(Rejection::missing_server_name()),
    });
    accept(acceptor).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_closure_returns_a_future_that_is_ready() {
    let config = CONFIG.clone();
    let acceptor = TlsAcceptor::choosing(move |_| ready(Ok(config.clone())));
    accept(acceptor).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_synchronous_closure_returns_a_result() {
    let configs = configs();
    let acceptor = TlsAcceptor::choosing(move |incoming| match incoming.server_name() {
        Some(name) => configs
            .get(name)
            .cloned()
            .ok_or_else(Rejection::unrecognized_name),
        None => Err(Rejection::missing_server_name()),
    });
    accept(acceptor).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_synchronous_closure_has_only_question_marks_for_errors() {
    let acceptor = TlsAcceptor::choosing(|incoming| Ok(load_at_once(incoming.server_name())?));
    accept(acceptor).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_async_closure_has_only_question_marks_for_errors() {
    let acceptor = TlsAcceptor::choosing(async |incoming| {
        let name = incoming.server_name();
        let name = name.ok_or_else(|| io::Error::other("no name"))?;
        Ok(load(name).await?)
    });
    accept(acceptor).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_closure_moves_a_clone_of_a_map_into_an_async_block() {
    let configs = configs();
    let acceptor = TlsAcceptor::choosing(move |incoming| async move {
        let name = incoming
            .server_name()
            .ok_or_else(Rejection::missing_server_name)?;
        let config = configs.get(name).cloned();
        config.ok_or_else(Rejection::unrecognized_name)
    });
    accept(acceptor.clone()).await.unwrap();
    accept(acceptor).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_value_returned_with_the_configuration_comes_with_the_stream() {
    let acceptor = TlsAcceptor::choosing(async |incoming| {
        let name = incoming.server_name().unwrap_or_default();
        Ok((load(name).await?, name.len()))
    });
    let stream = accept(acceptor).await.unwrap();
    assert_eq!(stream.value(), &9);
    assert_eq!(stream.into_value().1, 9);
    let config = CONFIG.clone();
    let acceptor = TlsAcceptor::choosing(move |_| Ok((config.clone(), "blue")));
    assert_eq!(accept(acceptor).await.unwrap().value(), &"blue");
}

#[tokio::test(start_paused = true)]
async fn an_incoming_client_is_a_value_itself() {
    let config = CONFIG.clone();
    let acceptor = TlsAcceptor::choosing(move |incoming| ready(Ok((config.clone(), incoming))));
    let stream = accept(acceptor).await.unwrap();
    assert_eq!(stream.value().server_name(), Some("localhost"));
    let acceptor = TlsAcceptor::choosing(|incoming| Ok((CONFIG.clone(), incoming)));
    let stream = accept(acceptor).await.unwrap();
    assert_eq!(stream.value().hello().server_name(), Some("localhost"));
}

#[tokio::test(start_paused = true)]
async fn a_closure_serves_some_and_passes_others_through() {
    let acceptor = TlsAcceptor::choosing(|incoming| match incoming.server_name() {
        Some("localhost") => Ok(Choice::serve(CONFIG.clone()).with_value(7)),
        _ => Ok(Choice::pass_through(8)),
    });
    assert_eq!(accept(acceptor).await.unwrap().value(), &7);
}

#[tokio::test(start_paused = true)]
async fn a_function_is_a_chooser() {
    async fn choose(incoming: Incoming) -> Result<Config, Rejection> {
        Ok(load(incoming.server_name().unwrap_or_default()).await?)
    }
    accept(TlsAcceptor::choosing(choose)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_application_is_an_internal_error() {
    for acceptor in [
        TlsAcceptor::choosing(async |_| Ok(load("other.test").await?)),
        TlsAcceptor::choosing(|_| Ok(load_at_once(None)?)),
    ] {
        let stream = Scripted::new(ScriptedStream::new(&hello()).closes_when_told());
        let error = acceptor.accept(stream).await.unwrap_err();
        assert_eq!(error.alert(), Some(AlertDescription::INTERNAL_ERROR));
        assert_eq!(
            untimed(&error),
            "this server failed: the disk is gone: client asks for localhost; alert internal_error (80) sent, delivered"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_chooser_sees_the_addresses_that_were_set() {
    let addresses = Addresses::default().with_peer("192.0.2.7:40000".parse().unwrap());
    let acceptor = TlsAcceptor::choosing(|incoming| {
        let peer = incoming.peer_addr();
        Ok((CONFIG.clone(), peer))
    });
    let stream = Scripted::new(with_client(client(&ClientProfile::DEFAULT)));
    let accept = acceptor.accept(stream).with_addresses(addresses.clone());
    let stream = accept.await.unwrap();
    assert_eq!(*stream.value(), addresses.peer);
    assert_eq!(stream.addresses(), Some(&addresses));
}
