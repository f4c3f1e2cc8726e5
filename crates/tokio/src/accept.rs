//! Accepting a client, in one call.

use std::future::Future;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::acceptor::{Config, Hello, Rejection};
use crate::{Accepting, Established, Failure, Handshaking, Options, Undelivered};

/// Accepts a client, with the configuration that `chooser` picks by its ClientHello.
///
/// The chooser may take its time, for example to load a certificate over the network. A [`Rejection`]
/// from it refuses the client with the alert it names. Takes at most the time that [`Options`] says,
/// the choice included. A chooser that blocks its thread is not interrupted.
///
/// Cancel safety: dropped, it closes the connection as it is, half an alert written perhaps.
/// [`Deliveries::accept`](crate::Deliveries::accept) does not, nor do the steps that it is made of:
/// [`Accepting`] is the first.
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
/// # use lastword_tokio::{Options, accept, acceptor::{Config, Rejection}};
/// # async fn load(name: &str) -> Result<Config, std::io::Error> { unimplemented!() }
/// # async fn serve(tcp: tokio::net::TcpStream) {
/// let accepted = accept(tcp, &Options::default(), async |hello| match hello.server_name() {
///     Some(name) => Ok(load(name).await?),
///     None => Err(Rejection::missing_server_name()),
/// });
/// match accepted.await {
///     Ok(established) => { let _stream = established.into_stream(); /* read and write */ }
///     Err(failure) => eprintln!("{failure}"), // it says what became of the alert
/// }
/// # }
/// ```
pub fn accept<IO, C>(
    io: IO,
    options: &Options,
    chooser: C,
) -> impl Future<Output = Result<Established<IO>, Failure<IO>>> + use<IO, C>
where
    IO: AsyncRead + AsyncWrite + Unpin + 'static,
    C: AsyncFnOnce(&Hello) -> Result<Config, Rejection>,
{
    told(Accepting::new(io, options), chooser)
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
pub fn accept_direct<IO>(
    io: IO,
    options: &Options,
    config: &Config,
) -> impl Future<Output = Result<Established<IO>, Failure<IO>>> + use<IO>
where
    IO: AsyncRead + AsyncWrite + Unpin + 'static,
{
    told_direct(Handshaking::direct(io, options, config))
}

/// Like [`accept`], but of a handshake that failed the client has not been told yet: deliver the
/// alert, or answer in another protocol.
///
/// A panic of `chooser` is an error too, of the kind
/// [`Panicked`](crate::acceptor::ErrorKind::Panicked). It is not resumed: after the alert is
/// delivered, [`Report::resume_panic`](crate::Report::resume_panic) does so.
///
/// # Errors
///
/// If the handshake fails for whatever reason.
pub fn begin<IO, C>(
    io: IO,
    options: &Options,
    chooser: C,
) -> impl Future<Output = Result<Established<IO>, Undelivered<IO>>> + use<IO, C>
where
    IO: AsyncRead + AsyncWrite + Unpin + 'static,
    C: AsyncFnOnce(&Hello) -> Result<Config, Rejection>,
{
    Accepting::new(io, options).begin(chooser)
}

/// Accepts a client, and tells it if the handshake fails.
///
/// The states are waited for by reference: what is awaited by value is in the task twice.
#[expect(
    clippy::manual_async_fn,
    reason = "an async fn holds its arguments twice"
)]
pub(crate) fn told<IO, C>(
    mut accepting: Accepting<IO>,
    chooser: C,
) -> impl Future<Output = Result<Established<IO>, Failure<IO>>> + use<IO, C>
where
    IO: AsyncRead + AsyncWrite + Unpin + 'static,
    C: AsyncFnOnce(&Hello) -> Result<Config, Rejection>,
{
    async move {
        let mut handshaking = accepting.chosen(chooser).await;
        let mut delivering = match (&mut handshaking).await {
            Ok(established) => return Ok(established),
            Err(undelivered) => undelivered.deliver(),
        };
        Err(resumed((&mut delivering).await))
    }
}

/// The same of a handshake with a configuration at hand.
#[expect(
    clippy::manual_async_fn,
    reason = "an async fn holds its arguments twice"
)]
pub(crate) fn told_direct<IO>(
    mut handshaking: Handshaking<IO>,
) -> impl Future<Output = Result<Established<IO>, Failure<IO>>> + use<IO>
where
    IO: AsyncRead + AsyncWrite + Unpin + 'static,
{
    async move {
        let mut delivering = match (&mut handshaking).await {
            Ok(established) => return Ok(established),
            Err(undelivered) => undelivered.deliver(),
        };
        Err(resumed((&mut delivering).await))
    }
}

/// Resumes the application's panic, if that ended the handshake.
fn resumed<IO>(failure: Failure<IO>) -> Failure<IO> {
    failure.resume_panic();
    failure
}
