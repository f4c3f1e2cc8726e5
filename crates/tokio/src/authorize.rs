//! Verdicts on clients whose certificates are verified.
//!
//! An authorizer is a closure for
//! [`TlsAcceptor::with_authorizer`](crate::TlsAcceptor::with_authorizer). It takes a [`Peer`] and
//! returns a `Result`, or a future of one:
//!
//! | an authorizer returns | the client |
//! |---|---|
//! | `Ok(())` | is served |
//! | `Err(rejection)` | is refused, with the alert of the [`Rejection`] |
//! | `?` on any error | is refused with `internal_error` |
//!
//! The closure is cloned for each client. Its captures should be cheap to clone, for example an
//! [`Arc`].
//!
//! ```
//! use lastword_tokio::TlsAcceptor;
//! use lastword_tokio::acceptor::{AlertDescription, Config, Rejection};
//!
//! # async fn is_revoked(certificate: &[u8]) -> std::io::Result<bool> { Ok(certificate.is_empty()) }
//! # fn acceptor(config: Config) -> TlsAcceptor {
//! TlsAcceptor::new(config).with_authorizer(async |peer| match peer.certificates() {
//!     [] => Err(Rejection::access_denied("no certificate")),
//!     [own, ..] if is_revoked(own).await? => {
//!         let alert = AlertDescription::CERTIFICATE_REVOKED;
//!         Err(Rejection::new(alert, "the certificate is on the list"))
//!     }
//!     _ => Ok(()),
//! })
//! # }
//! ```
//!
//! The configuration must have [encrypted alerts](crate::acceptor::encrypted_alerts). Otherwise a
//! client that is refused gets `close_notify`, and the log names the required alert.
//!
//! A closure that returns something else does not compile:
//!
//! ```compile_fail,E0277
//! # use lastword_tokio::{TlsAcceptor, acceptor::Config};
//! # fn acceptor(config: Config) -> TlsAcceptor {
//! TlsAcceptor::new(config).with_authorizer(|_| true)
//! # }
//! ```

use std::fmt;
use std::future::Future;
use std::pin::Pin;
#[cfg(doc)]
use std::sync::Arc;

pub use lastword_io::authorize::Peer;

use crate::acceptor::Rejection;
use crate::choose::{Awaited, Returned};

/// The verdict of an authorizer, given now or later.
///
/// ```
/// use lastword_tokio::acceptor::Rejection;
/// use lastword_tokio::authorize::{Peer, Verdict};
///
/// # async fn may_connect(certificate: &[u8]) -> bool { !certificate.is_empty() }
/// /// Looks a client up only if it has a certificate.
/// fn authorize(peer: Peer) -> Verdict {
///     let refused = || Err(Rejection::access_denied("not on the list"));
///     if peer.certificates().is_empty() {
///         return Verdict::Now(refused());
///     }
///     Verdict::Later(Box::pin(async move {
///         match may_connect(&peer.certificates()[0]).await {
///             true => Ok(()),
///             false => refused(),
///         }
///     }))
/// }
/// ```
pub enum Verdict {
    /// The verdict is given.
    Now(Result<(), Rejection>),
    /// A future gives the verdict.
    Later(Pin<Box<dyn Future<Output = Result<(), Rejection>> + Send>>),
}

/// What an authorizer may return: a `Result`, or a future of one that is `Send`.
///
/// The compiler infers `M`, a marker for one of the two.
///
/// ```
/// use lastword_tokio::acceptor::Rejection;
/// use lastword_tokio::authorize::{IntoVerdict, Verdict};
///
/// let now: Result<(), Rejection> = Ok(());
/// assert!(matches!(now.into_verdict(), Verdict::Now(Ok(()))));
///
/// let later = async { Ok::<(), Rejection>(()) };
/// assert!(matches!(later.into_verdict(), Verdict::Later(_)));
/// ```
#[diagnostic::on_unimplemented(
    message = "an authorizer returns a `Result<(), Rejection>`, or a future of one, and not `{Self}`",
    note = "write `|peer| Ok(())`, or `async |peer| Ok(())`",
    note = "the future must be `Send`"
)]
pub trait IntoVerdict<M> {
    /// Converts it into a verdict.
    fn into_verdict(self) -> Verdict;
}

impl IntoVerdict<Returned> for Result<(), Rejection> {
    fn into_verdict(self) -> Verdict {
        Verdict::Now(self)
    }
}

impl<F> IntoVerdict<Awaited> for F
where
    F: Future<Output = Result<(), Rejection>> + Send + 'static,
{
    fn into_verdict(self) -> Verdict {
        Verdict::Later(Box::pin(self))
    }
}

impl fmt::Debug for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Now(Ok(())) => "accepted",
            Self::Now(Err(_)) => "a rejection",
            Self::Later(_) => "not yet decided",
        })
    }
}

/// An authorizer of an application.
pub(crate) type Authorizer = dyn Fn(Peer) -> Verdict + Send + Sync;
