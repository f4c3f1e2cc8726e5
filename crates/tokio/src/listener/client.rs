//! The task of one client of a listener: all its stages.

use std::future::{Future, poll_fn};
use std::io::ErrorKind;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use lastword_io::AcceptError;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::select;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::admission::{Held, PerAddress};
use super::arrived::{Arrived, Begun, Unfinished};
use super::drains::Drains;
use super::options::{Handled, ListenerOptions, Plaintext};
use super::proxy::Header;
use super::ready::Ready;
use super::stage::{Stage, aborting};
use crate::accepting::TlsAcceptor;
use crate::acceptor::Guess;
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
    pub(super) drains: Drains,
}

/// Polls a handshake, and aborts it once `aborting` has ended.
fn poll_accept<IO, T>(
    accept: &mut AcceptUndelivered<IO, T>,
    aborting: &mut Option<Pin<&mut impl Future<Output = ()>>>,
    cx: &mut Context<'_>,
) -> Poll<<AcceptUndelivered<IO, T> as Future>::Output>
where
    IO: AsyncRead + AsyncWrite + Unpin,
    AcceptUndelivered<IO, T>: Future + Unpin,
{
    let polled = Pin::new(&mut *accept).poll(cx);
    let is_over = match aborting {
        Some(aborting) if polled.is_pending() => aborting.as_mut().poll(cx).is_ready(),
        _ => false,
    };
    if !is_over {
        return polled;
    }
    *aborting = None;
    accept.abort();
    Pin::new(accept).poll(cx)
}

/// A client that has connected and has not started its handshake.
pub(super) struct Client<IO, T> {
    pub(super) io: IO,
    pub(super) addresses: Addresses,
    pub(super) permit: OwnedSemaphorePermit,
    pub(super) ready: mpsc::UnboundedSender<Ready<IO, T>>,
    pub(super) stage: watch::Receiver<Stage>,
}

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
            io,
            addresses,
            permit,
            ready,
            mut stage,
        } = client;
        let unfinished = (ready.clone(), stage.clone());
        // here, since the task may be dropped before it runs
        let mut arrived = Arrived::new(Arc::clone(&self), io, addresses, unfinished);
        async move {
            let header = match arrived.is_proxy() {
                // in a box, so that its room is given back
                true => Box::pin(arrived.header(&mut stage)).await,
                false => Header::None,
            };
            // in scopes that end before the next await: the task has room for all locals until then
            let failing = {
                let (accepted, addresses, started, counted) = {
                    let Begun {
                        mut accept,
                        addresses,
                        started,
                        counted,
                    } = arrived.begin(header);
                    let aborting = pin!(aborting(&mut stage));
                    let mut aborting = Some(aborting);
                    let accepted = poll_fn(|cx| poll_accept(&mut accept, &mut aborting, cx));
                    (accepted.await, addresses, started, counted)
                };
                let held = Held { permit, counted };
                match accepted {
                    Ok(stream) => {
                        let client = Ready {
                            stream,
                            addresses,
                            held,
                        };
                        return client.hand_on(&ready, stage);
                    }
                    Err(undelivered) => {
                        let deadline = self.deadline(started);
                        Box::pin(self.fail(undelivered, addresses, held, deadline, (ready, stage)))
                    }
                }
            };
            if let Some(handled) = failing.await {
                handled.await;
            }
        }
    }

    /// When a handshake that started then times out.
    pub(super) fn deadline(&self, started: Instant) -> Instant {
        self.acceptor.options().deadline(started.into_std()).into()
    }

    /// Handles a handshake that failed or was passed through. Returns the handler to run, or starts the
    /// delivery of the alert.
    ///
    /// The listener is `unfinished` until the alert is delivered. It does not wait for a handler, as it
    /// does not for a stream.
    async fn fail(
        self: Arc<Self>,
        mut undelivered: Undelivered<IO, T>,
        addresses: Addresses,
        held: Held,
        deadline: Instant,
        mut unfinished: Unfinished<IO, T>,
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
                    () = aborting(&mut unfinished.1) => None,
                };
            }
        }
        drop(held); // another may begin
        let on_failure = Arc::clone(&self.options.on_failure);
        let failed = move |error: AcceptError<IO>| {
            let (error, _io) = error.split_stream();
            call(|| on_failure(&addresses, &error));
            drop(unfinished);
        };
        let Some(in_flight) = self.deliveries.begin() else {
            failed(match answer {
                Some(answer) => undelivered.answer_at_once(answer),
                None => undelivered.deliver_at_once(),
            });
            return None;
        };
        let delivering = match answer {
            Some(answer) => undelivered.answer(answer),
            None => undelivered.deliver(),
        };
        let drain = async move { failed(in_flight.deliver(delivering).await) };
        self.drains.add(drain).await;
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
                Ok(1..) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => return None,
            }
        }
    }
}
