//! Encrypted alerts: no key encrypts a sequence number twice, and rustls's clients notice no
//! difference.

mod after;
mod audit;
mod catalogue;
mod configs;
mod failing;
mod forged;
mod handshakes;
mod logs;
mod nested;
mod peer;
mod scenario;
mod secrets;
mod threads;
mod unwritten;
mod writes;
