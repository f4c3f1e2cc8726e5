//! The two sans-IO paths, driven by a client's bytes in whatever chunks.

use lastword_acceptor::{
    Acceptor, Config, ErrorAndAlert, Handshake, Hello, Limits, Progress, Rejection, Step,
};
use lastword_record::{ContentType, LengthLimit, Records};
use lastword_testkit::catalogue::{Case, Required, ServerProfile};
use lastword_testkit::pki::Pki;

/// A server: a configuration, and what its application says of a ClientHello.
pub(crate) struct Server {
    pub(crate) config: Config,
    profile: ServerProfile,
}

/// How the server takes its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Path {
    Direct,
    Acceptor,
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

    /// Whether the direct path can do without a chooser here.
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
        Path::Direct => direct(server, chunks),
        Path::Acceptor => acceptor(server, chunks),
    };
    match result {
        Err((error, left)) => ended(error, left),
        Ok(waits) if matches!(end, Required::Served) => Outcome::Waits {
            answered: waits.answered(),
        },
        Ok(waits) => ended(waits.end(end), 0),
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

enum Waits {
    Acceptor(Acceptor),
    Handshake(Handshake),
}

impl Waits {
    fn answered(&self) -> bool {
        matches!(self, Self::Handshake(handshake) if handshake.wants_write())
    }

    fn end(self, required: Required) -> ErrorAndAlert {
        let closes = required.alerts().is_empty();
        match self {
            Self::Acceptor(acceptor) if closes => acceptor.end_of_stream(),
            Self::Acceptor(acceptor) => acceptor.expire(),
            Self::Handshake(handshake) if closes => handshake.end_of_stream(),
            Self::Handshake(handshake) => handshake.expire(),
        }
    }
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

fn direct(server: &Server, chunks: &[&[u8]]) -> Result<Waits, Failed> {
    let handshake = Handshake::new(&server.config, Limits::default());
    feed(handshake, chunks, &[]).map(Waits::Handshake)
}

fn acceptor(server: &Server, chunks: &[&[u8]]) -> Result<Waits, Failed> {
    let mut acceptor = Acceptor::default();
    let mut chunks = chunks.iter();
    while let Some(mut chunk) = chunks.next().copied() {
        let left =
            |chunk: &[u8]| chunk.len() + chunks.clone().map(|chunk| chunk.len()).sum::<usize>();
        match acceptor
            .receive(&mut chunk)
            .map_err(|error| (error, left(chunk)))?
        {
            Step::NeedsInput(next) => acceptor = next,
            Step::ClientHello(accepted) => {
                let left = left(chunk);
                let handshake = match server.choose(accepted.hello()) {
                    Ok(config) => accepted
                        .into_handshake(&config)
                        .map_err(|error| (error, left))?,
                    Err(rejection) => return Err((accepted.reject(rejection), left)),
                };
                return feed(handshake, chunks.as_slice(), chunk).map(Waits::Handshake);
            }
        }
    }
    Ok(Waits::Acceptor(acceptor))
}

fn feed(mut handshake: Handshake, chunks: &[&[u8]], first: &[u8]) -> Result<Handshake, Failed> {
    let total = first.len() + chunks.iter().map(|chunk| chunk.len()).sum::<usize>();
    let mut taken = 0;
    for mut chunk in [first].into_iter().chain(chunks.iter().copied()) {
        let before = chunk.len();
        match handshake.receive(&mut chunk) {
            Ok(Progress::Continue(next)) => handshake = next,
            Ok(Progress::Complete(_)) => panic!("a handshake without an answer is complete"),
            Err(error) => return Err((error, total - taken - (before - chunk.len()))),
        }
        taken += before - chunk.len();
    }
    Ok(handshake)
}
