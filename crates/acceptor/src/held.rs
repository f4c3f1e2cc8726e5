//! A ClientHello, held by its handshake alone or shared with the application.

use std::ops::Deref;
use std::sync::Arc;

use lastword_hello::Hello;

/// A ClientHello. It is moved to the heap only if it is shared, which few servers do.
#[derive(Debug)]
pub(crate) enum Held {
    Alone(Hello),
    Shared(Arc<Hello>),
}

impl Held {
    /// Shares the ClientHello.
    pub(crate) fn share(self) -> (Self, Arc<Hello>) {
        let shared = match self {
            Self::Alone(hello) => Arc::new(hello),
            Self::Shared(hello) => hello,
        };
        (Self::Shared(Arc::clone(&shared)), shared)
    }

    /// Returns every byte that was received. They are copied only if the ClientHello is still shared.
    pub(crate) fn into_received(self) -> Vec<u8> {
        match self {
            Self::Alone(hello) => hello.into_received(),
            Self::Shared(hello) => match Arc::try_unwrap(hello) {
                Ok(hello) => hello.into_received(),
                Err(hello) => hello.received().into_owned(),
            },
        }
    }
}

impl Deref for Held {
    type Target = Hello;

    #[inline]
    fn deref(&self) -> &Hello {
        match self {
            Self::Alone(hello) => hello,
            Self::Shared(hello) => hello,
        }
    }
}
