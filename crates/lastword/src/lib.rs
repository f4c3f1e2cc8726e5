//! Every failed TLS handshake tells the client why: the layers of lastword under one name.
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub use lastword_acceptor::{
    Accepted, Acceptor, Alert, AlertDescription, AlertLevel, ClientHello, Config, Error,
    ErrorAndAlert, ErrorKind, Guess, Handshake, HttpMethod, Limits, Phase, Progress,
    ProtocolVersion, Reason, Rejection, Silence, Step,
};

pub use lastword_alert as alert;
pub use lastword_hello as hello;
#[cfg(feature = "io")]
pub use lastword_io as io;
pub use lastword_record as record;

/// The README of the whole, whose examples are tested here.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
