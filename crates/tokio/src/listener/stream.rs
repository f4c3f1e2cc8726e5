//! `Stream` for a listener.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::io::{AsyncRead, AsyncWrite};

use super::Listener;
use crate::stream::TlsStream;

/// A stream of the connections that [`accept`](Listener::accept) returns, for example for tonic's
/// `serve_with_incoming`. [`TlsStream::addresses`] returns the addresses of each.
///
/// tonic requires its trait `Connected` for each item. In the example `tonic`, a wrapper of
/// [`TlsStream`] implements it. The wrapper puts the details of the connection into the extensions of
/// each request. Or convert each item with `TlsStream::into_tokio_rustls`: tonic implements `Connected`
/// for the stream of tokio-rustls.
///
/// It ends after a [shutdown](Listener::shutdown), once no handshake and no alert is in flight. No
/// item is an error: [`on_failure`](crate::ListenerOptions::on_failure) and
/// [`on_accept_error`](crate::ListenerOptions::on_accept_error) are called for errors.
impl<IO, T> Stream for Listener<IO, T>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    T: Send + 'static,
{
    type Item = io::Result<TlsStream<IO, T>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let ready = self.ready.poll_recv(cx);
        ready.map(|client| Some(Ok(client?.stream)))
    }
}
