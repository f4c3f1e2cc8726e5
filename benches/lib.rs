//! What is measured: works, and for each the ways of doing it, ours and its peers'; and the report.
#![forbid(unsafe_code)]

pub mod calls;
pub mod client;
pub mod half_open;
pub mod report;
pub mod servers;
pub mod work;
pub mod works;
