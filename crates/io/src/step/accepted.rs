//! The state of a client whose ClientHello is complete, over a stream.

use std::io;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use lastword_acceptor as sans_io;
use lastword_acceptor::{ClientHello, Config, End, ErrorAndAlert, Panic, Rejection};

use super::handshaking::Handshaking;
use super::undelivered::Undelivered;
use crate::choose::{Addresses, Choice, Chooser, Incoming};
use crate::machine::end_of;
use crate::observed::{Attempt, End as Ended};
use crate::shadow::Shadows;
use crate::transport::Transport;

/// A client whose ClientHello is complete. Look at it, then end this state by one of the methods
/// that take `self`.
///
/// The timeout is not enforced in this state: choose before the [`deadline`](Self::deadline). None of
/// the methods does any IO.
///
/// ```
/// use lastword_io::acceptor::{Config, Rejection};
/// use lastword_io::step::{Accepted, Handshaking, Undelivered};
///
/// fn choose(accepted: Accepted, config: &Config) -> Result<Handshaking, Undelivered> {
///     println!("{}, until {:?}", accepted.client_hello(), accepted.deadline());
///     match accepted.server_name() {
///         Some("example.test") => accepted.into_handshake(config),
///         _ => Err(accepted.reject(Rejection::unrecognized_name())),
///     }
/// }
/// ```
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Accepted {
    accepted: sans_io::Accepted,
    /// What was read after the ClientHello.
    unused: Vec<u8>,
    /// When the ClientHello was complete, in microseconds after the start of the handshake, if it is
    /// known. States that hold it are moved several times, so it is small.
    complete: Option<NonZeroU32>,
    shadows: Shadows,
    attempt: Attempt,
}

/// A client whose configuration is chosen.
pub(crate) struct Chosen<T> {
    pub(crate) handshaking: Handshaking,
    pub(crate) value: T,
    /// `None` if the stream was not asked, because there was nothing to choose.
    pub(crate) addresses: Option<Addresses>,
}

impl Accepted {
    pub(crate) fn new(
        accepted: sans_io::Accepted,
        unused: Vec<u8>,
        shadows: Shadows,
        attempt: Attempt,
    ) -> Self {
        Self {
            accepted,
            unused,
            complete: None,
            shadows,
            attempt,
        }
    }

    /// Sets when the ClientHello was complete, for the [measures](sans_io::Measures) of the
    /// handshake. A later call changes nothing.
    ///
    /// [`decide`](Self::decide) calls it too. So call it before a choice that takes time, or before
    /// [`into_handshake`](Self::into_handshake). `now` is the time by the clock of the stream:
    /// [`Transport::now`].
    ///
    /// ```
    /// # use lastword_io::acceptor::Config;
    /// # use lastword_io::step::{Accepted, Handshaking, Undelivered};
    /// # use lastword_io::Transport;
    /// # fn choose(
    /// #     mut accepted: Accepted,
    /// #     stream: &impl Transport,
    /// #     look_up: fn(Option<&str>) -> Config,
    /// # ) -> Result<Handshaking, Undelivered> {
    /// accepted.set_complete(stream.now());
    /// let config = look_up(accepted.server_name()); // takes time
    /// accepted.into_handshake(&config)
    /// # }
    /// ```
    pub fn set_complete(&mut self, now: Instant) {
        if self.complete.is_none() {
            let elapsed = self.attempt.elapsed(now).as_micros();
            self.complete = NonZeroU32::new(elapsed.try_into().unwrap_or(u32::MAX).max(1));
        }
    }

    /// Returns the ClientHello.
    #[must_use]
    pub fn client_hello(&self) -> ClientHello<'_> {
        self.accepted.client_hello()
    }

    /// Returns the server name that the client asks for, in lower case (RFC 6066 section 3).
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.accepted.server_name()
    }

    /// Returns the argument for a chooser. It shares the ClientHello with this state.
    ///
    /// ```
    /// # use lastword_io::{Incoming, Transport};
    /// # use lastword_io::acceptor::{Config, Rejection};
    /// # use lastword_io::step::{Accepted, Handshaking, Undelivered};
    /// use lastword_io::choose::{Addresses, Choice};
    ///
    /// /// Calls a chooser.
    /// fn choose(
    ///     accepted: Accepted,
    ///     stream: &impl Transport,
    ///     chooser: fn(&Incoming) -> Result<Choice, Rejection>,
    /// ) -> Result<Handshaking, Undelivered> {
    ///     let (accepted, incoming) = accepted.incoming(Addresses::default());
    ///     let choice = accepted.in_scope(|| chooser(&incoming));
    ///     match accepted.decide(choice, stream.now()) {
    ///         Ok((handshaking, ())) => Ok(handshaking),
    ///         Err((undelivered, _)) => Err(undelivered),
    ///     }
    /// }
    /// ```
    pub fn incoming(self, addresses: Addresses) -> (Self, Incoming) {
        let (accepted, hello) = self.accepted.share_hello();
        (Self { accepted, ..self }, Incoming::new(hello, addresses))
    }

    /// Returns when the handshake times out.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.attempt.deadline
    }

    /// Returns the span of the handshake, for the choice of a configuration.
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn span(&self) -> &tracing::Span {
        self.attempt.observed.span()
    }

    /// Runs a chooser in the span of the handshake.
    ///
    /// ```
    /// # use lastword_io::{acceptor::Config, step::Accepted};
    /// # fn choose(accepted: &Accepted, look_up: fn(Option<&str>) -> Config) -> Config {
    /// accepted.in_scope(|| look_up(accepted.server_name()))
    /// # }
    /// ```
    pub fn in_scope<R>(&self, choose: impl FnOnce() -> R) -> R {
        self.attempt.observed.in_scope(choose)
    }

    /// Answers the client with this configuration.
    ///
    /// ```
    /// # use lastword_io::{acceptor::Config, step::Accepted};
    /// # fn answer(accepted: Accepted, config: &Config) {
    /// match accepted.into_handshake(config) {
    ///     Ok(_handshaking) => { /* step it: it writes the answer */ }
    ///     Err(_undelivered) => { /* deliver it */ }
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the client and the configuration do not agree.
    pub fn into_handshake(self, config: &Config) -> Result<Handshaking, Undelivered> {
        let Self {
            accepted,
            unused,
            complete,
            shadows,
            attempt,
        } = self;
        let foreseen = shadows.foresee(&accepted.client_hello());
        let received = accepted.hello().received_len() + unused.len();
        match attempt
            .observed
            .in_scope(|| accepted.into_handshake(config))
        {
            Ok(mut handshake) => {
                foreseen.report(&attempt.observed);
                if let Some(measures) = handshake.measures_mut() {
                    measures.add_received(received);
                    if let Some(micros) = complete {
                        measures.set_client_hello(Duration::from_micros(micros.get().into()));
                    }
                }
                Ok(Handshaking::new(handshake, unused, attempt))
            }
            Err(error) => Err(Undelivered::new(error, None, unused, attempt)),
        }
    }

    /// Carries out the result of a chooser: answers the client, refuses it or passes it through.
    /// Returns the next state and the value of the choice.
    ///
    /// If the [`deadline`](Self::deadline) has passed, the handshake has [timed
    /// out](Self::timed_out), and the ClientHello is not answered. `now` is the time by the clock of
    /// the stream: [`Transport::now`].
    ///
    /// ```
    /// # use lastword_io::{Transport, acceptor::{Config, Rejection}};
    /// # use lastword_io::step::{Accepted, Handshaking, Undelivered};
    /// use lastword_io::choose::Choice;
    ///
    /// # fn choose(
    /// #     accepted: Accepted,
    /// #     config: &Config,
    /// #     stream: &impl Transport,
    /// # ) -> Result<(Handshaking, &'static str), (Undelivered, Option<&'static str>)> {
    /// let choice = match accepted.server_name() {
    ///     Some("www.example") => Ok(Choice::serve(config.clone()).with_value("www")),
    ///     Some("mail.example") => Ok(Choice::pass_through("10.0.0.7:443")),
    ///     _ => Err(Rejection::unrecognized_name()),
    /// };
    /// accepted.decide(choice, stream.now())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the client is refused or passed through, has timed out, or does not agree with the
    /// configuration. The error has the chooser's value only if the client is passed through.
    pub fn decide<T>(
        mut self,
        choice: Result<Choice<T>, Rejection>,
        now: Instant,
    ) -> Result<(Handshaking, T), (Undelivered, Option<T>)> {
        self.set_complete(now);
        let failed = |undelivered| (undelivered, None);
        if now >= self.deadline() {
            return Err(failed(self.timed_out()));
        }
        match choice.map(Choice::into_parts) {
            Ok((Some(config), value)) => {
                let handshaking = self.into_handshake(&config).map_err(failed)?;
                Ok((handshaking, value))
            }
            Ok((None, value)) => Err((self.pass_through(), Some(value))),
            Err(rejection) => Err(failed(self.reject(rejection))),
        }
    }

    /// Asks the chooser, if there is one, and carries out its result.
    pub(crate) fn choose<T>(
        mut self,
        chooser: &Chooser<T>,
        stream: &impl Transport,
    ) -> Result<Chosen<T>, (Undelivered, Option<T>)> {
        let (choice, addresses) = match chooser {
            Chooser::Always(config, value) => {
                (Ok(Choice::serve(config.clone()).with_value(value())), None)
            }
            Chooser::Ask(ask) => {
                let addresses = Addresses::of(stream);
                self.set_complete(stream.now());
                let (accepted, incoming) = self.incoming(addresses.clone());
                self = accepted;
                let ask = || ask(&incoming);
                match Panic::catch(|| self.attempt.observed.in_scope(ask)) {
                    Ok(choice) => (choice, Some(addresses)),
                    Err(panic) => return Err((self.panicked(panic), None)),
                }
            }
        };
        let (handshaking, value) = self.decide(choice, stream.now())?;
        Ok(Chosen {
            handshaking,
            value,
            addresses,
        })
    }

    /// Refuses the client.
    ///
    /// ```
    /// # use lastword_io::step::{Accepted, Undelivered};
    /// use lastword_io::acceptor::Rejection;
    ///
    /// # fn refuse(accepted: Accepted) -> Undelivered {
    /// let undelivered = accepted.reject(Rejection::unrecognized_name()); // then deliver it
    /// # undelivered
    /// # }
    /// ```
    pub fn reject(self, rejection: Rejection) -> Undelivered {
        self.end(|accepted| accepted.reject(rejection))
    }

    /// Ends the handshake because the choice of a configuration panicked. The client gets
    /// `internal_error` (RFC 8446 section 6.2). [`Panic::catch`] catches the panic.
    ///
    /// ```
    /// # use lastword_io::acceptor::Config;
    /// # use lastword_io::step::{Accepted, Handshaking, Undelivered};
    /// use lastword_io::acceptor::Panic;
    ///
    /// # fn choose(
    /// #     accepted: Accepted,
    /// #     look_up: fn(Option<&str>) -> Config,
    /// # ) -> Result<Handshaking, Undelivered> {
    /// match Panic::catch(|| look_up(accepted.server_name())) {
    ///     Ok(config) => accepted.into_handshake(&config),
    ///     Err(panic) => Err(accepted.panicked(panic)),
    /// }
    /// # }
    /// ```
    pub fn panicked(self, panic: Panic) -> Undelivered {
        self.end(|accepted| accepted.panicked(panic))
    }

    /// Ends the handshake because it has timed out. The client gets what [`aborted`](Self::aborted)
    /// sends.
    ///
    /// ```
    /// # use lastword_io::{Transport, acceptor::Config};
    /// # use lastword_io::step::{Accepted, Handshaking, Undelivered};
    /// # fn choose(
    /// #     accepted: Accepted,
    /// #     config: &Config,
    /// #     stream: &impl Transport,
    /// # ) -> Result<Handshaking, Undelivered> {
    /// // after a choice that took time
    /// match stream.now() < accepted.deadline() {
    ///     true => accepted.into_handshake(config),
    ///     false => Err(accepted.timed_out()),
    /// }
    /// # }
    /// ```
    pub fn timed_out(self) -> Undelivered {
        self.end(|accepted| accepted.end(End::TimedOut))
    }

    /// Aborts the handshake, for example at shutdown. The client gets `user_canceled` and then
    /// `close_notify` (RFC 8446 section 6.1).
    ///
    /// ```
    /// # use lastword_io::{Transport, step::{Accepted, Delivering}};
    /// # fn shut_down(accepted: Accepted, stream: &impl Transport) -> Delivering {
    /// let delivering = accepted.aborted().deliver(stream.now()); // then step it
    /// # delivering
    /// # }
    /// ```
    pub fn aborted(self) -> Undelivered {
        self.end(|accepted| accepted.end(End::Aborted))
    }

    /// Ends the handshake because the stream failed. A reset counts as a close by the client, not
    /// as a failure of the stream.
    ///
    /// ```
    /// # use std::io;
    /// # use lastword_io::step::{Accepted, Undelivered};
    /// # fn check(accepted: Accepted, failed: io::Result<()>) -> Result<Accepted, Undelivered> {
    /// match failed {
    ///     Ok(()) => Ok(accepted),
    ///     Err(error) => Err(accepted.stream_failed(error)),
    /// }
    /// # }
    /// ```
    pub fn stream_failed(self, error: io::Error) -> Undelivered {
        let failed = self.accepted.end(end_of(&error));
        Undelivered::new(failed, Some(error), self.unused, self.attempt)
    }

    /// Ends the handshake because the client is passed through:
    /// [`Undelivered::into_passed_through`] returns its bytes.
    ///
    /// ```
    /// # use lastword_io::step::Accepted;
    /// # fn forward(accepted: Accepted) {
    /// let undelivered = accepted.pass_through();
    /// if let Ok(received) = undelivered.into_passed_through() {
    ///     println!("forward {} bytes, then copy both ways", received.len());
    /// }
    /// # }
    /// ```
    pub fn pass_through(self) -> Undelivered {
        self.end(sans_io::Accepted::pass_through)
    }

    fn end(self, how: impl FnOnce(sans_io::Accepted) -> ErrorAndAlert) -> Undelivered {
        Undelivered::new(how(self.accepted), None, self.unused, self.attempt)
    }

    /// Returns every byte that was read, exactly, to forward to another server.
    ///
    /// ```
    /// # use std::io::{self, Write};
    /// # use std::net::TcpStream;
    /// # use lastword_io::step::Accepted;
    /// # fn forward(accepted: Accepted, mut server: TcpStream) -> io::Result<()> {
    /// server.write_all(&accepted.into_passthrough())?; // then copy both ways
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn into_passthrough(self) -> Vec<u8> {
        let mut bytes = self.accepted.into_passthrough();
        bytes.extend_from_slice(&self.unused);
        self.attempt.observed.end(&Ended::PassedThrough);
        bytes
    }
}
