//! Every client of the catalogue over real TCP, with and without a chooser: the right alert, and an
//! orderly close.

use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use lastword_testkit::catalogue::{self, Case, Required, ServerProfile, Target};
use lastword_testkit::pki::Pki;
use lastword_tokio::acceptor::Config;
use lastword_tokio::{Incoming, TlsAcceptor, TlsStream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

const REPLY: &[u8] = b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi";

/// How the server takes its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Path {
    Direct,
    Choosing,
}

/// Serves one client. Returns its line in the server's log, or `None` if it was served.
async fn serve(
    tcp: TcpStream,
    path: Path,
    profile: ServerProfile,
    config: Config,
) -> Option<String> {
    let acceptor = match path {
        Path::Direct => TlsAcceptor::new(config),
        Path::Choosing => TlsAcceptor::choosing(async move |incoming: Incoming| {
            tokio::task::yield_now().await; // a choice takes its time
            profile.choose(&config, incoming.hello())
        }),
    };
    let acceptor = acceptor
        .with_timeout(profile.deadline)
        .with_authorizer(async move |_| {
            tokio::task::yield_now().await; // and so does a verdict
            profile.authorize()
        });
    match acceptor.accept(tcp).await {
        Ok(stream) => {
            reply(stream).await;
            None
        }
        Err(error) => Some(error.to_string()),
    }
}

/// Answers a request with one record, then closes in order.
async fn reply(mut stream: TlsStream<TcpStream>) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if !matches!(stream.read_buf(&mut request).await, Ok(1..)) {
            break;
        }
    }
    stream.write_all(REPLY).await.unwrap();
    stream.close().await;
}

fn run(case: &Case, pki: &Pki, path: Path, runtime: &Runtime) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (profile, config) = (
        case.server,
        Config::new(pki.server_config(&case.server)).unwrap(),
    );
    let server = runtime.spawn(async move {
        listener.set_nonblocking(true).unwrap();
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let (tcp, _) = listener.accept().await.unwrap();
        serve(tcp, path, profile, config).await
    });
    let observed = case.run(&target(address, pki)).unwrap();
    let log = runtime.block_on(server).unwrap();
    if let Err(wrong) = case.verdict(&observed) {
        panic!("{}: {wrong}; the server says {log:?}", case.name);
    }
    let served = case.required == Required::Served;
    assert_eq!(log.is_none(), served, "{}: {log:?}", case.name);
}

fn target(address: SocketAddr, pki: &Pki) -> Target<'_> {
    Target::new(address, pki, Duration::from_secs(20))
}

/// Runs them four at a time, since some wait for a timeout.
fn run_all(cases: &[Case], path: Path) {
    let runtime = Runtime::new().unwrap();
    let pki = Pki::new();
    let (pki, runtime, quarter) = (&pki, &runtime, cases.len().div_ceil(4));
    thread::scope(|scope| {
        for cases in cases.chunks(quarter) {
            scope.spawn(move || cases.iter().for_each(|case| run(case, pki, path, runtime)));
        }
    });
}

#[test]
fn every_failing_client_has_its_alert_with_a_chooser() {
    run_all(&catalogue::failing(), Path::Choosing);
}

#[test]
fn every_failing_client_has_its_alert_with_one_configuration() {
    let mut cases = catalogue::failing();
    cases.retain(|case| !case.server.has_choice());
    assert!(cases.len() > 60, "only {}", cases.len());
    run_all(&cases, Path::Direct);
}

#[test]
fn every_failing_client_has_its_alert_without_encrypted_alerts() {
    let cases = catalogue::with_rustls_provider(catalogue::failing());
    run_all(&cases.collect::<Vec<_>>(), Path::Choosing);
}

#[test]
fn every_other_client_is_served_both_ways() {
    run_all(&catalogue::succeeding(), Path::Choosing);
    run_all(&catalogue::succeeding(), Path::Direct);
}
