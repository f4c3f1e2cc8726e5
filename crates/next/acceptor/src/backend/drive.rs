//! Drives a connection through its handshake: moves bytes between slices and rustls.

use std::io::{self, ErrorKind, Read};

use rustls::SupportedCipherSuite;
use rustls::enums::ProtocolVersion;

use super::connection::{Connection, HandshakeKind};
use super::error::RustlsError;
use super::reframe::Reframe;
use super::scope;
use super::seal;
use super::served::{self, Served};
use crate::connection_error::ConnectionError;
use crate::panic::Panic;
use crate::phase::Phase;

/// Why a connection stops.
#[derive(Debug)]
pub(crate) enum Failure {
    /// rustls found an error.
    Rustls(RustlsError),
    /// rustls's buffer is full of records that it cannot use yet.
    Full,
    /// Code of the application panicked: a resolver, verifier, ticketer, session store or key log.
    Panicked(Panic),
}

impl Failure {
    /// Returns whether a record or a Finished does not verify.
    pub(crate) fn is_decrypt_error(&self) -> bool {
        matches!(self, Self::Rustls(error) if *error.as_rustls() == rustls::Error::DecryptError)
    }
}

/// What rustls does with more bytes.
pub(crate) enum Reads {
    /// It takes them.
    More,
    /// It has no room until the application has read plaintext.
    Full,
    /// It ignores them: the client has sent `close_notify` (RFC 8446 6.1).
    Closed,
}

impl Connection {
    /// Makes rustls process a complete ClientHello.
    pub(crate) fn feed_hello(&mut self, message: &[u8]) -> Result<(), Failure> {
        // code of the application may answer another client meanwhile
        let before = served::take();
        let answered = self.feed_records(Reframe::new(message));
        self.inner.served = served::take();
        served::restore(before);
        if let (Ok(()), Some(seal)) = (&answered, &self.inner.seal) {
            seal.answered();
        }
        answered
    }

    fn feed_records(&mut self, mut records: Reframe<'_>) -> Result<(), Failure> {
        while !records.is_empty() {
            self.buffer_once(&mut records)?;
            self.drive()?;
        }
        self.inner.has_answered = true;
        Ok(())
    }

    /// Makes rustls buffer all of `bytes` without processing them.
    pub(crate) fn buffer(&mut self, bytes: &mut &[u8]) -> Result<(), Failure> {
        // no empty read: rustls would take it for the end of the stream
        while !bytes.is_empty() {
            self.buffer_once(bytes)?;
        }
        Ok(())
    }

    /// Buffers at most 4 KiB.
    fn buffer_once(&mut self, bytes: &mut dyn Read) -> Result<(), Failure> {
        match self.inner.rustls.read_tls(bytes) {
            Ok(1..) => Ok(()),
            Ok(0) | Err(_) => Err(Failure::Full),
        }
    }

    /// Makes rustls process the buffered bytes. A panic of the application's code is caught.
    pub(crate) fn drive(&mut self) -> Result<(), Failure> {
        let until = self.served().map_or(u64::MAX, Served::until);
        let process = || match self.is_shared() {
            true => scope::driving(until, || self.process_rustls()),
            false => seal::driving_another(|| scope::driving(until, || self.process_rustls())),
        };
        match Panic::catch(process) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failure::Rustls(error)),
            Err(panic) => Err(Failure::Panicked(panic)),
        }
    }

    /// Returns all bytes that rustls has queued, in order; none if one of them cannot be encrypted.
    pub(crate) fn drain(&mut self) -> Vec<u8> {
        let mut queue = Vec::new();
        // writing to a Vec does not fail and is never short
        while self.wants_write() && self.write_tls(&mut queue).is_ok() {}
        if self.has_failed() {
            queue.clear(); // it would end without the alert
        }
        queue
    }

    /// Returns the error of a record right after the handshake, in the same read; `None` if nothing
    /// failed.
    ///
    /// Call it once the handshake is complete, before you read from the stream.
    ///
    /// ```
    /// use lastword_acceptor::Connection;
    ///
    /// fn after_handshake(connection: &mut Connection) {
    ///     if let Some(error) = connection.kept_error() {
    ///         eprintln!("{error}"); // write what is queued, its alert, and close
    ///     }
    /// }
    /// ```
    pub fn kept_error(&mut self) -> Option<ConnectionError> {
        match self.reads() {
            Reads::Closed if self.kept().is_none() => None,
            _ => self.process().err(),
        }
    }

    /// Returns the error that rustls keeps after the handshake. It may be the error of a record that
    /// [`provoke`](Self::provoke) gave it.
    pub(crate) fn rustls_error(&mut self) -> Option<RustlsError> {
        match self.reads() {
            Reads::Closed => None,
            Reads::More | Reads::Full => self.process_rustls().err(),
        }
    }

    /// Returns what rustls would do with more bytes.
    pub(crate) fn reads(&mut self) -> Reads {
        match self.inner.rustls.read_tls(&mut Blocked) {
            Ok(_) => Reads::Closed,
            Err(error) if error.kind() == ErrorKind::WouldBlock => Reads::More,
            Err(_) => Reads::Full,
        }
    }

    pub(crate) fn is_handshaking(&self) -> bool {
        self.inner.rustls.is_handshaking()
    }

    /// Returns the phase of a connection that has answered the ClientHello with a ServerHello or a
    /// HelloRetryRequest. rustls knows the group once it has sent its key share.
    pub(crate) fn phase(&self) -> Phase {
        match self.as_rustls().protocol_version() {
            Some(ProtocolVersion::TLSv1_2) => Phase::AfterServerHello,
            _ if self.as_rustls().negotiated_key_exchange_group().is_some() => {
                Phase::AfterServerHello
            }
            _ => Phase::ServerHello,
        }
    }

    /// Returns whether the connection sends encrypted records.
    pub(crate) fn is_encrypting(&self) -> bool {
        match self.as_rustls().protocol_version() {
            _ if !self.is_handshaking() => true,
            // from the server's Finished on, which comes before the client's only in a resumption. It
            // is the end of the answer: if the answer failed, it was not sent
            Some(ProtocolVersion::TLSv1_2) => {
                self.inner.has_answered && self.handshake_kind() == Some(HandshakeKind::Resumed)
            }
            // from the ServerHello on
            _ => self.phase() == Phase::AfterServerHello,
        }
    }

    /// Returns the length in bytes of `verify_data` in the client's Finished (RFC 8446 section
    /// 4.4.4); `None` in TLS 1.2.
    pub(crate) fn verify_data_len(&self) -> Option<usize> {
        match self.as_rustls().negotiated_cipher_suite()? {
            SupportedCipherSuite::Tls13(suite) => Some(suite.common.hash_provider.output_len()),
            _ => None,
        }
    }

    /// Returns whether there is plaintext to read, including early data.
    pub(crate) fn has_plaintext(&mut self) -> bool {
        self.has_early_data() || self.plaintext().is_ok_and(|chunk| !chunk.is_empty())
    }

    /// Returns whether early data was accepted.
    pub(crate) fn has_early_data(&mut self) -> bool {
        self.inner.rustls.has_early_data()
    }
}

/// A reader that always would block.
struct Blocked;

impl Read for Blocked {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(ErrorKind::WouldBlock.into())
    }
}
