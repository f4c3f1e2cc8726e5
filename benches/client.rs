//! A client in memory: what it sends, and what it answers to a flight.

use std::sync::Arc;

use rustls::{ClientConfig, ClientConnection};

/// A client in memory.
#[derive(Debug)]
pub struct Client(ClientConnection);

impl Client {
    /// One that has sent nothing.
    ///
    /// # Panics
    ///
    /// If rustls does not take the configuration.
    #[must_use]
    pub fn new(config: &Arc<ClientConfig>) -> Self {
        Self::named(config, "localhost")
    }

    /// One that asks for this name.
    ///
    /// # Panics
    ///
    /// If it is none, or rustls does not take the configuration.
    #[must_use]
    pub fn named(config: &Arc<ClientConfig>, name: &'static str) -> Self {
        let name = name.try_into().expect("it is a name");
        Self(ClientConnection::new(Arc::clone(config), name).expect("it is a configuration"))
    }

    /// What it has to send.
    ///
    /// # Panics
    ///
    /// Never: writing to a `Vec` does not fail.
    pub fn sent(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        while self.0.wants_write() {
            self.0.write_tls(&mut bytes).expect("a Vec is written to");
        }
        bytes
    }

    /// Takes what the server sent.
    ///
    /// # Panics
    ///
    /// If that makes the handshake fail.
    pub fn take(&mut self, mut flight: &[u8]) {
        while !flight.is_empty() {
            self.0.read_tls(&mut flight).expect("a slice is read");
            self.0.process_new_packets().expect("it is a good server");
        }
    }

    /// What it answers to what the server sent.
    pub fn answer(&mut self, flight: &[u8]) -> Vec<u8> {
        self.take(flight);
        self.sent()
    }

    /// The same, of a server that may refuse it: then it answers nothing.
    pub fn try_answer(&mut self, mut flight: &[u8]) -> Vec<u8> {
        while !flight.is_empty() && self.0.read_tls(&mut flight).is_ok() {
            if self.0.process_new_packets().is_err() {
                return Vec::new();
            }
        }
        self.sent()
    }

    /// Whether its handshake is complete.
    #[must_use]
    pub fn is_done(&self) -> bool {
        !self.0.is_handshaking()
    }

    /// What rustls knows of it.
    #[must_use]
    pub fn connection(&self) -> &ClientConnection {
        &self.0
    }
}
