//! The end of a connection.

use std::fmt::{self, Display, Formatter};

/// The end of a connection, as the client observed it.
///
/// ```
/// use lastword_census::{CaseResult, End};
///
/// fn is_reset(client: &CaseResult) -> bool {
///     matches!(client.end, End::ResetOnRead | End::ResetOnWrite)
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// The server sent FIN and no reset, neither before nor after what the client wrote next.
    Fin,
    /// A read failed with a reset.
    ResetOnRead,
    /// A write failed with a reset, or a reset followed it.
    ResetOnWrite,
    /// The connection had not ended when the client timed out.
    StillOpen,
}

impl Display for End {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fin => "end of stream",
            Self::ResetOnRead => "a reset, seen on a read",
            Self::ResetOnWrite => "a reset, seen on a write",
            Self::StillOpen => "nothing: it is still open",
        })
    }
}
