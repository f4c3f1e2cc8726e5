//! The testkit's clients over TCP, with a server that has nothing but this crate.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use lastword_acceptor::{
    Accepted, Config, Connection, End, ErrorAndAlert, Handshake, Limits, Progress, encrypted_alerts,
};
use lastword_testkit::catalogue::{
    Case, Observed, Provider, ServerProfile, Target, failing, succeeding, unmet,
    with_rustls_provider,
};

use crate::sealed::audit;
use crate::sealed::scenario::PKI;

const REPLY: &[u8] = b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi";

/// How long a client waits at most.
const PATIENCE: Duration = Duration::from_secs(30);

/// The server of one client.
struct Server<'a> {
    stream: TcpStream,
    profile: &'a ServerProfile,
    config: Config,
    deadline: Instant,
    /// Whether the application gives a verdict.
    authorizes: bool,
}

/// How a handshake ended.
type Ended = Result<Connection, Box<ErrorAndAlert>>;

impl Server<'_> {
    fn serve(mut self) -> io::Result<()> {
        match self.accept()? {
            Ok(connection) => self.reply(connection)?,
            Err(error) => {
                if self.config.encrypts_alerts() {
                    assert_eq!(error.error().required_alert(), None);
                }
                self.stream.write_all(error.tls()).ok();
            }
        }
        self.stream.shutdown(Shutdown::Write).ok();
        self.stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        while let Ok(1..) = self.stream.read(&mut [0; 4096]) {}
        Ok(())
    }

    fn accept(&mut self) -> io::Result<Ended> {
        let mut handshake = Handshake::new(Limits::default());
        if self.authorizes || self.profile.verdict.is_some() {
            handshake = handshake.authorizing();
        }
        loop {
            let mut buffer = [0; 4096];
            let most = handshake.most_to_read().min(buffer.len());
            let read = self.read(&mut buffer[..most], handshake.has_waiting_records());
            let progress = match read {
                Ok(0) => match handshake.process_all() {
                    Ok(Progress::Continue(handshake)) => Err(handshake.end(End::Closed)),
                    progress => progress,
                },
                Ok(n) => self.receive(handshake, &buffer[..n]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    match Instant::now() >= self.deadline {
                        true => Err(handshake.end(End::TimedOut)),
                        false => handshake.process_waiting(),
                    }
                }
                Err(_) => Err(handshake.end(End::StreamFailed)),
            };
            match progress {
                Ok(Progress::Continue(next)) => handshake = next,
                Ok(Progress::Complete(connection)) => return Ok(Ok(connection)),
                Ok(other) => panic!("{other:?}"),
                Err(error) => return Ok(Err(Box::new(error))),
            }
            while handshake.wants_write() {
                handshake.write_tls(&mut self.stream)?;
            }
        }
    }

    /// Reads until the deadline, or for a short time.
    fn read(&mut self, buffer: &mut [u8], is_short: bool) -> io::Result<usize> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let left = match is_short {
            true => left.min(Handshake::WAIT),
            false => left,
        };
        if left.is_zero() {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        self.stream.read(buffer)
    }

    fn receive(
        &self,
        mut handshake: Handshake,
        mut bytes: &[u8],
    ) -> Result<Progress, ErrorAndAlert> {
        loop {
            match handshake.receive(&mut bytes)? {
                Progress::ClientHello(accepted) => handshake = self.choose(accepted)?,
                Progress::Authenticated(authenticated) => {
                    return match self.profile.authorize() {
                        Ok(()) => authenticated.accept(&mut bytes).map(Progress::Complete),
                        Err(rejection) => Err(authenticated.reject(rejection)),
                    };
                }
                progress => return Ok(progress),
            }
        }
    }

    fn choose(&self, accepted: Accepted) -> Result<Handshake, ErrorAndAlert> {
        match self.profile.choose(&self.config, accepted.hello()) {
            Ok(config) => accepted.into_handshake(&config),
            Err(rejection) => Err(accepted.reject(rejection)),
        }
    }

    fn reply(&mut self, mut connection: Connection) -> io::Result<()> {
        while connection.plaintext().is_err() && connection.kept_error().is_none() {
            while connection.wants_write() {
                connection.write_tls(&mut self.stream)?;
            }
            let mut buffer = [0; 4096];
            let n = self.read(&mut buffer, false)?;
            let mut bytes = &buffer[..n];
            if connection.read_tls(&mut bytes)? == 0 {
                break;
            }
            if connection.process().is_err() {
                break;
            }
        }
        if connection
            .plaintext()
            .is_ok_and(|request| !request.is_empty())
        {
            connection.write(REPLY)?;
        }
        connection.send_close_notify();
        while connection.wants_write() {
            connection.write_tls(&mut self.stream)?;
        }
        Ok(())
    }
}

/// Runs one client against one server.
fn run(case: &Case, authorizes: bool) -> Observed {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = Target::new(listener.local_addr().unwrap(), &PKI, PATIENCE);
    let provider = match case.server.provider {
        Provider::EncryptedAlerts => encrypted_alerts(audit::provider()),
        Provider::Rustls => audit::provider(),
    };
    let config = PKI.server_config_with(&case.server, provider);
    thread::scope(|scope| {
        scope.spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let server = Server {
                stream,
                profile: &case.server,
                config: Config::new(config).unwrap(),
                deadline: Instant::now() + case.server.deadline,
                authorizes,
            };
            // a client may be gone
            drop(server.serve());
        });
        case.run(&target).unwrap()
    })
}

/// Runs these clients, eight at once, and checks what each of them sees.
fn all_see_what_they_must(cases: impl IntoIterator<Item = Case>, authorizes: bool) {
    let (send, receive) = mpsc::channel();
    let mut cases = cases.into_iter().collect::<Vec<_>>();
    cases.reverse();
    let cases = std::sync::Mutex::new(cases);
    thread::scope(|scope| {
        for _ in 0..8 {
            let send = send.clone();
            let cases = &cases;
            scope.spawn(move || {
                loop {
                    let case = cases.lock().unwrap().pop();
                    let Some(case) = case else {
                        return;
                    };
                    if let Err(wrong) = case.verdict(&run(&case, authorizes)) {
                        send.send(format!("{}: {wrong}", case.name)).unwrap();
                    }
                }
            });
        }
        drop(send);
    });
    let wrong = receive.into_iter().collect::<Vec<_>>();
    assert!(wrong.is_empty(), "{wrong:#?}");
    audit::check();
}

#[test]
fn every_client_that_fails_gets_its_alert() {
    all_see_what_they_must(failing(), false);
}

#[test]
fn every_client_that_fails_gets_its_alert_if_there_is_a_verdict() {
    all_see_what_they_must(failing(), true);
}

#[test]
fn with_rustls_own_provider_the_same_clients_are_as_they_are_marked() {
    all_see_what_they_must(with_rustls_provider(failing()), false);
    assert!(!unmet().is_empty());
}

#[test]
fn every_other_client_is_served() {
    let rustls = with_rustls_provider(succeeding());
    all_see_what_they_must(succeeding().into_iter().chain(rustls), false);
    all_see_what_they_must(succeeding(), true);
}
