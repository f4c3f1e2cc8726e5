//! The ways to accept a client, under one name: what holds for one holds for all.

use std::future::{Future, poll_fn};
use std::mem::take;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use lastword_tokio::acceptor::{Config, Rejection};
use lastword_tokio::step::{Accepting, Options};
use lastword_tokio::{AcceptError, Deliveries, Incoming, TlsAcceptor, TlsStream};

use crate::scripted::stream::Scripted;
use crate::scripted::watched::watched;
use crate::scripted::with_options;

/// How a client is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// With a chooser that takes its time.
    Choosing,
    /// With a chooser that decides at once.
    ChoosingAtOnce,
    /// With one configuration.
    Direct,
    /// The alert is held back, then delivered.
    HeldBack,
    /// Nothing is delivered in the background.
    Local,
    /// The states one by one.
    Steps,
    /// The same, and each future is dropped at each of its polls and made again.
    Anew,
    /// The same in the background.
    AnewInBackground,
}

pub(crate) const STYLES: [Style; 8] = [
    Style::Choosing,
    Style::ChoosingAtOnce,
    Style::Direct,
    Style::HeldBack,
    Style::Local,
    Style::Steps,
    Style::Anew,
    Style::AnewInBackground,
];

/// Decides by the server name.
pub(crate) type Choose = Arc<dyn Fn(Option<&str>) -> Result<Config, Rejection> + Send + Sync>;

pub(crate) type Accepted = Result<TlsStream<Scripted>, AcceptError<Scripted>>;

impl Style {
    pub(crate) const fn chooses(self) -> bool {
        !matches!(self, Self::Direct)
    }

    /// Accepts a client, with `config` where nothing is chosen.
    pub(crate) async fn accept(
        self,
        stream: Scripted,
        options: &Options,
        config: &Config,
        choose: Choose,
    ) -> Accepted {
        let deliveries = Deliveries::new(1);
        let acceptor = with_options(self.acceptor(config, &choose), options);
        let acceptor = acceptor.with_deliveries(deliveries.clone());
        let remote = stream.clone();
        let accepted = match self {
            Self::Choosing | Self::ChoosingAtOnce | Self::Direct => {
                watched(&remote, acceptor.accept(stream)).await
            }
            Self::Local => watched(&remote, acceptor.accept_local(stream)).await,
            Self::HeldBack => watched(&remote, held_back(&acceptor, stream)).await,
            Self::Steps => {
                let accepting = Accepting::new(stream, options);
                watched(&remote, step(accepting, &choose)).await
            }
            Self::Anew => {
                let accepting = Accepting::new_local(stream, options);
                watched(&remote, step_anew(accepting, &choose)).await
            }
            Self::AnewInBackground => {
                let accepting = Accepting::new(stream, options).in_background(&deliveries);
                watched(&remote, step_anew(accepting, &choose)).await
            }
        };
        assert_eq!(deliveries.in_flight(), 0, "{self:?} left an alert");
        accepted
    }

    fn acceptor(self, config: &Config, choose: &Choose) -> TlsAcceptor {
        let choose = Arc::clone(choose);
        match self {
            Self::Direct => TlsAcceptor::new(config.clone()),
            Self::ChoosingAtOnce => {
                TlsAcceptor::choosing(move |incoming: Incoming| choose(incoming.server_name()))
            }
            _ => TlsAcceptor::choosing(async move |incoming| {
                pending_once().await; // a choice takes its time
                choose(incoming.server_name())
            }),
        }
    }

    /// Accepts a client with this configuration.
    pub(crate) async fn accept_any(
        self,
        stream: Scripted,
        options: &Options,
        config: &Config,
    ) -> Accepted {
        let chosen = config.clone();
        let choose = Arc::new(move |_: Option<&str>| Ok(chosen.clone()));
        self.accept(stream, options, config, choose).await
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

/// Holds the alert back, then delivers it.
async fn held_back(acceptor: &TlsAcceptor, stream: Scripted) -> Accepted {
    match acceptor.accept_undelivered(stream).await {
        Ok(stream) => Ok(stream),
        Err(undelivered) => Err(undelivered.deliver().await),
    }
}

/// The states one by one.
async fn step(accepting: Accepting<Scripted>, choose: &Choose) -> Accepted {
    let next = match accepting.await {
        Ok(accepted) => match choose(accepted.server_name()) {
            Ok(config) => accepted.into_handshake(&config).await,
            Err(rejection) => Err(accepted.reject(rejection)),
        },
        Err(undelivered) => Err(undelivered),
    };
    match next {
        Ok(stream) => Ok(stream),
        Err(undelivered) => Err(undelivered.deliver().await),
    }
}

/// The same with futures that do not live longer than a poll.
async fn step_anew(accepting: Accepting<Scripted>, choose: &Choose) -> Accepted {
    let next = match anew(accepting).await {
        Ok(accepted) => match choose(accepted.server_name()) {
            Ok(config) => anew(accepted.into_handshake(&config)).await,
            Err(rejection) => Err(accepted.reject(rejection)),
        },
        Err(undelivered) => Err(undelivered),
    };
    match next {
        Ok(stream) => Ok(stream),
        Err(undelivered) => Err(anew(undelivered.deliver()).await),
    }
}

/// Awaits a state by a future of it that is dropped at each poll, as in a loop around `select!`.
pub(crate) async fn anew<F: Future + Unpin>(mut state: F) -> F::Output {
    poll_fn(|cx| pin!(&mut state).poll(cx)).await
}
