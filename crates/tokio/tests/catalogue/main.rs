//! Every client of the catalogue over real TCP, on both paths: told right, and closed in order.

use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use lastword_testkit::catalogue::{self, Case, Required, ServerProfile, Target};
use lastword_testkit::pki::Pki;
use lastword_tokio::acceptor::Config;
use lastword_tokio::{Drain, Established, Failure, Options, accept, accept_direct, close};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

const REPLY: &[u8] = b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi";

/// How the server takes its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Path {
    Direct,
    Acceptor,
}

/// Serves one client: what the server says of it in its log, nothing if it was served.
async fn serve(
    tcp: TcpStream,
    path: Path,
    profile: ServerProfile,
    config: Config,
) -> Option<String> {
    let options = Options::default().with_deadline(profile.deadline);
    let accepted = match path {
        Path::Direct => accept_direct(tcp, &options, &config).await,
        Path::Acceptor => {
            accept(tcp, &options, async |hello| {
                tokio::task::yield_now().await; // a choice takes its time
                profile.choose(&config, hello)
            })
            .await
        }
    };
    match accepted {
        Ok(established) => {
            reply(established).await;
            None
        }
        Err(failure) => Some(said(&failure)),
    }
}

fn said(failure: &Failure<TcpStream>) -> String {
    failure.to_string()
}

/// Answers a request with one record, then closes in order.
async fn reply(established: Established<TcpStream>) {
    let mut stream = established.into_stream();
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if !matches!(stream.read_buf(&mut request).await, Ok(1..)) {
            break;
        }
    }
    stream.write_all(REPLY).await.unwrap();
    close(stream, Drain::default()).await;
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
    Target {
        address,
        pki,
        patience: Duration::from_secs(20),
    }
}

/// Runs them four at a time, for some wait out a deadline.
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
fn tells_every_failing_client_on_the_acceptor_path() {
    run_all(&catalogue::failing(), Path::Acceptor);
}

#[test]
fn tells_every_failing_client_on_the_direct_path() {
    let mut cases = catalogue::failing();
    cases.retain(|case| !case.server.has_choice());
    assert!(cases.len() > 60, "only {}", cases.len());
    run_all(&cases, Path::Direct);
}

#[test]
fn serves_every_other_client_on_both_paths() {
    run_all(&catalogue::succeeding(), Path::Acceptor);
    run_all(&catalogue::succeeding(), Path::Direct);
}
