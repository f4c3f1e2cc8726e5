//! Accepting a client over a blocking stream.

use lastword_acceptor::{Config, Hello, Rejection};

use crate::blocking::{Timeouts, run};
use crate::step::{Awaiting, Handshaking, Untold};
use crate::{Failure, Options, TlsStream, Transport, Undelivered};

/// Accepts a client, with the configuration that `chooser` picks by its ClientHello.
///
/// A [`Rejection`] from the chooser refuses the client with the alert it names.
///
/// Takes at most the time that [`Options`] says, if the stream has timeouts. The time of the chooser
/// counts, but nothing interrupts it. The stream's timeouts are used: they are off once a handshake
/// has succeeded, and as the drain set them once one has failed.
///
/// # Errors
///
/// If the handshake fails for whatever reason. The client has then been told and the connection
/// closed in order, as far as the client let it: [`Failure`] says how far.
///
/// # Panics
///
/// If `chooser` panics, or code of the application that rustls calls, such as a certificate
/// resolver. The panic is caught, the client is sent `internal_error`, the connection is closed in
/// order, and then the panic is resumed.
///
/// ```no_run
/// # use lastword_io::{Options, accept, acceptor::{Config, Rejection}};
/// # fn serve(stream: std::net::TcpStream, config: Config) {
/// let accepted = accept(stream, &Options::default(), |hello| match hello.server_name() {
///     Some("example.test") => Ok(config.clone()),
///     Some(_) => Err(Rejection::unrecognized_name()),
///     None => Err(Rejection::missing_server_name()),
/// });
/// match accepted {
///     Ok(stream) => { /* read and write */ }
///     Err(failure) => eprintln!("{failure}"),
/// }
/// # }
/// ```
pub fn accept<S: Transport>(
    stream: S,
    options: &Options,
    chooser: impl FnOnce(&Hello) -> Result<Config, Rejection>,
) -> Result<TlsStream<S>, Failure<S>> {
    begin(stream, options, chooser).map_err(deliver)
}

/// Accepts a client with a configuration that is at hand: [`accept`] without a choice.
///
/// # Errors
///
/// See [`accept`].
///
/// # Panics
///
/// If code of the application that rustls calls panics: see [`accept`].
pub fn accept_direct<S: Transport>(
    stream: S,
    options: &Options,
    config: &Config,
) -> Result<TlsStream<S>, Failure<S>> {
    begin_direct(stream, options, config).map_err(deliver)
}

/// Sends the alert, then resumes the application's panic if that ended the handshake.
fn deliver<S: Transport>(undelivered: Undelivered<S>) -> Failure<S> {
    let failure = undelivered.deliver();
    failure.resume_panic();
    failure
}

/// Like [`accept`], but of a handshake that failed the client has not been told yet: deliver the
/// alert, or answer in another protocol.
///
/// A panic of `chooser` is an error too, of the kind
/// [`Panicked`](lastword_acceptor::ErrorKind::Panicked). It is not resumed: after the alert is
/// delivered, [`Report::resume_panic`](crate::Report::resume_panic) does so.
///
/// # Errors
///
/// If the handshake fails for whatever reason.
pub fn begin<S: Transport>(
    mut stream: S,
    options: &Options,
    chooser: impl FnOnce(&Hello) -> Result<Config, Rejection>,
) -> Result<TlsStream<S>, Undelivered<S>> {
    let mut timeouts = Timeouts::default();
    let awaiting = Awaiting::new(options, stream.now());
    let accepted = run(awaiting, &mut stream, &mut timeouts);
    let next = accepted.and_then(|accepted| accepted.choose(chooser, &stream));
    finish(next, stream, timeouts, options)
}

/// Like [`accept_direct`], but of a handshake that failed the client has not been told yet.
///
/// # Errors
///
/// If the handshake fails for whatever reason.
pub fn begin_direct<S: Transport>(
    stream: S,
    options: &Options,
    config: &Config,
) -> Result<TlsStream<S>, Undelivered<S>> {
    let handshaking = Handshaking::direct(options, stream.now(), config);
    finish(Ok(handshaking), stream, Timeouts::default(), options)
}

fn finish<S: Transport>(
    next: Result<Handshaking, Untold>,
    mut stream: S,
    mut timeouts: Timeouts,
    options: &Options,
) -> Result<TlsStream<S>, Undelivered<S>> {
    match next.and_then(|handshaking| run(handshaking, &mut stream, &mut timeouts)) {
        Ok(connection) => {
            timeouts.clear(&mut stream);
            Ok(TlsStream::new(*connection, stream, options.drain))
        }
        Err(untold) => Err(Undelivered::new(untold, timeouts, stream)),
    }
}
