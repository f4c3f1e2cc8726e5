//! `lastword-census` with servers over rustls 0.24: its own sources, with another `server.rs`.
//!
//! The clients are the ones of the other workspace, over rustls 0.23.
#![forbid(unsafe_code)]

pub mod server;

#[path = "../../../census/src"]
mod shared {
    pub(crate) mod allowed;
    pub(crate) mod authority;
    pub mod catalogue;
    pub(crate) mod census;
    pub(crate) mod end;
    pub(crate) mod line;
    pub mod pki;
    pub(crate) mod probe;
    pub(crate) mod profile;
    pub(crate) mod report;
    pub(crate) mod text;
    pub(crate) mod verdict;
    pub mod wire;
}

use shared::{allowed, authority, census, end, line, probe, profile, report, verdict};

pub use shared::{catalogue, pki, wire};

pub use authority::{Authority, AuthorityError};
pub use census::{Census, Error};
pub use end::End;
pub use lastword_alert::AlertDescription;
pub use probe::Note;
pub use profile::{Need, Profile};
pub use report::{CaseResult, Report};
pub use verdict::{Told, Verdict};
