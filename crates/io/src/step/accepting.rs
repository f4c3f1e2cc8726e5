//! The state that waits for a complete ClientHello, over a stream.

use std::io;
use std::mem;
use std::time::Instant;

use lastword_acceptor::{End, Handshake, Progress, Rejection};

use super::accepted::Accepted;
use super::undelivered::Undelivered;
use crate::machine::{Buffer, Input, Machine, Moved, Next, Step, end_of, step};
use crate::observed::{Attempt, End as Ended};
use crate::options::Options;
use crate::shadow::Shadows;
use crate::transport::Transport;

/// Waits for a complete ClientHello. It is the first of the [states](crate::step).
///
/// The next state is [`Accepted`]. It holds the received bytes of the ClientHello and no rustls
/// connection.
///
/// ```
/// use std::net::TcpStream;
/// use std::time::Instant;
/// use lastword_io::step::{Accepting, Step};
///
/// /// Steps a client that is ready or whose deadline has passed.
/// fn ready(client: Accepting, stream: &mut TcpStream, waiting: &mut Vec<(Instant, Accepting)>) {
///     match client.step(stream) {
///         Step::Reading(client) | Step::Writing(client) => {
///             waiting.push((client.deadline(), client));
///         }
///         Step::Over(Ok(_accepted)) => { /* choose a configuration */ }
///         Step::Over(Err(_undelivered)) => { /* deliver it */ }
///     }
/// }
/// ```
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Accepting {
    handshake: Handshake,
    extra: Option<Box<Extra>>,
    attempt: Attempt,
}

/// What few clients have, in a box to keep the state small.
#[derive(Debug, Default)]
struct Extra {
    /// Bytes that were read before and are used first.
    received: Vec<u8>,
    shadows: Shadows,
}

impl Accepting {
    /// Starts with a client that has sent nothing yet. `now` is the time by the clock of the stream:
    /// [`Transport::now`].
    ///
    /// ```no_run
    /// # use std::net::TcpStream;
    /// use lastword_io::Transport;
    /// use lastword_io::step::{Accepting, Options};
    ///
    /// # fn begin(stream: &TcpStream) -> std::io::Result<Accepting> {
    /// stream.set_nonblocking(true)?;
    /// let accepting = Accepting::new(&Options::default(), stream.now()); // then step it
    /// # Ok(accepting)
    /// # }
    /// ```
    pub fn new(options: &Options, now: Instant) -> Self {
        Self {
            handshake: Handshake::new(options.limits),
            extra: (!options.shadows.is_empty()).then(|| {
                Box::new(Extra {
                    received: Vec::new(),
                    shadows: options.shadows.clone(),
                })
            }),
            attempt: Attempt::new(options, now),
        }
    }

    /// Starts with bytes that were read from the stream before.
    ///
    /// ```
    /// use std::io::Cursor;
    /// use std::time::Instant;
    /// use lastword_io::Plain;
    /// use lastword_io::step::{Accepting, Options, Step};
    ///
    /// let accepting = Accepting::new(&Options::default(), Instant::now()).with_received(b"SS".to_vec());
    /// let mut stream = Plain(Cursor::new(b"H-2.0-OpenSSH_9.9\r\n".to_vec()));
    /// let Step::Over(Err(undelivered)) = accepting.step(&mut stream) else { unreachable!() };
    /// assert_eq!(undelivered.received(), b"SSH-2.0-OpenSSH_9.9\r\n");
    /// ```
    pub fn with_received(mut self, received: Vec<u8>) -> Self {
        self.extra.get_or_insert_default().received = received;
        self
    }

    /// Steps this state until the stream would block.
    pub fn step(self, stream: &mut impl Transport) -> Step<Self, Result<Accepted, Undelivered>> {
        self.step_with(stream, &mut Buffer::default())
    }

    /// Steps this state until the stream would block, and reads into this buffer.
    pub fn step_with(
        self,
        stream: &mut impl Transport,
        buffer: &mut Buffer,
    ) -> Step<Self, Result<Accepted, Undelivered>> {
        step(self, stream, buffer)
    }

    /// Returns the deadline. Step this state at that time, even if the stream is not ready.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.attempt.deadline
    }

    /// Returns the span of the handshake. Its field `peer` is empty: record it if you know it.
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn span(&self) -> &tracing::Span {
        self.attempt.observed.span()
    }

    /// Aborts the handshake, for example at shutdown. A client that has sent something gets
    /// `user_canceled` and then `close_notify` (RFC 8446 section 6.1).
    ///
    /// ```
    /// # use lastword_io::{Transport, step::{Accepting, Delivering}};
    /// # fn shut_down(accepting: Accepting, stream: &impl Transport) -> Delivering {
    /// let delivering = accepting.aborted().deliver(stream.now()); // then step it
    /// # delivering
    /// # }
    /// ```
    pub fn aborted(self) -> Undelivered {
        self.end(End::Aborted, None)
    }

    /// Ends the handshake because it has timed out. The client gets what [`aborted`](Self::aborted)
    /// sends.
    ///
    /// ```
    /// # use lastword_io::{Transport, step::{Accepting, Undelivered}};
    /// /// Ends the handshake at a deadline of the event loop, before its own.
    /// fn check(accepting: Accepting, is_over: bool) -> Result<Accepting, Undelivered> {
    ///     match is_over {
    ///         true => Err(accepting.timed_out()),
    ///         false => Ok(accepting),
    ///     }
    /// }
    /// ```
    pub fn timed_out(self) -> Undelivered {
        self.end(End::TimedOut, None)
    }

    /// Ends the handshake because the client has closed outside a step.
    ///
    /// ```
    /// use std::time::Instant;
    /// use lastword_io::acceptor::Reason;
    /// use lastword_io::step::{Accepting, Options};
    ///
    /// let now = Instant::now();
    /// let undelivered = Accepting::new(&Options::default(), now).closed();
    /// assert_eq!(undelivered.error().error().reason(), Reason::Closed);
    /// ```
    pub fn closed(self) -> Undelivered {
        self.end(End::Closed, None)
    }

    /// Refuses the client before its ClientHello is complete, for example because of its address.
    ///
    /// ```
    /// # use std::net::IpAddr;
    /// # use lastword_io::step::{Accepting, Undelivered};
    /// use lastword_io::acceptor::Rejection;
    ///
    /// /// Refuses a client by its address.
    /// fn admit(accepting: Accepting, client: IpAddr) -> Result<Accepting, Undelivered> {
    ///     match client.is_loopback() {
    ///         true => Ok(accepting),
    ///         false => Err(accepting.reject(Rejection::access_denied("not a client of this machine"))),
    ///     }
    /// }
    /// ```
    pub fn reject(self, rejection: Rejection) -> Undelivered {
        let error = self.handshake.reject(rejection);
        Undelivered::new(error, None, unused(self.extra), self.attempt)
    }

    /// Ends the handshake because the stream failed outside a step, for example when it was
    /// registered. A reset counts as a close by the client, not as a failure of the stream.
    ///
    /// ```
    /// use std::io;
    /// use std::time::Instant;
    /// use lastword_io::step::{Accepting, Options};
    ///
    /// let accepting = Accepting::new(&Options::default(), Instant::now());
    /// let undelivered = accepting.stream_failed(io::Error::other("not registered"));
    /// assert_eq!(undelivered.error().alert(), None); // there is no stream to send it over
    /// ```
    pub fn stream_failed(self, error: io::Error) -> Undelivered {
        self.end(end_of(&error), Some(error))
    }

    fn end(self, end: End, io: Option<io::Error>) -> Undelivered {
        let error = self.handshake.end(end);
        Undelivered::new(error, io, unused(self.extra), self.attempt)
    }

    /// Returns every byte that was read, exactly, to forward to another server.
    ///
    /// ```
    /// # use std::io::{self, Write};
    /// # use std::net::TcpStream;
    /// # use lastword_io::step::Accepting;
    /// /// Gives a client to another server before its ClientHello is complete.
    /// fn forward(accepting: Accepting, mut server: TcpStream) -> io::Result<()> {
    ///     server.write_all(&accepting.into_passthrough())
    ///     // then copy both ways
    /// }
    /// ```
    #[must_use]
    pub fn into_passthrough(self) -> Vec<u8> {
        let (error, _alert) = self.handshake.end(End::Aborted).into_parts();
        self.attempt.observed.end(&Ended::PassedThrough);
        let mut received = error.into_received();
        received.extend(unused(self.extra));
        received
    }
}

fn unused(extra: Option<Box<Extra>>) -> Vec<u8> {
    extra.map_or(Vec::new(), |extra| extra.received)
}

impl Machine for Accepting {
    type Over = Result<Accepted, Undelivered>;

    fn deadline(&self) -> Instant {
        self.attempt.deadline
    }

    fn advance(self, stream: &mut impl Transport, buffer: &mut Buffer) -> Next<Self, Self::Over> {
        let Self {
            mut handshake,
            mut extra,
            attempt,
        } = self;
        let received = extra
            .as_deref_mut()
            .map(|extra| mem::take(&mut extra.received));
        let mut input = Input::new(buffer, received.unwrap_or_default());
        let (error, io) = loop {
            if input.unused().is_empty() {
                if stream.now() >= attempt.deadline {
                    break (handshake.end(End::TimedOut), None);
                }
                match input.read(stream, usize::MAX) {
                    Moved::Bytes(0) => break (handshake.end(End::Closed), None),
                    Moved::Bytes(_) => {}
                    Moved::Blocked => {
                        return Next::Reading(Self {
                            handshake,
                            extra,
                            attempt,
                        });
                    }
                    Moved::Failed(io) => break (handshake.end(end_of(&io)), Some(io)),
                }
            }
            match input.take_with(|bytes| handshake.receive(bytes)) {
                Ok(Progress::Continue(next)) => handshake = next,
                Ok(Progress::ClientHello(accepted)) => {
                    let unused = input.to_unused();
                    let shadows = extra.map_or_else(Shadows::default, |extra| extra.shadows);
                    let accepted = Accepted::new(accepted, unused, shadows, attempt);
                    return Next::Over(Ok(accepted));
                }
                Ok(Progress::Authenticated(_) | Progress::Complete(_)) => {
                    unreachable!("a ClientHello comes first")
                }
                Err(error) => break (error, None),
            }
        };
        let unused = input.to_unused();
        Next::Over(Err(Undelivered::new(error, io, unused, attempt)))
    }
}
