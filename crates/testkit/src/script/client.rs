//! A rustls client in memory, at the other end of a scripted stream.

mod departure;

use std::io::{Read, Write};
use std::sync::Arc;

use rustls::{ClientConfig, ClientConnection, Error};

use crate::wire;
use departure::Departure;

/// A rustls client in memory: what it sends, what it is told, and when it closes, which is when it
/// has read the end or an alert.
#[derive(Debug)]
pub struct Client {
    connection: ClientConnection,
    plaintext: Vec<u8>,
    error: Option<Error>,
    sent: Vec<u8>,
    /// How many bytes it sends; then its end of the stream comes.
    cut: usize,
    /// How many records it sends yet, and its last one.
    swap: Option<(usize, Vec<u8>)>,
    /// What it does right after its Finished, if anything.
    departure: Option<Departure>,
    /// What it writes after it has asked for new keys, if it does.
    after_keys: Option<Vec<u8>>,
    /// Whether its end of the stream comes right after its Finished.
    leaves: bool,
    /// How much of what the server wrote it has taken.
    taken: usize,
    closed: bool,
}

impl Client {
    /// A client that asks for `localhost`.
    ///
    /// # Panics
    ///
    /// If the configuration is none that rustls can use.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the configuration is the test's")]
    pub fn new(config: Arc<ClientConfig>) -> Self {
        let name = "localhost".try_into().expect("a name");
        Self {
            connection: ClientConnection::new(config, name).expect("a configuration"),
            plaintext: Vec::new(),
            error: None,
            sent: Vec::new(),
            cut: usize::MAX,
            swap: None,
            departure: None,
            after_keys: None,
            leaves: false,
            taken: 0,
            closed: false,
        }
    }

    /// It writes these words as soon as it may.
    ///
    /// # Panics
    ///
    /// If they are more than rustls holds back.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the words are the test's")]
    pub fn saying(mut self, words: &[u8]) -> Self {
        let written = self.connection.writer().write_all(words);
        written.expect("few enough words");
        self
    }

    /// It sends these words as early data, as much of them as its ticket allows, in records of so many
    /// bytes.
    ///
    /// # Panics
    ///
    /// If it has no ticket that allows early data.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the ticket is the test's")]
    pub fn saying_early(mut self, words: &[u8], record: usize) -> Self {
        for chunk in words.chunks(record) {
            let mut early = self.connection.early_data().expect("early data is allowed");
            early.write_all(chunk).expect("few enough words");
        }
        self
    }

    /// It sends so many bytes, then the end of the stream.
    #[must_use]
    pub const fn cut_at(mut self, cut: usize) -> Self {
        self.cut = cut;
        self.closed = cut == 0;
        self
    }

    /// It sends so many records, then this one and no more, and waits.
    #[must_use]
    pub fn ending_in(mut self, after: usize, record: &[u8]) -> Self {
        self.swap = Some((after, record.to_vec()));
        self
    }

    /// Right after its Finished it sends a KeyUpdate that asks for another (RFC 8446 section 4.6.3), and
    /// then writes these words.
    #[must_use]
    pub fn updating_keys(mut self, words: &[u8]) -> Self {
        self.after_keys = Some(words.to_vec());
        self
    }

    /// It sends its Finished and what it says, then the end of the stream.
    #[must_use]
    pub const fn leaving(mut self) -> Self {
        self.leaves = true;
        self
    }

    /// It offers TLS 1.3 alone, and right after its Finished sends an empty handshake record, encrypted, and
    /// `close_notify`. It reads nothing more.
    #[must_use]
    pub fn departing(config: &Arc<ClientConfig>) -> Self {
        let departure = Departure::new(config);
        let mut new = Self::new(departure.config());
        new.departure = Some(departure);
        new
    }

    /// Whether its handshake is not complete.
    #[must_use]
    pub fn is_handshaking(&self) -> bool {
        self.connection.is_handshaking()
    }

    /// What it has read.
    #[must_use]
    pub fn plaintext(&self) -> &[u8] {
        &self.plaintext
    }

    /// What has made an end of the connection for it.
    #[must_use]
    pub const fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// All that it has sent.
    #[must_use]
    pub fn sent(&self) -> &[u8] {
        &self.sent
    }

    /// Whether it sends nothing more.
    #[must_use]
    pub const fn has_closed(&self) -> bool {
        self.closed
    }

    /// Has it read what is new in all that the server wrote: what it says to that.
    pub fn turn(&mut self, written: &[u8]) -> Vec<u8> {
        if self.departure.is_some() && self.closed {
            return Vec::new();
        }
        let mut new = written.get(self.taken..).unwrap_or_default();
        self.taken += new.len();
        while !new.is_empty() && self.error.is_none() {
            match self.connection.read_tls(&mut new) {
                Ok(1..) => {}
                _ => break, // it has read the close_notify
            }
            match self.connection.process_new_packets() {
                Ok(state) => self.closed |= state.peer_has_closed(),
                Err(error) => self.error = Some(error),
            }
            // up to what there is, or to the close_notify
            let _ = self.connection.reader().read_to_end(&mut self.plaintext);
        }
        self.closed |= self.error.is_some() || (self.leaves && !self.is_handshaking());
        self.update_keys();
        let mut says = Vec::new();
        while self.connection.wants_write() && self.connection.write_tls(&mut says).is_ok() {}
        if let Some(departure) = self.departure.as_ref().filter(|_| !self.is_handshaking()) {
            says.extend(departure.seal(&mut self.connection));
            self.closed = true;
        }
        self.send(&says)
    }

    /// Asks for new keys if it is time to.
    #[expect(clippy::expect_used, reason = "the words are the test's")]
    fn update_keys(&mut self) {
        if self.is_handshaking() {
            return;
        }
        if let Some(words) = self.after_keys.take() {
            let updated = self.connection.refresh_traffic_keys();
            updated.expect("a connection of TLS 1.3");
            let written = self.connection.writer().write_all(&words);
            written.expect("few enough words");
        }
    }

    /// What it sends of these bytes.
    fn send(&mut self, bytes: &[u8]) -> Vec<u8> {
        let before = self.sent.len();
        for record in wire::records(bytes) {
            match &mut self.swap {
                Some((0, _)) => break,
                Some((after, _)) => *after -= 1,
                None => {}
            }
            self.put_out(record);
        }
        if let Some((0, last)) = &mut self.swap {
            let last = std::mem::take(last);
            self.put_out(&last);
        }
        self.sent.get(before..).unwrap_or_default().to_vec()
    }

    fn put_out(&mut self, record: &[u8]) {
        let left = self.cut - self.sent.len();
        self.sent.extend(record.iter().take(left));
        self.closed |= self.sent.len() == self.cut;
    }
}
