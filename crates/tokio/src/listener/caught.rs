//! A source whose panics are errors of accepting: the source is the application's.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::source::Source;
use crate::acceptor::Panic;
use crate::acceptor::text::Quoted;
use crate::choose::Addresses;
use crate::deliveries::call;

/// A source whose panics are caught.
pub(super) struct Caught<S> {
    /// `None` once it is dropped.
    source: Option<S>,
}

impl<S: Source> Caught<S> {
    pub(super) const fn new(source: S) -> Self {
        let source = Some(source);
        Self { source }
    }

    /// Waits for the next client.
    pub(super) async fn accept(&mut self) -> io::Result<(S::Io, Addresses)> {
        let Some(source) = &mut self.source else {
            return std::future::pending().await; // it is there until this is dropped
        };
        Accepting(Some(Box::pin(async { source.accept().await }))).await
    }

    pub(super) fn accept_pending(&mut self) -> Option<io::Result<(S::Io, Addresses)>> {
        let source = self.source.as_mut()?;
        Panic::catch(|| source.accept_pending()).unwrap_or_else(|panic| Some(Err(failed(&panic))))
    }
}

impl<S> Drop for Caught<S> {
    fn drop(&mut self) {
        call(|| drop(self.source.take()));
    }
}

/// The future of a source. In a box, so that the panic of its drop can be caught.
struct Accepting<F>(Option<Pin<Box<F>>>);

impl<F, T> Future for Accepting<F>
where
    F: Future<Output = io::Result<T>>,
{
    type Output = io::Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(accepting) = &mut self.0 else {
            return Poll::Pending; // it is there until this is dropped
        };
        Panic::catch(|| accepting.as_mut().poll(cx))
            .unwrap_or_else(|panic| Poll::Ready(Err(failed(&panic))))
    }
}

impl<F> Drop for Accepting<F> {
    fn drop(&mut self) {
        call(|| drop(self.0.take()));
    }
}

fn failed(panic: &Panic) -> io::Error {
    let panicked = "the source of clients panicked";
    io::Error::other(match panic.message() {
        Some(message) => format!("{panicked}: {}", Quoted(message)),
        None => panicked.to_owned(),
    })
}
