//! The system's socket below a stream, if the stream is one of tokio's.

use std::any::Any;

use socket2::SockRef;
use tokio::net::TcpStream;

/// Finds the socket of a stream.
///
/// What the runtime knows of a socket may be older than what the system knows. Whether a client had
/// closed before its alert was written is asked of the system.
pub(crate) type Find<IO> = fn(&IO) -> Option<SockRef<'_>>;

/// Finds the socket of a stream of tokio's.
pub(crate) fn of<IO: 'static>(io: &IO) -> Option<SockRef<'_>> {
    let io: &dyn Any = io;
    if let Some(stream) = io.downcast_ref::<TcpStream>() {
        return Some(SockRef::from(stream));
    }
    #[cfg(unix)]
    if let Some(stream) = io.downcast_ref::<tokio::net::UnixStream>() {
        return Some(SockRef::from(stream));
    }
    None
}

/// Finds none: the stream may be of any type and borrow what it likes.
pub(crate) fn none<IO>(_: &IO) -> Option<SockRef<'_>> {
    None
}
