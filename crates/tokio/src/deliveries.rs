//! Last words told in the background, no more than so many at a time.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use lastword_io::step::Telling;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::accept::{told, told_direct};
use crate::acceptor::{Config, Hello, Rejection};
use crate::callback::call;
use crate::client::Client;
use crate::undelivered::tell_at_once;
use crate::{
    Accepting, Delivering, Established, Failure, Handshaking, Options, Report, Undelivered,
};

/// The guard of handshakes that may be dropped: last words are told in the background, no more
/// than so many at a time.
///
/// A future that is dropped closes its connection as it is, the server's flight or an alert half
/// written. One that is guarded does not: the client is told what was left to tell, or that the
/// server gave up (`user_canceled` before the ServerHello, then `close_notify`). A task of its own does
/// it within the bounds of [`Options`]. Where there are too many of those, or no runtime, the client is told at once, as
/// much as its stream takes without waiting, which is any alert unless the stream is full already.
///
/// A runtime that shuts down drops all its tasks: what is guarded is then told at once too.
///
/// Cloning it is cheap, and clones count as one.
#[derive(Clone)]
pub struct Deliveries(Arc<Inner>);

struct Inner {
    under_way: Arc<watch::Sender<u32>>,
    most: u32,
    on_failure: Box<dyn Fn(&Report) + Send + Sync>,
}

/// How a client is told that was dropped.
pub(crate) struct Guard<IO> {
    deliveries: Deliveries,
    /// Known where the stream is known to be `Send`.
    finish: fn(&Deliveries, IO, Telling),
}

/// One of those under way: it counts until it is dropped.
pub(crate) struct UnderWay(Arc<watch::Sender<u32>>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.send_modify(|under_way| *under_way -= 1);
    }
}

impl Deliveries {
    /// At most this many at a time, of which a task and a stream are held each for no longer than
    /// [`Drain::time`](crate::Drain) and what is left of the deadline.
    #[must_use]
    pub fn new(most: u32) -> Self {
        Self(Arc::new(Inner {
            under_way: Arc::default(),
            most,
            on_failure: Box::new(|_| {}),
        }))
    }

    /// The same, and `on_failure` is called for each client that what this returns has told. It should
    /// not block. If it panics, the panic is caught.
    #[must_use]
    pub fn on_failure(self, on_failure: impl Fn(&Report) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner {
            under_way: Arc::clone(&self.0.under_way),
            most: self.0.most,
            on_failure: Box::new(on_failure),
        }))
    }

    /// [`accept`](crate::accept), guarded.
    ///
    /// # Errors
    ///
    /// See [`accept`](crate::accept).
    ///
    /// # Panics
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
        C: AsyncFnOnce(&Hello) -> Result<Config, Rejection>,
    {
        let accepting = Accepting::new(io, options).guarded(self);
        told(accepting, chooser)
    }

    /// [`accept_direct`](crate::accept_direct), guarded.
    ///
    /// # Errors
    ///
    /// See [`accept_direct`](crate::accept_direct).
    ///
    /// # Panics
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
        told_direct(Handshaking::direct(io, options, config).guarded(self))
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
        usize::try_from(*self.0.under_way.borrow()).unwrap_or(usize::MAX)
    }

    /// Once none is under way: for a server that is about to end its runtime.
    pub async fn finished(&self) {
        let mut under_way = self.0.under_way.subscribe();
        if let Err(_closed) = under_way.wait_for(|under_way| *under_way == 0).await {
            // the sender is gone: it cannot be, since `self` holds it
        }
    }

    /// One more, if there are not too many.
    pub(crate) fn begin(&self) -> Option<UnderWay> {
        let begun = self.0.under_way.send_if_modified(|under_way| {
            let begins = *under_way < self.0.most;
            *under_way += u32::from(begins);
            begins
        });
        begun.then(|| UnderWay(Arc::clone(&self.0.under_way)))
    }

    fn finish<IO>(&self, io: IO, telling: Telling)
    where
        IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (Some(under_way), Ok(runtime)) = (self.begin(), Handle::try_current()) else {
            return self.finish_at_once(io, telling);
        };
        let mut client = Client::new(io, telling);
        client.set_guard(Guard::at_once(self)); // if the runtime drops its tasks
        let deliveries = self.clone();
        runtime.spawn(async move {
            let failure = Delivering::from(client).await;
            call(|| (deliveries.0.on_failure)(&failure));
            drop(under_way);
        });
    }

    fn finish_at_once<IO>(&self, mut io: IO, telling: Telling)
    where
        IO: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let report = tell_at_once(&mut io, telling);
        // this may be the drop of a task that panics: a second panic would end the process
        call(|| (self.0.on_failure)(&report));
    }
}

impl fmt::Debug for Deliveries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deliveries")
            .field("most", &self.0.most)
            .field("under_way", &self.under_way())
            .finish_non_exhaustive()
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin + 'static> Guard<IO> {
    fn at_once(deliveries: &Deliveries) -> Self {
        Self {
            deliveries: deliveries.clone(),
            finish: Deliveries::finish_at_once,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_how_many_there_may_be_and_are() {
        let deliveries = Deliveries::new(7);
        let guard = Guard::<tokio::io::DuplexStream>::from(&deliveries);
        for shown in [format!("{deliveries:?}"), format!("{guard:?}")] {
            assert_eq!(shown, "Deliveries { most: 7, under_way: 0, .. }");
        }
    }
}
