//! Continues a handshake with rustls's own connection.

use rustls::ServerConnection;

use super::config::Config;
use super::connection::Connection;
use crate::accepted::Accepted;
use crate::error_and_alert::ErrorAndAlert;

impl Accepted {
    /// Answers the ClientHello, to continue with rustls's own `ServerConnection`.
    ///
    /// It returns what rustls's `Acceptor` returns. The answer is queued: write it first. rustls
    /// finds all later errors, and your code delivers their alerts. A second ClientHello, after a
    /// HelloRetryRequest, is not compared with the first. Prefer
    /// [`into_handshake`](Self::into_handshake), which makes all checks of this crate and returns
    /// each error with its alert.
    ///
    /// ```
    /// use lastword_acceptor::{Config, Handshake, Progress};
    ///
    /// # fn read(mut handshake: Handshake, mut bytes: &[u8], config: &Config)
    /// #     -> Result<(), Box<dyn std::error::Error>> {
    /// match handshake.receive(&mut bytes)? {
    ///     Progress::ClientHello(accepted) => {
    ///         // an error still has its alert, to be written
    ///         let _connection: rustls::ServerConnection = accepted.into_connection(config)?;
    ///     }
    ///     Progress::Continue(next) => handshake = next,
    ///     Progress::Authenticated(_) | Progress::Complete(_) => unreachable!("not continued"),
    /// }
    /// # let _ = handshake;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the client and the configuration do not agree. The phase is then
    /// [`Phase::ServerHello`](crate::Phase::ServerHello).
    pub fn into_connection(self, config: &Config) -> Result<ServerConnection, ErrorAndAlert> {
        let (connection, _) = self.answer_with(config, |it| Connection::new(it.bound()))?;
        Ok(connection.inner.rustls)
    }
}
