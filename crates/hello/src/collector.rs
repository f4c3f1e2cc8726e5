//! Collects a ClientHello over any fragmentation, within limits.

mod stage;

use alloc::vec::Vec;

use lastword_alert::{Alert, ParseError};
use lastword_record::{
    ContentType, HandshakeHeader, HandshakeType, Header, Joined, Joiner, LengthLimit, Verdict,
    sniff_with_len,
};

use self::stage::Stage;
use crate::{
    error::{CollectError, Error, Limits},
    hello::Hello,
    received::Received,
};

/// A ClientHello that is being collected from the bytes of a client.
///
/// Call [`receive`](Self::receive) until it returns [`Collected::Hello`]. It takes no byte after the
/// record that ends the ClientHello. The result does not depend on how the bytes are split: a client
/// is refused at the first wrong byte.
///
/// It holds the bytes received and at most 1,024 bytes more. Until the client is known to speak TLS,
/// it uses no heap memory. [`Limits::hello_len`] limits the bytes received.
///
/// ```
/// use std::io::{Error, ErrorKind, Read};
/// use lastword_hello::{Collected, Collector, Hello, Limits};
///
/// /// Reads until the ClientHello is complete. Later bytes are lost.
/// fn read_hello(stream: &mut impl Read) -> std::io::Result<Hello> {
///     let (mut collector, mut buf) = (Collector::new(Limits::default()), [0; 4096]);
///     loop {
///         let len = match stream.read(&mut buf)? {
///             0 => return Err(ErrorKind::UnexpectedEof.into()),
///             len => len,
///         };
///         match collector.receive(&mut &buf[..len]).map_err(Error::other)? {
///             Collected::NeedsInput(more) => collector = more,
///             Collected::Hello(hello) => return Ok(hello),
///         }
///     }
/// }
/// # let record = [&[22, 3, 1, 0, 69, 1, 0, 0, 65, 3, 3][..], &[7; 32],
/// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 20], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
/// #     b"example.com"].concat();
/// # assert_eq!(read_hello(&mut &record[..]).unwrap().server_name(), Some("example.com"));
/// # assert!(read_hello(&mut &record[..9]).is_err());
/// ```
#[derive(Debug)]
pub struct Collector {
    limits: Limits,
    stage: Stage,
    /// The records received, up to the stage.
    kept: Received,
    joiner: Joiner,
    /// How many bytes of the ClientHello are missing: first those of its header, then those of its
    /// body, at most 2^24.
    wanted: u32,
    warnings: u8,
}

/// Whether [`Collector::collect`] ran out of bytes or has its ClientHello.
enum Progress {
    Starved,
    Whole,
}

/// The result of giving bytes to a [`Collector`].
///
/// ```
/// use lastword_hello::{Collected, CollectError, Collector};
///
/// /// Gives the bytes that were read to the collector. Returns it if it needs more.
/// fn step(collector: Collector, mut bytes: &[u8]) -> Result<Option<Collector>, CollectError> {
///     Ok(match collector.receive(&mut bytes)? {
///         Collected::NeedsInput(collector) => Some(collector),
///         Collected::Hello(hello) => {
///             println!("{}", hello.client_hello());
///             None
///         }
///     })
/// }
/// # use lastword_hello::Limits;
/// # let record = [&[22, 3, 1, 0, 69, 1, 0, 0, 65, 3, 3][..], &[7; 32],
/// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 20], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
/// #     b"example.com"].concat();
/// # let collector = step(Collector::new(Limits::default()), &record[..3]).unwrap().unwrap();
/// # assert!(step(collector, &record[3..]).unwrap().is_none());
/// ```
#[derive(Debug)]
pub enum Collected {
    /// The ClientHello is not complete. All bytes were taken: continue with this collector.
    NeedsInput(Collector),
    /// The ClientHello is complete.
    Hello(Hello),
}

/// The size of one allocation in bytes while the length of the ClientHello is not known.
const UNKNOWN_LEN: usize = 512;

impl Collector {
    /// Creates a collector for a client that has sent nothing yet.
    ///
    /// ```
    /// use lastword_hello::{Collector, Limits};
    ///
    /// let collector = Collector::new(Limits::default().with_hello_len(16_384));
    /// assert_eq!(collector.received(), 0);
    /// ```
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self {
            limits,
            stage: Stage::Unknown {
                first: [0; Verdict::MAX_LEN],
                len: 0,
            },
            kept: Received::new(),
            joiner: Joiner::new(),
            wanted: HandshakeHeader::LEN as u32,
            warnings: 0,
        }
    }

    /// Creates a collector for a second ClientHello, after a HelloRetryRequest. The client is known
    /// to speak TLS, so the version in record headers is ignored (RFC 8446 section 5.1).
    ///
    /// ```
    /// use lastword_hello::{Collected, Collector, Limits};
    ///
    /// # let record = [&[22, 3, 1, 0, 69, 1, 0, 0, 65, 3, 3][..], &[7; 32],
    /// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 20], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
    /// #     b"example.com"].concat();
    /// # let mut record = record;
    /// record[1] = 99; // the record header has another version than one of TLS
    /// let second = Collector::of_tls(Limits::default()).receive(&mut &record[..]);
    /// assert!(matches!(second, Ok(Collected::Hello(_))));
    /// ```
    #[must_use]
    pub const fn of_tls(limits: Limits) -> Self {
        let mut new = Self::new(limits);
        new.stage = Stage::HEADER;
        new
    }

    /// Returns the number of bytes taken.
    #[must_use]
    pub fn received(&self) -> usize {
        self.kept.len() + self.stage.pending().len()
    }

    /// Returns every byte that was taken, exactly as received.
    ///
    /// ```
    /// use lastword_hello::{Collected, Collector, Limits};
    ///
    /// let collector = Collector::new(Limits::default());
    /// let Ok(Collected::NeedsInput(collector)) = collector.receive(&mut &[22, 3, 1, 2][..]) else {
    ///     panic!("this is the start of a record");
    /// };
    /// assert_eq!(collector.received(), 4);
    /// assert_eq!(collector.into_received(), [22, 3, 1, 2]);
    /// ```
    #[must_use]
    pub fn into_received(self) -> Vec<u8> {
        self.kept.into_bytes(self.stage.pending())
    }

    /// Takes bytes off the front of `input`.
    ///
    /// ```
    /// use lastword_hello::{Collected, Collector, Limits};
    ///
    /// # let record = [&[22, 3, 1, 0, 69, 1, 0, 0, 65, 3, 3][..], &[7; 32],
    /// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 20], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
    /// #     b"example.com"].concat();
    /// let input = [&record[..], b"more"].concat(); // from the client
    /// let mut bytes = &input[..];
    /// let collected = Collector::new(Limits::default()).receive(&mut bytes);
    /// assert!(matches!(collected, Ok(Collected::Hello(_))));
    /// assert_eq!(bytes, b"more"); // not taken
    /// ```
    ///
    /// # Errors
    ///
    /// [`CollectError`] at the first byte that shows that this is not a valid ClientHello: see
    /// [`Error`]. Later bytes stay in `input`.
    pub fn receive(mut self, input: &mut &[u8]) -> Result<Collected, CollectError> {
        match self.collect(input) {
            Ok(Progress::Starved) => Ok(Collected::NeedsInput(self)),
            Ok(Progress::Whole) => match Hello::new(self.kept, self.joiner.received() as usize) {
                Ok(hello) => Ok(Collected::Hello(hello)),
                Err((malformed, received)) => Err(CollectError {
                    error: Error::Malformed(malformed),
                    received,
                }),
            },
            Err(error) => Err(CollectError {
                error,
                received: self.into_received(),
            }),
        }
    }

    fn collect(&mut self, input: &mut &[u8]) -> Result<Progress, Error> {
        loop {
            if input.is_empty() {
                return Ok(Progress::Starved);
            }
            let whole = match self.stage {
                Stage::Unknown { first, len } => self.sniff(first, len.into(), input)?,
                Stage::Header { header, len } => self.header(header, len.into(), input)?,
                Stage::Payload { content_type, left } => {
                    self.payload(content_type, left.into(), input)?
                }
            };
            if whole {
                return Ok(Progress::Whole);
            }
        }
    }

    /// Takes bytes of a client that is not known to speak TLS, up to the byte that decides it.
    fn sniff(
        &mut self,
        mut first: [u8; Verdict::MAX_LEN],
        len: usize,
        input: &mut &[u8],
    ) -> Result<bool, Error> {
        let (verdict, needed) = match len {
            0 => sniff_with_len(input),
            _ => {
                let mut peeked = *input;
                let at_hand = len + fill(first.get_mut(len..), &mut peeked);
                sniff_with_len(first.get(..at_hand).unwrap_or_default())
            }
        };
        if len == 0 && verdict == Verdict::Tls && needed <= Header::LEN {
            // nothing is taken yet. The complete header is taken before it is checked, so that a
            // refusal is at the same byte however the bytes are split
            self.stage = Stage::HEADER;
            return Ok(false);
        }
        let len = match input.first_chunk() {
            Some(at_hand) if len == 0 => {
                first = *at_hand;
                take(input, needed).len()
            }
            _ => len + fill(first.get_mut(len..needed), input),
        };
        self.stage = Stage::unknown(first, len);
        let mut known = first.get(..len).unwrap_or_default();
        match verdict {
            Verdict::NeedsInput => Ok(false),
            Verdict::NotTls(guess) => Err(Error::NotTls(guess)),
            Verdict::Tls => {
                self.stage = Stage::HEADER;
                let progress = self.collect(&mut known);
                if !matches!(progress, Ok(Progress::Starved)) {
                    // the rest of these bytes was taken too
                    self.kept.push_rest([self.stage.pending(), known]);
                    self.stage = Stage::HEADER;
                }
                Ok(matches!(progress?, Progress::Whole))
            }
        }
    }

    /// Takes bytes of a record header, of which `len` are known.
    fn header(
        &mut self,
        mut header: [u8; Header::LEN],
        len: usize,
        input: &mut &[u8],
    ) -> Result<bool, Error> {
        let len = match input.split_first_chunk() {
            Some((whole, rest)) if len == 0 => {
                (header, *input) = (*whole, rest);
                Header::LEN
            }
            _ => len + fill(header.get_mut(len..), input),
        };
        self.stage = Stage::header(header, len);
        if len == Header::LEN {
            let Header {
                content_type,
                length,
                ..
            } = self.check_record(header.into())?;
            let left = usize::from(length);
            let room = self.kept.header_len() + left.min(input.len());
            if !self.kept.has_room(room) {
                match self.wanted_of(content_type, left, input) {
                    wanted if wanted > left => self.kept.make_room_at_hand(input, left, wanted),
                    _ => self.kept.grow(room, left),
                }
            }
            self.kept.push_header(content_type, &header);
            self.stage = Stage::payload(content_type, left);
        }
        Ok(false)
    }

    /// Checks by its header whether a record may follow what was received.
    fn check_record(&self, header: Header) -> Result<Header, Error> {
        let begun = self.joiner.received() > 0;
        match header.content_type {
            // RFC 8446 5.1: zero-length handshake fragment -> unexpected_message
            ContentType::HANDSHAKE if header.length == 0 => return Err(Error::EmptyRecord),
            ContentType::HANDSHAKE => {}
            // RFC 8446 5.1: a record between two fragments of a message -> unexpected_message. But
            // a client that ends the connection is never answered (section 6)
            ContentType::ALERT if begun && usize::from(header.length) == Alert::LEN => {}
            other if begun => return Err(Error::Interleaved(other)),
            ContentType::ALERT => match usize::from(header.length) {
                // RFC 8446 5.1: an alert record holds exactly one alert
                Alert::LEN => {}
                0 => return Err(Error::MalformedAlert(ParseError::Empty)),
                length => return Err(Error::MalformedAlert(ParseError::Length(length))),
            },
            // RFC 8446 5: another record before a ClientHello -> unexpected_message
            other => return Err(Error::UnexpectedRecord(other)),
        }
        header
            .check_length(LengthLimit::PLAINTEXT)
            .map_err(Error::RecordOverflow)?;
        // an alert between two fragments ends the ClientHello, whatever its length
        if header.content_type == ContentType::HANDSHAKE || !begun {
            self.check_received(Header::LEN + self.wanted as usize)?;
        }
        Ok(header)
    }

    /// Checks whether so many more bytes may be received.
    #[inline]
    fn check_received(&self, more: usize) -> Result<(), Error> {
        let limit = self.limits.received_len();
        if self.kept.len() + more > limit as usize {
            return Err(Error::RecordsTooLong { limit });
        }
        Ok(())
    }

    /// Takes bytes of a record's payload, of which `left` are still to come.
    fn payload(
        &mut self,
        content_type: ContentType,
        left: usize,
        input: &mut &[u8],
    ) -> Result<bool, Error> {
        let most = match content_type {
            ContentType::HANDSHAKE => left.min(self.wanted as usize),
            _ => left,
        };
        let fresh = take(input, most);
        let left = left - fresh.len();
        self.kept.make_room(fresh.len(), left);
        self.kept.push_payload(fresh);
        self.stage = match left {
            0 => Stage::HEADER,
            _ => Stage::payload(content_type, left),
        };
        match (content_type, left) {
            (ContentType::HANDSHAKE, _) => self.fragment(fresh, left),
            (_, 0) => self.alert().map(|()| false),
            _ => Ok(false),
        }
    }

    /// Returns how many bytes the ClientHello needs from `input` on, which begins with a record's
    /// payload of `left` bytes. Returns 0 if none, or if it will be refused.
    #[inline]
    fn wanted_of(&self, content_type: ContentType, left: usize, input: &[u8]) -> usize {
        let announced = match input.first_chunk() {
            _ if content_type != ContentType::HANDSHAKE => return 0,
            _ if self.joiner.header().is_some() => return self.wanted as usize,
            Some(header) if self.joiner.received() == 0 && left >= HandshakeHeader::LEN => {
                HandshakeHeader::from_bytes(*header)
            }
            _ => return UNKNOWN_LEN,
        };
        let len = announced.message_len();
        if announced.handshake_type != HandshakeType::CLIENT_HELLO || len > self.limits.hello_len {
            return 0;
        }
        len as usize
    }

    /// Takes a fragment of the ClientHello, `left` bytes before the end of its record.
    fn fragment(&mut self, fragment: &[u8], left: usize) -> Result<bool, Error> {
        let joined = self.joiner.receive(fragment);
        let Some(header) = self.joiner.header() else {
            return self.want(joined, left);
        };
        if header.handshake_type != HandshakeType::CLIENT_HELLO {
            // RFC 8446 4: another message -> unexpected_message
            return Err(Error::UnexpectedHandshake(header.handshake_type));
        }
        let (len, limit) = (header.message_len(), self.limits.hello_len);
        if len > limit {
            return Err(Error::TooLong { len, limit });
        }
        self.want(joined, left)
    }

    /// Updates how many bytes are missing, `left` bytes before the end of the record. Returns whether
    /// the ClientHello is complete.
    fn want(&mut self, joined: Joined, left: usize) -> Result<bool, Error> {
        match joined {
            Joined::NeedsInput(wanted) => {
                self.wanted = wanted as u32;
                self.check_received(wanted)?;
                Ok(false)
            }
            Joined::Complete { unused: 0 } if left == 0 => Ok(true),
            // RFC 8446 5.1: messages must not span key changes -> unexpected_message
            Joined::Complete { .. } => Err(Error::NotAligned),
        }
    }

    /// Handles the alert at the end of the bytes received.
    fn alert(&mut self) -> Result<(), Error> {
        let payload = self
            .kept
            .last_chunk::<{ Alert::LEN }>()
            .map_or(&[][..], |alert| alert);
        let alert = Alert::parse(payload).map_err(Error::MalformedAlert)?;
        if alert.is_final() {
            return Err(Error::PeerAlert(alert));
        }
        if self.joiner.received() > 0 {
            return Err(Error::Interleaved(ContentType::ALERT));
        }
        let limit = self.limits.warning_alerts;
        self.warnings = self.warnings.saturating_add(1);
        if self.warnings > limit {
            return Err(Error::TooManyWarnings { limit });
        }
        Ok(())
    }
}

/// Moves bytes from the front of `input` to the front of `room`, as many as fit.
fn fill(room: Option<&mut [u8]>, input: &mut &[u8]) -> usize {
    let room = room.unwrap_or_default();
    let bytes = take(input, room.len());
    room.iter_mut()
        .zip(bytes)
        .map(|(to, from)| *to = *from)
        .count()
}

/// Takes up to `most` bytes off the front of `input`.
fn take<'a>(input: &mut &'a [u8], most: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at(most.min(input.len()));
    *input = rest;
    taken
}
