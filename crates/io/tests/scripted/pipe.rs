//! A rustls client in memory, at the other end of a scripted stream.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use lastword_io::Transport;
use lastword_testkit::pki::ClientProfile;
use lastword_testkit::script::ScriptedStream;
use rustls::ClientConnection;

use crate::styles::Waited;
use crate::{Call, PKI, Scripted};

/// The server's end of a connection: the script says what passes at each call, the client what
/// there is. The client closes when it has read the end or an alert.
#[derive(Debug)]
pub(crate) struct Pipe {
    pub(crate) scripted: Scripted,
    pub(crate) client: ClientConnection,
    /// What the client has read.
    pub(crate) plaintext: Vec<u8>,
    /// What has made an end of the connection for the client.
    pub(crate) error: Option<rustls::Error>,
    /// All that the client has sent.
    pub(crate) sent: Vec<u8>,
    /// How many bytes the client sends; then its end of the stream comes.
    cut: usize,
    /// How many records the client sends yet, and its last one.
    swap: Option<(usize, Vec<u8>)>,
    /// How much of what the server wrote the client has taken.
    taken: usize,
    closed: bool,
    /// How often its end has been read.
    ends: usize,
}

impl Pipe {
    pub(crate) fn new(stream: ScriptedStream, profile: &ClientProfile) -> Self {
        let name = "localhost".try_into().unwrap();
        Self {
            scripted: Scripted::new(stream.stays_open()).ticking(),
            client: ClientConnection::new(PKI.client_config(profile), name).unwrap(),
            plaintext: Vec::new(),
            error: None,
            sent: Vec::new(),
            cut: usize::MAX,
            swap: None,
            taken: 0,
            closed: false,
            ends: 0,
        }
    }

    /// The client writes these words as soon as it may.
    pub(crate) fn saying(mut self, words: &[u8]) -> Self {
        self.client.writer().write_all(words).unwrap();
        self
    }

    /// The client sends so many bytes, then the end of the stream.
    pub(crate) fn cut_at(mut self, cut: usize) -> Self {
        self.cut = cut;
        self
    }

    /// The client sends so many records, then this one and no more, and waits.
    pub(crate) fn ending_in(mut self, after: usize, record: &[u8]) -> Self {
        self.swap = Some((after, record.to_vec()));
        self
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.scripted.elapsed()
    }

    /// Lets the client read and write.
    fn turn(&mut self) {
        let mut new = &self.scripted.stream.written()[self.taken..];
        self.taken += new.len();
        while !new.is_empty() && self.error.is_none() && self.client.read_tls(&mut new).unwrap() > 0
        {
            match self.client.process_new_packets() {
                Ok(state) => self.closed |= state.peer_has_closed(),
                Err(error) => self.error = Some(error),
            }
            // up to what there is, or to the close_notify
            let _ = self.client.reader().read_to_end(&mut self.plaintext);
        }
        self.closed |= self.error.is_some();
        while self.client.wants_write() {
            let mut record = Vec::new();
            self.client.write_tls(&mut record).unwrap();
            self.send(&record);
        }
    }

    fn send(&mut self, bytes: &[u8]) {
        for record in records(bytes) {
            let mut record = match &mut self.swap {
                Some((0, last)) => std::mem::take(last),
                Some((after, _)) => {
                    *after -= 1;
                    record.to_vec()
                }
                None => record.to_vec(),
            };
            record.truncate(self.cut - self.sent.len());
            self.scripted.stream.feed(&record);
            self.sent.extend(record);
            self.closed |= self.sent.len() == self.cut;
        }
    }
}

/// These bytes, a record each.
pub(crate) fn records(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut records = Vec::new();
    while let [_, _, _, high, low, ..] = *bytes {
        let (record, rest) = bytes.split_at(5 + usize::from(u16::from_be_bytes([high, low])));
        records.push(record);
        bytes = rest;
    }
    records
}

impl Read for Pipe {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.scripted.stream.unread() == 0 {
            self.turn();
        }
        if self.scripted.stream.unread() == 0 && (self.closed || self.cut == 0) {
            self.ends += 1;
            assert!(self.ends < 100, "it spins");
            return Ok(0);
        }
        self.scripted.read(buf)
    }
}

impl Write for Pipe {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.scripted.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.scripted.flush()
    }
}

impl Transport for Pipe {
    fn set_read_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.scripted.set_read_timeout(timeout)
    }

    fn set_write_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.scripted.set_write_timeout(timeout)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.scripted.shutdown_write()
    }

    fn now(&self) -> Instant {
        self.scripted.now()
    }
}

impl Waited for Pipe {
    fn take_blocked(&mut self) -> Option<Call> {
        self.scripted.take_blocked()
    }
}
