//! What a row of the table is.

use crate::rustls::server::Server;
use crate::rustls::told::Told;

/// One condition: what rustls makes of it, and what must be made of it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What the client sends, as the end of "rustls answers".
    pub(crate) condition: &'static str,
    pub(crate) bytes: Vec<u8>,
    pub(crate) server: Server,
    /// Through `ServerConnection::new`, today.
    pub(crate) direct: Told,
    /// Through rustls's `Acceptor`, its alert written out, today.
    pub(crate) acceptor: Told,
    pub(crate) required: Told,
}

/// A row on a server of no special kind. The three are: through `ServerConnection::new`, through
/// `Acceptor`, required.
pub(crate) fn row(condition: &'static str, bytes: Vec<u8>, told: [Told; 3]) -> Row {
    let [direct, acceptor, required] = told;
    Row {
        condition,
        bytes,
        server: Server::Default,
        direct,
        acceptor,
        required,
    }
}

impl Row {
    pub(crate) fn on(self, server: Server) -> Self {
        Self { server, ..self }
    }
}
