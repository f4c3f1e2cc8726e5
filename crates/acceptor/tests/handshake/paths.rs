//! A handshake driven by a client's bytes in any chunks, its configuration chosen at once or later.

use lastword_acceptor::{Config, End, ErrorAndAlert, Handshake, Hello, Progress, Rejection};
use lastword_record::{ContentType, LengthLimit, Records};
use lastword_testkit::catalogue::{Case, Required, ServerProfile};
use lastword_testkit::pki::Pki;
use lastword_testkit::sans_io::receive;

/// A server: a configuration, and what its application says of a ClientHello.
pub(crate) struct Server {
    pub(crate) config: Config,
    profile: ServerProfile,
}

/// How the server chooses a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Path {
    /// It has one, and goes on as soon as the ClientHello is complete.
    AtOnce,
    /// Its application chooses. All else that the client sends has come by then.
    Later,
}

/// What becomes of a client that has sent all it will.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was refused, or left: the alert records it is told in plaintext, behind whatever other
    /// records, the words for the log, and how many of its bytes were not taken.
    Ended {
        tls: Vec<u8>,
        words: String,
        left: usize,
    },
    /// The server waits for more.
    Waits { answered: bool },
}

impl Server {
    pub(crate) fn new(pki: &Pki, profile: ServerProfile) -> Self {
        Self {
            config: Config::new(pki.server_config(&profile)).unwrap(),
            profile,
        }
    }

    /// Whether one configuration is for all clients.
    pub(crate) fn has_no_choice(&self) -> bool {
        !self.profile.has_choice()
    }

    pub(crate) fn choose(&self, hello: &Hello) -> Result<Config, Rejection> {
        self.profile.choose(&self.config, hello)
    }
}

/// What becomes of a client whose bytes come in these chunks, and who then ends as the case has it.
pub(crate) fn run(server: &Server, path: Path, chunks: &[&[u8]], end: Required) -> Outcome {
    let result = match path {
        Path::AtOnce => feed(Handshake::default(), &server.config, chunks),
        Path::Later => choose_later(server, chunks),
    };
    match result {
        Err((error, left)) => ended(error, left),
        Ok(handshake) if matches!(end, Required::Served) => Outcome::Waits {
            answered: handshake.wants_write(),
        },
        Ok(handshake) if end.alerts().is_empty() => ended(handshake.end(End::Closed), 0),
        Ok(handshake) => ended(handshake.end(End::TimedOut), 0),
    }
}

/// Likewise for all the bytes of a case.
pub(crate) fn run_case(
    server: &Server,
    path: Path,
    case: &Case,
    sizes: &[usize],
) -> Option<Outcome> {
    let bytes = case.opening()?;
    Some(run(server, path, &chunks(&bytes, sizes), case.required))
}

/// The bytes in chunks of these sizes, over and over; in one chunk without any.
pub(crate) fn chunks<'a>(mut bytes: &'a [u8], sizes: &[usize]) -> Vec<&'a [u8]> {
    let mut chunks = Vec::new();
    let mut sizes = sizes.iter().cycle();
    while !bytes.is_empty() {
        let size = sizes
            .next()
            .map_or(bytes.len(), |size| *size.min(&bytes.len()).max(&1));
        let (chunk, rest) = bytes.split_at(size);
        chunks.push(chunk);
        bytes = rest;
    }
    chunks
}

fn ended(error: ErrorAndAlert, left: usize) -> Outcome {
    assert_ne!(
        error.alert().is_some(),
        error.silence().is_some(),
        "undecided: {error:?}"
    );
    assert_eq!(
        error.alert().is_some(),
        !error.tls().is_empty(),
        "undecided: {error:?}"
    );
    let words = error.to_string();
    let tls = error.into_parts().1;
    let mut records = Records::new(&tls, LengthLimit::TLS12_CIPHERTEXT);
    let alerts = records
        .by_ref()
        .filter(|record| record.header.content_type == ContentType::ALERT);
    let tls = alerts
        .flat_map(|alert| [&alert.header.to_bytes(), alert.payload].concat())
        .collect();
    assert!(records.remainder().is_empty(), "half a record is queued");
    Outcome::Ended { tls, words, left }
}

/// An error, and how many bytes the client had sent that were not taken.
type Failed = (ErrorAndAlert, usize);

fn choose_later(server: &Server, chunks: &[&[u8]]) -> Result<Handshake, Failed> {
    let mut handshake = Handshake::default();
    let mut chunks = chunks.iter();
    while let Some(mut chunk) = chunks.next().copied() {
        let progress = handshake.receive(&mut chunk);
        let rest = || [chunk, &chunks.as_slice().concat()].concat();
        handshake = match progress.map_err(|error| (error, rest().len()))? {
            Progress::Continue(next) => next,
            Progress::ClientHello(accepted) => {
                let rest = rest();
                let handshake = match server.choose(accepted.hello()) {
                    Ok(config) => accepted.into_handshake(&config),
                    Err(rejection) => Err(accepted.reject(rejection)),
                };
                let handshake = handshake.map_err(|error| (error, rest.len()))?;
                return feed(handshake, &server.config, &[&rest]);
            }
            Progress::Authenticated(_) | Progress::Complete(_) => {
                panic!("a handshake without an answer is complete")
            }
        };
    }
    Ok(handshake)
}

fn feed(mut handshake: Handshake, config: &Config, chunks: &[&[u8]]) -> Result<Handshake, Failed> {
    let mut chunks = chunks.iter();
    while let Some(mut chunk) = chunks.next().copied() {
        handshake = match receive(handshake, config, &mut chunk) {
            Ok(Progress::Continue(next)) => next,
            Ok(_) => panic!("a handshake without an answer is complete"),
            Err(error) => return Err((error, chunk.len() + chunks.as_slice().concat().len())),
        };
    }
    Ok(handshake)
}
