//! Writing what there is to write, all of it, and flushing it.

use std::io::{self, ErrorKind, Write};

use lastword_acceptor::Handshake;
use rustls::ServerConnection;

use crate::Transport;
use crate::machine::{Moved, moved};

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

impl<O: Outgoing> Outgoing for Box<O> {
    fn wants_write(&self) -> bool {
        (**self).wants_write()
    }

    fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        (**self).write_tls(wr)
    }
}

impl<O: Outgoing> Outgoing for Option<O> {
    fn wants_write(&self) -> bool {
        self.as_ref().is_some_and(Outgoing::wants_write)
    }

    fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        self.as_mut()
            .map_or(Ok(0), |outgoing| outgoing.write_tls(wr))
    }
}

impl<O: Outgoing> Outgoing for &mut O {
    fn wants_write(&self) -> bool {
        (**self).wants_write()
    }

    fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        (**self).write_tls(wr)
    }
}

/// Whether what was written is flushed too.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flushed {
    owed: bool,
}

/// What writing came to.
pub(crate) enum Wrote {
    /// Nothing is left, and all is flushed.
    All,
    /// The stream would block.
    Blocked,
    /// The stream failed, or took nothing more.
    Failed(io::Error),
}

impl Flushed {
    /// Writes until nothing is left, then flushes.
    pub(crate) fn write_all(
        &mut self,
        stream: &mut impl Transport,
        outgoing: &mut impl Outgoing,
    ) -> Wrote {
        while outgoing.wants_write() {
            match moved(|| outgoing.write_tls(stream)) {
                Moved::Bytes(0) => return Wrote::Failed(ErrorKind::WriteZero.into()),
                Moved::Bytes(_) => self.owed = true,
                Moved::Blocked => return Wrote::Blocked,
                Moved::Failed(error) => return Wrote::Failed(error),
            }
        }
        if self.owed {
            match moved(|| stream.flush().map(|()| 0)) {
                Moved::Bytes(_) => self.owed = false,
                Moved::Blocked => return Wrote::Blocked,
                Moved::Failed(error) => return Wrote::Failed(error),
            }
        }
        Wrote::All
    }
}
