//! `lastword-acceptor` over rustls 0.24: its own sources, with another backend.
//!
//! The module `shared` is `crates/acceptor/src` without its `backend`. The list of modules and of public
//! items is the one of `lib.rs` there.
#![forbid(unsafe_code)]
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

mod backend;

#[path = "../../../acceptor/src"]
mod shared {
    pub(crate) mod accepted;
    pub(crate) mod after;
    pub(crate) mod alerts;
    pub(crate) mod answered;
    pub(crate) mod authenticated;
    pub(crate) mod certificate;
    pub(crate) mod client;
    pub(crate) mod connection_error;
    pub(crate) mod early_data;
    pub(crate) mod end;
    pub(crate) mod error;
    pub(crate) mod error_and_alert;
    #[allow(dead_code)] // what saves calls of rustls 0.23 is not used
    pub(crate) mod established;
    pub(crate) mod first_hello;
    pub(crate) mod foresee;
    pub(crate) mod gate;
    pub(crate) mod handshake;
    pub(crate) mod handshake_info;
    pub(crate) mod held;
    pub(crate) mod limits;
    pub(crate) mod messages;
    pub(crate) mod negotiation;
    pub(crate) mod panic;
    pub(crate) mod peer_alert;
    pub(crate) mod phase;
    pub(crate) mod reason;
    pub(crate) mod records;
    pub(crate) mod rejection;
    pub(crate) mod second_hello;
    pub mod text;
    pub(crate) mod vector;
    pub(crate) mod words;
}

use shared::{
    accepted, after, alerts, answered, authenticated, certificate, client, connection_error,
    early_data, end, error, error_and_alert, established, first_hello, gate, handshake,
    handshake_info, held, limits, messages, negotiation, panic, peer_alert, phase, reason, records,
    rejection, second_hello, vector,
};

pub use shared::text;

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
pub use backend::raw::RustlsConnection;
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
