//! All layers of lastword under one name.
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use lastword_acceptor::{
    Accepted, Alert, AlertDescription, AlertLevel, Authenticated, ClientHello, CloseKind, Config,
    ConfigError, Connection, ConnectionError, EarlyData, End, Error, ErrorAndAlert, ErrorKind,
    Guess, Handshake, HandshakeKind, Hello, HttpMethod, Limits, Panic, Phase, Progress,
    ProtocolVersion, Reason, RecordError, Rejection, RustlsError, ServerConfig, Silence,
    encrypted_alerts,
};

pub use lastword_acceptor::{alert, hello, record, text};
#[cfg(feature = "io")]
pub use lastword_io as io;
#[cfg(feature = "tickets")]
pub use lastword_tickets as tickets;
#[cfg(feature = "tokio")]
pub use lastword_tokio as tokio;

/// The TLS implementation, in the version that the layers use.
pub use rustls;

// the guides link to all of these
#[cfg(all(
    any(doc, doctest),
    feature = "axum",
    feature = "io",
    feature = "tickets",
    feature = "tracing"
))]
#[cfg_attr(docsrs, doc(auto_cfg = false))] // they are about all features
pub mod guides;
