//! The whole handshake over a nonblocking stream, as one state.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use lastword_acceptor::Connection;

use super::accepted::Chosen;
use super::accepting::Accepting;
use super::authenticated::{Authenticated, Authenticating};
use super::handshaking::Handshaking;
use super::undelivered::{Delivering, Undelivered};
use crate::choose::{Addresses, Rules};
use crate::error::AcceptError;
use crate::machine::{Buffer, Step};
use crate::options::Options;
use crate::transport::Transport;

/// The whole handshake over a nonblocking stream, from the ClientHello to the end of the delivery of
/// an alert. [`TlsAcceptor::start`](crate::TlsAcceptor::start) makes one.
///
/// Call [`step`](Self::step) once at the start, then whenever the stream is ready for what the last
/// [`Step`] waits for, and when the [`deadline`](Self::deadline) passes. Step it until it is over: if
/// the handshake fails, it writes the alert, shuts the write side and drains the stream.
///
/// It does not hold the stream. Each step continues until the stream would block, as edge-triggered
/// readiness requires. To choose a configuration without a closure, to pass clients through, or to
/// hold an alert back, use the [single states](crate::step).
///
/// ```no_run
/// use std::net::TcpStream;
/// use std::time::Instant;
/// use lastword_io::Transport;
/// use lastword_io::step::{Accept, Step};
///
/// /// A client of an event loop.
/// struct Client {
///     accept: Accept,
///     stream: TcpStream,
/// }
///
/// /// Steps a client that is ready or whose deadline has passed. Returns it with its next deadline.
/// fn ready(Client { accept, mut stream }: Client, is_stopping: bool) -> Option<(Client, Instant)> {
///     let accept = match is_stopping {
///         true => accept.aborted(stream.now()),
///         false => accept,
///     };
///     match accept.step(&mut stream) {
///         Step::Reading(accept) | Step::Writing(accept) => {
///             let deadline = accept.deadline();
///             Some((Client { accept, stream }, deadline))
///         }
///         Step::Over(Ok((_connection, ()))) => None, // serve it
///         Step::Over(Err(error)) => {
///             eprintln!("{error}"); // the client has its alert
///             None
///         }
///     }
/// }
/// ```
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Accept<T = ()>(State<T>);

#[derive(Debug)]
enum State<T> {
    Accepting(Accepting, Arc<Rules<T>>),
    /// In a box, so that the state stays small.
    Authenticating(Authenticating, Box<Asking<T>>),
    Handshaking(Handshaking, T),
    Delivering(Delivering),
}

/// What the authorizer is asked with, and the value of the choice.
#[derive(Debug)]
struct Asking<T> {
    rules: Arc<Rules<T>>,
    /// What the chooser saw.
    addresses: Option<Addresses>,
    value: T,
}

/// The end of an [`Accept`].
type Accepted<T> = Result<(Connection, T), AcceptError>;

impl<T> Accept<T> {
    pub(crate) fn new(rules: Arc<Rules<T>>, options: &Options, now: Instant) -> Self {
        Self(State::Accepting(Accepting::new(options, now), rules))
    }

    /// Steps the handshake until the stream would block.
    ///
    /// The result is the connection and the value of the choice, or an error. The connection may
    /// already hold plaintext, and an error that [`Connection::kept_error`] returns. After an
    /// error, the alert has been delivered: close the stream.
    ///
    /// A panic of the chooser, the authorizer or other code of the application ends only this handshake,
    /// with `internal_error`. It is not resumed, because an event loop serves other clients too.
    /// [`AcceptError::resume_panic`] resumes it.
    pub fn step(self, stream: &mut impl Transport) -> Step<Self, Accepted<T>> {
        self.step_with(stream, &mut Buffer::default())
    }

    /// Steps the handshake until the stream would block, and reads into this buffer: see
    /// [`step`](Self::step).
    ///
    /// ```
    /// # use std::net::TcpStream;
    /// use lastword_io::step::{Accept, Buffer};
    ///
    /// # fn ready(clients: Vec<(Accept, TcpStream)>) {
    /// let mut buffer = Buffer::default(); // one for all clients
    /// for (accept, mut stream) in clients {
    ///     let _step = accept.step_with(&mut stream, &mut buffer);
    /// }
    /// # }
    /// ```
    pub fn step_with(
        self,
        stream: &mut impl Transport,
        buffer: &mut Buffer,
    ) -> Step<Self, Accepted<T>> {
        let mut state = self.0;
        loop {
            state = match state.step(stream, buffer) {
                Step::Reading(state) => return Step::Reading(Self(state)),
                Step::Writing(state) => return Step::Writing(Self(state)),
                Step::Over(Turn::To(next)) => next,
                Step::Over(Turn::Over(over)) => return Step::Over(over),
            };
        }
    }

    /// Returns the deadline. Step this state at that time, even if the stream is not ready.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        match &self.0 {
            State::Accepting(accepting, _) => accepting.deadline(),
            State::Authenticating(authenticating, _) => authenticating.deadline(),
            State::Handshaking(handshaking, _) => handshaking.deadline(),
            State::Delivering(delivering) => delivering.deadline(),
        }
    }

    /// Aborts the handshake, for example at shutdown: see [`Handshaking::aborted`]. Step the returned
    /// state to deliver the alert. `now` is the time by the clock of the stream: [`Transport::now`].
    ///
    /// ```
    /// # use std::net::TcpStream;
    /// # use lastword_io::{Transport, step::Accept};
    /// /// Aborts all handshakes. Step each until its alert is delivered.
    /// fn shut_down(clients: Vec<(Accept, TcpStream)>) -> Vec<(Accept, TcpStream)> {
    ///     let clients = clients.into_iter();
    ///     clients.map(|(accept, stream)| (accept.aborted(stream.now()), stream)).collect()
    /// }
    /// ```
    pub fn aborted(self, now: Instant) -> Self {
        let undelivered = match self.0 {
            State::Accepting(accepting, _) => accepting.aborted(),
            State::Authenticating(authenticating, _) => authenticating.aborted(),
            State::Handshaking(handshaking, _) => handshaking.aborted(),
            delivering @ State::Delivering(_) => return Self(delivering),
        };
        Self(State::Delivering(undelivered.deliver(now)))
    }

    /// Ends the handshake because the stream failed outside a step, for example when it was
    /// registered. No alert is sent.
    ///
    /// ```
    /// # use std::io;
    /// # use std::net::TcpStream;
    /// # use lastword_io::{Transport, step::Accept};
    /// # fn register(stream: &TcpStream) -> io::Result<()> { Ok(()) }
    /// /// Registers a client with the event loop.
    /// fn begin(accept: Accept, stream: &TcpStream) -> Option<Accept> {
    ///     match register(stream) {
    ///         Ok(()) => Some(accept),
    ///         Err(error) => {
    ///             eprintln!("{}", accept.stream_failed(error, stream.now()));
    ///             None
    ///         }
    ///     }
    /// }
    /// ```
    pub fn stream_failed(self, error: io::Error, now: Instant) -> AcceptError {
        let delivering = match self.0 {
            State::Accepting(accepting, _) => accepting.stream_failed(error).deliver(now),
            State::Authenticating(authenticating, _) => {
                authenticating.stream_failed(error).deliver(now)
            }
            State::Handshaking(handshaking, _) => handshaking.stream_failed(error).deliver(now),
            State::Delivering(delivering) => delivering,
        };
        delivering.stop()
    }
}

/// The next state, or the end of a step.
enum Turn<T> {
    To(State<T>),
    Over(Accepted<T>),
}

impl<T> Asking<T> {
    /// Asks the authorizer and carries out its verdict.
    fn authorize(
        self,
        client: Authenticated,
        stream: &impl Transport,
    ) -> Result<State<T>, Undelivered> {
        let handshaking = match &self.rules.authorizer {
            Some(authorizer) => client.authorize(&**authorizer, self.addresses, stream),
            None => client.accept(),
        };
        handshaking.map(|handshaking| State::Handshaking(handshaking, self.value))
    }
}

impl<T> State<T> {
    fn chosen(chosen: Chosen<T>, rules: Arc<Rules<T>>) -> Self {
        match rules.authorizer {
            Some(_) => {
                let asking = Asking {
                    rules,
                    addresses: chosen.addresses,
                    value: chosen.value,
                };
                Self::Authenticating(chosen.handshaking.authorizing(), Box::new(asking))
            }
            None => Self::Handshaking(chosen.handshaking, chosen.value),
        }
    }

    fn step(self, stream: &mut impl Transport, buffer: &mut Buffer) -> Step<Self, Turn<T>> {
        let next = match self {
            Self::Accepting(accepting, rules) => match accepting.step_with(stream, buffer) {
                Step::Reading(next) => return Step::Reading(Self::Accepting(next, rules)),
                Step::Writing(next) => return Step::Writing(Self::Accepting(next, rules)),
                Step::Over(Ok(accepted)) => accepted
                    .choose(&rules.chooser, &*stream)
                    .map(|chosen| Self::chosen(chosen, rules))
                    .map_err(|(undelivered, _)| undelivered),
                Step::Over(Err(undelivered)) => Err(undelivered),
            },
            Self::Authenticating(authenticating, asking) => {
                match authenticating.step_with(stream, buffer) {
                    Step::Reading(next) => {
                        return Step::Reading(Self::Authenticating(next, asking));
                    }
                    Step::Writing(next) => {
                        return Step::Writing(Self::Authenticating(next, asking));
                    }
                    Step::Over(Ok(client)) => asking.authorize(client, &*stream),
                    Step::Over(Err(undelivered)) => Err(undelivered),
                }
            }
            Self::Handshaking(handshaking, value) => match handshaking.step_with(stream, buffer) {
                Step::Reading(next) => return Step::Reading(Self::Handshaking(next, value)),
                Step::Writing(next) => return Step::Writing(Self::Handshaking(next, value)),
                Step::Over(Ok(connection)) => {
                    return Step::Over(Turn::Over(Ok((connection, value))));
                }
                Step::Over(Err(undelivered)) => Err(undelivered),
            },
            Self::Delivering(delivering) => match delivering.step_with(stream, buffer) {
                Step::Reading(next) => return Step::Reading(Self::Delivering(next)),
                Step::Writing(next) => return Step::Writing(Self::Delivering(next)),
                Step::Over(error) => return Step::Over(Turn::Over(Err(error))),
            },
        };
        let deliver =
            |undelivered: Undelivered| Self::Delivering(undelivered.deliver(stream.now()));
        Step::Over(Turn::To(next.unwrap_or_else(deliver)))
    }
}
