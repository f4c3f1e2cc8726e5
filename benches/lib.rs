//! What is measured: works, and for each the ways of doing it, ours and its peers'.
#![forbid(unsafe_code)]

pub mod client;
pub mod servers;
pub mod work;
pub mod works;
