//! rustls 0.24, as this crate uses it. Nothing outside this folder names it.
//!
//! It has the items of the folder for rustls 0.23.

pub(crate) mod alerts;
mod buffered;
mod certificate_request;
pub(crate) mod chain;
pub(crate) mod config;
pub(crate) mod config_error;
pub(crate) mod connection;
pub(crate) mod drive;
pub(crate) mod error;
mod kind;
pub(crate) mod malformed;
mod negotiated;
#[path = "../../../acceptor/src/backend/not_after.rs"]
mod not_after;
mod probe;
mod provoke;
pub(crate) mod raw;
#[path = "../../../acceptor/src/backend/reframe.rs"]
pub(crate) mod reframe;
pub(crate) mod required;
mod scope;
pub(crate) mod seal;
pub(crate) mod served;
mod words;

pub use rustls::ServerConfig;
pub use rustls::pki_types::CertificateDer;
