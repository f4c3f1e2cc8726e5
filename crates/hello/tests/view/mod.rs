//! The view of a ClientHello, against hellos built byte by byte.

mod builder;
mod display;
#[cfg(feature = "ja4")]
mod ja4;
mod malformed;
mod malformed_extensions;
mod on_demand;
mod properties;
mod record_limits;
mod values;
