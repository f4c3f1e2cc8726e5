//! A TLS handshake that fails tells the client why: the layers of lastword under one name.
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub use lastword_acceptor::{
    Accepted, Acceptor, Alert, AlertDescription, AlertLevel, ClientHello, Config, ConfigError,
    Error, ErrorAndAlert, ErrorKind, Guess, Handshake, Hello, HttpMethod, Limits, Panic, Phase,
    Progress, ProtocolVersion, Reason, RecordError, Rejection, Silence, Step, kept_error,
};

pub use lastword_acceptor::{alert, hello, record};
#[cfg(feature = "io")]
pub use lastword_io as io;
#[cfg(feature = "tokio")]
pub use lastword_tokio as tokio;

/// The README of the whole, whose examples are tested here.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
