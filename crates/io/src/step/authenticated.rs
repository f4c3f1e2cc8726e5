//! The states for a verdict on a client's certificate, over a stream.

use std::io;
use std::time::Instant;

use lastword_acceptor as sans_io;
use lastword_acceptor::{Connection, End, ErrorAndAlert, Panic, Rejection};

use super::handshaking::{Handshaking, Passed};
use super::undelivered::Undelivered;
use crate::authorize::{Authorizer, Peer};
use crate::choose::Addresses;
use crate::machine::{Buffer, Machine, Next, Step, end_of, step};
use crate::observed::Attempt;
use crate::transport::Transport;

/// A handshake that has answered the ClientHello and authenticates the client. It is one of the
/// [states](crate::step), made by [`Handshaking::authorizing`].
///
/// The next state is [`Authenticated`].
///
/// ```
/// use std::net::TcpStream;
/// use std::time::Instant;
/// use lastword_io::step::{Authenticating, Step};
///
/// /// Steps a client that is ready or whose deadline has passed.
/// fn ready(
///     client: Authenticating,
///     stream: &mut TcpStream,
///     waiting: &mut Vec<(Instant, Authenticating)>,
/// ) {
///     match client.step(stream) {
///         Step::Reading(client) | Step::Writing(client) => {
///             waiting.push((client.deadline(), client));
///         }
///         Step::Over(Ok(_authenticated)) => { /* accept or reject the client */ }
///         Step::Over(Err(_undelivered)) => { /* deliver it */ }
///     }
/// }
/// ```
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Authenticating(pub(super) Handshaking);

impl Authenticating {
    /// Steps this state until the stream would block.
    pub fn step(
        self,
        stream: &mut impl Transport,
    ) -> Step<Self, Result<Authenticated, Undelivered>> {
        self.step_with(stream, &mut Buffer::default())
    }

    /// Steps this state until the stream would block, and reads into this buffer.
    pub fn step_with(
        self,
        stream: &mut impl Transport,
        buffer: &mut Buffer,
    ) -> Step<Self, Result<Authenticated, Undelivered>> {
        step(self, stream, buffer)
    }

    /// Returns the deadline. Step this state at that time, even if the stream is not ready.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.0.deadline()
    }

    /// Aborts the handshake, for example at shutdown: see [`Handshaking::aborted`].
    ///
    /// ```
    /// # use lastword_io::{Transport, step::{Authenticating, Delivering}};
    /// # fn shut_down(authenticating: Authenticating, stream: &impl Transport) -> Delivering {
    /// let delivering = authenticating.aborted().deliver(stream.now()); // then step it
    /// # delivering
    /// # }
    /// ```
    pub fn aborted(self) -> Undelivered {
        self.0.aborted()
    }

    /// Ends the handshake because it has timed out. The client gets what [`aborted`](Self::aborted)
    /// sends.
    ///
    /// ```
    /// # use lastword_io::step::{Authenticating, Undelivered};
    /// /// Ends the handshake at a deadline of the event loop, before its own.
    /// fn check(client: Authenticating, is_over: bool) -> Result<Authenticating, Undelivered> {
    ///     match is_over {
    ///         true => Err(client.timed_out()),
    ///         false => Ok(client),
    ///     }
    /// }
    /// ```
    pub fn timed_out(self) -> Undelivered {
        self.0.timed_out()
    }

    /// Ends the handshake because the stream failed outside a step. A reset counts as a close by
    /// the client, not as a failure of the stream.
    ///
    /// ```
    /// # use std::io;
    /// # use lastword_io::step::{Authenticating, Undelivered};
    /// # fn check(client: Authenticating, registered: io::Result<()>) -> Result<Authenticating, Undelivered> {
    /// match registered {
    ///     Ok(()) => Ok(client),
    ///     Err(error) => Err(client.stream_failed(error)),
    /// }
    /// # }
    /// ```
    pub fn stream_failed(self, error: io::Error) -> Undelivered {
        self.0.stream_failed(error)
    }
}

impl Machine for Authenticating {
    type Over = Result<Authenticated, Undelivered>;

    fn deadline(&self) -> Instant {
        Machine::deadline(&self.0)
    }

    fn advance(self, stream: &mut impl Transport, buffer: &mut Buffer) -> Next<Self, Self::Over> {
        if self.0.is_complete() {
            return Next::Over(Err(self.aborted())); // no client is served without the verdict
        }
        match self.0.advance_to_pass(stream, buffer) {
            Next::Reading(next) => Next::Reading(Self(next)),
            Next::Writing(next) => Next::Writing(Self(next)),
            Next::Again(next) => Next::Again(Self(next)),
            Next::Over(Ok(Passed::Authenticated(client))) => Next::Over(Ok(client)),
            Next::Over(Ok(Passed::Established(_))) => unreachable!("the verdict comes first"),
            Next::Over(Err(undelivered)) => Next::Over(Err(undelivered)),
        }
    }
}

/// A client that is authenticated and waits for the application's verdict. Decide whether it may
/// connect, then end this state by one of the methods that take `self`.
///
/// [`lastword_acceptor::Authenticated`] says what a refused client gets. The timeout is not enforced in
/// this state: decide before the [`deadline`](Self::deadline). No method does IO.
///
/// ```
/// use lastword_io::Transport;
/// use lastword_io::acceptor::Rejection;
/// use lastword_io::step::{Authenticated, Handshaking, Undelivered};
///
/// fn authorize(
///     client: Authenticated,
///     stream: &impl Transport,
/// ) -> Result<Handshaking, Undelivered> {
///     let verdict = match client.connection().peer_certificates() {
///         Some(_verified) => Ok(()),
///         None => Err(Rejection::access_denied("no certificate")),
///     };
///     client.decide(verdict, stream.now())
/// }
/// ```
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub struct Authenticated {
    client: sans_io::Authenticated,
    /// Bytes that were read and are not yet used.
    unused: Vec<u8>,
    attempt: Attempt,
}

impl Authenticated {
    pub(super) const fn new(
        client: sans_io::Authenticated,
        unused: Vec<u8>,
        attempt: Attempt,
    ) -> Self {
        Self {
            client,
            unused,
            attempt,
        }
    }

    /// Returns the connection, for the client's certificates and what was negotiated.
    #[must_use]
    pub const fn connection(&self) -> &Connection {
        self.client.connection()
    }

    /// Returns the argument for an authorizer.
    ///
    /// ```
    /// # use lastword_io::{acceptor::Rejection, authorize::Peer, step::Authenticated};
    /// use lastword_io::choose::Addresses;
    ///
    /// /// Calls an authorizer in the span of the handshake.
    /// fn authorize(
    ///     client: &Authenticated,
    ///     authorizer: fn(&Peer) -> Result<(), Rejection>,
    /// ) -> Result<(), Rejection> {
    ///     let peer = client.peer(Addresses::default());
    ///     client.in_scope(|| authorizer(&peer))
    /// }
    /// ```
    #[must_use]
    pub fn peer(&self, addresses: Addresses) -> Peer {
        Peer::new(self.connection(), addresses)
    }

    /// Returns when the handshake times out.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.attempt.deadline
    }

    /// Returns the span of the handshake, for the verdict.
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn span(&self) -> &tracing::Span {
        self.attempt.observed.span()
    }

    /// Runs an authorizer in the span of the handshake.
    pub fn in_scope<R>(&self, authorize: impl FnOnce() -> R) -> R {
        self.attempt.observed.in_scope(authorize)
    }

    /// Accepts the client. Step the next state: it writes the end of the handshake. The time of the
    /// verdict is not measured: [`decide`](Self::decide) with `Ok(())` measures it.
    ///
    /// ```
    /// # use lastword_io::step::Authenticated;
    /// # fn accept(client: Authenticated) {
    /// match client.accept() {
    ///     Ok(_handshaking) => { /* step it: it writes the end of the handshake */ }
    ///     Err(_undelivered) => { /* deliver it */ }
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If a record after the handshake has failed, and there is no plaintext before it.
    pub fn accept(self) -> Result<Handshaking, Undelivered> {
        let Self {
            client,
            unused,
            attempt,
        } = self;
        let mut rest = &unused[..];
        let accepted = client.accept(&mut rest);
        let rest = rest.to_vec();
        match accepted {
            Ok(connection) => Ok(Handshaking::complete(connection, rest, attempt)),
            Err(error) => Err(Undelivered::new(error, None, rest, attempt)),
        }
    }

    /// Carries out the verdict of an authorizer: accepts the client, or refuses it.
    ///
    /// If the [`deadline`](Self::deadline) has passed, the handshake has [timed
    /// out](Self::timed_out). `now` is the time by the clock of the stream: [`Transport::now`].
    ///
    /// ```
    /// # use lastword_io::{Transport, acceptor::Rejection};
    /// # use lastword_io::step::{Authenticated, Handshaking, Undelivered};
    /// # fn authorize(
    /// #     client: Authenticated,
    /// #     is_revoked: bool,
    /// #     stream: &impl Transport,
    /// # ) -> Result<Handshaking, Undelivered> {
    /// let verdict = match is_revoked {
    ///     true => Err(Rejection::access_denied("the certificate is on the list")),
    ///     false => Ok(()),
    /// };
    /// client.decide(verdict, stream.now())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the client is refused, has timed out, or a record after the handshake has failed.
    pub fn decide(
        mut self,
        verdict: Result<(), Rejection>,
        now: Instant,
    ) -> Result<Handshaking, Undelivered> {
        let elapsed = self.attempt.elapsed(now);
        self.client.measures_mut().set_verdict(elapsed);
        match verdict {
            _ if now >= self.deadline() => Err(self.timed_out()),
            Ok(()) => self.accept(),
            Err(rejection) => Err(self.reject(rejection)),
        }
    }

    /// Asks the authorizer and carries out its verdict.
    pub(crate) fn authorize(
        self,
        authorizer: &Authorizer,
        addresses: Option<Addresses>,
        stream: &impl Transport,
    ) -> Result<Handshaking, Undelivered> {
        let addresses = addresses.unwrap_or_else(|| Addresses::of(stream));
        let peer = self.peer(addresses);
        match Panic::catch(|| self.in_scope(|| authorizer(&peer))) {
            Ok(verdict) => self.decide(verdict, stream.now()),
            Err(panic) => Err(self.panicked(panic)),
        }
    }

    /// Refuses the client with the alert of the rejection.
    ///
    /// ```
    /// # use lastword_io::step::{Authenticated, Undelivered};
    /// use lastword_io::acceptor::{AlertDescription, Rejection};
    ///
    /// # fn refuse(client: Authenticated) -> Undelivered {
    /// let alert = AlertDescription::CERTIFICATE_REVOKED;
    /// let rejection = Rejection::new(alert, "the certificate is on the list");
    /// let undelivered = client.reject(rejection); // then deliver it
    /// # undelivered
    /// # }
    /// ```
    pub fn reject(self, rejection: Rejection) -> Undelivered {
        self.end(|client| client.reject(rejection))
    }

    /// Ends the handshake because the authorizer panicked. The client gets `internal_error` (RFC 8446
    /// section 6.2). [`Panic::catch`] catches the panic.
    ///
    /// ```
    /// # use lastword_io::{Transport, acceptor::Rejection};
    /// # use lastword_io::step::{Authenticated, Handshaking, Undelivered};
    /// use lastword_io::acceptor::Panic;
    ///
    /// # fn authorize(
    /// #     client: Authenticated,
    /// #     look_up: fn() -> Result<(), Rejection>,
    /// #     stream: &impl Transport,
    /// # ) -> Result<Handshaking, Undelivered> {
    /// match Panic::catch(look_up) {
    ///     Ok(verdict) => client.decide(verdict, stream.now()),
    ///     Err(panic) => Err(client.panicked(panic)),
    /// }
    /// # }
    /// ```
    pub fn panicked(self, panic: Panic) -> Undelivered {
        self.end(|client| client.panicked(panic))
    }

    /// Ends the handshake because it has timed out. The client gets what [`aborted`](Self::aborted)
    /// sends.
    ///
    /// ```
    /// # use lastword_io::Transport;
    /// # use lastword_io::step::{Authenticated, Handshaking, Undelivered};
    /// # fn authorize(
    /// #     client: Authenticated,
    /// #     stream: &impl Transport,
    /// # ) -> Result<Handshaking, Undelivered> {
    /// // after a verdict that took time
    /// match stream.now() < client.deadline() {
    ///     true => client.accept(),
    ///     false => Err(client.timed_out()),
    /// }
    /// # }
    /// ```
    pub fn timed_out(self) -> Undelivered {
        self.end(|client| client.end(End::TimedOut))
    }

    /// Aborts the handshake, for example at shutdown. The client gets `user_canceled` and then
    /// `close_notify` (RFC 8446 section 6.1). Without [encrypted
    /// alerts](crate::acceptor::encrypted_alerts) it gets only `close_notify`.
    ///
    /// ```
    /// # use lastword_io::{Transport, step::{Authenticated, Delivering}};
    /// # fn shut_down(client: Authenticated, stream: &impl Transport) -> Delivering {
    /// let delivering = client.aborted().deliver(stream.now()); // then step it
    /// # delivering
    /// # }
    /// ```
    pub fn aborted(self) -> Undelivered {
        self.end(|client| client.end(End::Aborted))
    }

    /// Ends the handshake because the stream failed. A reset counts as a close by the client, not
    /// as a failure of the stream.
    ///
    /// ```
    /// # use std::io;
    /// # use lastword_io::step::{Authenticated, Undelivered};
    /// # fn check(client: Authenticated, registered: io::Result<()>) -> Result<Authenticated, Undelivered> {
    /// match registered {
    ///     Ok(()) => Ok(client),
    ///     Err(error) => Err(client.stream_failed(error)),
    /// }
    /// # }
    /// ```
    pub fn stream_failed(self, error: io::Error) -> Undelivered {
        let failed = self.client.end(end_of(&error));
        Undelivered::new(failed, Some(error), self.unused, self.attempt)
    }

    fn end(self, how: impl FnOnce(sans_io::Authenticated) -> ErrorAndAlert) -> Undelivered {
        Undelivered::new(how(self.client), None, self.unused, self.attempt)
    }
}
