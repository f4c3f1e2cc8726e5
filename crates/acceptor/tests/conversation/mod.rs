//! Whole conversations, resumed or not, with early data, a retry or a client certificate: however
//! the client's bytes are cut, they come to what they come to with rustls in one piece, or better.

mod client;
mod early_data;
mod properties;
mod server;
mod waiting;
