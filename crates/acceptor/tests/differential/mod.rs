//! Whether what is decided before rustls sees a hello is stricter than rustls, or laxer.
//!
//! Never stricter, save for the rows in [`exceptions`]: who is refused here would be refused by
//! rustls. Never laxer: who would be refused by rustls is refused here.

mod alone;
mod exceptions;
mod foreseen;
mod generated;
mod generated_extensions;
mod mutations;
mod properties;
mod real;
mod records;
mod server;
mod verdict;
