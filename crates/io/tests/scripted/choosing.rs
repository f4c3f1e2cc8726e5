//! Choosers: what they are given, and what becomes of each thing that they return, in every style.

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use lastword_io::acceptor::{Config, ErrorKind, Reason, Rejection};
use lastword_io::choose::{Addresses, Choice};
use lastword_io::step::{Accepting, Options, Step};
use lastword_io::{Delivery, Incoming, TlsAcceptor, Transport};
use lastword_testkit::pki::ClientProfile;
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::untimed;
use lastword_testkit::wire::{HelloBuilder, split_into_records};

use crate::scripted::{ACCEPTOR, CONFIG, Scripted, client, hello};

const INTERNAL_ERROR: [u8; 7] = [21, 3, 3, 0, 2, 2, 80];

const TERMINATES: &str = "this server passes the client through, but nothing took the connection: client asks for \
     localhost; alert internal_error (80) sent, delivered";

/// A rustls client.
fn speaking() -> Scripted {
    let client = client(&ClientProfile::DEFAULT);
    Scripted::new(ScriptedStream::new(&[]).with_client(client)).ticking()
}

fn closing(input: &[u8]) -> Scripted {
    Scripted::new(ScriptedStream::new(input).closes_when_told()).without_timeouts()
}

/// An acceptor that passes every client through, with its server name.
fn passing() -> TlsAcceptor<Option<String>> {
    TlsAcceptor::choosing(|incoming| {
        let name = incoming.server_name().map(str::to_owned);
        Ok(Choice::pass_through(name))
    })
}

/// Steps a handshake over a stream that is always ready.
fn run<T>(acceptor: &TlsAcceptor<T>, stream: &mut impl Transport) -> T {
    let mut accept = acceptor.start(stream.now());
    loop {
        accept = match accept.step(stream) {
            Step::Reading(accept) | Step::Writing(accept) => accept,
            Step::Over(Ok((_, value))) => return value,
            Step::Over(Err(error)) => panic!("{error}"),
        };
    }
}

#[test]
fn the_value_of_a_choice_comes_out_with_the_stream() {
    let acceptor = TlsAcceptor::choosing(|incoming: &Incoming| {
        let name = incoming.server_name().map(str::to_owned);
        Ok((CONFIG.clone(), name))
    });
    let stream = acceptor.accept(speaking()).unwrap();
    assert_eq!(stream.value().as_deref(), Some("localhost"));
    let value = run(&acceptor, &mut speaking());
    assert_eq!(value.as_deref(), Some("localhost"));
}

#[test]
fn a_chooser_may_return_a_configuration_a_pair_or_a_choice() {
    let plain = TlsAcceptor::choosing(|_| Ok(CONFIG.clone()));
    let () = *plain.accept(speaking()).unwrap().value();
    let pair = TlsAcceptor::choosing(|_| Ok((CONFIG.clone(), 7)));
    assert_eq!(*pair.accept(speaking()).unwrap().value(), 7);
    let choice = TlsAcceptor::choosing(|_| Ok(Choice::serve(CONFIG.clone()).with_value("seven")));
    assert_eq!(*choice.accept(speaking()).unwrap().value(), "seven");
}

#[test]
fn a_client_is_passed_through_with_every_byte_and_the_value() {
    let whole = hello();
    let split = split_into_records(&HelloBuilder::default().message(), &[100, 50]);
    for first in [whole, split] {
        let bytes = [&first[..], b"and what came with it"].concat();
        let undelivered = passing().accept_undelivered(closing(&bytes)).unwrap_err();
        let (stream, received, name) = undelivered.into_passed_through().unwrap();
        assert_eq!(received, bytes);
        assert_eq!(name.as_deref(), Some("localhost"));
        assert_eq!((stream.stream.written(), stream.shut()), (&[][..], None));
        assert_eq!(stream.timeout, [None; 2]);
    }
}

#[test]
fn a_client_that_nobody_takes_gets_internal_error() {
    let error = passing().accept(closing(&hello())).unwrap_err();
    assert_eq!(untimed(&error), TERMINATES);
    assert_eq!(error.into_stream().shut(), Some(&INTERNAL_ERROR[..]));

    let mut stream = closing(&hello());
    let Step::Over(Err(error)) = passing().start(stream.now()).step(&mut stream) else {
        panic!("it is not over");
    };
    assert_eq!(untimed(&error), TERMINATES);
    assert_eq!(stream.shut(), Some(&INTERNAL_ERROR[..]));
}

#[test]
fn a_client_that_fails_or_is_refused_is_not_passed_through() {
    let acceptor = TlsAcceptor::choosing(|incoming| match incoming.server_name() {
        Some("localhost") => Err(Rejection::unrecognized_name()),
        _ => Ok(Choice::pass_through("nobody")),
    });
    for (input, reason) in [(&b"????"[..], Reason::NotTls), (&hello(), Reason::Rejected)] {
        let undelivered = acceptor.accept_undelivered(closing(input)).unwrap_err();
        let undelivered = undelivered.into_passed_through().unwrap_err();
        assert_eq!(undelivered.reason(), reason);
        assert_eq!(undelivered.deliver().delivery(), Delivery::Delivered);
    }
}

#[test]
fn a_chooser_may_keep_what_it_was_given() {
    let kept = Arc::new(Mutex::new(None));
    let keeps = Arc::clone(&kept);
    let acceptor = TlsAcceptor::choosing(move |incoming: &Incoming| {
        *keeps.lock().unwrap() = Some(incoming.clone());
        Ok(Choice::pass_through(()))
    });
    let bytes = [&hello()[..], b"more"].concat();
    let undelivered = acceptor.accept_undelivered(closing(&bytes)).unwrap_err();
    let (_, received, ()) = undelivered.into_passed_through().unwrap();
    assert_eq!(received, bytes);
    let incoming = kept.lock().unwrap().take().unwrap();
    assert_eq!(incoming.server_name(), Some("localhost"));
    assert_eq!(incoming.alpn().count(), 0);
    assert_eq!(
        incoming.client_hello().message(),
        HelloBuilder::default().message()
    );
    assert_eq!(*incoming.addresses(), Addresses::default());
}

/// A stream that counts how often it is asked for an address.
struct Asked<'a> {
    stream: Scripted,
    times: &'a Cell<usize>,
}

const PEER: &str = "192.0.2.7:40000";
const LOCAL: &str = "[2001:db8::1]:443";

impl Read for Asked<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buf)
    }
}

impl Write for Asked<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.stream.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Transport for Asked<'_> {
    fn peer_addr(&self) -> Option<SocketAddr> {
        self.times.set(self.times.get() + 1);
        PEER.parse().ok()
    }

    fn local_addr(&self) -> Option<SocketAddr> {
        self.times.set(self.times.get() + 1);
        LOCAL.parse().ok()
    }

    fn now(&self) -> Instant {
        self.stream.now()
    }
}

#[test]
fn a_chooser_sees_both_addresses_and_without_one_the_stream_is_not_asked() {
    let times = Cell::new(0);
    let times = &times;
    let stream = || Asked {
        stream: speaking(),
        times,
    };
    let addresses = Addresses::default()
        .with_peer(PEER.parse().unwrap())
        .with_local(LOCAL.parse().unwrap());
    assert_eq!(addresses.to_string(), PEER);

    let choosing = TlsAcceptor::choosing(|incoming: &Incoming| {
        let seen = [incoming.peer_addr(), incoming.local_addr()];
        Ok((CONFIG.clone(), seen))
    });
    let accepted = choosing.accept(stream()).unwrap();
    assert_eq!(*accepted.value(), [addresses.peer, addresses.local]);
    assert_eq!(
        (accepted.addresses(), times.replace(0)),
        (addresses.clone(), 2)
    );
    run(&choosing, &mut stream());
    assert_eq!(times.replace(0), 2);

    let accepted = ACCEPTOR.accept(stream()).unwrap();
    assert_eq!(times.get(), 0);
    assert_eq!((accepted.addresses(), times.replace(0)), (addresses, 2));
    run(&ACCEPTOR, &mut stream());
    assert_eq!(times.get(), 0);
}

/// What a layer above does that asks its own chooser.
#[test]
fn a_choice_of_ones_own_is_carried_out_before_the_deadline_only() {
    let options = Options::default();
    let decide = |choice: Result<Choice<u8>, Rejection>, late: bool| {
        let mut stream = closing(&hello());
        let Step::Over(Ok(accepted)) = Accepting::new(&options, stream.now()).step(&mut stream)
        else {
            panic!("no ClientHello");
        };
        let now = match late {
            true => accepted.deadline(),
            false => stream.now(),
        };
        accepted.decide(choice, now)
    };
    let serve = || Ok(Choice::serve(CONFIG.clone()).with_value(7));
    assert_eq!(decide(serve(), false).unwrap().1, 7);
    let (undelivered, value) = decide(Ok(Choice::pass_through(7)), false).unwrap_err();
    assert!(undelivered.is_passed_through());
    assert_eq!(value, Some(7));
    assert_eq!(undelivered.into_passed_through().unwrap(), hello());

    let access_denied = || Err(Rejection::access_denied("by policy"));
    for (choice, late, reason) in [
        (access_denied(), false, Reason::Rejected),
        (access_denied(), true, Reason::TimedOut),
        (Ok(Choice::pass_through(7)), true, Reason::TimedOut),
        (serve(), true, Reason::TimedOut),
    ] {
        let (undelivered, value) = decide(choice, late).unwrap_err();
        assert_eq!(undelivered.error().error().reason(), reason);
        assert_eq!(value, None);
        let undelivered = undelivered.into_passed_through().unwrap_err();
        assert!(!undelivered.is_passed_through());
    }
}

#[test]
fn a_clone_of_an_acceptor_accepts_the_same() {
    let acceptor = passing().with_timeout(std::time::Duration::from_secs(3));
    for acceptor in [acceptor.clone(), acceptor] {
        let stream = Scripted::new(ScriptedStream::new(&[]).stays_open());
        let error = acceptor.accept(stream).unwrap_err();
        assert_eq!(error.elapsed().as_secs(), 3);
        assert!(matches!(error.kind(), ErrorKind::TimedOut));
    }
    let from = TlsAcceptor::from(Config::clone(&CONFIG));
    assert!(from.clone().accept(speaking()).is_ok());
    assert!(from.accept(speaking()).is_ok());
}
