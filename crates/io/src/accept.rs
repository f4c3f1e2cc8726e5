//! Accepting a client over a blocking stream.

use std::time::Instant;

use lastword_acceptor::{ClientHello, Config, Rejection};

use crate::accepting::Accepting;
use crate::blocking::{Timeouts, run};
use crate::machine::Machine;
use crate::undelivered::Times;
use crate::{Direct, Failure, Options, TlsStream, Transport, Undelivered};

/// Accepts a client, with the configuration that `chooser` picks by its ClientHello.
///
/// A [`Rejection`] from the chooser refuses the client with the alert it names.
///
/// Takes no longer than [`Options::deadline`] says for the handshake and [`Drain::time`](crate::Drain)
/// for the close; the time that the chooser takes counts, though nothing interrupts it. The
/// stream's timeouts are used: they are off once a handshake has succeeded, and as the drain had
/// them once one has failed.
///
/// # Errors
///
/// If the handshake fails for whatever reason. The client has then been told and the connection
/// closed in order, as far as the client let it: [`Failure`] says how far.
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
    chooser: impl FnOnce(&ClientHello<'_>) -> Result<Config, Rejection>,
) -> Result<TlsStream<S>, Failure<S>> {
    begin(stream, options, chooser).map_err(Undelivered::deliver)
}

/// Accepts a client with a configuration that is at hand: [`accept`] without a choice.
///
/// # Errors
///
/// See [`accept`].
pub fn accept_direct<S: Transport>(
    stream: S,
    options: &Options,
    config: &Config,
) -> Result<TlsStream<S>, Failure<S>> {
    begin_direct(stream, options, config).map_err(Undelivered::deliver)
}

/// Like [`accept`], but of a handshake that failed the client has not been told yet: deliver the
/// alert, or answer in another protocol.
///
/// # Errors
///
/// If the handshake fails for whatever reason.
pub fn begin<S: Transport>(
    stream: S,
    options: &Options,
    chooser: impl FnOnce(&ClientHello<'_>) -> Result<Config, Rejection>,
) -> Result<TlsStream<S>, Undelivered<S>> {
    let now = stream.now();
    let accepting = Accepting::choosing(options.limits, options.until(now), chooser);
    drive(accepting, now, stream, options)
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
    let now = stream.now();
    let accepting = Accepting::<Direct>::direct(options.limits, options.until(now), config);
    drive(accepting, now, stream, options)
}

fn drive<S: Transport, C>(
    accepting: Accepting<C>,
    started: Instant,
    mut stream: S,
    options: &Options,
) -> Result<TlsStream<S>, Undelivered<S>>
where
    C: FnOnce(&ClientHello<'_>) -> Result<Config, Rejection>,
{
    let until = accepting.until();
    let mut timeouts = Timeouts::default();
    match run(accepting, &mut stream, &mut timeouts) {
        Ok(connection) => {
            timeouts.clear(&mut stream);
            Ok(TlsStream::new(*connection, stream, options.drain))
        }
        Err(failed) => {
            let times = Times {
                elapsed: stream.now().saturating_duration_since(started),
                until,
                drain: options.drain,
            };
            Err(Undelivered::new(failed, times, timeouts, stream))
        }
    }
}
