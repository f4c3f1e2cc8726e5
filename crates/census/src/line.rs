//! The socket of a client, which notices every reset, and how its connection ended.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, SockAddr, Socket, Type};

use crate::catalogue::Target;
use crate::end::End;

/// What a client writes once the server has said its last word: an `application_data` record,
/// as one that was on its way all the while.
const LATE: &[u8] = &[23, 3, 3, 0, 3, 1, 2, 3];

/// A client's connection, whose end is noted as it is seen.
///
/// No read and no write outlasts the target's patience. Call [`write`](Self::write) and
/// [`read`](Self::read) until the latter returns `None`, then [`probe`](Self::probe) if the client
/// has no cause to stop talking, then [`end`](Self::end).
#[derive(Debug)]
pub(crate) struct Line {
    stream: TcpStream,
    start: Instant,
    until: Instant,
    end: Option<End>,
}

impl Line {
    /// Connects; what is written leaves at once (`TCP_NODELAY`).
    ///
    /// `narrow` asks for the smallest receive window that the kernel will give.
    pub(crate) fn connect(target: &Target<'_>, narrow: bool) -> io::Result<Self> {
        let start = Instant::now();
        let socket = Socket::new(Domain::for_address(target.address), Type::STREAM, None)?;
        if narrow {
            socket.set_recv_buffer_size(1)?;
        }
        socket.connect_timeout(&SockAddr::from(target.address), target.patience)?;
        socket.set_tcp_nodelay(true)?;
        Ok(Self {
            stream: socket.into(),
            start,
            until: Instant::now() + target.patience,
            end: None,
        })
    }

    /// Writes all of `bytes`, and says whether that came about: it does not if the server has
    /// reset the connection, which is noted, or does not read them within the client's patience.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<bool> {
        self.stream.set_write_timeout(Some(self.left()))?;
        match self.stream.write_all(bytes) {
            Ok(()) => Ok(true),
            Err(error) if is_reset(&error) => {
                self.note(End::ResetOnWrite);
                Ok(false)
            }
            Err(error) if is_timeout(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes `bytes` one at a time, until one cannot be written.
    pub(crate) fn write_bytewise(&mut self, bytes: &[u8]) -> io::Result<bool> {
        for byte in bytes.chunks(1) {
            if !self.write(byte)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What has arrived, at most so many bytes, or `None` if nothing more will: the end is noted.
    pub(crate) fn read(&mut self, most: usize) -> io::Result<Option<Vec<u8>>> {
        let mut buffer = vec![0; most.min(4096)];
        loop {
            self.stream.set_read_timeout(Some(self.left()))?;
            match self.stream.read(&mut buffer) {
                Ok(0) => self.note(End::Fin),
                Ok(length) => {
                    buffer.truncate(length);
                    return Ok(Some(buffer));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if is_reset(&error) => self.note(End::ResetOnRead),
                Err(error) if is_timeout(&error) => self.note(End::StillOpen),
                Err(error) => return Err(error),
            }
            return Ok(None);
        }
    }

    /// Sends FIN: the client will write nothing more.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        match self.stream.shutdown(Shutdown::Write) {
            // the peer's reset came first; the next read tells
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            other => other,
        }
    }

    /// Writes twice behind the server's FIN and looks for a reset after each.
    ///
    /// A server that has closed its socket, and not only its writing half, answers the first of
    /// these with RST. It is the RST that makes a client's kernel throw away an alert that the
    /// client has not read yet.
    pub(crate) fn probe(&mut self) -> io::Result<()> {
        for _ in 0..2 {
            if self.end != Some(End::Fin) || !self.write(LATE)? {
                return Ok(());
            }
            std::thread::yield_now();
            if let Err(error) = self.stream.read(&mut [0; 8]) {
                if is_reset(&error) {
                    self.end = Some(End::ResetOnRead);
                }
            }
            if self.stream.take_error()?.is_some() {
                self.end = Some(End::ResetOnWrite);
            }
        }
        Ok(())
    }

    /// The time since it began to connect.
    pub(crate) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// How the connection has ended, as far as is known.
    pub(crate) fn end(&self) -> End {
        self.end.unwrap_or(End::StillOpen)
    }

    /// A reset stays one, whatever is read after it.
    fn note(&mut self, end: End) {
        match (self.end, end) {
            (Some(End::Fin), End::ResetOnWrite | End::ResetOnRead) | (None, _) => {
                self.end = Some(end);
            }
            _ => {}
        }
    }

    /// How much patience is left, a millisecond at least, for 0 would mean for ever.
    fn left(&self) -> Duration {
        self.until
            .saturating_duration_since(Instant::now())
            .max(Duration::from_millis(1))
    }
}

fn is_reset(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::NotConnected
    )
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::pki::Pki;

    /// A client that has written a byte, and the server's end of its connection.
    fn connected(patience: Duration) -> (Line, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let pki = Pki::new();
        let target = Target::new(listener.local_addr().unwrap(), &pki, patience);
        let mut line = Line::connect(&target, true).unwrap();
        assert!(line.write(b"x").unwrap());
        (line, listener.accept().unwrap().0)
    }

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn a_reset_is_seen_on_the_next_read() {
        let (mut line, server) = connected(LONG);
        server.peek(&mut [0]).unwrap();
        drop(server); // with a byte unread
        assert_eq!(line.read(usize::MAX).unwrap(), None);
        assert_eq!(line.end(), End::ResetOnRead);
    }

    #[test]
    fn a_reset_is_seen_on_the_next_write_and_remembered() {
        let (mut line, server) = connected(LONG);
        server.peek(&mut [0]).unwrap();
        drop(server);
        assert!(!line.write(b"y").unwrap());
        assert_eq!(line.read(usize::MAX).unwrap(), None);
        assert_eq!(line.end(), End::ResetOnWrite);
    }

    #[test]
    fn an_end_of_stream_is_one_while_the_server_goes_on_reading() {
        let (mut line, mut server) = connected(LONG);
        server.write_all(b"z").unwrap();
        server.shutdown(Shutdown::Write).unwrap();
        assert_eq!(line.read(usize::MAX).unwrap(), Some(b"z".to_vec()));
        assert_eq!(line.read(usize::MAX).unwrap(), None);
        line.probe().unwrap();
        assert_eq!(line.end(), End::Fin);
        drop(line);
        let mut received = Vec::new();
        server.read_to_end(&mut received).unwrap();
        assert_eq!(received, [b"x", LATE, LATE].concat());
    }

    #[test]
    fn patience_ends() {
        let (mut line, _server) = connected(Duration::from_millis(50));
        assert_eq!(line.read(usize::MAX).unwrap(), None);
        assert_eq!(line.end(), End::StillOpen);
    }
}
