//! Writing what there is to write, all of it: the one loop for handshakes, connections and alerts.

use std::io::{self, ErrorKind, Write};

use lastword_acceptor::{ErrorAndAlert, Handshake};
use rustls::ServerConnection;

use crate::Transport;
use crate::deadline::{Deadline, Stopped};

/// Something that has bytes for the client.
pub(crate) trait Outgoing {
    /// Whether there are bytes left.
    fn wants_write(&self) -> bool;

    /// Writes as many as `wr` takes at once; what it does not take is not lost.
    fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize>;
}

impl Outgoing for Handshake {
    fn wants_write(&self) -> bool {
        self.wants_write()
    }

    fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        self.write_tls(wr)
    }
}

impl Outgoing for ServerConnection {
    fn wants_write(&self) -> bool {
        (**self).wants_write()
    }

    fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        (**self).write_tls(wr)
    }
}

impl Outgoing for ErrorAndAlert {
    fn wants_write(&self) -> bool {
        !self.tls().is_empty()
    }

    fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        let written = wr.write(self.tls())?;
        self.advance(written);
        Ok(written)
    }
}

/// Writes until nothing is left, then flushes.
pub(crate) fn write_all(
    transport: &mut impl Transport,
    outgoing: &mut impl Outgoing,
    deadline: &mut Deadline,
) -> Result<(), Stopped> {
    if !outgoing.wants_write() {
        return Ok(());
    }
    while outgoing.wants_write() {
        if deadline.retry(transport, |transport| outgoing.write_tls(transport))? == 0 {
            return Err(Stopped::Io(ErrorKind::WriteZero.into()));
        }
    }
    deadline.retry(transport, Write::flush)
}
