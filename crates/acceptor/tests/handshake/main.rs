//! Handshakes on both paths: what clients are told, what is said of them, and how it ends.

mod answered;
mod application;
mod clients;
mod config;
mod encrypted;
mod ends;
mod error;
mod error_and_alert;
mod finished;
mod outside;
mod panics;
mod passthrough;
mod paths;
mod probing;
mod properties;
mod resolver;
mod retry;
mod second_hello;
mod table;
mod words;
