//! What becomes of a client's bytes on the two sans-IO paths, and what must hold on the way.

mod bounds;
mod ran;

use lastword_acceptor::record::{ContentType, LengthLimit, Records};
use lastword_acceptor::{
    Acceptor, ErrorAndAlert, Handshake, Limits, Phase, Progress, Rejection, Step,
};
use rustls::ServerConnection;

pub(crate) use ran::{Outcome, Ran};

use crate::acceptor::last_record;
use crate::decided;
use crate::established::{self, Established};
use crate::heap::Mark;
use crate::input::{Input, chunks};
use crate::server::{self, Server};

/// How the server takes its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Path {
    Direct,
    Acceptor,
}

/// Whether the server writes as soon as it can, or when the client has said all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writes {
    AtOnce,
    AtTheEnd,
}

/// Whether records that wait for the next are processed without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pauses {
    /// When the client has said all and waits.
    AtTheEnd,
    /// After each chunk.
    Always,
}

/// What a server holds over what has come before the ClientHello is whole, in bytes.
const ROOM: usize = 1024;

/// What it holds once it has answered: what rustls does.
const RUSTLS_ROOM: usize = 24 << 10;

/// As many as the longest record has.
static ZEROS: [u8; 65_535] = [0; 65_535];

pub(crate) struct Client<'a> {
    pub(crate) server: &'static Server,
    limits: Limits,
    end: u8,
    pub(crate) bytes: &'a [u8],
}

impl<'a> Client<'a> {
    pub(crate) fn of(input: Input<'a>) -> Self {
        let Input {
            setup, end, bytes, ..
        } = input;
        let limits = match setup >> 5 {
            6 => Limits::default().with_handshake_len(600),
            7 => Limits::default().with_hello_len(250),
            _ => Limits::default(),
        };
        Self {
            server: server::of(setup),
            limits,
            end,
            bytes,
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Whether the application has nothing to say to the ClientHello: the paths are one then.
    pub(crate) fn goes_on(&self) -> bool {
        self.end >> 4 < 12
    }

    /// Whether all the records of application data may be passed over though rustls processes them,
    /// and counts all that it holds again, at each.
    pub(crate) fn can_pause(&self) -> bool {
        let limit = match self.server.config.rustls().max_early_data_size {
            0 => 1 << 14,
            size => u64::from(size),
        };
        let records = Records::new(self.bytes, LengthLimit(u16::MAX));
        let (mut held, mut counted) = (0, 0);
        for record in records.filter(|it| it.header.content_type == ContentType::APPLICATION_DATA) {
            held += u64::from(record.header.length);
            counted += held;
        }
        counted <= limit
    }

    /// Sends all the bytes, cut so.
    pub(crate) fn run(&self, path: Path, cut: u8, writes: Writes) -> Ran {
        self.run_pausing(path, cut, writes, Pauses::AtTheEnd)
    }

    /// The same, with pauses.
    pub(crate) fn run_pausing(&self, path: Path, cut: u8, writes: Writes, pauses: Pauses) -> Ran {
        let mut run = Run {
            client: self,
            writes,
            pauses,
            flights: 0,
            mark: Mark::now(),
            output: Vec::new(),
            fed: 0,
            hello: None,
        };
        let mut left = chunks(self.bytes, cut);
        let handshake = match path {
            Path::Direct => Ok((Handshake::new(&self.server.config, self.limits), &[][..])),
            Path::Acceptor => run.hello(&mut left),
        };
        let outcome = match handshake {
            Ok((handshake, first)) => run.handshake(handshake, first, left),
            Err(error) => run.ended(error),
        };
        Ran {
            outcome,
            output: run.output,
            flights: run.flights,
        }
    }

    /// Ends the acceptor when the client has sent all.
    fn end_acceptor(&self, acceptor: Acceptor) -> ErrorAndAlert {
        match self.end % 4 {
            0 => acceptor.end_of_stream(),
            1 => acceptor.expire(),
            2 => acceptor.cancel(),
            _ => acceptor.stream_failed(),
        }
    }

    /// Whether it waits when it has said all, and does not close.
    fn waits(&self) -> bool {
        self.end % 4 == 1
    }

    fn end_handshake(&self, handshake: Handshake) -> ErrorAndAlert {
        match self.end % 4 {
            0 => handshake.end_of_stream(),
            1 => handshake.expire(),
            2 => handshake.cancel(),
            _ => handshake.stream_failed(),
        }
    }
}

struct Run<'c, 'a> {
    client: &'c Client<'a>,
    writes: Writes,
    pauses: Pauses,
    flights: usize,
    mark: Mark,
    output: Vec<u8>,
    /// How many bytes have been taken, and how many of them were those to the ClientHello's end.
    fed: usize,
    hello: Option<usize>,
}

impl<'a> Run<'_, 'a> {
    /// From the first byte to what is made of the ClientHello, and what of its chunk is behind it.
    fn hello(
        &mut self,
        chunks: &mut impl Iterator<Item = &'a [u8]>,
    ) -> Result<(Handshake, &'a [u8]), ErrorAndAlert> {
        let mut acceptor = Acceptor::new(self.client.limits);
        for chunk in chunks {
            let mut input = chunk;
            let step = acceptor.receive(&mut input);
            self.fed += chunk.len() - input.len();
            match step? {
                Step::NeedsInput(next) => {
                    assert!(input.is_empty(), "it needs input and leaves some");
                    assert_eq!(next.received(), self.fed);
                    self.check_heap(self.fed + ROOM);
                    acceptor = next;
                }
                Step::ClientHello(accepted) => {
                    self.hello = Some(self.fed);
                    return match self.client.end >> 4 {
                        0..12 => accepted.into_handshake(&self.client.server.config),
                        12 => Err(accepted.reject(Rejection::unrecognized_name())),
                        13 => Err(accepted.expire()),
                        14 => Err(accepted.cancel()),
                        _ => {
                            let all = &self.client.bytes[..self.fed];
                            assert_eq!(accepted.client_hello().message()[0], 1);
                            assert_eq!(accepted.into_passthrough(), all);
                            let again = Acceptor::new(self.client.limits).receive(&mut &all[..]);
                            match again {
                                Ok(Step::ClientHello(accepted)) => Err(accepted.end_of_stream()),
                                other => panic!("the same bytes again: {other:?}"),
                            }
                        }
                    }
                    .map(|handshake| (handshake, input));
                }
            }
        }
        Err(self.client.end_acceptor(acceptor))
    }

    /// From a configuration to the end.
    fn handshake(
        &mut self,
        mut handshake: Handshake,
        first: &'a [u8],
        mut chunks: impl Iterator<Item = &'a [u8]>,
    ) -> Outcome {
        let mut next = Some(first);
        while let Some(chunk) = next {
            let mut input = chunk;
            let progress = handshake.receive(&mut input);
            self.fed += chunk.len() - input.len();
            handshake = match progress.and_then(|progress| self.pause(progress)) {
                Ok(Progress::Continue(next)) => {
                    assert!(input.is_empty(), "it goes on and leaves some");
                    next
                }
                Ok(Progress::Complete(connection)) => {
                    return self.established(*connection, input, chunks);
                }
                Err(error) => return self.ended(error),
            };
            self.check_heap(2 * self.fed + RUSTLS_ROOM);
            self.check_limit();
            if self.writes == Writes::AtOnce {
                self.write(&mut handshake);
            }
            next = chunks.next();
        }
        // a client waits until its deadline passes, or closes
        while handshake.has_waiting_records() && self.client.end % 4 < 2 {
            let processed = match self.client.waits() {
                true => handshake.process_waiting(),
                false => handshake.process_all(),
            };
            handshake = match processed {
                Ok(Progress::Continue(next)) => next,
                Ok(Progress::Complete(connection)) => {
                    return self.established(*connection, &[], chunks);
                }
                Err(error) => return self.ended(error),
            };
        }
        if self.client.end & 8 == 0 {
            self.write(&mut handshake);
        }
        let error = self.client.end_handshake(handshake);
        self.ended(error)
    }

    /// Processes what waits, if it is to.
    fn pause(&self, progress: Progress) -> Result<Progress, ErrorAndAlert> {
        match progress {
            Progress::Continue(handshake) if self.pauses == Pauses::Always => {
                handshake.process_waiting()
            }
            progress => Ok(progress),
        }
    }

    /// From the end of the handshake to that of the bytes.
    fn established(
        &mut self,
        connection: ServerConnection,
        rest: &'a [u8],
        chunks: impl Iterator<Item = &'a [u8]>,
    ) -> Outcome {
        let mut connection = connection;
        while connection.wants_write() {
            connection.write_tls(&mut self.output).unwrap();
        }
        self.flights = self.output.len();
        established::agrees(&connection, self.client.bytes);
        // what is wrong with a header may be found once its record is whole
        let missing = last_record(self.client.bytes).saturating_sub(self.client.bytes.len());
        let all = [rest].into_iter().chain(chunks).chain([&ZEROS[..missing]]);
        let established = established::run(connection, all, &mut self.output);
        decided::whole_records(&self.output);
        decided::sealed(&self.output);
        if !established.fails {
            // RFC 5246 7.2.2: one who asks to renegotiate is told no_renegotiation
            let alerts = decided::alerts(&self.output);
            assert!(
                alerts.iter().all(|it| it.description.0 == 100),
                "{alerts:?}"
            );
        }
        Outcome::Established(established)
    }

    fn write(&mut self, handshake: &mut Handshake) {
        while handshake.wants_write() {
            handshake.write_tls(&mut self.output).unwrap();
        }
        decided::whole_records(&self.output);
    }

    fn ended(&mut self, mut error: ErrorAndAlert) -> Outcome {
        let tls = error.tls().to_vec();
        self.output.extend(&tls);
        decided::check(&error, &self.output);
        let phase = error.error().phase();
        let received = error.error().received();
        if phase == Phase::ClientHello {
            assert_eq!(received, &self.client.bytes[..self.fed]);
        } else {
            let mut all = self.client.bytes.windows(received.len().max(1));
            // after a HelloRetryRequest it is the second ClientHello alone
            let is_sent = received.is_empty() || all.any(|it| it == &received[..]);
            assert!(is_sent, "{received:02x?}");
        }
        let outcome = match phase {
            // with the last bytes of the handshake came others
            Phase::Established => {
                self.flights = decided::to_alert(&self.output).len();
                Outcome::Established(Established::failed(error.error()))
            }
            _ => Outcome::Ended {
                words: error.to_string(),
                alert: error.alert(),
                silence: error.silence(),
                phase,
                taken: (phase == Phase::ClientHello).then_some(self.fed),
            },
        };
        error.advance(tls.len().min(1));
        assert_eq!(error.tls(), tls.get(1..).unwrap_or_default());
        error.advance(usize::MAX);
        assert_eq!(error.into_parts().1, []);
        outcome
    }
}
