//! A census of a TLS server.
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(test),
    warn(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

mod allowed;
mod authority;
mod census;
mod end;
mod line;
mod probe;
mod profile;
mod report;
mod text;
mod verdict;

#[doc(hidden)] // for lastword's own tests
pub mod catalogue;
#[doc(hidden)] // for lastword's own tests
pub mod pki;
#[doc(hidden)] // for lastword's own tests
pub mod server;
#[doc(hidden)] // for lastword's own tests
pub mod wire;

pub use authority::{Authority, AuthorityError};
pub use census::{Census, Error};
pub use end::End;
pub use lastword_alert::AlertDescription;
pub use probe::Note;
pub use profile::{Need, Profile};
pub use report::{CaseResult, Report};
pub use verdict::{Told, Verdict};
