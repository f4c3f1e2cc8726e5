//! The acceptor: `lastword_acceptor` on raw bytes, to the ClientHello and what is made of it.
//!
//! The input is a server, limits, a way to cut, an end, and bytes. It must come to this:
//!
//! - one outcome, in words, and the same bytes written, in one chunk and cut, at once and late, by
//!   way of an acceptor and direct;
//! - every error is decided: an alert, in whole records at the end of what was written and at its
//!   right level, or a reason for silence and no alert at all;
//! - before the ClientHello is whole no more is on the heap than twice what has come and 512 bytes,
//!   and behind it no more than rustls holds; no more is taken than the limit;
//! - rustls answers nobody who is refused here, but for what `exceptions.rs` of the acceptor's
//!   tests lists, and refuses nobody who is answered, with the exceptions there.
#![cfg_attr(fuzzing, no_main)]

lastword_fuzz::target!(lastword_fuzz::acceptor::check);
