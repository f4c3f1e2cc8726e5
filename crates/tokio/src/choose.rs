//! Choosing a configuration by the ClientHello: what a chooser is given and what it returns.
//!
//! A chooser is a closure for [`TlsAcceptor::choosing`](crate::TlsAcceptor::choosing). It takes an
//! [`Incoming`] and returns a `Result`, or a future of one:
//!
//! | a chooser returns | the client |
//! |---|---|
//! | `Ok(config)` | is served with this configuration |
//! | `Ok((config, value))` | is served; [`TlsStream::value`](crate::TlsStream::value) returns the value |
//! | `Ok(Choice::pass_through(value))` | is passed through, with its bytes and the value |
//! | `Err(rejection)` | is refused, with the alert of the [`Rejection`] |
//! | `?` on any error | is refused with `internal_error` |
//!
//! The closure is cloned for each client. Its captures should be cheap to clone, for example a
//! [`Config`] or an [`Arc`].
//!
//! ```
//! use std::collections::HashMap;
//! use std::future::ready;
//! use std::sync::Arc;
//!
//! use lastword_tokio::TlsAcceptor;
//! use lastword_tokio::acceptor::{Config, Rejection};
//!
//! # async fn load(name: &str) -> std::io::Result<Config> { unimplemented!() }
//! # fn choosers(config: Config, configs: Arc<HashMap<String, Config>>) {
//! // asynchronous
//! TlsAcceptor::choosing(async |incoming| match incoming.server_name() {
//!     Some(name) => Ok(load(name).await?),
//!     None => Err(Rejection::missing_server_name()),
//! });
//! // not asynchronous
//! TlsAcceptor::choosing(move |incoming| match incoming.server_name() {
//!     Some(name) => configs.get(name).cloned().ok_or_else(Rejection::unrecognized_name),
//!     None => Err(Rejection::missing_server_name()),
//! });
//! // with a value, which the stream returns
//! TlsAcceptor::choosing(move |incoming| ready(Ok((config.clone(), incoming))));
//! # }
//! ```
//!
//! A closure that returns something else does not compile:
//!
//! ```compile_fail,E0277
//! # use lastword_tokio::TlsAcceptor;
//! TlsAcceptor::choosing(|_| 7);
//! ```
//!
//! ```compile_fail,E0277
//! # use lastword_tokio::TlsAcceptor;
//! TlsAcceptor::choosing(async |_| Ok(7));
//! ```

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub use lastword_io::choose::{Addresses, Choice, Incoming, IntoChoice};

use crate::acceptor::{Config, Rejection};
use crate::authorize::Authorizer;

/// The decision of a chooser, made now or later.
///
/// ```
/// use lastword_tokio::Incoming;
/// use lastword_tokio::acceptor::{Config, Rejection};
/// use lastword_tokio::choose::{Choice, Decision};
///
/// # async fn load(name: String) -> std::io::Result<Config> { unimplemented!() }
/// /// Loads a configuration only if the client asks for a name.
/// fn choose(incoming: Incoming) -> Decision<()> {
///     let Some(name) = incoming.server_name().map(str::to_owned) else {
///         return Decision::Now(Err(Rejection::missing_server_name()));
///     };
///     Decision::Later(Box::pin(async { Ok(Choice::serve(load(name).await?)) }))
/// }
/// ```
pub enum Decision<T> {
    /// The decision is made.
    Now(Result<Choice<T>, Rejection>),
    /// A future makes the decision.
    Later(Later<T>),
}

/// The future of a chooser.
pub(crate) type Later<T> = Pin<Box<dyn Future<Output = Result<Choice<T>, Rejection>> + Send>>;

/// What a chooser may return: a `Result`, or a future of one that is `Send`.
///
/// The compiler infers `M`, a marker for one of the two.
///
/// ```
/// use lastword_tokio::acceptor::{Config, Rejection};
/// use lastword_tokio::choose::{Decision, IntoDecision};
///
/// let now = Err::<Config, _>(Rejection::unrecognized_name());
/// assert!(matches!(now.into_decision(), Decision::Now(Err(_))));
///
/// let later = async { Err::<Config, _>(Rejection::unrecognized_name()) };
/// assert!(matches!(later.into_decision(), Decision::Later(_)));
/// ```
#[diagnostic::on_unimplemented(
    message = "a chooser returns a `Result<_, Rejection>`, or a future of one, and not `{Self}`",
    note = "write `|incoming| Ok(config.clone())`, or `async move |incoming| Ok(config.clone())`",
    note = "the future must be `Send`"
)]
pub trait IntoDecision<M> {
    /// The value that the stream will have.
    type Value;

    /// Converts it into a decision.
    fn into_decision(self) -> Decision<Self::Value>;
}

/// Marks a chooser that returns a `Result`.
#[derive(Debug)]
pub enum Returned {}

/// Marks a chooser that returns a future.
#[derive(Debug)]
pub enum Awaited {}

impl<C: IntoChoice> IntoDecision<Returned> for Result<C, Rejection> {
    type Value = C::Value;

    fn into_decision(self) -> Decision<C::Value> {
        Decision::Now(self.map(C::into_choice))
    }
}

impl<F, C> IntoDecision<Awaited> for F
where
    F: Future<Output = Result<C, Rejection>> + Send + 'static,
    C: IntoChoice,
{
    type Value = C::Value;

    fn into_decision(self) -> Decision<C::Value> {
        Decision::Later(Box::pin(async { self.await.map(C::into_choice) }))
    }
}

/// A chooser of an application.
type Ask<T> = dyn Fn(Incoming) -> Decision<T> + Send + Sync;

/// How the configuration of a client is found.
pub(crate) enum Chooser<T> {
    /// All clients have the same configuration. The function makes the value.
    Always(Config, fn() -> T),
    /// The application is asked for each client.
    Ask(Arc<Ask<T>>),
}

impl<T> Chooser<T> {
    /// Asks a clone of this closure for each client.
    pub(crate) fn asking<F, D, M>(chooser: F) -> Self
    where
        F: FnOnce(Incoming) -> D + Clone + Send + Sync + 'static,
        D: IntoDecision<M, Value = T>,
    {
        Self::Ask(Arc::new(move |incoming| {
            let chooser = chooser.clone();
            chooser(incoming).into_decision()
        }))
    }
}

/// What an acceptor asks the application.
pub(crate) struct Rules<T> {
    pub(crate) chooser: Chooser<T>,
    pub(crate) authorizer: Option<Arc<Authorizer>>,
}

impl<T> From<Chooser<T>> for Rules<T> {
    fn from(chooser: Chooser<T>) -> Self {
        Self {
            chooser,
            authorizer: None,
        }
    }
}

impl<T> Clone for Rules<T> {
    fn clone(&self) -> Self {
        Self {
            chooser: self.chooser.clone(),
            authorizer: self.authorizer.clone(),
        }
    }
}

impl<T> fmt::Debug for Rules<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules")
            .field("chooser", &self.chooser)
            .field("authorizes", &self.authorizer.is_some())
            .finish()
    }
}

impl<T> Clone for Chooser<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Always(config, value) => Self::Always(config.clone(), *value),
            Self::Ask(ask) => Self::Ask(Arc::clone(ask)),
        }
    }
}

impl<T> fmt::Debug for Chooser<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always(config, _) => config.fmt(f),
            Self::Ask(_) => f.write_str("a chooser"),
        }
    }
}

impl<T> fmt::Debug for Decision<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Now(Ok(_)) => "a choice",
            Self::Now(Err(_)) => "a rejection",
            Self::Later(_) => "not yet decided",
        })
    }
}
