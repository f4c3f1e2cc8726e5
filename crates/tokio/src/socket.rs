//! The socket of a stream, if the stream is one of tokio's.

use std::any::Any;

use socket2::SockRef;
use tokio::net::TcpStream;

/// Finds the socket of a stream.
///
/// The runtime learns of a close later than the system. So the system is asked whether a client
/// closed before its alert was written.
pub(crate) type Find<IO> = fn(&IO) -> Option<SockRef<'_>>;

/// Finds the socket, if the stream is one of tokio's.
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

/// Finds no socket, for a stream that may not be `'static`.
pub(crate) fn none<IO>(_: &IO) -> Option<SockRef<'_>> {
    None
}
