//! The layer of lastword that does no IO: TLS handshakes for a server.
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(test),
    warn(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::let_underscore_must_use,
        clippy::panic,
        clippy::unwrap_used
    )
)]

mod accepted;
mod after;
mod alerts;
mod answered;
mod authenticated;
mod backend;
mod certificate;
mod client;
mod connection_error;
mod early_data;
mod end;
mod error;
mod error_and_alert;
mod established;
mod first_hello;
mod foresee;
mod gate;
mod handshake;
mod handshake_info;
mod held;
mod limits;
mod messages;
mod negotiation;
mod panic;
mod peer_alert;
mod phase;
mod reason;
mod records;
mod rejection;
mod second_hello;
pub mod text;
mod vector;
mod words;

pub use lastword_alert as alert;
pub use lastword_alert::{Alert, AlertDescription, AlertLevel};
pub use lastword_hello as hello;
pub use lastword_hello::{ClientHello, Hello};
pub use lastword_record as record;
pub use lastword_record::{Guess, HttpMethod, ProtocolVersion};

pub use accepted::Accepted;
pub use authenticated::Authenticated;
pub use backend::config::Config;
pub use backend::config_error::ConfigError;
pub use backend::connection::{Connection, EarlyData, HandshakeKind};
pub use backend::error::RustlsError;
pub use backend::seal::encrypted_alerts;
pub use backend::{CertificateDer, ServerConfig};
pub use certificate::Certificate;
pub use connection_error::ConnectionError;
pub use end::End;
pub use error::{CloseKind, Error, ErrorKind};
pub use error_and_alert::{ErrorAndAlert, Silence};
pub use gate::RecordError;
pub use handshake::{Handshake, Progress};
pub use handshake_info::{HandshakeInfo, Measures, Offer};
pub use limits::Limits;
pub use panic::Panic;
pub use phase::Phase;
pub use reason::Reason;
pub use rejection::Rejection;
