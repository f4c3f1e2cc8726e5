//! All works, in the order of the table.

mod handshake;
mod hello;
#[cfg(feature = "openssl")]
pub mod libssl;
#[cfg(feature = "peers")]
mod parsers;
mod record;
mod refusal;
pub mod stream;
mod tokio;

use crate::work::Work;

/// All of them.
#[must_use]
pub fn all() -> Vec<Work> {
    [
        record::works(),
        hello::works(),
        refusal::works(),
        handshake::works(),
        tokio::works(),
        stream::works(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
