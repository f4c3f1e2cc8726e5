//! The conversion into tokio-rustls's stream.

use std::io;
use std::mem;

use tokio::io::{AsyncRead, AsyncWrite, copy, sink};
use tokio_rustls::{TlsAcceptor, server};

use crate::acceptor::Config;
use crate::stream::TlsStream;

impl<IO, T> TlsStream<IO, T>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    T: Send + 'static,
{
    /// Converts it into tokio-rustls's stream, for code that names that type. Plaintext that was
    /// received before is not lost. The [value](Self::value) and the [addresses](Self::addresses) are
    /// dropped.
    ///
    /// tokio-rustls needs a configuration to make a stream, so pass any. The connection does not use
    /// it.
    ///
    /// ```
    /// use lastword_tokio::TlsStream;
    /// use lastword_tokio::acceptor::Config;
    /// use tokio::net::TcpStream;
    /// use tokio_rustls::server;
    ///
    /// async fn convert(
    ///     stream: TlsStream<TcpStream>,
    ///     config: &Config,
    /// ) -> std::io::Result<server::TlsStream<TcpStream>> {
    ///     stream.into_tokio_rustls(config).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The error of the connection, if it has failed. The alert is then sent in the
    /// background, and the connection is closed in order, within the limits of the acceptor's
    /// [`Drain`](crate::Drain).
    ///
    /// The error of the stream below, if what the connection still has to write cannot be written.
    ///
    /// # Panics
    ///
    /// If the connection has failed and this is called outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// This method is not cancel safe: if it is dropped, the connection is closed at once.
    pub async fn into_tokio_rustls(mut self, config: &Config) -> io::Result<server::TlsStream<IO>> {
        if let Some(error) = self.error() {
            // reading sends the alert and closes; its error is the known one
            tokio::spawn(async move { copy(&mut self, &mut sink()).await.is_err() });
            return Err(error);
        }
        let (io, connection) = self.into_inner();
        let not_written = |_| io::Error::other("the end of the handshake is not written");
        let mut connection = connection.into_rustls().map_err(not_written)?;
        let acceptor = TlsAcceptor::from(config.rustls().clone());
        let replace = |new: &mut _| mem::swap(new, &mut connection);
        acceptor.accept_with(io, replace).await
    }
}
