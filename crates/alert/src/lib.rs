//! The alert layer of lastword: TLS alerts.
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

mod alert;
mod description;
mod level;

pub use alert::{Alert, ParseError};
pub use description::AlertDescription;
pub use level::AlertLevel;
