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

/// All of them. Each part is made at its turn: what later parts put on the heap, for example certificates
/// of random lengths, does not change where the memory of earlier ones is.
pub fn all() -> impl Iterator<Item = Work> {
    let parts: [fn() -> Vec<Work>; 6] = [
        record::works,
        hello::works,
        refusal::works,
        handshake::works,
        tokio::works,
        stream::works,
    ];
    parts.into_iter().flat_map(|works| works())
}
