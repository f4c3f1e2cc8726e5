//! Every client of the catalogue over real TCP, on both paths: told right, and closed in order.

use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use lastword_io::acceptor::{ClientHello, Config, Rejection};
use lastword_io::{Failure, Options, TlsStream, accept, accept_direct};
use lastword_testkit::catalogue::{self, Case, Names, Required, ServerProfile, Target};
use lastword_testkit::pki::Pki;

/// How the server takes its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Path {
    Direct,
    Acceptor,
}

type Accepted = Result<TlsStream<TcpStream>, Failure<TcpStream>>;

fn choose(
    profile: &ServerProfile,
    config: &Config,
    hello: &ClientHello<'_>,
) -> Result<Config, Rejection> {
    if let Some(alert) = profile.refuses {
        return Err(Rejection::new(alert, "refused by policy"));
    }
    match (profile.names, hello.server_name()) {
        (Names::Any, _) => Ok(config.clone()),
        (Names::Only(names), Some(name)) if names.contains(&name) => Ok(config.clone()),
        (Names::Only(_), Some(_)) => Err(Rejection::unrecognized_name()),
        (Names::Only(_), None) => Err(Rejection::missing_server_name()),
    }
}

fn serve(listener: &TcpListener, path: Path, profile: &ServerProfile, config: &Config) -> Accepted {
    let options = Options::default().with_deadline(profile.deadline);
    let (stream, _) = listener.accept().unwrap();
    match path {
        Path::Direct => accept_direct(stream, &options, config),
        Path::Acceptor => accept(stream, &options, |hello| choose(profile, config, hello)),
    }
}

/// Answers a request with one record, then closes in order.
fn reply(mut stream: TlsStream<TcpStream>) {
    use std::io::{Read, Write};
    let mut request = Vec::new();
    let mut buffer = [0; 1024];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(n @ 1..) => request.extend(&buffer[..n]),
            _ => break,
        }
    }
    stream
        .write_all(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        .unwrap();
    let _ = stream.close();
}

fn run(case: &Case, path: Path, pki: &Pki) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let config = Config::new(pki.server_config(&case.server));
    thread::scope(|scope| {
        let server = scope.spawn(|| match serve(&listener, path, &case.server, &config) {
            Ok(stream) => {
                reply(stream);
                None
            }
            Err(failure) => Some(failure.to_string()),
        });
        let target = Target {
            address,
            pki,
            patience: Duration::from_secs(20),
        };
        let observed = case.run(&target).unwrap();
        let log = server.join().unwrap();
        if let Err(wrong) = case.verdict(&observed) {
            panic!(
                "{} on {path:?}: {wrong}; the server says {log:?}",
                case.name
            );
        }
        assert_eq!(
            log.is_none(),
            case.required == Required::Served,
            "{}: {log:?}",
            case.name
        );
    });
}

/// Runs them four at a time, for some wait out a deadline.
fn run_all(cases: &[Case], path: Path) {
    let pki = Pki::new();
    let (pki, quarter) = (&pki, cases.len().div_ceil(4));
    thread::scope(|scope| {
        for cases in cases.chunks(quarter) {
            scope.spawn(move || cases.iter().for_each(|case| run(case, path, pki)));
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
    cases.retain(|case| case.server.names == Names::Any && case.server.refuses.is_none());
    assert!(cases.len() > 60, "only {}", cases.len());
    run_all(&cases, Path::Direct);
}

#[test]
fn serves_every_other_client_on_both_paths() {
    run_all(&catalogue::succeeding(), Path::Acceptor);
    run_all(&catalogue::succeeding(), Path::Direct);
}
