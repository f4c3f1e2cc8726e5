//! Who picks the configuration of a listener's clients.

use std::future::{Future, ready};
use std::sync::Arc;

use crate::acceptor::{Config, Hello, Rejection};

/// Who picks the configuration of a client by its ClientHello, or refuses it.
///
/// A [`Config`] picks itself. So may a closure that returns a future, as long as the future keeps
/// nothing of the ClientHello:
///
/// ```
/// # use lastword_tokio::{Chooser, acceptor::{Hello, Config, Rejection}};
/// # async fn load(name: &str) -> std::io::Result<Config> { unimplemented!() }
/// fn by_name() -> impl Chooser {
///     |hello: &Hello| {
///         let name = hello.server_name().map(str::to_owned);
///         async move {
///             match name {
///                 Some(name) => Ok(load(&name).await?),
///                 None => Err(Rejection::missing_server_name()),
///             }
///         }
///     }
/// }
/// ```
///
/// A type of your own implements it with an `async fn`, which may keep what it likes:
///
/// ```
/// # use lastword_tokio::{Chooser, acceptor::{Hello, Config, Rejection}};
/// # struct Store;
/// # impl Store { async fn find(&self, name: &str) -> Option<Config> { None } }
/// impl Chooser for Store {
///     async fn choose(&self, hello: &Hello) -> Result<Config, Rejection> {
///         let name = hello.server_name().ok_or_else(Rejection::missing_server_name)?;
///         let found = self.find(name).await;
///         found.ok_or_else(Rejection::unrecognized_name)
///     }
/// }
/// ```
pub trait Chooser: Send + Sync + 'static {
    /// Picks a configuration, or refuses. It may take its time: the handshake's deadline ends it.
    fn choose(&self, hello: &Hello) -> impl Future<Output = Result<Config, Rejection>> + Send;
}

impl Chooser for Config {
    fn choose(&self, _: &Hello) -> impl Future<Output = Result<Config, Rejection>> + Send {
        ready(Ok(self.clone()))
    }
}

/// One for several listeners.
impl<C: Chooser + ?Sized> Chooser for Arc<C> {
    fn choose(&self, hello: &Hello) -> impl Future<Output = Result<Config, Rejection>> + Send {
        (**self).choose(hello)
    }
}

impl<F, Choice> Chooser for F
where
    F: Fn(&Hello) -> Choice + Send + Sync + 'static,
    Choice: Future<Output = Result<Config, Rejection>> + Send,
{
    fn choose(&self, hello: &Hello) -> impl Future<Output = Result<Config, Rejection>> + Send {
        self(hello)
    }
}
