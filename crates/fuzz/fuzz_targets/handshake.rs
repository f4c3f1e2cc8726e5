//! Whole handshakes: all that a client sends, altered in flight.
//!
//! The input is a server, limits, a way to cut, an end, and the client's bytes: those of rustls's
//! own clients, of both versions, with certificates and without, resuming, retrying, with early
//! data, are what it begins with. The crypto provider hides nothing and has nothing random, see
//! `glass.rs`: so a record can be altered and still be opened. It must come to this:
//!
//! - one outcome, in words, and the same bytes written, in one chunk and cut, at once and late, by
//!   way of an acceptor and direct; a handshake is complete at the same byte;
//! - every error is decided, and the alert that it says is the alert that was told, also where it
//!   is encrypted;
//! - no more is on the heap than rustls holds, nor taken than the limit and the early data.
#![cfg_attr(fuzzing, no_main)]

lastword_fuzz::target!(lastword_fuzz::handshake::check);
