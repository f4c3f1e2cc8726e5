//! Early data on every path: read by the application, or passed over.

use std::io::{ErrorKind, Read};
use std::sync::Arc;
use std::time::Duration;

use lastword_io::acceptor::{Config, Connection, Handshake, Silence};
use lastword_io::step::{Options, Step};
use lastword_io::{AcceptError, Transport};
use lastword_testkit::catalogue::{ClientAuth, ServerProfile, Versions};
use lastword_testkit::pki::{ClientProfile, Identity, Pki};
use lastword_testkit::script::Outcome::{Fail, UpTo, WouldBlock};
use lastword_testkit::script::{Client, Outcome, ScriptedStream};
use rustls::ClientConfig;

use crate::scripted::styles::{Established, STYLES, Style};
use crate::scripted::{Scripted, acceptor};

/// A server that takes so much early data, with sessions of its own.
fn server_of(pki: &Pki, client_auth: ClientAuth, early_data: u32) -> Config {
    let profile = ServerProfile {
        client_auth,
        ..ServerProfile::DEFAULT
    };
    let mut config = pki.server_config_alone(&profile);
    config.max_early_data_size = early_data;
    Config::from(config)
}

fn server(pki: &Pki, client_auth: ClientAuth) -> Config {
    server_of(pki, client_auth, 1 << 14)
}

fn config(pki: &Pki) -> Config {
    server(pki, ClientAuth::No)
}

fn try_accept(
    style: Style,
    client: Client,
    reads: Vec<Outcome>,
    config: &Config,
) -> Result<Established, AcceptError> {
    let stream = ScriptedStream::new(&[]).with_client(client).reads(reads);
    let scripted = Scripted::new(stream).ticking();
    let accepted = style.accept_any(scripted, &Options::default(), config);
    accepted.map_err(|(error, _)| error)
}

fn accept(style: Style, client: Client, reads: Vec<Outcome>, config: &Config) -> Established {
    try_accept(style, client, reads, config).unwrap()
}

/// A client with a ticket of this server's.
fn resuming(style: Style, pki: &Pki, config: &Config) -> Arc<ClientConfig> {
    let profile = ClientProfile {
        versions: Versions::Tls13,
        identity: Identity::Known,
        ..ClientProfile::DEFAULT
    };
    let mut client = Arc::unwrap_or_clone(pki.client_config(&profile));
    client.enable_early_data = true;
    let client = Arc::new(client);
    let established = accept(style, Client::new(Arc::clone(&client)), Vec::new(), config);
    established.into_parts().1.read(&mut [0]).unwrap_err(); // it hears of its tickets
    client
}

/// The next `len` bytes that the client says.
fn said(connection: &mut Connection, scripted: &mut Scripted, len: usize) -> Vec<u8> {
    let mut said = Vec::new();
    while said.len() < len {
        match connection.plaintext() {
            Ok(plaintext) => {
                said.extend(plaintext);
                let len = plaintext.len();
                connection.consume(len);
            }
            Err(_) => {
                connection.read_tls(scripted).unwrap();
                connection.process().unwrap();
            }
        }
    }
    said
}

#[test]
fn accepted_early_data_is_the_applications_on_every_path() {
    let pki = Pki::new();
    let config = config(&pki);
    for style in STYLES {
        for reads in [vec![], [UpTo(1)].repeat(3000)] {
            let client = resuming(style, &pki, &config);
            let client = Client::new(client)
                .saying_early(b"GET /early", 3)
                .saying(b" and more");
            let (mut early, mut later) = (Vec::new(), [0; 9]);
            match accept(style, client, reads, &config) {
                Established::Blocking(mut stream) => {
                    stream
                        .early_data()
                        .unwrap()
                        .read_to_end(&mut early)
                        .unwrap();
                    stream.read_exact(&mut later).unwrap();
                }
                Established::Nonblocking(mut connection, mut scripted) => {
                    let mut data = connection.early_data().unwrap();
                    data.read_to_end(&mut early).unwrap();
                    later.copy_from_slice(&said(&mut connection, &mut scripted, 9));
                }
            }
            assert_eq!(early, b"GET /early", "{style:?}");
            assert_eq!(&later, b" and more", "{style:?}");
        }
    }
}

#[test]
fn rejected_early_data_is_passed_over_on_every_path() {
    let pki = Pki::new();
    let (first, second) = (config(&pki), config(&pki));
    for style in STYLES {
        for reads in [vec![], [UpTo(1)].repeat(9000)] {
            let client = resuming(style, &pki, &first);
            let client = Client::new(client)
                .saying_early(&[b'x'; 5000], 100)
                .saying(b"a request");
            let (mut connection, mut scripted) = accept(style, client, reads, &second).into_parts();
            assert!(connection.early_data().is_none());
            let request = said(&mut connection, &mut scripted, 9);
            assert_eq!(request, b"a request", "{style:?}");
        }
    }
}

/// The certificate and all after it come in one record, and more early data than is processed twice:
/// a second of silence shows that the client waits.
#[test]
fn who_waits_after_much_rejected_early_data_and_its_flight_is_served() {
    let pki = Pki::new();
    let (first, second) = (config(&pki), server(&pki, ClientAuth::Required));
    for style in STYLES {
        let client = Client::new(resuming(style, &pki, &first));
        let client = client.saying_early(&[b'x'; 10_000], 1000);
        let (_, scripted) = accept(style, client, Vec::new(), &second).into_parts();
        let taken = scripted.elapsed();
        assert!(taken <= Duration::from_millis(1100), "{style:?}: {taken:?}");
    }
}

/// The certificate and all after it come in one record, and more plaintext at once than rustls holds.
#[test]
fn who_uploads_after_rejected_early_data_is_served_whole() {
    for (early_data, early, records) in [
        (1 << 20, 100, [16_384, 1000, 1000, 1000]),
        (1 << 14, 100, [16_384, 10, 10, 10]),
        (1 << 14, 9000, [16_384, 10, 10, 10]),
        (1 << 14, 100, [14_700, 1700, 10, 10]),
        (1 << 14, 100, [14_900, 1500, 10, 10]),
        (1 << 14, 100, [15_000, 1400, 10, 10]),
        (1 << 14, 100, [14_500, 1900, 10, 10]),
    ] {
        let pki = Pki::new();
        let first = server_of(&pki, ClientAuth::No, early_data);
        let second = server_of(&pki, ClientAuth::Required, early_data);
        for style in STYLES {
            let mut client = Client::new(resuming(style, &pki, &first));
            client = client.saying_early(&vec![b'x'; early], 1000);
            for record in records {
                client = client.saying(&vec![b'y'; record]);
            }
            let len = records.iter().sum();
            let (mut connection, mut scripted) =
                accept(style, client, Vec::new(), &second).into_parts();
            let said = said(&mut connection, &mut scripted, len);
            assert_eq!(said, vec![b'y'; len], "{style:?}");
        }
    }
}

/// No next record comes that the last ones would wait for.
#[test]
fn who_closes_after_rejected_early_data_and_its_flight_is_served() {
    let pki = Pki::new();
    let (first, second) = (config(&pki), server(&pki, ClientAuth::Required));
    for style in STYLES {
        let client = Client::new(resuming(style, &pki, &first))
            .saying_early(&[b'x'; 1000], 1000)
            .saying(b"a request")
            .leaving();
        let (mut connection, _) = accept(style, client, Vec::new(), &second).into_parts();
        assert_eq!(connection.plaintext().unwrap(), b"a request", "{style:?}");
    }
}

#[test]
fn the_alert_of_a_client_whose_early_data_is_rejected_is_reported() {
    let (pki, other) = (Pki::new(), Pki::new());
    let (first, second) = (config(&pki), config(&other)); // the client trusts the first
    for style in STYLES {
        let client = Client::new(resuming(style, &pki, &first)).saying_early(&[b'x'; 1000], 1000);
        let error = try_accept(style, client, Vec::new(), &second).unwrap_err();
        assert_eq!(error.silence(), Some(Silence::PeerAlert), "{style:?}");
    }
}

/// An event loop that steps it at its deadline would spin at one that has passed.
#[test]
fn the_deadline_is_the_handshakes_once_nothing_waits() {
    let pki = Pki::new();
    let (first, second) = (config(&pki), config(&pki));
    let client = Client::new(resuming(Style::Nonblocking, &pki, &first));
    let client = client.saying_early(&[b'x'; 300], 300);
    let all = UpTo(usize::MAX);
    let stream = ScriptedStream::new(&[]).with_client(client);
    // the flight; the tickets are not taken
    let writes = [all, WouldBlock];
    let reads = [all, WouldBlock];
    let mut stream = Scripted::new(stream.reads(reads).writes(writes)).without_timeouts();
    let (options, started) = (Options::default(), stream.now());
    let accept = acceptor(&options, &second).start(started);
    let Step::Reading(accept) = accept.step(&mut stream) else {
        panic!("it does not wait for the Finished");
    };
    assert_eq!(accept.deadline(), started + Handshake::WAIT);
    let Step::Writing(accept) = accept.step(&mut stream) else {
        panic!("it does not write");
    };
    assert_eq!(accept.deadline(), started + options.timeout);
}

/// Nobody is there to read an alert: the records that wait are of no use.
#[test]
fn a_client_that_resets_while_its_answer_is_written_has_closed() {
    let pki = Pki::new();
    let (first, second) = (config(&pki), config(&pki));
    let (all, reset) = (UpTo(usize::MAX), Fail(ErrorKind::BrokenPipe));
    for writes in [vec![UpTo(100), reset], vec![all, reset]] {
        for style in STYLES {
            let client = Client::new(resuming(style, &pki, &first));
            let client = client.saying_early(&[b'x'; 300], 300);
            let stream = ScriptedStream::new(&[]).with_client(client);
            let broken = std::iter::repeat_n(reset, 9);
            let stream = stream.writes(writes.iter().copied().chain(broken));
            let scripted = Scripted::new(stream).ticking();
            let accepted = style.accept_any(scripted, &Options::default(), &second);
            let (error, scripted) = accepted.map(drop).unwrap_err();
            assert_eq!(error.silence(), Some(Silence::PeerClosed), "{style:?}");
            assert!(scripted.stream.calls().writes <= 5, "{style:?}");
        }
    }
}
