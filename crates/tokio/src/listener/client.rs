//! The task of one client of a listener: all its stages.

use std::future::Future;
use std::sync::Arc;

use lastword_io::step;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::select;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::admission::{Counted, PerAddress};
use super::options::{Handled, ListenerOptions, Plaintext};
use super::proxy::Header;
use super::ready::Ready;
use super::stage::{Stage, aborting};
use crate::accepting::TlsAcceptor;
use crate::acceptor::{AlertDescription, Guess, Panic, Rejection};
use crate::choose::Addresses;
use crate::deliveries::{Deliveries, call};
use crate::plaintext::{Answer, bad_request, redirect};
use crate::step::{AcceptUndelivered, Undelivered};

/// The state that the tasks of a listener share.
pub(super) struct Shared<IO, T> {
    pub(super) acceptor: TlsAcceptor<T>,
    pub(super) options: ListenerOptions<IO, T>,
    pub(super) per_address: Arc<PerAddress>,
    /// Limits the number of alerts in delivery.
    pub(super) deliveries: Deliveries,
}

/// A client that has connected and has not started its handshake.
pub(super) struct Client<IO, T> {
    pub(super) io: IO,
    pub(super) addresses: Addresses,
    pub(super) permit: OwnedSemaphorePermit,
    pub(super) ready: mpsc::UnboundedSender<Ready<IO, T>>,
    pub(super) stage: watch::Receiver<Stage>,
}

/// The result of the stage before the ClientHello.
enum Preface {
    Header(Header),
    /// The timeout passed. `has_begun` is true if a part of the header arrived.
    TimedOut {
        has_begun: bool,
    },
    /// The listener was shut down, and its grace period passed.
    Aborted {
        has_begun: bool,
    },
}

/// Keeps the listener unfinished until it is dropped.
type Unfinished<IO, T> = (mpsc::UnboundedSender<Ready<IO, T>>, watch::Receiver<Stage>);

impl<IO, T> Shared<IO, T>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    T: Send + 'static,
{
    /// Runs the client's stages, then queues its stream or delivers its alert.
    ///
    /// The handshake's future is awaited by reference and is not the argument of an async fn:
    /// otherwise the task would hold space for it twice.
    pub(super) fn serve(self: Arc<Self>, client: Client<IO, T>) -> impl Future<Output = ()> {
        let Client {
            mut io,
            mut addresses,
            permit,
            ready,
            mut stage,
        } = client;
        async move {
            let started = Instant::now();
            let preface = match &self.options.proxy_protocol {
                Some(proxies) if proxies.trusts(&addresses, &io) => {
                    // in a box, so that its room is given back
                    Some(Box::pin(self.preface(&mut io, started, &mut stage)).await)
                }
                _ => None,
            };
            let unfinished = (ready.clone(), stage.clone());
            let (mut accept, counted) =
                self.begin(io, started, preface, &mut addresses, unfinished);
            let accepted = select! {
                biased;
                accepted = &mut accept => accepted,
                () = aborting(&mut stage) => {
                    accept.abort();
                    (&mut accept).await
                }
            };
            drop(counted);
            match accepted {
                Ok(stream) => {
                    let client = Ready {
                        stream,
                        addresses,
                        permit,
                    };
                    client.hand_on(&ready, stage);
                }
                Err(undelivered) => {
                    drop(permit); // another handshake may start
                    let end = (self.deadline(started), &mut stage);
                    let handled = Box::pin(self.fail(undelivered, addresses, end)).await;
                    // the listener waits neither for handlers nor for accepted streams
                    drop((ready, stage));
                    if let Some(handled) = handled {
                        handled.await;
                    }
                }
            }
        }
    }

    fn deadline(&self, started: Instant) -> Instant {
        self.acceptor.options().deadline(started.into_std()).into()
    }

    /// Reads the header of the PROXY protocol.
    async fn preface(
        &self,
        io: &mut IO,
        started: Instant,
        stage: &mut watch::Receiver<Stage>,
    ) -> Preface {
        let mut received = Vec::new();
        let Some(proxies) = &self.options.proxy_protocol else {
            return Preface::Header(Header::None(received));
        };
        let header = select! {
            biased;
            header = proxies.read(io, &mut received) => Ok(Preface::Header(header)),
            () = sleep_until(self.deadline(started)) => Err(true),
            () = aborting(stage) => Err(false),
        };
        let has_begun = !received.is_empty();
        header.unwrap_or_else(|is_late| match is_late {
            true => Preface::TimedOut { has_begun },
            false => Preface::Aborted { has_begun },
        })
    }

    /// Starts the handshake, unless it has ended before or the client is not admitted.
    ///
    /// It has a background delivery, so that the failure is reported even if the runtime shuts down.
    /// The listener is `unfinished` until then.
    fn begin(
        &self,
        io: IO,
        started: Instant,
        preface: Option<Preface>,
        addresses: &mut Addresses,
        unfinished: Unfinished<IO, T>,
    ) -> (AcceptUndelivered<IO, T>, Option<Counted>) {
        let preface = match preface {
            Some(Preface::Header(Header::Read(header))) => {
                *addresses = std::mem::take(addresses).with_proxy(header);
                None
            }
            preface => preface,
        };
        let on_failure = Arc::clone(&self.options.on_failure);
        let own = addresses.clone();
        let deliveries = self.deliveries.clone().on_failure(move |error| {
            let _held = &unfinished;
            on_failure(&own, error);
        });
        let mut accept = self
            .acceptor
            .begin(io, started.into_std(), &deliveries)
            .with_addresses(addresses.clone());
        #[cfg(feature = "tracing")]
        if let Some(span) = accept.span() {
            span.record("peer", tracing::field::display(&*addresses));
        }
        match preface {
            None => {}
            Some(Preface::Header(Header::None(received))) => accept.receive(received),
            Some(ended) => {
                end(&mut accept, ended);
                return (accept, None);
            }
        }
        let counted = self.admit(addresses).unwrap_or_else(|rejection| {
            accept.end(|accepting| accepting.reject(rejection));
            None
        });
        (accept, counted)
    }

    /// Counts the client, if there is a limit for each address.
    fn admit(&self, addresses: &Addresses) -> Result<Option<Counted>, Rejection> {
        if let Some(admit) = &self.options.admit {
            Panic::catch(|| admit(addresses)).unwrap_or_else(|_panic| {
                let reason = "the admission of clients panicked";
                Err(Rejection::new(AlertDescription::INTERNAL_ERROR, reason))
            })?;
        }
        match (self.options.handshakes_per_address, addresses.peer) {
            (Some(most), Some(peer)) => match self.per_address.begin(peer.ip(), most) {
                Some(counted) => Ok(Some(counted)),
                None => Err(Rejection::user_canceled(format!(
                    "more than {most} handshakes of one source address are in flight"
                ))),
            },
            _ => Ok(None),
        }
    }

    /// Ends a client that does not continue with TLS: returns its handler, or delivers the alert.
    async fn fail(
        &self,
        mut undelivered: Undelivered<IO, T>,
        addresses: Addresses,
        (deadline, stage): (Instant, &mut watch::Receiver<Stage>),
    ) -> Option<Handled> {
        if let Some(handler) = &self.options.on_pass_through {
            undelivered = match undelivered.into_passed_through() {
                Ok((stream, value)) => return Some(handler(stream, addresses, value)),
                Err(undelivered) => undelivered,
            };
        }
        let mut answer = None;
        if let Some(guess) = undelivered.not_tls() {
            if let Some(handler) = &self.options.on_plaintext {
                return Some(handler(undelivered.into_prefixed(), addresses));
            }
            if matches!(guess, Guess::Http(_)) {
                // the deadline passed without a complete request: send the alert
                answer = select! {
                    biased;
                    answer = self.answer(&mut undelivered) => answer,
                    () = sleep_until(deadline) => None,
                    () = aborting(stage) => None,
                };
            }
        }
        let error = match (self.deliveries.begin(), answer) {
            (Some(_counted), Some(answer)) => undelivered.answer(answer).await,
            (Some(_counted), None) => undelivered.deliver().await,
            (None, _) => undelivered.deliver_at_once(),
        };
        let (error, _io) = error.split_stream();
        call(|| (self.options.on_failure)(&addresses, &error));
        None
    }

    /// Returns the answer to an HTTP request without TLS, once its head is complete.
    async fn answer(&self, undelivered: &mut Undelivered<IO, T>) -> Option<Vec<u8>> {
        let mut received = undelivered.received();
        loop {
            let answer = match self.options.plaintext {
                Plaintext::Alert => return None,
                Plaintext::BadRequest => bad_request(&received),
                Plaintext::Redirect { port } => redirect(&received, port),
            };
            match answer {
                Answer::Response(response) => return Some(response),
                Answer::NeedsInput => {}
            }
            match undelivered.get_mut().read_buf(&mut received).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }
}

/// Ends a handshake before its ClientHello is read.
fn end<IO, T>(accept: &mut AcceptUndelivered<IO, T>, preface: Preface)
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    // the handshake has not received the part of the header
    let canceled = |reason: &'static str| {
        let rejection = Rejection::user_canceled(reason);
        move |accepting: step::Accepting| accepting.reject(rejection)
    };
    match preface {
        Preface::Aborted { has_begun: false } => accept.abort(),
        Preface::Aborted { has_begun: true } => {
            accept.end(canceled(
                "server aborted before the PROXY header was complete",
            ));
        }
        Preface::TimedOut { has_begun: false } => accept.end(step::Accepting::timed_out),
        Preface::TimedOut { has_begun: true } => {
            accept.end(canceled("timed out before the PROXY header was complete"));
        }
        Preface::Header(Header::Closed) => accept.end(step::Accepting::closed),
        Preface::Header(Header::Failed(error)) => {
            accept.end(|accepting| accepting.stream_failed(error));
        }
        Preface::Header(Header::Malformed(error)) => {
            let rejection = Rejection::new(AlertDescription::DECODE_ERROR, error.to_string());
            accept.end(|accepting| accepting.reject(rejection.without_quotes()));
        }
        // the handshake continues
        Preface::Header(Header::Read(_) | Header::None(_)) => {}
    }
}
