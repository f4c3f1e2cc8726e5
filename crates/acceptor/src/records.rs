//! The client's records after the ServerHello. They pass the gate, and rustls gets each one complete.

use lastword_record::{ContentType, HandshakeHeader, Header};

use crate::backend::connection::Connection;
use crate::backend::drive::Failure;
use crate::early_data;
use crate::gate::{Admitted, Gate, RecordError, Stop};

/// The records of a client whose ClientHello is answered.
#[derive(Debug)]
pub(crate) struct Records {
    gate: Gate,
    /// The first bytes of a header or an alert that is not complete.
    held: Vec<u8>,
    /// How many bytes are still to come of the record that rustls has in part.
    left: u16,
    /// In a box, because few clients have one.
    rejected: Option<Box<Rejected>>,
}

/// Rejected early data. rustls skips its records until one can be decrypted.
///
/// rustls 0.23.46 keeps skipped records and counts them again each time it processes records. So they
/// wait in its buffer until a record arrives that may be the client's Finished. Then they count only
/// once, however the bytes were split.
#[derive(Debug)]
struct Rejected {
    /// How many bytes rustls skips.
    limit: u64,
    /// The length in bytes of a record with only a Finished.
    finished_len: u64,
    /// How many more bytes rustls skips.
    left: u64,
    /// How many bytes rustls holds that are skipped or not yet processed.
    buffered: u64,
    /// Whether the last record had the length of a Finished.
    last_fits: bool,
    waiting: bool,
    /// Whether there was a pause before the last record.
    has_paused: bool,
    /// The number of pauses since the last record.
    pauses: u8,
}

/// The size in bytes of rustls 0.23.46's record buffer, including headers.
const BUFFER: u64 = 18_437;

/// The result of processing records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    NeedsInput,
    Complete,
}

/// Why no more records are taken.
pub(crate) enum Stopped {
    /// The client closed.
    Closed,
    /// The client sent a record that is refused. rustls did not get it.
    Refused(RecordError),
    /// rustls failed.
    Failed(Failure),
}

impl Records {
    /// `early_data`: how many bytes may be skipped, if the ClientHello offers early data.
    pub(crate) fn new(gate: Gate, connection: &mut Connection, early_data: Option<u64>) -> Self {
        let is_rejected = !connection.has_early_data();
        let rejected = early_data
            .filter(|_| is_rejected)
            .and_then(|left| Some(Rejected::new(connection.verify_data_len()?, left)))
            .map(Box::new);
        Self {
            gate,
            held: Vec::new(),
            left: 0,
            rejected,
        }
    }

    /// Returns whether records wait, to be processed if no other arrives.
    pub(crate) fn are_waiting(&self) -> bool {
        self.rejected
            .as_deref()
            .is_some_and(|rejected| rejected.waiting)
    }

    /// Returns how many bytes are held of a header or an alert that is not complete.
    pub(crate) fn held_len(&self) -> usize {
        self.held.len()
    }

    /// Returns the most bytes to read at once. While records wait, this is a header or the rest of
    /// its record.
    pub(crate) fn most_to_read(&self) -> usize {
        match self.gate.left() {
            _ if !self.are_waiting() => usize::MAX,
            0 => Header::LEN.saturating_sub(self.held.len()).max(1),
            left => left.into(),
        }
    }

    /// Takes bytes off the front of `bytes`, but none after the record that completes the handshake.
    pub(crate) fn receive(
        &mut self,
        connection: &mut Connection,
        bytes: &mut &[u8],
    ) -> Result<Progress, Stopped> {
        if self.held.is_empty() {
            return self.receive_joined(connection, bytes);
        }
        let joined = [&std::mem::take(&mut self.held)[..], bytes].concat();
        let mut rest = &joined[..];
        let progress = self.receive_joined(connection, &mut rest);
        match rest.len().checked_sub(bytes.len()) {
            Some(held) => self.held.extend(rest.iter().take(held)),
            None => *bytes = bytes.get(bytes.len() - rest.len()..).unwrap_or_default(),
        }
        progress
    }

    /// Ends the handshake. Returns the first bytes of an incomplete record, with which the data after
    /// the handshake starts.
    pub(crate) fn complete(self, connection: &mut Connection) -> Vec<u8> {
        connection.follow_from(self.left);
        self.held
    }

    /// Gives rustls one record at a time, so that it does not get records after the one that
    /// completes the handshake.
    fn receive_joined(
        &mut self,
        connection: &mut Connection,
        bytes: &mut &[u8],
    ) -> Result<Progress, Stopped> {
        loop {
            let begins = self.gate.is_between_records();
            let Admitted { len, stop } = self.gate.admit(bytes);
            if let Some((stop, shown)) = stop {
                // process the waiting records first
                if self.are_waiting() {
                    self.process_those_that_wait(connection)?;
                    if !connection.is_handshaking() {
                        return Ok(Progress::Complete);
                    }
                }
                *bytes = bytes.get(shown..).unwrap_or_default();
                return Err(match stop {
                    Stop::Closed => Stopped::Closed,
                    Stop::Refused(error) => Stopped::Refused(error),
                });
            }
            if len == 0 {
                self.held.extend_from_slice(std::mem::take(bytes));
                return Ok(Progress::NeedsInput);
            }
            if begins && self.has_no_room_for_the_next() {
                self.process_those_that_wait(connection)?;
                if !connection.is_handshaking() {
                    return Ok(Progress::Complete);
                }
            }
            let (admitted, rest) = bytes.split_at(len);
            *bytes = rest;
            if let Some(alert) = self.gate.warning() {
                connection.set_warning(alert);
            }
            let header_len = if begins { Header::LEN } else { 0 };
            let messages = admitted
                .get(header_len..)
                .filter(|_| self.gate.is_plaintext_handshake());
            connection.received_plaintext(messages.unwrap_or_default(), begins);
            self.buffer(connection, admitted, begins)?;
            self.left = self.gate.left();
            if self.gate.is_between_records() && !(connection.is_handshaking() && self.waits()) {
                self.process(connection)?;
            }
            if !connection.is_handshaking() {
                return Ok(Progress::Complete);
            }
        }
    }

    /// Makes rustls buffer a part of a record, which may begin with its header.
    fn buffer(
        &mut self,
        connection: &mut Connection,
        mut part: &[u8],
        begins: bool,
    ) -> Result<(), Stopped> {
        if let (true, Some((header, payload))) = (begins, part.split_first_chunk()) {
            // RFC 8446 5.1: the version must be ignored for all purposes. rustls 0.23 refuses
            // versions that do not begin with 3
            let [content_type, major, _, high, low] = *header;
            if major != 3 {
                part = payload;
                self.buffer_all(connection, &[content_type, 3, 3, high, low])?;
            }
        }
        self.buffer_all(connection, part)
    }

    fn buffer_all(&mut self, connection: &mut Connection, mut bytes: &[u8]) -> Result<(), Stopped> {
        loop {
            match connection.buffer(&mut bytes) {
                Ok(()) => return Ok(()),
                Err(Failure::Full) if self.are_waiting() => {
                    self.process_those_that_wait(connection)?;
                }
                Err(Failure::Full) => return Err(Stopped::Refused(self.full())),
                Err(failure) => return Err(Stopped::Failed(failure)),
            }
        }
    }

    /// Returns the error for a full buffer of rustls.
    fn full(&self) -> RecordError {
        match self.rejected {
            Some(_) => RecordError::EarlyDataTooLong { limit: BUFFER },
            None => RecordError::MessageTooLong { limit: 65_535 },
        }
    }

    /// Returns whether the complete record waits for the next.
    fn waits(&mut self) -> bool {
        let last = self.gate.last();
        match &mut self.rejected {
            Some(rejected) if last.content_type == ContentType::APPLICATION_DATA => {
                rejected.waits(last.length.into())
            }
            _ => false,
        }
    }

    /// Returns whether the waiting records must be processed before the next record. With it rustls
    /// would skip too much.
    fn has_no_room_for_the_next(&self) -> bool {
        let length = self.gate.last().length.into();
        self.rejected
            .as_deref()
            .is_some_and(|rejected| rejected.waiting && rejected.has_no_room_for(length))
    }

    /// Makes rustls process the waiting records, which are encrypted.
    fn process_those_that_wait(&mut self, connection: &mut Connection) -> Result<(), Stopped> {
        self.drive(connection, false)
    }

    /// Makes rustls process all buffered records. The last one is encrypted or in plaintext.
    fn drive(
        &mut self,
        connection: &mut Connection,
        ends_in_plaintext: bool,
    ) -> Result<(), Stopped> {
        let mut exceeded = None;
        if let Some(rejected) = &mut self.rejected {
            exceeded = (rejected.buffered > rejected.left).then_some(rejected.limit);
            rejected.process(ends_in_plaintext);
        }
        connection.drive().map_err(|failure| match exceeded {
            // RFC 8446 4.2.10: more than max_early_data_size -> unexpected_message. rustls sends
            // bad_record_mac, because it cannot decrypt early data.
            Some(limit)
                if connection.is_shared()
                    && connection.is_handshaking()
                    && failure.is_decrypt_error() =>
            {
                Stopped::Refused(RecordError::EarlyDataTooLong { limit })
            }
            _ => Stopped::Failed(failure),
        })
    }

    /// Makes rustls process all buffered records, to the end of the last.
    fn process(&mut self, connection: &mut Connection) -> Result<(), Stopped> {
        let is_plaintext = self.gate.last().content_type != ContentType::APPLICATION_DATA;
        self.drive(connection, is_plaintext)?;
        if self.gate.is_encrypted_alert_of_tls12() && connection.is_handshaking() {
            return Err(Stopped::Closed);
        }
        Ok(())
    }

    /// Makes rustls process the waiting records, if the limit then still allows later ones, or none
    /// has arrived for a second. It always does `at_the_end` of the stream.
    pub(crate) fn process_waiting(
        &mut self,
        connection: &mut Connection,
        at_the_end: bool,
    ) -> Result<Progress, Stopped> {
        let waiting = self.rejected.as_deref_mut().filter(|it| it.waiting);
        if waiting.is_some_and(|rejected| rejected.pause() || at_the_end) {
            self.process_those_that_wait(connection)?;
        }
        Ok(match connection.is_handshaking() {
            true => Progress::NeedsInput,
            false => Progress::Complete,
        })
    }
}

impl Rejected {
    fn new(verify_data_len: usize, left: u64) -> Self {
        Self {
            finished_len: (HandshakeHeader::LEN + verify_data_len) as u64 + early_data::OVERHEAD,
            limit: left,
            left,
            buffered: 0,
            last_fits: false,
            waiting: false,
            has_paused: false,
            pauses: 0,
        }
    }

    /// Returns whether a record of application data waits for the next.
    fn waits(&mut self, length: u64) -> bool {
        self.buffered += length;
        self.has_paused |= self.pauses > 0;
        self.pauses = 0;
        // early data records may have this length too: only one of them is tried
        let may_be_finished = length == self.finished_len && !self.last_fits;
        self.last_fits = length == self.finished_len;
        // what is left may be enough even if the buffer counts again
        let is_enough = self.buffered + BUFFER <= self.left;
        self.waiting = !may_be_finished && self.buffered <= self.left && !is_enough;
        self.waiting
    }

    /// Returns whether the waiting records must be processed before a record of this length. With it
    /// they could not be processed twice.
    fn has_no_room_for(&self, length: u64) -> bool {
        self.buffered + length > self.left && self.is_affordable()
    }

    /// Returns whether rustls may process its buffer now and once more with later records. Clients
    /// send all early data at once, so after a pause the next message follows.
    fn is_affordable(&self) -> bool {
        let needed = match self.has_paused || self.last_fits {
            true => self.buffered,
            false => 2 * self.buffered + self.finished_len,
        };
        needed <= self.left
    }

    /// Counts a pause without a record. Returns whether the waiting records are to be processed.
    fn pause(&mut self) -> bool {
        /// After a second without a record, the client's next message has arrived.
        const MOST: u8 = 10;

        let is_affordable = self.is_affordable();
        self.pauses = self.pauses.saturating_add(1);
        is_affordable || self.pauses >= MOST
    }

    /// Updates the counts because rustls processes its buffer. It keeps skipped records until a
    /// plaintext record, or one that it can decrypt.
    fn process(&mut self, ends_in_plaintext: bool) {
        self.waiting = false;
        self.left = self.left.saturating_sub(self.buffered);
        if ends_in_plaintext {
            self.buffered = 0;
        }
    }
}
