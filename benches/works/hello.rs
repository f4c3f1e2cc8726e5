//! From the bytes of a ClientHello to its name, protocols, versions and suites.

use std::hint::black_box;

use lastword_acceptor::{Handshake, Progress};
use lastword_hello::ClientHello;
use lastword_record::{Deframed, LengthLimit, deframe};
use lastword_testkit::recorded;
use lastword_testkit::wire::split_into_records;
use rustls::server::Acceptor as RustlsAcceptor;
use tls_parser::nom::IResult;
use tls_parser::{
    TlsExtension, TlsMessage, TlsMessageHandshake, parse_tls_client_hello_extensions,
    parse_tls_message_handshake, parse_tls_plaintext, parse_tls_raw_record,
};

use crate::work::Work;

pub(super) fn works() -> Vec<Work> {
    let (small, large) = (bytes("openssl-3.0.19"), bytes("chromium-148.0.7778.167"));
    let message = &large[5..];
    let fifth = message.len().div_ceil(5);
    let in_five: &'static [u8] = split_into_records(message, &[fifth; 4]).leak();
    vec![
        work("hello/300 B", small)
            .way("lastword parse", move || borrowed(black_box(small)))
            .way("tls-parser", move || parser(black_box(small))),
        work("hello/1.8 KiB", large)
            .way("lastword parse", move || borrowed(black_box(large)))
            .way("tls-parser", move || parser(black_box(large))),
        work("hello/5 records", in_five)
            .way("tls-parser", move || joining_parser(black_box(in_five))),
    ]
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

fn parser(bytes: &[u8]) {
    let (_, record) = parse_tls_plaintext(bytes).expect("a record");
    let Some(TlsMessage::Handshake(message)) = record.msg.first() else {
        panic!("no message")
    };
    look_parsed(message);
}

/// The parser leaves it to its caller to join records.
fn joining_parser(mut bytes: &[u8]) {
    let mut joined = Vec::new();
    while let Ok((rest, record)) = parse_tls_raw_record(bytes) {
        joined.extend_from_slice(record.data);
        bytes = rest;
    }
    let message: IResult<_, _> = parse_tls_message_handshake(&joined);
    let Ok((_, TlsMessage::Handshake(message))) = message else {
        panic!("no message")
    };
    look_parsed(&message);
}

fn look_parsed(message: &TlsMessageHandshake<'_>) {
    let TlsMessageHandshake::ClientHello(hello) = message else {
        panic!("no hello")
    };
    let extensions = hello.ext.unwrap_or_default();
    let (_, extensions) = parse_tls_client_hello_extensions(extensions).expect("extensions");
    for extension in &extensions {
        match extension {
            TlsExtension::SNI(names) => drop(black_box(names.first())),
            TlsExtension::ALPN(protocols) => drop(black_box(protocols.first())),
            TlsExtension::SupportedVersions(versions) => drop(black_box(versions.first())),
            _ => {}
        }
    }
    black_box(&hello.ciphers);
}
