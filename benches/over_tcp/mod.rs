//! The two ends of a connection over TCP.

pub(crate) mod client;
pub(crate) mod server;
