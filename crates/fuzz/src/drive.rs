//! What becomes of a client's bytes without a stream, and what must hold on the way.

mod bounds;
mod ran;
mod ways;

use lastword_acceptor::record::{ContentType, LengthLimit, Records};
use lastword_acceptor::{
    Accepted, Authenticated, Connection, End, ErrorAndAlert, Handshake, Limits, Phase, Progress,
    Rejection,
};

pub(crate) use ran::{Outcome, Ran};
pub(crate) use ways::{Choice, Pauses, Writes};

use crate::acceptor::last_record;
use crate::decided;
use crate::established::{self, Established};
use crate::heap::Mark;
use crate::input::{Input, chunks};
use crate::server::{self, Server};

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
        let (setup, end, bytes) = (input.setup, input.end, input.bytes);
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

    /// Returns the same client of the server with the plain provider.
    pub(crate) fn without_encrypted_alerts(&self) -> Self {
        Self {
            server: server::without_encrypted_alerts(self.server),
            ..*self
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Whether the application goes on with the client.
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
    pub(crate) fn run(&self, choice: Choice, cut: u8, writes: Writes) -> Ran {
        self.run_pausing(choice, cut, writes, Pauses::AtTheEnd)
    }

    /// The same, with pauses.
    pub(crate) fn run_pausing(
        &self,
        choice: Choice,
        cut: u8,
        writes: Writes,
        pauses: Pauses,
    ) -> Ran {
        let mut run = Run {
            client: self,
            choice,
            writes,
            pauses,
            flights: 0,
            mark: Mark::now(),
            output: Vec::new(),
            fed: 0,
            hello: None,
        };
        let outcome = run.handshake(chunks(self.bytes, cut));
        Ran {
            outcome,
            output: run.output,
            flights: run.flights,
        }
    }

    /// How the handshake ends when the client has sent all.
    fn end(&self) -> End {
        match self.end % 4 {
            0 => End::Closed,
            1 => End::TimedOut,
            2 => End::Aborted,
            _ => End::StreamFailed,
        }
    }

    /// Whether it waits when it has said all, and does not close.
    fn waits(&self) -> bool {
        self.end % 4 == 1
    }
}

struct Run<'c, 'a> {
    client: &'c Client<'a>,
    choice: Choice,
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
    /// From the first byte to the end.
    fn handshake(&mut self, mut chunks: impl Iterator<Item = &'a [u8]>) -> Outcome {
        let mut handshake = Handshake::new(self.client.limits);
        if self.client.end & 4 != 0 {
            handshake = handshake.authorizing();
        }
        while let Some(chunk) = chunks.next() {
            let mut input = chunk;
            let progress = self.receive(handshake, &mut input);
            handshake = match progress.and_then(|progress| self.pause(progress)) {
                Ok(Progress::Continue(next)) => {
                    assert!(input.is_empty(), "it goes on and leaves some");
                    next
                }
                Ok(Progress::Complete(connection)) => {
                    return self.established(connection, input, chunks);
                }
                Ok(Progress::Authenticated(authenticated)) => {
                    return self.decide(authenticated, input, chunks);
                }
                Ok(Progress::ClientHello(_)) => unreachable!(),
                Err(error) => return self.ended(error),
            };
            match self.hello {
                None => {
                    assert_eq!(handshake.received(), self.fed);
                    self.check_heap(self.fed + ROOM);
                }
                Some(_) => self.check_heap(2 * self.fed + RUSTLS_ROOM),
            }
            self.check_limit();
            if self.writes == Writes::AtOnce {
                self.write(&mut handshake);
            }
        }
        // a client waits until the timeout, or closes
        while handshake.has_waiting_records() && self.client.end % 4 < 2 {
            let processed = match self.client.waits() {
                true => handshake.process_waiting(),
                false => handshake.process_all(),
            };
            handshake = match processed {
                Ok(Progress::Continue(next)) => next,
                Ok(Progress::Complete(connection)) => {
                    return self.established(connection, &[], chunks);
                }
                Ok(Progress::Authenticated(authenticated)) => {
                    return self.decide(authenticated, &[], chunks);
                }
                Ok(Progress::ClientHello(_)) => unreachable!(),
                Err(error) => return self.ended(error),
            };
        }
        if self.client.end & 8 == 0 {
            self.write(&mut handshake);
        }
        let error = handshake.end(self.client.end());
        self.ended(error)
    }

    /// Takes bytes, and has a configuration chosen once the ClientHello is complete.
    fn receive(
        &mut self,
        mut handshake: Handshake,
        input: &mut &'a [u8],
    ) -> Result<Progress, ErrorAndAlert> {
        loop {
            let before = input.len();
            let progress = handshake.receive(input);
            self.fed += before - input.len();
            match progress? {
                Progress::ClientHello(accepted) => {
                    self.hello = Some(self.fed);
                    handshake = self.choose(accepted)?;
                }
                progress => return Ok(progress),
            }
        }
    }

    fn choose(&self, accepted: Accepted) -> Result<Handshake, ErrorAndAlert> {
        let goes_on = self.choice == Choice::OneForAll || self.client.goes_on();
        match self.client.end >> 4 {
            _ if goes_on => accepted.into_handshake(&self.client.server.config),
            12 => Err(accepted.reject(Rejection::unrecognized_name())),
            13 => Err(accepted.end(End::TimedOut)),
            14 => Err(accepted.end(End::Aborted)),
            _ => {
                let all = &self.client.bytes[..self.fed];
                assert_eq!(accepted.client_hello().message()[0], 1);
                assert_eq!(accepted.into_passthrough(), all);
                match Handshake::new(self.client.limits).receive(&mut &all[..]) {
                    Ok(Progress::ClientHello(accepted)) => Err(accepted.end(End::Closed)),
                    other => panic!("the same bytes again: {other:?}"),
                }
            }
        }
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

    /// Gives the application's verdict.
    fn decide(
        &mut self,
        authenticated: Authenticated,
        mut rest: &'a [u8],
        chunks: impl Iterator<Item = &'a [u8]>,
    ) -> Outcome {
        assert_eq!(decided::alerts(&self.output), []);
        let refused = match (self.client.end >> 4) % 3 {
            0 => match authenticated.accept(&mut rest) {
                Ok(connection) => return self.established(connection, rest, chunks),
                Err(error) => error,
            },
            1 => authenticated.reject(Rejection::access_denied("not on the list")),
            _ => authenticated.end(self.client.end()),
        };
        self.ended(refused)
    }

    /// From the end of the handshake to that of the bytes.
    fn established(
        &mut self,
        mut connection: Connection,
        rest: &'a [u8],
        chunks: impl Iterator<Item = &'a [u8]>,
    ) -> Outcome {
        while connection.wants_write() {
            connection.write_tls(&mut self.output).unwrap();
        }
        self.flights = self.output.len();
        established::agrees(&connection, self.client.bytes);
        // what is wrong with a header may be found once its record is whole
        let missing = last_record(self.client.bytes).saturating_sub(self.client.bytes.len());
        let all = [rest].into_iter().chain(chunks).chain([&ZEROS[..missing]]);
        let established = established::run(connection, self.client.bytes, all, &mut self.output);
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
        decided::check(self.client.server, &error, &self.output);
        let phase = error.error().phase();
        let received = error.error().received();
        if phase == Phase::ClientHello {
            assert_eq!(received, &self.client.bytes[..self.fed]);
        } else {
            // after a HelloRetryRequest it is the second ClientHello alone, without change_cipher_spec
            let is_in = |all: &[u8]| all.windows(received.len()).any(|it| it == &received[..]);
            let is_sent = received.is_empty()
                || is_in(self.client.bytes)
                || is_in(&decided::without_change_cipher_specs(self.client.bytes));
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
