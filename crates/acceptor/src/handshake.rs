//! A handshake from its first byte to its end. All other layers use this driver.

use std::io::{self, Write};
use std::time::Duration;

use lastword_hello::{Collected, Collector};

use crate::accepted::Accepted;
use crate::alerts;
use crate::answered::{Answered, Driven};
use crate::authenticated::Authenticated;
use crate::backend::config::Config;
use crate::backend::connection::Connection;
use crate::client::Client;
use crate::end::End;
use crate::error::{Error, ErrorKind};
use crate::error_and_alert::ErrorAndAlert;
use crate::handshake_info::Measures;
use crate::limits::{Kept, Limits};
use crate::phase::Phase;
use crate::records::Records;
use crate::rejection::Rejection;

/// A TLS handshake in progress, without IO.
///
/// While it [wants to write](Self::wants_write), call [`write_tls`](Self::write_tls). Then pass the
/// bytes of the client to [`receive`](Self::receive):
///
/// 1. [`Progress::ClientHello`] is returned once. Look at the ClientHello, and continue with
///    [`Accepted::into_handshake`]. A server with one configuration does so at once.
/// 2. [`Progress::Authenticated`] is returned once if the handshake is
///    [`authorizing`](Self::authorizing). Look at the client's certificate, and continue with
///    [`Authenticated::accept`].
/// 3. [`Progress::Complete`] is the end and holds the connection.
///
/// Every error carries the alert for the client. After the end of the stream or a timeout, call
/// [`end`](Self::end), which returns the error.
///
/// Until the ClientHello is complete, it holds the bytes received and at most 1,024 bytes more. It
/// has no rustls connection yet.
///
/// ```
/// use lastword_acceptor::{Config, Connection, ErrorAndAlert, Handshake, Limits, Progress};
///
/// /// Gives the bytes that were read to the handshake, and continues with `config`.
/// fn receive(
///     mut handshake: Handshake,
///     mut bytes: &[u8],
///     config: &Config,
/// ) -> Result<Progress, ErrorAndAlert> {
///     loop {
///         match handshake.receive(&mut bytes)? {
///             Progress::ClientHello(accepted) => handshake = accepted.into_handshake(config)?,
///             progress => return Ok(progress), // write, and read more; or the connection
///         }
///     }
/// }
/// # let _ = Handshake::new(Limits::default());
/// ```
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Handshake {
    state: State,
    /// Whether the application gives a verdict.
    authorizes: bool,
}

#[derive(Debug)]
enum State {
    /// The ClientHello is not complete.
    Hello { collector: Collector, limits: Kept },
    /// The ClientHello is answered.
    Answered(Answered),
}

/// The result of giving bytes to a [`Handshake`].
///
/// ```
/// use lastword_acceptor::{Config, Connection, ErrorAndAlert, Handshake, Progress};
///
/// /// Takes the next step. Returns the handshake, or the connection after the last step.
/// fn step(progress: Progress, config: &Config) -> Result<Result<Connection, Handshake>, ErrorAndAlert> {
///     Ok(match progress {
///         Progress::Continue(handshake) => Err(handshake), // write, then read
///         Progress::ClientHello(accepted) => Err(accepted.into_handshake(config)?),
///         Progress::Authenticated(client) => Ok(client.accept(&mut &[][..])?),
///         Progress::Complete(connection) => Ok(connection),
///     })
/// }
/// ```
#[derive(Debug)]
pub enum Progress {
    /// All bytes were taken. Write what it wants to write, then give it more.
    Continue(Handshake),
    /// The ClientHello is complete. Choose a configuration, or reject the client.
    ClientHello(Accepted),
    /// The client is authenticated and waits for the verdict of the application. Returned only by a
    /// handshake that is [`authorizing`](Handshake::authorizing).
    Authenticated(Authenticated),
    /// The handshake is complete. The connection may still have something to write, for example
    /// tickets. It may also hold plaintext that came right after the handshake. If a record after the
    /// handshake failed, [`Connection::kept_error`] returns the error, and its alert is queued to be
    /// written.
    Complete(Connection),
}

impl Default for Handshake {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Handshake {
    /// Creates a handshake with a client that has sent nothing yet.
    ///
    /// ```
    /// use lastword_acceptor::{Handshake, Limits, Phase};
    ///
    /// let handshake = Handshake::new(Limits::default().with_hello_len(16_384));
    /// assert_eq!(handshake.phase(), Phase::ClientHello);
    /// assert_eq!(handshake.received(), 0);
    /// assert!(!handshake.wants_write() && !handshake.has_waiting_records());
    /// ```
    pub fn new(limits: Limits) -> Self {
        Self {
            state: State::Hello {
                collector: Collector::new(limits.hello()),
                limits: limits.into(),
            },
            authorizes: false,
        }
    }

    /// Makes the handshake stop after the client is authenticated, for the application's verdict. It
    /// then returns [`Progress::Authenticated`]. By default it does not stop.
    ///
    /// Call it at any time before the handshake is complete.
    ///
    /// ```
    /// use lastword_acceptor::{Handshake, Limits};
    ///
    /// let handshake = Handshake::new(Limits::default()).authorizing();
    /// ```
    pub fn authorizing(self) -> Self {
        Self {
            authorizes: true,
            ..self
        }
    }

    /// Returns how far the handshake has come.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match &self.state {
            State::Hello { .. } => Phase::ClientHello,
            State::Answered(answered) => answered.phase(),
        }
    }

    /// Returns the number of bytes taken until the ClientHello is complete; then 0.
    #[must_use]
    pub fn received(&self) -> usize {
        match &self.state {
            State::Hello { collector, .. } => collector.received(),
            State::Answered(_) => 0,
        }
    }

    /// Returns whether there is something to write to the client.
    #[must_use]
    pub fn wants_write(&self) -> bool {
        match &self.state {
            State::Hello { .. } => false,
            State::Answered(answered) => answered.wants_write(),
        }
    }

    /// Returns the bytes and times of the handshake, to measure them; `None` until the ClientHello is
    /// answered. The connection keeps them.
    ///
    /// ```
    /// use lastword_acceptor::Handshake;
    ///
    /// fn note_read(handshake: &mut Handshake, bytes: usize) {
    ///     if let Some(measures) = handshake.measures_mut() {
    ///         measures.add_received(bytes);
    ///     }
    /// }
    /// # note_read(&mut Handshake::default(), 5);
    /// ```
    #[must_use]
    pub fn measures_mut(&mut self) -> Option<&mut Measures> {
        match &mut self.state {
            State::Hello { .. } => None,
            State::Answered(answered) => Some(answered.measures_mut()),
        }
    }

    /// Writes once to `wr` and returns the number of bytes. Bytes that `wr` does not take are kept.
    ///
    /// ```
    /// use std::io::{ErrorKind, Result, Write};
    /// use lastword_acceptor::Handshake;
    ///
    /// /// Writes all that the handshake wants to write.
    /// fn write_all(handshake: &mut Handshake, stream: &mut impl Write) -> Result<()> {
    ///     while handshake.wants_write() {
    ///         if handshake.write_tls(stream)? == 0 {
    ///             return Err(ErrorKind::WriteZero.into());
    ///         }
    ///     }
    ///     stream.flush()
    /// }
    /// # write_all(&mut Handshake::default(), &mut Vec::new()).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of `wr`. With [encrypted alerts](crate::encrypted_alerts) also `InvalidData`, if the
    /// crypto provider cannot encrypt a record.
    pub fn write_tls(&mut self, wr: &mut dyn Write) -> io::Result<usize> {
        match &mut self.state {
            State::Hello { .. } => Ok(0),
            State::Answered(answered) => answered.write_tls(wr),
        }
    }

    /// Takes bytes off the front of `bytes`.
    ///
    /// It takes no bytes after the record that ends the ClientHello. Later it takes all bytes, and
    /// gives those after the end of the handshake to the connection. Bytes are left only if rustls
    /// has no room for more plaintext.
    ///
    /// Before you call it, write all that it [wants to write](Self::wants_write), or nothing of it.
    /// If only a part of a record is written and the handshake fails, the client may get a
    /// different alert from the one that the error names.
    ///
    /// The result does not depend on how the bytes are split into calls. An empty slice does not mean
    /// the end of the stream.
    ///
    /// ```
    /// use lastword_acceptor::{AlertDescription, Handshake, Progress};
    ///
    /// let Ok(Progress::Continue(handshake)) = Handshake::default().receive(&mut &[22, 3, 1][..]) else {
    ///     panic!("this is the start of a record");
    /// };
    /// let mut rest = &[0, 4, 2, 0, 0, 0][..]; // a ServerHello, which no client sends
    /// let failed = handshake.receive(&mut rest).unwrap_err();
    /// assert_eq!(failed.alert(), Some(AlertDescription::UNEXPECTED_MESSAGE));
    /// ```
    ///
    /// # Errors
    ///
    /// If the handshake fails, at the first byte that shows it: see [`ErrorKind`]. The error holds
    /// what was still to be written, and then the alert.
    pub fn receive(self, bytes: &mut &[u8]) -> Result<Progress, ErrorAndAlert> {
        let authorizes = self.authorizes;
        match self.state {
            State::Answered(answered) => {
                let driven = answered.receive(bytes)?;
                Progress::of(driven, authorizes, bytes)
            }
            State::Hello { collector, limits } => match collector.receive(bytes) {
                Ok(Collected::NeedsInput(collector)) => {
                    let state = State::Hello { collector, limits };
                    Ok(Progress::Continue(Self { state, authorizes }))
                }
                Ok(Collected::Hello(hello)) => {
                    let accepted = Accepted::new(hello, limits, authorizes);
                    Ok(Progress::ClientHello(accepted))
                }
                Err(failed) => {
                    let alert = failed.error.alert();
                    let kind = ErrorKind::Hello(failed.error);
                    let client = Client::Bytes(failed.received);
                    let error = Error::new(kind, Phase::ClientHello, client);
                    Err(match alert {
                        Some(alert) => ErrorAndAlert::send(error, alert),
                        // RFC 8446 6: an alert is never answered
                        None => alerts::silent(error),
                    })
                }
            },
        }
    }

    /// Returns whether complete records wait to be processed.
    ///
    /// Records wait only if the server has rejected early data, because early data looks like the
    /// client's next message until it is processed. If nothing more arrives within
    /// [`WAIT`](Self::WAIT), call [`process_waiting`](Self::process_waiting).
    #[must_use]
    pub fn has_waiting_records(&self) -> bool {
        self.records().is_some_and(Records::are_waiting)
    }

    /// Returns the most bytes to read from the client at once.
    ///
    /// While records [wait](Self::has_waiting_records), this is the number of bytes to the end of
    /// the next record header. After the header it is the number of bytes to the end of that
    /// record. Plaintext may follow the end of the handshake, and rustls has room for 16 KiB of it.
    /// Leave further bytes in the stream.
    ///
    /// ```
    /// use std::io::{Read, Result};
    /// use lastword_acceptor::Handshake;
    ///
    /// /// Reads once, and not more than the handshake can take.
    /// fn read(handshake: &Handshake, stream: &mut impl Read, buf: &mut [u8]) -> Result<usize> {
    ///     let most = handshake.most_to_read().min(buf.len());
    ///     stream.read(&mut buf[..most])
    /// }
    /// # assert_eq!(read(&Handshake::default(), &mut &[22, 3][..], &mut [0; 9]).unwrap(), 2);
    /// ```
    #[must_use]
    pub fn most_to_read(&self) -> usize {
        self.records().map_or(usize::MAX, Records::most_to_read)
    }

    fn records(&self) -> Option<&Records> {
        match &self.state {
            State::Hello { .. } => None,
            State::Answered(answered) => answered.records(),
        }
    }

    /// How long records should [wait](Self::has_waiting_records) for the next record: 100
    /// milliseconds.
    pub const WAIT: Duration = Duration::from_millis(100);

    /// Processes the records that [wait](Self::has_waiting_records), if any. It may also leave them
    /// waiting. If no record arrives between the calls, the tenth call always processes them.
    ///
    /// ```
    /// use lastword_acceptor::{ErrorAndAlert, Handshake, Progress};
    ///
    /// /// Continues after nothing has arrived for `Handshake::WAIT`.
    /// fn after_silence(handshake: Handshake) -> Result<Progress, ErrorAndAlert> {
    ///     match handshake.has_waiting_records() {
    ///         true => handshake.process_waiting(),
    ///         false => Ok(Progress::Continue(handshake)),
    ///     }
    /// }
    /// # assert!(after_silence(Handshake::default()).is_ok());
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`receive`](Self::receive).
    pub fn process_waiting(self) -> Result<Progress, ErrorAndAlert> {
        self.process_records(false)
    }

    /// Processes all records that [wait](Self::has_waiting_records). Call it at the end of the
    /// stream, before [`end`](Self::end).
    ///
    /// ```
    /// use lastword_acceptor::{End, ErrorAndAlert, Handshake, Progress};
    ///
    /// /// Continues after the end of the stream.
    /// fn after_end(handshake: Handshake) -> Result<Progress, ErrorAndAlert> {
    ///     match handshake.process_all()? {
    ///         Progress::Continue(handshake) => Err(handshake.end(End::Closed)),
    ///         progress => Ok(progress),
    ///     }
    /// }
    /// # assert!(after_end(Handshake::default()).unwrap_err().error().is_probe());
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`receive`](Self::receive).
    pub fn process_all(self) -> Result<Progress, ErrorAndAlert> {
        self.process_records(true)
    }

    fn process_records(self, at_the_end: bool) -> Result<Progress, ErrorAndAlert> {
        match self.state {
            State::Answered(answered) => {
                let driven = answered.process_waiting(at_the_end)?;
                Progress::of(driven, self.authorizes, &mut &[][..])
            }
            State::Hello { .. } => Ok(Progress::Continue(self)),
        }
    }

    /// Refuses the client before its ClientHello is complete, for example because of its address.
    ///
    /// Once the ClientHello is complete, use [`Accepted::reject`]. If it is complete already, this
    /// ignores the rejection and aborts the handshake, as [`End::Aborted`] does.
    ///
    /// ```
    /// use lastword_acceptor::{Handshake, Rejection};
    ///
    /// let refused = Handshake::default().reject(Rejection::access_denied("the address is blocked"));
    /// assert_eq!(refused.to_string(), "this server refused the client: the address is blocked");
    /// assert_eq!(refused.tls(), [21, 3, 3, 0, 2, 2, 49]);
    /// ```
    pub fn reject(self, rejection: Rejection) -> ErrorAndAlert {
        match self.state {
            State::Hello { collector, .. } => {
                let client = Client::Bytes(collector.into_received());
                let alert = rejection.alert();
                let kind = ErrorKind::Rejected(rejection);
                ErrorAndAlert::send(Error::new(kind, Phase::ClientHello, client), alert)
            }
            State::Answered(answered) => answered.end(End::Aborted),
        }
    }

    /// Ends the handshake from outside.
    ///
    /// The error holds what was still to be written, and then the alert.
    ///
    /// ```
    /// use lastword_acceptor::{End, Handshake, Progress, Silence};
    ///
    /// let Ok(Progress::Continue(handshake)) = Handshake::default().receive(&mut &[22, 3, 1][..]) else {
    ///     panic!("this is the start of a record");
    /// };
    /// let failed = handshake.end(End::TimedOut); // user_canceled, then close_notify
    /// assert_eq!(failed.tls(), [21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0]);
    /// let probe = Handshake::default().end(End::Closed);
    /// assert_eq!(probe.silence(), Some(Silence::PeerClosed));
    /// ```
    pub fn end(self, end: End) -> ErrorAndAlert {
        match self.state {
            State::Hello { collector, .. } => {
                let client = Client::Bytes(collector.into_received());
                end.unanswered(Phase::ClientHello, client)
            }
            State::Answered(answered) => answered.end(end),
        }
    }
}

impl Accepted {
    /// Answers the ClientHello and continues the handshake.
    ///
    /// ```
    /// # #[cfg(feature = "ring")] {
    /// use lastword_acceptor::{Accepted, Config, ErrorAndAlert, Handshake};
    ///
    /// fn answer(accepted: Accepted, config: &Config) -> Result<Handshake, ErrorAndAlert> {
    ///     accepted.into_handshake(config) // write what it wants to write, then read more
    /// }
    /// # let provider = rustls::crypto::ring::default_provider().into();
    /// # let builder = rustls::ServerConfig::builder_with_provider(provider);
    /// # let builder = builder.with_protocol_versions(&[&rustls::version::TLS13]).unwrap();
    /// # let resolver = std::sync::Arc::new(rustls::server::ResolvesServerCertUsingSni::new());
    /// # let tls = builder.with_no_client_auth().with_cert_resolver(resolver);
    /// # let record = [&[22, 3, 1, 0, 69, 1, 0, 0, 65, 3, 3][..], &[7; 32],
    /// #     &[0, 0, 4, 19, 1, 19, 2, 1, 0, 0, 20], &[0, 0, 0, 16, 0, 14, 0, 0, 11],
    /// #     b"example.com"].concat();
    /// # let received = lastword_acceptor::Handshake::default().receive(&mut &record[..]);
    /// # let Ok(lastword_acceptor::Progress::ClientHello(accepted)) = received else { panic!() };
    /// # let failed = answer(accepted, &tls.into()).unwrap_err();
    /// # let words = "no protocol version in common: client offers TLS 1.2 or older, server has TLS 1.3";
    /// # assert!(failed.to_string().starts_with(words));
    /// # assert_eq!(failed.tls(), [21, 3, 3, 0, 2, 2, 70]);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the client and the configuration do not agree. The phase is then [`Phase::ServerHello`].
    pub fn into_handshake(self, config: &Config) -> Result<Handshake, ErrorAndAlert> {
        let (limits, authorizes) = (self.limits(), self.authorizes());
        let (mut connection, hello) = self.answer(config)?;
        let hello = hello.client_hello();
        connection.keep_offer(&hello);
        let answered = Answered::new(connection, &hello, config, limits.into());
        Ok(Handshake {
            state: State::Answered(answered),
            authorizes,
        })
    }
}

impl Progress {
    fn of(driven: Driven, authorizes: bool, bytes: &mut &[u8]) -> Result<Self, ErrorAndAlert> {
        Ok(match driven {
            Driven::Continue(answered) => Self::Continue(Handshake {
                state: State::Answered(answered),
                authorizes,
            }),
            Driven::Complete(authenticated) => match authorizes {
                true => Self::Authenticated(authenticated),
                false => Self::Complete(authenticated.accept(bytes)?),
            },
        })
    }
}
