//! A client whose handshake has not begun: it is asked for a PROXY header, and admitted.

use std::sync::Arc;

use lastword_io::step;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::select;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::admission::Counted;
use super::client::Shared;
use super::proxy::Header;
use super::ready::Ready;
use super::stage::{Stage, aborting};
use crate::acceptor::{AlertDescription, Panic, Rejection};
use crate::choose::Addresses;
use crate::limit::Limit;
use crate::step::AcceptUndelivered;

/// The listener has not finished while one of these is there.
pub(super) type Unfinished<IO, T> = (mpsc::UnboundedSender<Ready<IO, T>>, watch::Receiver<Stage>);

/// A client whose handshake has not begun.
///
/// If a runtime that shuts down drops it, the handshake is aborted in the background and reported.
pub(super) struct Arrived<IO, T>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    T: Send + 'static,
{
    shared: Arc<Shared<IO, T>>,
    /// `None` once its handshake has begun. In a box, so that their room is given back then.
    parts: Option<Box<Parts<IO, T>>>,
}

struct Parts<IO, T> {
    io: IO,
    addresses: Addresses,
    started: Instant,
    /// What was read of a header, or in its place.
    received: Vec<u8>,
    unfinished: Unfinished<IO, T>,
}

/// A client whose handshake has begun, or has ended before that.
pub(super) struct Begun<IO, T> {
    pub(super) accept: AcceptUndelivered<IO, T>,
    pub(super) addresses: Addresses,
    pub(super) started: Instant,
    pub(super) counted: Option<Counted>,
}

impl<IO, T> Arrived<IO, T>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    T: Send + 'static,
{
    pub(super) fn new(
        shared: Arc<Shared<IO, T>>,
        io: IO,
        addresses: Addresses,
        unfinished: Unfinished<IO, T>,
    ) -> Self {
        let parts = Box::new(Parts {
            io,
            addresses,
            started: Instant::now(),
            received: Vec::new(),
            unfinished,
        });
        Self {
            shared,
            parts: Some(parts),
        }
    }

    /// Whether a header of the PROXY protocol is to be read.
    pub(super) fn is_proxy(&self) -> bool {
        match (&self.shared.options.proxy_protocol, &self.parts) {
            (Some(proxies), Some(parts)) => proxies.trusts(&parts.addresses, &parts.io),
            _ => false,
        }
    }

    /// Reads the header of the PROXY protocol.
    pub(super) async fn header(&mut self, stage: &mut watch::Receiver<Stage>) -> Header {
        let (Some(proxies), Some(parts)) = (&self.shared.options.proxy_protocol, &mut self.parts)
        else {
            return Header::None;
        };
        let deadline = self.shared.deadline(parts.started);
        select! {
            biased;
            header = proxies.read(&mut parts.io, &mut parts.received) => header,
            () = sleep_until(deadline) => Header::TimedOut,
            () = aborting(stage) => Header::Aborted,
        }
    }

    /// Begins the handshake, unless the header has ended it or the client is not admitted.
    #[expect(clippy::expect_used, reason = "it is called once")]
    pub(super) fn begin(mut self, header: Header) -> Begun<IO, T> {
        let parts = self.parts.take().expect("its handshake has begun");
        parts.begin(&self.shared, header)
    }
}

impl<IO, T> Parts<IO, T>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    T: Send + 'static,
{
    fn begin(self, shared: &Shared<IO, T>, header: Header) -> Begun<IO, T> {
        let Self {
            io,
            mut addresses,
            started,
            received,
            unfinished,
        } = self;
        let ended = match header {
            Header::None => None,
            Header::Read(header) => {
                addresses = addresses.with_proxy(header);
                None
            }
            ended => Some(ended),
        };
        let mut accept = shared.accept(io, started, &addresses, unfinished);
        let has_begun = !received.is_empty();
        if has_begun {
            accept.receive(received);
        }
        let counted = match ended {
            Some(ended) => {
                end(&mut accept, ended, has_begun);
                None
            }
            None => shared.admit(&addresses).unwrap_or_else(|rejection| {
                accept.end(|accepting| accepting.reject(rejection));
                None
            }),
        };
        Begun {
            accept,
            addresses,
            started,
            counted,
        }
    }
}

impl<IO, T> Shared<IO, T>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    T: Send + 'static,
{
    /// Waits for the ClientHello.
    ///
    /// It is in the background, because a runtime may shut down. The failure is reported then too, and
    /// the listener is `unfinished` until that is done.
    fn accept(
        &self,
        io: IO,
        started: Instant,
        addresses: &Addresses,
        unfinished: Unfinished<IO, T>,
    ) -> AcceptUndelivered<IO, T> {
        let on_failure = Arc::clone(&self.options.on_failure);
        let own = addresses.clone();
        let deliveries = self.deliveries.clone().on_failure(move |error| {
            let _held = &unfinished;
            on_failure(&own, error);
        });
        let accept = self
            .acceptor
            .begin(io, started.into_std(), &deliveries)
            .with_addresses(addresses.clone());
        #[cfg(feature = "tracing")]
        if let Some(span) = accept.span() {
            span.record("peer", tracing::field::display(addresses));
        }
        accept
    }

    /// Counts the client, if there is a limit for its address.
    fn admit(&self, addresses: &Addresses) -> Result<Option<Counted>, Rejection> {
        if let Some(admit) = &self.options.admit {
            Panic::catch(|| admit(addresses)).unwrap_or_else(|_panic| {
                let reason = "the admission of clients panicked";
                Err(Rejection::new(AlertDescription::INTERNAL_ERROR, reason))
            })?;
        }
        let Some(address) = addresses.peer.map(|peer| peer.ip()) else {
            return Ok(None);
        };
        let Some(most) = self.options.most_from(address) else {
            return Ok(None);
        };
        if let Some(counted) = self.per_address.begin(address, most) {
            return Ok(Some(counted));
        }
        Limit::HandshakesPerAddress.reached();
        Err(Rejection::user_canceled(format!(
            "more than {most} handshakes of one source address are in flight"
        )))
    }
}

/// Ends a handshake before its ClientHello is read. `has_begun` says whether a part of the header has
/// come: it is nothing that the handshake has received.
fn end<IO, T>(accept: &mut AcceptUndelivered<IO, T>, ended: Header, has_begun: bool)
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let reject = |rejection| move |accepting: step::Accepting| accepting.reject(rejection);
    match ended {
        Header::Aborted if has_begun => accept.end(reject(Rejection::user_canceled(
            "the PROXY header was not complete when this server aborted",
        ))),
        Header::Aborted => accept.abort(),
        Header::TimedOut if has_begun => accept.end(reject(Rejection::user_canceled(
            "the PROXY header was not complete when the handshake timed out",
        ))),
        Header::TimedOut => accept.end(step::Accepting::timed_out),
        Header::Closed => accept.end(step::Accepting::closed),
        Header::Failed(error) => accept.end(|accepting| accepting.stream_failed(error)),
        Header::Malformed(error) => {
            let rejection = Rejection::new(AlertDescription::DECODE_ERROR, error.to_string());
            accept.end(reject(rejection.without_quotes()));
        }
        Header::Read(_) | Header::None => {} // it goes on
    }
}

impl<IO, T> Drop for Arrived<IO, T>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    T: Send + 'static,
{
    fn drop(&mut self) {
        if let Some(parts) = self.parts.take() {
            // the alert is sent in the background
            drop(parts.begin(&self.shared, Header::Aborted));
        }
    }
}
