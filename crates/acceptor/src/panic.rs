//! How a panic in the application's code becomes an error and an alert to the client.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

/// A panic in code of the application that took part in a handshake.
///
/// The code is a chooser, an authorizer, a certificate resolver, a certificate verifier, a ticketer, a
/// session store or a key log.
///
/// The panic hook has run. The payload is kept, so that the panic can be resumed after the alert is
/// delivered.
///
/// ```
/// use std::panic::resume_unwind;
/// use lastword_acceptor::{Error, ErrorKind};
///
/// /// Continues a panic, after the alert is delivered.
/// fn resume(error: &Error) {
///     if let ErrorKind::Panicked(panic) = error.kind() {
///         eprintln!("panicked: {}", panic.message().unwrap_or_default());
///         if let Some(payload) = panic.take_payload() {
///             resume_unwind(payload);
///         }
///     }
/// }
/// ```
pub struct Panic(Box<Inner>);

struct Inner {
    message: Option<Box<str>>,
    /// In a mutex, because an error is `Sync` and a payload may not be.
    payload: Mutex<Option<Box<dyn Any + Send>>>,
}

impl Panic {
    /// Calls `action` and catches its panic.
    ///
    /// ```
    /// use lastword_acceptor::Panic;
    ///
    /// let panic = Panic::catch(|| -> u32 { panic!("a mistake") }).unwrap_err();
    /// assert_eq!(panic.message(), Some("a mistake"));
    /// assert_eq!(Panic::catch(|| 7).unwrap(), 7);
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the panic. Then do not use the values that `action` borrowed mutably, except to end
    /// the connection.
    pub fn catch<T>(action: impl FnOnce() -> T) -> Result<T, Self> {
        catch_unwind(AssertUnwindSafe(action)).map_err(Self::new)
    }

    fn new(payload: Box<dyn Any + Send>) -> Self {
        let message = match payload.downcast_ref::<&str>() {
            Some(message) => Some((*message).into()),
            None => payload
                .downcast_ref::<String>()
                .map(|it| it.as_str().into()),
        };
        Self(Box::new(Inner {
            message,
            payload: Mutex::new(Some(payload)),
        }))
    }

    /// Returns the message of the panic, if it has one.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// Takes the payload, for [`std::panic::resume_unwind`]. Returns `None` after the first call.
    ///
    /// ```
    /// use lastword_acceptor::Panic;
    ///
    /// let panic = Panic::catch(|| -> u32 { panic!("a mistake") }).unwrap_err();
    /// assert!(panic.take_payload().is_some());
    /// assert!(panic.take_payload().is_none());
    /// ```
    #[must_use]
    pub fn take_payload(&self) -> Option<Box<dyn Any + Send>> {
        let mut payload = self
            .0
            .payload
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        payload.take()
    }
}

impl fmt::Debug for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Panic")
            .field("message", &self.0.message)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_keeps_its_message_and_gives_its_payload_once() {
        let number = std::hint::black_box(7);
        let panic = Panic::catch(|| panic!("no key {number}")).unwrap_err();
        assert_eq!(panic.message(), Some("no key 7"));
        assert!(panic.take_payload().unwrap().is::<String>());
        assert!(panic.take_payload().is_none());
        let panic = Panic::catch(|| std::panic::panic_any(7_u8)).unwrap_err();
        assert_eq!(panic.message(), None);
        assert!(panic.take_payload().unwrap().is::<u8>());
    }
}
