//! The record layer of lastword: TLS record framing.
#![doc = include_str!("../README.md")]
#![no_std]
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

mod code_points;
mod content_type;
mod deframe;
mod guess;
mod handshake;
mod header;
mod http;
mod joiner;
mod sniff;
mod version;

pub use content_type::ContentType;
pub use deframe::{Deframed, Record, Records, deframe};
pub use guess::Guess;
pub use handshake::{HandshakeHeader, HandshakeType, U24};
pub use header::{Header, LengthLimit, RecordOverflow};
pub use http::HttpMethod;
pub use joiner::{Joined, Joiner};
pub use sniff::{Verdict, sniff, sniff_with_len};
pub use version::ProtocolVersion;
