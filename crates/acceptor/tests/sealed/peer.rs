//! Both ends of a handshake in memory.

use std::fmt::Debug;
use std::io::{self, Write};

use lastword_acceptor::{
    Authenticated, Config, Connection, ErrorAndAlert, Handshake, Progress, Rejection,
};
use lastword_testkit::sans_io::receive;
use rustls::{ClientConnection, ServerConnection};

/// What has records to write.
pub(crate) trait Peer: Debug {
    fn wants_write(&self) -> bool;
    fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize>;
}

impl Peer for ClientConnection {
    fn wants_write(&self) -> bool {
        rustls::CommonState::wants_write(self)
    }

    fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        rustls::ConnectionCommon::write_tls(self, wr)
    }
}

impl Peer for ServerConnection {
    fn wants_write(&self) -> bool {
        rustls::CommonState::wants_write(self)
    }

    fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        rustls::ConnectionCommon::write_tls(self, wr)
    }
}

impl Peer for Connection {
    fn wants_write(&self) -> bool {
        Self::wants_write(self)
    }

    fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        Self::write_tls(self, wr)
    }
}

/// A server of this crate, in any state.
#[derive(Debug)]
pub(crate) enum Server {
    Handshake(Handshake),
    Authenticated(Authenticated),
    Complete(Connection),
    Failed(ErrorAndAlert),
    /// It is being moved.
    Gone,
}

impl Peer for Server {
    fn wants_write(&self) -> bool {
        match self {
            Self::Handshake(handshake) => handshake.wants_write(),
            Self::Complete(connection) => connection.wants_write(),
            Self::Failed(error) => !error.tls().is_empty(),
            Self::Authenticated(_) | Self::Gone => false,
        }
    }

    fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        match self {
            Self::Handshake(handshake) => handshake.write_tls(wr),
            Self::Complete(connection) => connection.write_tls(wr),
            Self::Failed(error) => {
                let n = wr.write(error.tls())?;
                error.advance(n);
                Ok(n)
            }
            Self::Authenticated(_) | Self::Gone => Ok(0),
        }
    }
}

impl Server {
    pub(crate) fn new() -> Self {
        Self::Handshake(Handshake::default())
    }

    pub(crate) fn authorizing() -> Self {
        Self::Handshake(Handshake::default().authorizing())
    }

    /// Gives it these bytes. It keeps the client waiting for a verdict.
    pub(crate) fn receive(&mut self, config: &Config, mut bytes: &[u8]) {
        let bytes = &mut bytes;
        while !bytes.is_empty() {
            *self = match std::mem::replace(self, Self::Gone) {
                Self::Handshake(handshake) => Self::of(receive(handshake, config, bytes)),
                Self::Complete(mut connection) => {
                    match connection.read_tls(bytes) {
                        Ok(0) | Err(_) => *bytes = &[],
                        Ok(_) => drop(connection.process()),
                    }
                    Self::Complete(connection)
                }
                other => {
                    *bytes = &[];
                    other
                }
            };
        }
    }

    fn of(progress: Result<Progress, ErrorAndAlert>) -> Self {
        match progress {
            Ok(Progress::Continue(handshake)) => Self::Handshake(handshake),
            Ok(Progress::Authenticated(authenticated)) => Self::Authenticated(authenticated),
            Ok(Progress::Complete(connection)) => Self::Complete(connection),
            Ok(Progress::ClientHello(_)) => unreachable!(),
            Err(error) => Self::Failed(error),
        }
    }

    /// Processes the records that wait after rejected early data.
    pub(crate) fn wait(&mut self) {
        if let Self::Handshake(_) = self {
            let Self::Handshake(handshake) = std::mem::replace(self, Self::Gone) else {
                unreachable!()
            };
            *self = Self::of(handshake.process_all());
        }
    }

    /// Gives the verdict.
    pub(crate) fn decide(&mut self, rejection: Option<Rejection>) {
        *self = match std::mem::replace(self, Self::Gone) {
            Self::Authenticated(authenticated) => match rejection {
                Some(rejection) => Self::Failed(authenticated.reject(rejection)),
                None => match authenticated.accept(&mut &[][..]) {
                    Ok(connection) => Self::Complete(connection),
                    Err(error) => Self::Failed(error),
                },
            },
            other => other,
        };
    }

    /// Passes bytes back and forth until neither side has more. Returns all that the server wrote.
    pub(crate) fn converse(&mut self, client: &mut ClientConnection, config: &Config) -> Vec<u8> {
        self.converse_in(client, config, &mut |_| usize::MAX)
    }

    /// The same, but each write takes at most `most` of the bytes that wait.
    pub(crate) fn converse_in(
        &mut self,
        client: &mut ClientConnection,
        config: &Config,
        most: &mut dyn FnMut(usize) -> usize,
    ) -> Vec<u8> {
        let mut all = Vec::new();
        loop {
            let mut said = Vec::new();
            while client.wants_write() {
                client.write_tls(&mut said).unwrap();
            }
            let mut answer = Vec::new();
            let mut chunks = &said[..];
            while !chunks.is_empty() {
                let n = most(chunks.len()).clamp(1, chunks.len());
                let (chunk, rest) = chunks.split_at(n);
                chunks = rest;
                self.receive(config, chunk);
                // all or nothing before more is read
                if most(2) > 1 {
                    self.write_in(&mut answer, most);
                }
            }
            if said.is_empty() {
                self.wait();
            }
            self.write_in(&mut answer, most);
            if said.is_empty() && answer.is_empty() {
                return all;
            }
            hear(client, &answer);
            all.extend(answer);
        }
    }

    /// Writes once, at most so many bytes.
    pub(crate) fn write_part(&mut self, to: &mut Vec<u8>, most: usize) {
        self.write_tls(&mut Short { to, most }).unwrap();
    }

    fn write_in(&mut self, to: &mut Vec<u8>, most: &mut dyn FnMut(usize) -> usize) {
        while self.wants_write() {
            let most = most(usize::MAX).max(1);
            self.write_part(to, most);
        }
    }

    pub(crate) fn complete(self) -> Connection {
        match self {
            Self::Complete(connection) => connection,
            other => panic!("{other:?}"),
        }
    }
}

/// Gives a client what a server wrote. Errors are seen when the client is used again.
pub(crate) fn hear(client: &mut ClientConnection, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let read = client.read_tls(&mut bytes).is_ok_and(|n| n > 0);
        if !read || client.process_new_packets().is_err() {
            return;
        }
    }
}

/// A writer that takes few bytes at once.
struct Short<'a> {
    to: &'a mut Vec<u8>,
    most: usize,
}

impl Write for Short<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = bytes.len().min(self.most);
        self.to.extend(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
