//! The socket of a stream, if the stream is one of tokio's.

use std::any::Any;
use std::io;
use std::net::SocketAddr;

use socket2::{SockAddr, SockRef};
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

/// Returns the address of a socket's peer or its own, if it has one.
pub(crate) fn address(address: io::Result<SockAddr>) -> Option<SocketAddr> {
    address.ok()?.as_socket()
}

/// Whether the stream is a Unix socket of tokio's.
#[cfg(unix)]
pub(crate) fn is_unix<IO: 'static>(io: &IO) -> bool {
    let io: &dyn Any = io;
    io.is::<tokio::net::UnixStream>()
}

#[cfg(not(unix))]
pub(crate) fn is_unix<IO>(_: &IO) -> bool {
    false
}
