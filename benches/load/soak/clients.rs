//! The clients, and a round of them: all at the same time, each judged by what it saw.

use std::collections::HashMap;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use lastword_testkit::catalogue::{Case, Names, ServerProfile, Target, failing, succeeding};
use lastword_testkit::pki::Pki;
use lastword_testkit::wire::HelloBuilder;

use super::notes::Notes;
use super::server;
use crate::failure::Failure;

/// The timeout of a client: longer than a handshake and its close.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// The server of the clients that reset, and its name.
const BY_NAME: ServerProfile = ServerProfile {
    names: Names::Only(&[KNOWN]),
    ..ServerProfile::DEFAULT
};
const KNOWN: &str = "localhost";

/// How many clients may wait to be accepted: half of the backlog of std's listener.
const ON_THEIR_WAY: usize = 64;

/// The stack of a client's thread, in bytes.
const STACK: usize = 512 << 10;

/// The clients and the servers that they go to.
pub(super) struct Clients {
    pki: Pki,
    addresses: HashMap<ServerProfile, SocketAddr>,
    good: Vec<Case>,
    failing: Vec<Case>,
    slow: Vec<Case>,
}

/// The kind of a client.
#[derive(Clone, Copy, Debug)]
pub(super) enum Client<'a> {
    /// One of the catalogue.
    Case(&'a Case),
    /// It asks for this name, and resets the connection after the answer.
    Resetting(&'static str),
}

impl Clients {
    /// Starts the servers that the clients need.
    pub(super) fn new(notes: &Arc<Notes>) -> Result<Self, Failure> {
        let pki = Pki::new();
        // this client resumes a session, and these servers store none
        let failing = failing()
            .into_iter()
            .filter(|case| case.name != "wrong-binder");
        let (slow, failing) = failing.partition(is_slow);
        let mut clients = Self {
            pki,
            addresses: HashMap::new(),
            good: succeeding(),
            failing,
            slow,
        };
        let cases = [&clients.good, &clients.failing, &clients.slow];
        for case in cases.into_iter().flatten() {
            let profile = server_of(case);
            if !clients.addresses.contains_key(&profile) {
                let address = server::start(profile, &clients.pki, notes)?;
                clients.addresses.insert(profile, address);
            }
        }
        Ok(clients)
    }

    /// Returns the number of servers.
    pub(super) fn servers(&self) -> usize {
        self.addresses.len()
    }

    /// Returns the kind of the client with this number, in a round of `clients`. The first half is
    /// slow, so that these clients are connected while the others connect and close. Of the others,
    /// two in five are good, two fail, and one resets.
    pub(super) fn client<'a>(&'a self, number: usize, clients: usize) -> Client<'a> {
        let in_turn = |cases: &'a [Case], at: usize| Client::Case(&cases[at % cases.len()]);
        let Some(other) = number.checked_sub(clients / 2) else {
            return in_turn(&self.slow, number);
        };
        let (fifth, turn) = (other / 5 * 2, other % 5);
        match turn {
            0 | 1 => in_turn(&self.good, fifth + turn),
            2 | 3 => in_turn(&self.failing, fifth + turn - 2),
            _ if other % 2 == 0 => Client::Resetting(KNOWN),
            _ => Client::Resetting("elsewhere.example.test"),
        }
    }

    /// Runs clients, all at the same time, and returns their wrong results.
    ///
    /// Not more clients wait to be accepted than a listener can hold. Otherwise the system would
    /// drop some of them, although they believe that they are connected.
    pub(super) fn round(&self, clients: usize, notes: &Notes) -> Vec<String> {
        thread::scope(|scope| {
            let mut running = Vec::with_capacity(clients);
            let mut wrong = Vec::new();
            for number in 0..clients {
                if !notes.wait_for(number.saturating_sub(ON_THEIR_WAY), PATIENCE) {
                    wrong.push("the servers accept no more clients".into());
                    break;
                }
                let client = self.client(number, clients);
                let thread = thread::Builder::new().stack_size(STACK);
                match thread.spawn_scoped(scope, move || self.run(client)) {
                    Ok(client) => running.push(client),
                    Err(error) => wrong.push(format!("no thread for a client: {error}")),
                }
            }
            for client in running {
                let said = client.join();
                wrong.extend(said.unwrap_or_else(|_| Some("a client panicked".into())));
            }
            wrong
        })
    }

    /// Runs a client, and returns what was wrong.
    fn run(&self, client: Client<'_>) -> Option<String> {
        let said = match client {
            Client::Case(case) => self.case(case),
            Client::Resetting(name) => self.reset(name).map(|()| None),
        };
        said.unwrap_or_else(|error| Some(format!("the client failed: {error}")))
            .map(|wrong| format!("{}: {wrong}", client.name()))
    }

    fn case(&self, case: &Case) -> io::Result<Option<String>> {
        let seen = case.run(&Target::new(
            self.address(&server_of(case))?,
            &self.pki,
            PATIENCE,
        ))?;
        Ok(case.verdict(&seen).err().map(|wrong| wrong.to_string()))
    }

    /// Sends a ClientHello, and closes without reading the answer. So the system resets the
    /// connection.
    fn reset(&self, name: &str) -> io::Result<()> {
        let mut stream = TcpStream::connect(self.address(&BY_NAME)?)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(&HelloBuilder::default().server_name(name).record())?;
        stream.peek(&mut [0]).map(|_| ())
    }

    fn address(&self, profile: &ServerProfile) -> io::Result<SocketAddr> {
        let address = self.addresses.get(profile).copied();
        address.ok_or_else(|| io::ErrorKind::AddrNotAvailable.into())
    }
}

impl Client<'_> {
    fn name(self) -> &'static str {
        match self {
            Self::Case(case) => case.name,
            Self::Resetting(_) => "resetting",
        }
    }
}

/// Returns whether the client waits for the deadline: it sends half a hello, or nothing.
fn is_slow(case: &Case) -> bool {
    ["half-a-hello", "nothing"].contains(&case.name)
}

/// The servers of all clients have the same timeout.
fn server_of(case: &Case) -> ServerProfile {
    ServerProfile {
        deadline: ServerProfile::DEFAULT.deadline,
        ..case.server
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_has_every_kind_of_client_and_each_is_told_right() {
        let notes = Arc::new(Notes::default());
        let clients = Clients::new(&notes).unwrap();
        let kinds = Vec::from_iter((0..20).map(|number| clients.client(number, 20).name()));
        assert_eq!(kinds[..2], ["half-a-hello", "nothing"]);
        assert_eq!(kinds[10..12], ["tls13", "tls12"]);
        assert_eq!((kinds[14], kinds[19]), ("resetting", "resetting"));

        assert_eq!(clients.round(20, &notes), [""; 0]);
        assert_eq!(notes.wait(PATIENCE), 0);
        let (most, tally) = notes.take();
        assert!((10..=20).contains(&most), "{most}");
        // four good ones; four failing, and one that resets once it is refused
        assert_eq!((tally.served, tally.held.len()), (4, 5));
        assert_eq!((tally.timed_out.len(), tally.left), (10, 1));
        assert_eq!((tally.delivered, tally.reset), (4, 1));
    }
}
