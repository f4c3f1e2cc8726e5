//! Half-open clients: what they send, how they connect and how they are closed.

use std::fmt;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::time::Duration;

use lastword_testkit::wire::HelloBuilder;
use socket2::{Domain, SockRef, Socket, Type};

use super::process::Process;
use crate::failure::Failure;

/// What a half-open client sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It connects and sends nothing.
    Nothing,
    /// It sends half a ClientHello.
    HalfHello,
    /// It sends a ClientHello, gets an answer, and sends no Finished.
    NoFinished,
}

/// How many clients connect before it waits until the server has accepted them: half of the backlog
/// of tokio's listener, so that the system refuses none.
const BATCH: usize = 64;

/// How many clients use one address. Linux has 28,000 ports for connections. These clients take one
/// half of them, and the other half is for good clients.
const FROM_ONE_ADDRESS: u32 = 8000;

impl State {
    pub(super) const ALL: [Self; 3] = [Self::Nothing, Self::HalfHello, Self::NoFinished];

    /// Returns what the client sends.
    pub(super) fn said(self) -> Vec<u8> {
        let mut hello = HelloBuilder::default().record();
        match self {
            Self::Nothing => hello.clear(),
            Self::HalfHello => hello.truncate(hello.len() / 2),
            Self::NoFinished => {}
        }
        hello
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "sends nothing",
            Self::HalfHello => "sends half a ClientHello",
            Self::NoFinished => "sends no Finished",
        })
    }
}

/// Half-open clients that are connected.
#[derive(Debug)]
pub(super) struct HalfOpen {
    clients: Vec<TcpStream>,
    /// Why there are not more clients.
    pub(super) lack: Option<io::Error>,
}

impl HalfOpen {
    /// Connects this number of clients, or as many as the system allows, to a server that had
    /// `tasks` before.
    pub(super) fn open(
        many: usize,
        state: State,
        server: &mut Process,
        tasks: usize,
    ) -> Result<Self, Failure> {
        let said = state.said();
        let mut clients = Vec::with_capacity(many);
        let mut lack = None;
        while clients.len() < many && lack.is_none() {
            let number = u32::try_from(clients.len()).unwrap_or(u32::MAX);
            match connect(server.address, number, &said) {
                Ok(client) => clients.push(client),
                Err(error) => lack = Some(error),
            }
            if clients.len() % BATCH == 0 {
                server.tasks(tasks + clients.len())?;
            }
        }
        Ok(Self { clients, lack })
    }

    /// Returns the number of clients.
    pub(super) fn len(&self) -> usize {
        self.clients.len()
    }

    /// Closes all clients. Returns how many were no longer half open: the server had closed them,
    /// or had answered although they had not sent enough.
    pub(super) fn let_go(self, state: State) -> usize {
        let mut gone = 0;
        for client in self.clients {
            let answered = answer(&client).ok().map(|bytes| bytes > 0);
            if answered != Some(state == State::NoFinished) {
                gone += 1;
            }
            // a reset: after an orderly close, the port would stay in use for a minute
            let _ = SockRef::from(&client).set_linger(Some(Duration::ZERO));
        }
        gone
    }
}

fn connect(server: SocketAddr, number: u32, said: &[u8]) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    let address = Ipv4Addr::LOCALHOST.to_bits() + 1 + number / FROM_ONE_ADDRESS;
    let address = SocketAddrV4::new(Ipv4Addr::from_bits(address), 0);
    // other systems than Linux do not have these addresses: there, all clients use one address
    let _ = socket.bind(&address.into());
    socket.connect(&server.into())?;
    let mut client = TcpStream::from(socket);
    client.write_all(said)?;
    Ok(client)
}

/// Reads and throws away what the server has sent. Returns the number of bytes.
fn answer(mut client: &TcpStream) -> io::Result<usize> {
    client.set_nonblocking(true)?;
    let mut bytes = 0;
    loop {
        match client.read(&mut [0; 4096]) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(n) => bytes += n,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(bytes),
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn half_a_hello_is_the_first_half_of_a_whole_one() {
        let whole = State::NoFinished.said();
        let half = State::HalfHello.said();
        assert_eq!(whole, HelloBuilder::default().record());
        assert_eq!(half, whole[..whole.len() / 2]);
        assert_eq!(State::Nothing.said(), b"");
    }

    /// A client that said hello to a server, and the server's end.
    fn pair() -> (HalfOpen, TcpStream) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let client = connect(listener.local_addr().unwrap(), 0, b"hello").unwrap();
        let (mut server, _) = listener.accept().unwrap();
        server.read_exact(&mut [0; 5]).unwrap();
        let clients = vec![client];
        (
            HalfOpen {
                clients,
                lack: None,
            },
            server,
        )
    }

    #[test]
    fn a_client_is_half_open_if_it_was_answered_as_it_must_and_not_closed() {
        let (silent, _server) = pair();
        assert_eq!(silent.let_go(State::Nothing), 0);

        let (unanswered, _server) = pair();
        assert_eq!(unanswered.let_go(State::NoFinished), 1);

        let (answered, mut server) = pair();
        server.write_all(b"hello").unwrap();
        answered.clients[0].peek(&mut [0]).unwrap(); // it has arrived
        assert_eq!(answered.let_go(State::NoFinished), 0);

        let (closed, server) = pair();
        drop(server);
        closed.clients[0].peek(&mut [0]).unwrap(); // it has arrived
        assert_eq!(closed.let_go(State::HalfHello), 1);
    }

    #[test]
    fn clients_that_are_let_go_reset_the_connection() {
        let (client, mut server) = pair();
        client.let_go(State::Nothing);
        let error = server.read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }
}
