//! Last words told in the background, no more than so many at a time.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use lastword_io::step::Telling;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::accept::delivered;
use crate::acceptor::{ClientHello, Config, Rejection};
use crate::client::Client;
use crate::undelivered::tell_at_once;
use crate::{Accepting, Delivering, Established, Failure, Handshaking, Options, Undelivered};

/// The guard of handshakes that may be dropped: last words are told in the background, no more
/// than so many at a time.
///
/// A future that is dropped closes its connection as it is, the server's flight or an alert half
/// written. One that is guarded does not: the client is told what was left to tell, or that the
/// server gave up (`user_canceled`, then `close_notify`), by a task of its own within the bounds of
/// [`Options`]. Where there are too many of those, or no runtime, the client is told at once, as
/// much as its stream takes without waiting, which is any alert unless the stream is full already.
///
/// Cloning it is cheap, and clones count as one.
#[derive(Clone, Debug)]
pub struct Deliveries {
    permits: Arc<Semaphore>,
    most: u32,
}

/// How a client is told that was dropped.
pub(crate) struct Guard<IO> {
    deliveries: Deliveries,
    /// Known where the stream is known to be `Send`.
    finish: fn(&Deliveries, IO, Telling),
}

/// As many as there can be descriptors, nearly.
const MOST: usize = 1 << 28;

impl Deliveries {
    /// At most this many at a time, of which a task and a stream are held each for no longer than
    /// [`Drain::time`](crate::Drain) and what is left of the deadline.
    #[must_use]
    pub fn new(most: u32) -> Self {
        let permits = usize::try_from(most).map_or(MOST, |most| most.min(MOST));
        Self {
            permits: Arc::new(Semaphore::new(permits)),
            most: most.min(MOST as u32),
        }
    }

    /// [`accept`](crate::accept), guarded.
    ///
    /// # Errors
    ///
    /// See [`accept`](crate::accept).
    pub fn accept<IO, C>(
        &self,
        io: IO,
        options: &Options,
        chooser: C,
    ) -> impl Future<Output = Result<Established<IO>, Failure<IO>>> + use<IO, C>
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        C: AsyncFnOnce(&ClientHello<'_>) -> Result<Config, Rejection>,
    {
        let accepting = Accepting::new(io, options).guarded(self);
        delivered(accepting.begin(chooser))
    }

    /// [`accept_direct`](crate::accept_direct), guarded.
    ///
    /// # Errors
    ///
    /// See [`accept_direct`](crate::accept_direct).
    pub fn accept_direct<IO>(
        &self,
        io: IO,
        options: &Options,
        config: &Config,
    ) -> impl Future<Output = Result<Established<IO>, Failure<IO>>> + use<IO>
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        delivered(Handshaking::direct(io, options, config).guarded(self))
    }

    /// Tells a client in the background.
    pub fn deliver<IO>(&self, undelivered: Undelivered<IO>)
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        drop(undelivered.guarded(self));
    }

    /// How many are under way.
    #[must_use]
    pub fn under_way(&self) -> usize {
        let most = usize::try_from(self.most).unwrap_or(usize::MAX);
        most.saturating_sub(self.permits.available_permits())
    }

    /// Once none is under way: for a server that is about to end its runtime.
    pub async fn finished(&self) {
        // fails only if the semaphore were closed
        let _ = self.permits.acquire_many(self.most).await;
    }

    fn finish<IO>(&self, mut io: IO, telling: Telling)
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let permit = Arc::clone(&self.permits).try_acquire_owned();
        match (permit, Handle::try_current()) {
            (Ok(permit), Ok(runtime)) => {
                let delivering = Delivering::from(Client::new(io, telling));
                runtime.spawn(async move {
                    let _failure = delivering.await;
                    drop(permit);
                });
            }
            _ => drop(tell_at_once(&mut io, telling)),
        }
    }
}

impl<IO> Guard<IO> {
    pub(crate) fn finish(&self, io: IO, telling: Telling) {
        (self.finish)(&self.deliveries, io, telling);
    }
}

impl<IO: AsyncRead + AsyncWrite + Send + Unpin + 'static> From<&Deliveries> for Guard<IO> {
    fn from(deliveries: &Deliveries) -> Self {
        Self {
            deliveries: deliveries.clone(),
            finish: Deliveries::finish,
        }
    }
}

impl<IO> fmt::Debug for Guard<IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.deliveries.fmt(f)
    }
}
