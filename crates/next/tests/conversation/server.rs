//! What becomes of a client: with the handshake of this crate, and with rustls alone.

use std::io::Read;
use std::sync::Arc;

use lastword_acceptor::{Config, Connection, End, ErrorAndAlert, Handshake, Progress};
use lastword_testkit::sans_io::receive;
use rustls::HandshakeKind;
use rustls_next::{Connection as Rustls, ServerConfig, ServerSide, VecInput};

use crate::conversation::client::Client;

/// What a conversation came to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    Served {
        kind: Option<HandshakeKind>,
        /// The early data that was accepted.
        early_data: Option<Vec<u8>>,
        /// What the client said after its handshake.
        plaintext: Vec<u8>,
    },
    /// Why not.
    Failed(String),
}

impl Outcome {
    fn served(mut connection: Connection) -> Self {
        let early_data = connection.early_data().map(|mut early_data| {
            let mut bytes = Vec::new();
            early_data.read_to_end(&mut bytes).unwrap();
            bytes
        });
        let plaintext = connection.plaintext().unwrap_or_default().to_vec();
        Self::Served {
            kind: connection.handshake_kind().map(kind),
            early_data,
            plaintext,
        }
    }

    pub(crate) fn is_served(&self) -> bool {
        matches!(self, Self::Served { .. })
    }
}

/// Where the next chunks end: so many bytes at a time, over and over.
pub(crate) struct Cuts<'a> {
    /// Whether the client's bytes pause before it has its answer: that takes long.
    pauses: bool,
    sizes: std::iter::Cycle<std::slice::Iter<'a, usize>>,
}

impl<'a> Cuts<'a> {
    pub(crate) fn new(sizes: &'a [usize]) -> Self {
        Self {
            pauses: false,
            sizes: sizes.iter().cycle(),
        }
    }

    pub(crate) const fn pausing(mut self, pauses: bool) -> Self {
        self.pauses = pauses;
        self
    }

    fn split<'b>(&mut self, bytes: &mut &'b [u8]) -> &'b [u8] {
        let size = self.sizes.next().map_or(bytes.len(), |size| *size.max(&1));
        let (chunk, rest) = bytes.split_at(size.min(bytes.len()));
        *bytes = rest;
        chunk
    }
}

/// A handshake of this crate, from one end to the other.
pub(crate) fn ours(config: &Config, mut client: Client, cuts: &mut Cuts<'_>) -> Outcome {
    match drive(config, &mut client, cuts) {
        Ok(connection) => Outcome::served(connection),
        Err(error) => Outcome::Failed(format!("{:?}: {error}", error.alert())),
    }
}

fn drive(
    config: &Config,
    client: &mut Client,
    cuts: &mut Cuts<'_>,
) -> Result<Connection, ErrorAndAlert> {
    let mut state = State::Handshake(Handshake::default());
    for _ in 0..8 {
        let said = client.says();
        let mut bytes = &said[..];
        while !bytes.is_empty() {
            let mut chunk = cuts.split(&mut bytes);
            state = state.receive(config, &mut chunk)?;
        }
        if cuts.pauses {
            state = state.process_waiting()?;
        }
        client.hears(&state.written());
        if client.has_said_all() {
            break;
        }
    }
    // the client waits
    while state.has_waiting_records() {
        state = state.process_waiting()?;
    }
    client.hears(&state.written());
    match state {
        State::Connection(connection) => Ok(connection),
        State::Handshake(handshake) => Err(handshake.end(End::TimedOut)),
    }
}

enum State {
    Handshake(Handshake),
    Connection(Connection),
}

impl State {
    fn receive(self, config: &Config, chunk: &mut &[u8]) -> Result<Self, ErrorAndAlert> {
        match self {
            Self::Handshake(handshake) => Ok(receive(handshake, config, chunk)?.into()),
            Self::Connection(mut connection) => {
                while !chunk.is_empty() && connection.read_tls(chunk).unwrap() > 0 {
                    connection.process().unwrap();
                }
                Ok(Self::Connection(connection))
            }
        }
    }

    fn has_waiting_records(&self) -> bool {
        match self {
            Self::Handshake(handshake) => handshake.has_waiting_records(),
            Self::Connection(_) => false,
        }
    }

    fn process_waiting(self) -> Result<Self, ErrorAndAlert> {
        match self {
            Self::Handshake(handshake) if handshake.has_waiting_records() => {
                Ok(handshake.process_waiting()?.into())
            }
            state => Ok(state),
        }
    }

    fn written(&mut self) -> Vec<u8> {
        let mut written = Vec::new();
        match self {
            Self::Handshake(handshake) => {
                while handshake.wants_write() {
                    handshake.write_tls(&mut written).unwrap();
                }
            }
            Self::Connection(connection) => {
                while connection.wants_write() {
                    connection.write_tls(&mut written).unwrap();
                }
            }
        }
        written
    }
}

impl From<Progress> for State {
    fn from(progress: Progress) -> Self {
        match progress {
            Progress::Continue(handshake) => Self::Handshake(handshake),
            Progress::Complete(connection) => Self::Connection(connection),
            Progress::ClientHello(_) | Progress::Authenticated(_) => unreachable!(),
        }
    }
}

/// The same kind, as rustls's clients name it.
fn kind(kind: lastword_acceptor::HandshakeKind) -> HandshakeKind {
    use lastword_acceptor::HandshakeKind as Ours;

    match kind {
        Ours::Full => HandshakeKind::Full,
        Ours::FullWithHelloRetryRequest => HandshakeKind::FullWithHelloRetryRequest,
        _ => HandshakeKind::Resumed,
    }
}

/// rustls alone, which gets what the client says in one piece.
pub(crate) fn rustls(config: &Arc<ServerConfig>, mut client: Client) -> Outcome {
    let mut connection = Rustls::<ServerSide, _>::new(Arc::clone(config)).unwrap();
    let (mut input, mut output) = (VecInput::default(), Vec::new());
    let (mut early_data, mut plaintext) = (Vec::new(), Vec::new());
    let mut is_accepted = false;
    for _ in 0..8 {
        let said = client.says();
        let mut bytes = &said[..];
        while !bytes.is_empty() {
            if input.read(&mut bytes).is_err() {
                return Outcome::Failed("no room".to_owned());
            }
            let mut records = connection.read_tls(&mut input, &mut output);
            while let Some(Ok(payload)) = records.next_early_data() {
                early_data.extend_from_slice(payload.bytes());
            }
            if let Err(error) = records.handle_all(&mut plaintext) {
                return Outcome::Failed(error.to_string());
            }
            is_accepted |= connection.early_exporter().is_ok();
        }
        client.hears(&std::mem::take(&mut output));
        if client.has_said_all() {
            break;
        }
    }
    if connection.is_handshaking() {
        return Outcome::Failed("waits".to_owned());
    }
    use rustls_next::HandshakeKind as Kind;
    Outcome::Served {
        kind: connection.handshake_kind().map(|kind| match kind {
            Kind::Full => HandshakeKind::Full,
            Kind::FullWithHelloRetryRequest => HandshakeKind::FullWithHelloRetryRequest,
            _ => HandshakeKind::Resumed,
        }),
        early_data: is_accepted.then_some(early_data),
        plaintext,
    }
}
