//! The ways to accept a client, under one name: what holds for one holds for all.

use std::future::{Future, poll_fn};
use std::mem::take;
use std::pin::pin;
use std::task::Poll;

use lastword_tokio::acceptor::{Config, Hello, Rejection};
use lastword_tokio::{Accepting, Deliveries, Established, Failure, Options, accept, accept_direct};

use crate::stream::Scripted;
use crate::watched::watched;

/// How a client is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Acceptor,
    Direct,
    /// The states one by one.
    Steps,
    /// The same, and each future is dropped at each of its polls and made again.
    Anew,
    Guarded,
    GuardedDirect,
}

pub(crate) const STYLES: [Style; 6] = [
    Style::Acceptor,
    Style::Direct,
    Style::Steps,
    Style::Anew,
    Style::Guarded,
    Style::GuardedDirect,
];

/// What a client is asked, or not.
pub(crate) type Chooser<'a> = &'a dyn Fn(&Hello) -> Result<Config, Rejection>;

pub(crate) type Accepted = Result<Established<Scripted>, Failure<Scripted>>;

impl Style {
    pub(crate) const fn chooses(self) -> bool {
        !matches!(self, Self::Direct | Self::GuardedDirect)
    }

    /// Accepts a client, with a configuration at hand on the paths that are direct.
    pub(crate) async fn accept(
        self,
        stream: Scripted,
        options: &Options,
        config: &Config,
        choose: Chooser<'_>,
    ) -> Accepted {
        let chooser = async |hello: &Hello| {
            pending_once().await; // a choice takes its time
            choose(hello)
        };
        let deliveries = Deliveries::new(1);
        let remote = stream.clone();
        let accepted = match self {
            Self::Acceptor => watched(&remote, accept(stream, options, chooser)).await,
            Self::Direct => watched(&remote, accept_direct(stream, options, config)).await,
            Self::Steps => watched(&remote, step(stream, options, choose)).await,
            Self::Anew => watched(&remote, step_anew(stream, options, choose)).await,
            Self::Guarded => watched(&remote, deliveries.accept(stream, options, chooser)).await,
            Self::GuardedDirect => {
                let accepted = deliveries.accept_direct(stream, options, config);
                watched(&remote, accepted).await
            }
        };
        assert_eq!(deliveries.under_way(), 0, "{self:?} left something to tell");
        accepted
    }

    /// The same, whatever the client says, on whatever path.
    pub(crate) async fn accept_any(
        self,
        stream: Scripted,
        options: &Options,
        config: &Config,
    ) -> Accepted {
        self.accept(stream, options, config, &|_| Ok(config.clone()))
            .await
    }
}

/// Is pending, and has its task woken at once: tokio's `yield_now` does so a little later.
async fn pending_once() {
    let mut pending = true;
    poll_fn(|cx| match take(&mut pending) {
        true => {
            cx.waker().wake_by_ref();
            Poll::Pending
        }
        false => Poll::Ready(()),
    })
    .await;
}

/// The states one by one, as [`Accepting`] has them.
async fn step(stream: Scripted, options: &Options, choose: Chooser<'_>) -> Accepted {
    let next = match Accepting::new(stream, options).await {
        Ok(accepted) => match choose(accepted.hello()) {
            Ok(config) => accepted.into_stream(&config).await,
            Err(rejection) => Err(accepted.reject(rejection)),
        },
        Err(undelivered) => Err(undelivered),
    };
    match next {
        Ok(established) => Ok(established),
        Err(undelivered) => Err(undelivered.deliver().await),
    }
}

/// The same with futures that do not live longer than a poll.
async fn step_anew(stream: Scripted, options: &Options, choose: Chooser<'_>) -> Accepted {
    let next = match anew(Accepting::new(stream, options)).await {
        Ok(accepted) => match choose(accepted.hello()) {
            Ok(config) => anew(accepted.into_stream(&config)).await,
            Err(rejection) => Err(accepted.reject(rejection)),
        },
        Err(undelivered) => Err(undelivered),
    };
    match next {
        Ok(established) => Ok(established),
        Err(undelivered) => Err(anew(undelivered.deliver()).await),
    }
}

/// Awaits a state by a future of it that is dropped at each poll, as in a loop around `select!`.
pub(crate) async fn anew<F: Future + Unpin>(mut state: F) -> F::Output {
    poll_fn(|cx| pin!(&mut state).poll(cx)).await
}
