//! What a client gets once it is accepted: a reply to its request, or its own bytes back.

use std::io::{self, ErrorKind, Read};
use std::time::Instant;

use lastword::Connection;
use lastword::io::Transport;

use super::super::super::{ECHO, PATIENCE, REPLY, REQUEST};

/// A client that is accepted.
pub(super) struct Served {
    connection: Connection,
    /// What has come of its request; `None` if it gets its own bytes back.
    request: Option<Request>,
    until: Option<Instant>,
}

/// How a step ended.
pub(super) enum Serving {
    /// The stream would block.
    Waits(Served),
    /// The client gets nothing more, save what the connection has left to write.
    Over(Connection),
}

impl Served {
    pub(super) fn new(connection: Connection, echo: bool, now: Instant) -> Self {
        Self {
            connection,
            request: (!echo).then(Request::default),
            until: (!echo).then(|| now + PATIENCE),
        }
    }

    /// When it must be stepped at the latest, if ever.
    pub(super) const fn until(&self) -> Option<Instant> {
        self.until
    }

    /// Goes on for as long as the stream does not block.
    pub(super) fn step(mut self, stream: &mut impl Transport) -> Serving {
        if self.until.is_some_and(|until| stream.now() >= until) {
            return Serving::Over(self.connection);
        }
        loop {
            // what fails from here on is between the application and its client
            match self.serve(stream).map_err(|error| error.kind()) {
                Err(ErrorKind::WouldBlock) => return Serving::Waits(self),
                Err(ErrorKind::Interrupted) => {}
                Ok(()) | Err(_) => return Serving::Over(self.connection),
            }
        }
    }

    /// Serves it to the end, or until the stream fails, be it only because it would block.
    fn serve(&mut self, stream: &mut impl Transport) -> io::Result<()> {
        let mut buffer = [0; ECHO];
        loop {
            // before more is read, so that no more is held than was read at once
            while self.connection.wants_write() {
                if self.connection.write_tls(stream)? == 0 {
                    return Err(ErrorKind::WriteZero.into());
                }
            }
            match self
                .connection
                .plaintext()
                .and_then(|mut all| all.read(&mut buffer))
            {
                Ok(n) => {
                    self.connection.consume(n);
                    if self.answer(buffer.get(..n).unwrap_or_default())? {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    // what came right after the handshake failed: the client sends nothing more
                    if let Some(error) = self.connection.kept_error() {
                        return Err(io::Error::other(error));
                    }
                    self.connection.read_tls(stream)?;
                    self.connection.process().map_err(io::Error::other)?;
                }
                // the end of the stream, without close_notify
                Err(error) => return Err(error),
            }
        }
    }

    /// Has the connection write what there is to answer, and says whether that is all. No bytes
    /// are the end of what the client sends.
    fn answer(&mut self, bytes: &[u8]) -> io::Result<bool> {
        let end = bytes.is_empty();
        match &mut self.request {
            None => {
                self.write_all(bytes)?;
                Ok(end)
            }
            Some(request) => {
                let whole = request.is_whole_with(bytes);
                // a client that ends without a request gets nothing
                if whole || end && request.all > 0 {
                    // one write, one record
                    self.write_all(REPLY)?;
                }
                Ok(whole || end)
            }
        }
    }

    /// Has the connection write this. It has room: nothing else waits to be written.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.connection.write(bytes)? {
            written if written == bytes.len() => Ok(()),
            _ => Err(ErrorKind::WriteZero.into()),
        }
    }
}

/// What has come of a request, in bytes.
#[derive(Debug, Default)]
struct Request {
    all: u64,
    /// Of the line that is under way, carriage returns not counted.
    line: u64,
}

impl Request {
    /// Whether an empty line has come, or so much that none is waited for.
    fn is_whole_with(&mut self, bytes: &[u8]) -> bool {
        for byte in bytes {
            self.all += 1;
            match byte {
                b'\n' if self.line == 0 => return true,
                b'\n' => self.line = 0,
                b'\r' => {}
                _ => self.line += 1,
            }
        }
        self.all >= REQUEST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_ends_with_an_empty_line_however_it_comes() {
        for text in ["GET / HTTP/1.0\r\nHost: a\r\n\r\n", "GET /\n\n", "\r\n"] {
            let mut request = Request::default();
            let (last, before) = text.as_bytes().split_last().unwrap();
            assert!(!before.iter().any(|byte| request.is_whole_with(&[*byte])));
            assert!(request.is_whole_with(&[*last]), "{text:?}");
            assert!(Request::default().is_whole_with(text.as_bytes()));
        }
    }

    #[test]
    fn a_request_without_end_ends_at_16_kib() {
        let mut request = Request::default();
        assert!(!request.is_whole_with(&[b'a'; (16 << 10) - 1]));
        assert!(request.is_whole_with(b"a"));
    }
}
