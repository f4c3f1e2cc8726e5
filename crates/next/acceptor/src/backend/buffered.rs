//! rustls's connection with the buffers that it reads from and writes to.
//!
//! rustls 0.24 holds no buffers: its caller gives them to each call. A buffer here is freed when it is
//! empty, so an idle connection holds none.

use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;

use lastword_record::{ContentType, Header};
use rustls::crypto::cipher::OutboundPlain;
use rustls::{
    Connection, Error, KeyingMaterialExporter, ServerConfig, ServerSide, Tcp, TlsInputBuffer,
};

use super::raw::RustlsConnection;

/// How many bytes one read takes, unless the rest of a record is longer.
const READ: usize = 4096;

/// The most bytes of records that are held: a handshake message with its headers.
const RECORDS: usize = 0xffff;

/// How many bytes of plaintext may be unread before no more records are read.
const PLAINTEXT: usize = 16 * 1024;

/// The most bytes that are held to be written.
const QUEUE: usize = 64 * 1024;

/// A connection of rustls and its buffers.
pub(super) struct Buffered {
    pub(super) rustls: Connection<ServerSide, Tcp>,
    input: Input,
    plaintext: Bytes,
    early: Early,
    queue: Bytes,
}

/// Early data (RFC 8446 section 2.3).
#[derive(Default)]
struct Early {
    data: Bytes,
    /// rustls has it only if the early data is accepted, and shows this in no other way.
    exporter: Option<KeyingMaterialExporter>,
}

impl Buffered {
    pub(super) fn new(config: Arc<ServerConfig>) -> Result<Self, Error> {
        Ok(Self {
            rustls: Connection::new(config)?,
            input: Input::default(),
            plaintext: Bytes::default(),
            early: Early::default(),
            queue: Bytes::default(),
        })
    }

    /// Returns the parts of a connection that is handed out.
    pub(super) fn into_parts(self) -> RustlsConnection {
        RustlsConnection {
            connection: self.rustls,
            input: self.input.records,
            plaintext: self.plaintext.into_unread(),
            early_data: self.early.data.into_unread(),
            early_exporter: self.early.exporter,
            output: self.queue.into_unread(),
        }
    }

    #[inline]
    pub(super) fn wants_read(&self) -> bool {
        let may_read = !self.is_handshaking() || self.queue.is_empty();
        self.plaintext.is_empty() && !self.input.is_closed && may_read
    }

    #[inline]
    pub(super) fn wants_write(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Reads once, at most 4 KiB or the rest of a record.
    #[inline]
    pub(super) fn read_tls(&mut self, records: &mut dyn Read) -> io::Result<usize> {
        if self.plaintext.len() > PLAINTEXT {
            return Err(io::Error::other("received plaintext buffer full"));
        }
        self.input.read(records)
    }

    /// Writes once.
    #[inline]
    pub(super) fn write_tls(&mut self, to: &mut dyn Write) -> io::Result<usize> {
        let n = to.write(self.queue.unread())?;
        self.queue.consume(n);
        Ok(n)
    }

    /// Takes all that is queued.
    pub(super) fn take_queue(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.queue).into_unread()
    }

    /// Returns whether the first record that rustls has not processed is a change_cipher_spec.
    pub(super) fn begins_with_change_cipher_spec(&self) -> bool {
        self.input.records.first() == Some(&ContentType::CHANGE_CIPHER_SPEC.0)
    }

    /// Processes the records that were read.
    #[inline]
    pub(super) fn process_new_packets(&mut self) -> Result<(), Error> {
        let mut records = self.rustls.read_tls(&mut self.input, self.queue.grow());
        // until the handshake is complete; the error comes again from the loop below
        while let Some(Ok(payload)) = records.next_early_data() {
            self.early.data.grow().extend_from_slice(payload.bytes());
        }
        let mut result = Ok(());
        while let Some(payload) = records.next_payload() {
            match payload {
                Ok(payload) => self.plaintext.grow().extend_from_slice(payload.bytes()),
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
        drop(records);
        if self.early.exporter.is_none() && self.is_handshaking() {
            self.early.exporter = self.rustls.early_exporter().ok();
        }
        result
    }

    /// Returns the unread plaintext; see [`Connection::plaintext`](super::connection::Connection::plaintext).
    #[inline]
    pub(super) fn plaintext(&self) -> io::Result<&[u8]> {
        match (self.plaintext.unread(), &self.input) {
            (plaintext @ [_, ..], _) => Ok(plaintext),
            (
                _,
                Input {
                    is_closed: true, ..
                },
            ) => Ok(&[]),
            (
                _,
                Input {
                    has_ended: true, ..
                },
            ) => Err(ErrorKind::UnexpectedEof.into()),
            _ => Err(ErrorKind::WouldBlock.into()),
        }
    }

    #[inline]
    pub(super) fn consume(&mut self, n: usize) {
        self.plaintext.consume(n);
    }

    /// Encrypts as much as there is room for.
    #[inline]
    pub(super) fn write(&mut self, plaintext: &[u8]) -> io::Result<usize> {
        let len = plaintext.len().min(self.room());
        let plaintext = plaintext.get(..len).unwrap_or_default();
        self.encrypt(OutboundPlain::Single(plaintext), len)
    }

    /// Encrypts several slices, as much as there is room for.
    #[inline]
    pub(super) fn write_vectored(&mut self, plaintext: &[io::IoSlice<'_>]) -> io::Result<usize> {
        let mut room = self.room();
        let mut len = 0;
        let parts: Vec<&[u8]> = plaintext
            .iter()
            .map(|part| {
                let part = part.get(..room.min(part.len())).unwrap_or_default();
                room -= part.len();
                len += part.len();
                part
            })
            .collect();
        self.encrypt(OutboundPlain::new(&parts), len)
    }

    #[inline]
    fn encrypt(&mut self, plaintext: OutboundPlain<'_>, len: usize) -> io::Result<usize> {
        let written = self.rustls.write(plaintext, self.queue.grow());
        written.map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
        Ok(len)
    }

    fn room(&self) -> usize {
        QUEUE.saturating_sub(self.queue.len())
    }

    /// Queues `close_notify`.
    pub(super) fn send_close_notify(&mut self) {
        // it fails only if the provider cannot encrypt it: then nothing can be sent any more
        drop(self.rustls.send_close_notify(self.queue.grow()));
    }

    /// Makes rustls queue a KeyUpdate that it holds back until it sends the next record. It sends one of
    /// its own after it.
    pub(super) fn flush_key_update(&mut self) {
        // it fails only if no record can be encrypted any more
        drop(self.rustls.refresh_traffic_keys(self.queue.grow()));
    }

    pub(super) fn is_handshaking(&self) -> bool {
        self.rustls.is_handshaking()
    }

    /// Returns whether early data was accepted.
    pub(super) fn has_early_data(&self) -> bool {
        self.early.exporter.is_some()
    }

    /// Returns the early data, if it was accepted.
    pub(super) fn early_data(&mut self) -> Option<&mut Bytes> {
        self.has_early_data().then_some(&mut self.early.data)
    }
}

/// The records that rustls has not processed.
#[derive(Default)]
struct Input {
    records: Vec<u8>,
    /// Whether the stream has ended.
    has_ended: bool,
    /// Whether the client has sent `close_notify`.
    is_closed: bool,
}

impl Input {
    fn read(&mut self, records: &mut dyn Read) -> io::Result<usize> {
        if self.is_closed {
            return Ok(0); // RFC 8446 6.1: what comes after close_notify is ignored
        }
        let held = self.records.len();
        if held >= RECORDS {
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                "message buffer full",
            ));
        }
        let most = RECORDS.min(held + self.wanted());
        self.records.reserve_exact(most - held);
        self.records.resize(most, 0);
        let read = records.read(self.records.get_mut(held..).unwrap_or_default());
        self.records
            .truncate(held + read.as_ref().map_or(0, |n| *n));
        if self.records.is_empty() {
            self.records = Vec::new();
        }
        self.has_ended |= matches!(read, Ok(0));
        read
    }
}

impl Input {
    /// Returns how much to read: the rest of the first record if that is more than usual, so that a long
    /// record is not moved at each read.
    fn wanted(&self) -> usize {
        let header = self.records.first_chunk().copied().map(Header::from_bytes);
        let len = header.map_or(0, |header| Header::LEN + usize::from(header.length));
        len.saturating_sub(self.records.len()).max(READ)
    }
}

impl TlsInputBuffer for Input {
    fn slice_mut(&mut self) -> &mut [u8] {
        &mut self.records
    }

    fn discard(&mut self, n: usize) {
        match n < self.records.len() {
            true => drop(self.records.drain(..n)),
            false => self.records = Vec::new(),
        }
    }

    fn received_close_notify(&mut self) {
        self.is_closed = true;
    }

    fn has_seen_eof(&self) -> bool {
        self.has_ended
    }
}

/// Bytes that are read from the front.
#[derive(Default)]
pub(super) struct Bytes {
    all: Vec<u8>,
    /// How many of them are read.
    read: usize,
}

impl Bytes {
    #[inline]
    fn unread(&self) -> &[u8] {
        self.all.get(self.read..).unwrap_or_default()
    }

    #[inline]
    fn len(&self) -> usize {
        self.all.len() - self.read
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the vector to append to.
    #[inline]
    fn grow(&mut self) -> &mut Vec<u8> {
        &mut self.all
    }

    #[inline]
    fn consume(&mut self, n: usize) {
        self.read = self.all.len().min(self.read + n);
        if self.is_empty() {
            *self = Self::default();
        }
    }

    fn into_unread(mut self) -> Vec<u8> {
        self.all.drain(..self.read);
        self.all
    }
}

impl Read for Bytes {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.unread().read(buf)?;
        self.consume(n);
        Ok(n)
    }
}
