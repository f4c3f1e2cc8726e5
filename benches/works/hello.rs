//! From the bytes of a ClientHello to its name, protocols, versions and suites.

use std::hint::black_box;

use lastword_acceptor::{Handshake, Progress};
use lastword_hello::ClientHello;
use lastword_record::{Deframed, LengthLimit, deframe};
use lastword_testkit::recorded;
use lastword_testkit::wire::split_into_records;
use rustls::server::Acceptor as RustlsAcceptor;

use crate::work::Work;

pub(super) fn works() -> Vec<Work> {
    let (small, large) = (bytes("openssl-3.0.19"), bytes("chromium-148.0.7778.167"));
    let message = &large[5..];
    let fifth = message.len().div_ceil(5);
    let in_five: &'static [u8] = split_into_records(message, &[fifth; 4]).leak();
    let works = [
        work("hello/300 B", small).way("lastword parse", move || borrowed(black_box(small))),
        work("hello/1.8 KiB", large).way("lastword parse", move || borrowed(black_box(large))),
        work("hello/5 records", in_five),
    ];
    #[cfg(feature = "peers")]
    let works = super::parsers::of_hellos(works, [small, large, in_five]);
    works.into()
}

/// What a client sent, recorded.
fn bytes(name: &str) -> &'static [u8] {
    let recorded = recorded::all().iter().find(|each| each.name == name);
    recorded.expect("it is recorded").bytes
}

fn work(name: &str, bytes: &'static [u8]) -> Work {
    Work::new(name, bytes.len())
        .way("lastword", move || ours(black_box(bytes)))
        .way("rustls Acceptor", move || rustls(black_box(bytes)))
}

fn ours(mut bytes: &[u8]) {
    let progress = Handshake::default().receive(&mut bytes);
    let Ok(Progress::ClientHello(accepted)) = progress else {
        panic!("no hello")
    };
    black_box(accepted.server_name());
    look(accepted.client_hello());
}

/// One record, looked at where it is: what a parser does that collects nothing.
fn borrowed(bytes: &[u8]) {
    let Ok(Deframed::Record(record, _)) = deframe(bytes, LengthLimit::PLAINTEXT) else {
        panic!("no record")
    };
    let hello = ClientHello::parse(record.payload).expect("it is a ClientHello");
    black_box(hello.server_name_as_sent());
    look(hello);
}

fn look(hello: ClientHello<'_>) {
    black_box((
        hello.alpn(),
        hello.supported_versions(),
        hello.cipher_suites(),
    ));
}

fn rustls(mut bytes: &[u8]) {
    let mut acceptor = RustlsAcceptor::default();
    let accepted = loop {
        acceptor.read_tls(&mut bytes).expect("a slice is read");
        if let Some(accepted) = acceptor.accept().map_err(|(error, _)| error).expect("good") {
            break accepted;
        }
    };
    let hello = accepted.client_hello();
    black_box((hello.server_name(), hello.cipher_suites()));
    black_box(hello.alpn());
}
