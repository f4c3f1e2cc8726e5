//! The client's records between a HelloRetryRequest and the end of its second ClientHello.

use lastword_hello::{ClientHello, Collected, Collector, Error as HelloError, Hello};
use lastword_record::{ContentType, Header, LengthLimit};

use crate::alerts::Failed;
use crate::backend::config::Config;
use crate::backend::connection::Connection;
use crate::client::Client;
use crate::early_data::Skipped;
use crate::error::ErrorKind;
use crate::error_and_alert::ErrorAndAlert;
use crate::first_hello::FirstHello;
use crate::gate::{Gate, MOST_CHANGE_CIPHER_SPECS, RecordError};
use crate::held::Held;
use crate::limits::Limits;
use crate::negotiation;
use crate::phase::Phase;
use crate::records::Records;

/// A client that got a HelloRetryRequest. The same code collects, limits and checks its second
/// ClientHello as the first, and compares the two.
#[derive(Debug)]
pub(crate) struct SecondHello {
    collector: Collector,
    stage: Stage,
    first: FirstHello,
    config: Config,
    early_data: Skipped,
    change_cipher_specs: u8,
}

/// What the next byte belongs to.
#[derive(Clone, Copy, Debug)]
enum Stage {
    /// A record of any type.
    Any,
    /// The first `len` bytes of the header of a record that is skipped.
    Header {
        header: [u8; Header::LEN],
        len: usize,
    },
    /// The payload of such a record, `left` bytes.
    Payload {
        content_type: ContentType,
        left: usize,
    },
    /// An alert record, `left` bytes before the shortest one's end. The collector decides on it.
    Alert { left: usize },
    /// The ClientHello, or a record that the collector refuses.
    Hello,
}

/// The result of giving bytes to a [`SecondHello`].
pub(crate) enum Retried {
    NeedsInput(Box<SecondHello>),
    /// The second ClientHello is complete and may be answered.
    Hello(Answerable),
}

/// A second ClientHello that may be answered.
pub(crate) struct Answerable {
    hello: Hello,
    /// The configuration that was chosen by the first ClientHello.
    config: Config,
    /// The number of change_cipher_spec records received.
    change_cipher_specs: u8,
}

impl SecondHello {
    pub(crate) fn new(first: &ClientHello<'_>, config: &Config, limits: Limits) -> Self {
        Self {
            collector: Collector::of_tls(limits.hello()),
            stage: Stage::Any,
            first: FirstHello::new(first),
            early_data: Skipped::new(first, config),
            config: config.clone(),
            change_cipher_specs: 0,
        }
    }

    /// Takes bytes off the front of `bytes`, but none after the record that ends the ClientHello.
    pub(crate) fn receive(mut self: Box<Self>, bytes: &mut &[u8]) -> Result<Retried, ErrorKind> {
        while let Some(first) = bytes.first() {
            match self.stage {
                Stage::Any => self.stage = Stage::of(ContentType(*first)),
                Stage::Header { header, len } => self.header(header, len, bytes)?,
                Stage::Payload { content_type, left } => self.payload(content_type, left, bytes)?,
                Stage::Alert { left } => {
                    let mut alert = split_off(bytes, left);
                    let left = left - alert.len();
                    self.stage = match left {
                        0 => Stage::Any,
                        _ => Stage::Alert { left },
                    };
                    // an alert never completes a ClientHello: it is refused, or more bytes are needed
                    match self.collect(&mut alert)? {
                        Collected::NeedsInput(collector) => self.collector = collector,
                        Collected::Hello(hello) => return self.check(hello),
                    }
                }
                Stage::Hello => match self.collect(bytes)? {
                    Collected::NeedsInput(collector) => self.collector = collector,
                    Collected::Hello(hello) => return self.check(hello),
                },
            }
        }
        Ok(Retried::NeedsInput(self))
    }

    fn collect(&mut self, bytes: &mut &[u8]) -> Result<Collected, ErrorKind> {
        let empty = Collector::of_tls(lastword_hello::Limits::default());
        let collector = std::mem::replace(&mut self.collector, empty);
        collector
            .receive(bytes)
            .map_err(|failed| match failed.error {
                HelloError::PeerAlert(alert) => ErrorKind::of_peer_alert(alert),
                error => ErrorKind::Hello(error),
            })
    }

    /// Takes bytes of the header of a change_cipher_spec or application_data record.
    fn header(
        &mut self,
        mut header: [u8; Header::LEN],
        len: usize,
        bytes: &mut &[u8],
    ) -> Result<(), ErrorKind> {
        let fresh = split_off(bytes, Header::LEN - len);
        for (to, from) in header.iter_mut().skip(len).zip(fresh) {
            *to = *from;
        }
        let len = len + fresh.len();
        self.stage = Stage::Header { header, len };
        if len == Header::LEN {
            let header = Header::from_bytes(header);
            self.check_header(header).map_err(ErrorKind::Record)?;
            self.stage = Stage::payload(header.content_type, header.length.into());
        }
        Ok(())
    }

    fn check_header(&mut self, header: Header) -> Result<(), RecordError> {
        if header.content_type == ContentType::CHANGE_CIPHER_SPEC {
            let limit = MOST_CHANGE_CIPHER_SPECS;
            if self.change_cipher_specs == limit {
                return Err(RecordError::TooManyChangeCipherSpecs { limit });
            }
            self.change_cipher_specs += 1;
            // RFC 8446 5: a change_cipher_spec with another content than the byte 1 ->
            // unexpected_message
            return match header.length {
                1 => Ok(()),
                _ => Err(RecordError::MalformedChangeCipherSpec),
            };
        }
        // RFC 8446 5.2: longer than 2^14 + 256 -> record_overflow
        let limit = LengthLimit::TLS13_CIPHERTEXT;
        header.check_length(limit).map_err(RecordError::TooLong)?;
        self.early_data.skip(header)
    }

    /// Takes bytes of the payload of such a record, `left` bytes before its end.
    fn payload(
        &mut self,
        content_type: ContentType,
        left: usize,
        bytes: &mut &[u8],
    ) -> Result<(), ErrorKind> {
        let payload = split_off(bytes, left);
        if content_type == ContentType::CHANGE_CIPHER_SPEC && payload != [1] {
            return Err(ErrorKind::Record(RecordError::MalformedChangeCipherSpec));
        }
        self.stage = Stage::payload(content_type, left - payload.len());
        Ok(())
    }

    /// Checks whether the second ClientHello may be answered, with the configuration of the first.
    fn check(self: Box<Self>, hello: Hello) -> Result<Retried, ErrorKind> {
        let second = hello.client_hello();
        // RFC 8446 4.1.2: a field differs from the first and must not -> illegal_parameter
        if let Some(field) = self.first.difference(&second) {
            return Err(ErrorKind::HelloDiffers(field));
        }
        negotiation::check(&second, &self.config)?;
        // RFC 8446 4.2.8: a share of another group than the requested one -> illegal_parameter.
        // rustls looks for the requested one and ignores others.
        match second.key_share_groups().map(Iterator::count) {
            Some(0 | 1) | None => Ok(Retried::Hello(Answerable {
                hello,
                config: self.config,
                change_cipher_specs: self.change_cipher_specs,
            })),
            Some(_) => Err(ErrorKind::MoreThanOneKeyShare),
        }
    }
}

impl Answerable {
    /// Answers it. The handshake continues with the client's records, up to a limit in bytes.
    pub(crate) fn answer(
        self,
        connection: &mut Connection,
        handshake_len: u32,
    ) -> Result<Records, ErrorAndAlert> {
        let Self {
            hello,
            config,
            change_cipher_specs,
        } = self;
        if let Err(failure) = connection.feed_hello(hello.message()) {
            let failed = Failed {
                failure,
                phase: Phase::ServerHello,
                client: Client::Hello(Held::Alone(hello)),
            };
            return Err(failed.decide(connection).with_server(&config));
        }
        let gate = Gate::new(connection, change_cipher_specs, handshake_len.into());
        // RFC 8446 4.2.10: a client sends no early data after a HelloRetryRequest
        Ok(Records::new(gate, connection, None))
    }
}

impl Stage {
    /// Returns the stage for a record of this type.
    const fn of(content_type: ContentType) -> Self {
        match content_type {
            ContentType::CHANGE_CIPHER_SPEC | ContentType::APPLICATION_DATA => Self::Header {
                header: [0; Header::LEN],
                len: 0,
            },
            ContentType::ALERT => Self::Alert {
                left: lastword_alert::Alert::RECORD_LEN,
            },
            _ => Self::Hello,
        }
    }

    const fn payload(content_type: ContentType, left: usize) -> Self {
        match left {
            0 => Self::Any,
            _ => Self::Payload { content_type, left },
        }
    }
}

/// Takes up to `most` bytes off the front of `bytes`.
fn split_off<'a>(bytes: &mut &'a [u8], most: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(most.min(bytes.len()));
    *bytes = rest;
    taken
}
