//! Handshakes: what clients are told, what the log says, and how they end.

mod answered;
mod application;
mod authorize;
mod certificates;
mod clients;
mod config;
mod connection;
mod culprits;
mod encrypted;
mod ends;
mod error;
mod error_and_alert;
mod expiry;
mod finished;
mod foreign;

mod info;
mod left;
mod malformed;
mod outside;
mod panics;
mod passthrough;
mod paths;
mod probing;
mod properties;
mod provider;
mod quic;
mod resolver;
mod resumption;
mod retry;
mod second_hello;
mod table;
mod unchecked_config;
mod what_was_asked;
mod words;
mod wrong_type;
