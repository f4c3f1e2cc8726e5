//! Handshakes of raw bytes: one outcome over any cut, every error decided, and never stricter than
//! rustls but where a row of the specification is.

use lastword_acceptor::record::{Header, Verdict};
use lastword_acceptor::{Handshake, Progress};

use crate::drive::{Choice, Client, Writes};
use crate::exceptions;
use crate::input::{Input, input};
use crate::server::{SERVERS, Server};
use crate::verdict::{Ours, Rustls, ours, rustls};

/// The oracle.
pub fn check(data: &[u8]) {
    let Some(input) = Input::of(data) else {
        return;
    };
    let client = Client::of(input);
    let whole = client.run(Choice::Application, 1, Writes::AtTheEnd);
    let cut = client.run(Choice::Application, input.cut, Writes::AtOnce);
    cut.is_as(&whole);
    compare(client.server, input.bytes);
}

/// The inputs to begin with that these bytes make.
pub(crate) fn seeds(bytes: &[u8]) -> Vec<Vec<u8>> {
    let servers = 0..SERVERS.len() as u8;
    let mut seeds: Vec<_> = servers.map(|setup| input(setup, 0, setup, bytes)).collect();
    seeds.extend((12..16).map(|choice| input(0, 60, choice << 4, bytes)));
    seeds.push(input(7 << 5, 60, 1, bytes));
    seeds
}

/// Holds what becomes of a client's first flight against rustls's.
fn compare(server: &Server, bytes: &[u8]) {
    let bytes = to_the_hello(bytes);
    let theirs = rustls(server, bytes);
    let ours = ours(server, bytes);
    let agree = match (&theirs, &ours) {
        (Rustls::Answers(_), Ours::Answers)
        | (Rustls::Waits, Ours::Waits)
        | (Rustls::Refuses(_), Ours::Refuses(_))
        // it looks at a record once it is whole, and at a message likewise
        | (Rustls::Waits, Ours::Refuses(_)) => true,
        (Rustls::Answers(answer), Ours::Refuses(error)) => {
            exceptions::refused(error.error().kind(), answer, bytes, server)
        }
        // fewer bytes than tell TLS from what is not
        (Rustls::Refuses(_), Ours::Waits) if bytes.len() < Verdict::MAX_LEN => true,
        (Rustls::Refuses(error), _) => exceptions::not_refused(error, &completed(bytes), server),
        (Rustls::Waits, Ours::Answers) | (Rustls::Answers(_), Ours::Waits) => false,
    };
    assert!(agree, "{}: rustls: {theirs:?}, here: {ours:?}", server.name);
}

/// The bytes to the end of the ClientHello, what comes behind it being another matter; and if it has
/// none, without a part of a header: rustls looks at the type that begins it, and it is whole here.
fn to_the_hello(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    match Handshake::default().receive(&mut rest) {
        Ok(Progress::ClientHello(_)) => &bytes[..bytes.len() - rest.len()],
        Ok(_) | Err(_) => {
            let end = last_record(bytes);
            let is_cut = end < bytes.len() && bytes.len() < end + Header::LEN;
            if is_cut { &bytes[..end] } else { bytes }
        }
    }
}

/// The bytes with the last record whole.
fn completed(bytes: &[u8]) -> Vec<u8> {
    let mut all = bytes.to_vec();
    all.resize(all.len().max(last_record(bytes)), 0);
    all
}

/// Where the last record ends of which the header is there.
pub(crate) fn last_record(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(header) = bytes.get(at..at + Header::LEN) {
        at += Header::LEN + usize::from(u16::from_be_bytes([header[3], header[4]]));
    }
    at
}
