//! How much is read of one client before it is the turn of the others.

use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::Shutdown;

use lastword::io::Transport;
use mio::net::TcpStream;

/// In bytes.
const TURN: usize = 256 << 10;

/// The stream of a client for its turn, which would block once that is used up: a client that
/// sends without end delays nobody.
pub(super) struct Turn<'a> {
    stream: &'a mut TcpStream,
    left: usize,
}

impl<'a> Turn<'a> {
    pub(super) const fn new(stream: &'a mut TcpStream) -> Self {
        Self { stream, left: TURN }
    }

    /// Whether there may be more to read at once.
    pub(super) const fn is_used_up(&self) -> bool {
        self.left == 0
    }
}

impl Transport for Turn<'_> {
    // `read` would block also when the turn is over, which says nothing of the client
    fn try_read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buf)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Write)
    }

    fn take_error(&mut self) -> io::Result<Option<io::Error>> {
        self.stream.take_error()
    }
}

impl Read for Turn<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.is_used_up() {
            return Err(ErrorKind::WouldBlock.into());
        }
        let read = self.stream.read(buf)?;
        self.left = self.left.saturating_sub(read);
        Ok(read)
    }
}

impl Write for Turn<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.stream.write(buf)
    }

    // or a flight of the handshake would go out in a packet for each record
    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.stream.write_vectored(bufs)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
