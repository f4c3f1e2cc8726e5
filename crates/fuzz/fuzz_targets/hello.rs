//! The ClientHello: `lastword_hello`, collected from any bytes and shown.
//!
//! The input is limits, a way to cut, and bytes. It must come to this:
//!
//! - the same hello, error and number of bytes taken, in one chunk and cut;
//! - the bytes taken are kept to the last one, and none behind them is taken;
//! - never more on the heap than what has come and 512 bytes, nor a message over the limit;
//! - every error has an alert, but that the client sent one itself;
//! - what the view shows makes up the message again, byte for byte, and what it has read of an
//!   extension is what the extension holds;
//! - what is read when asked for comes to an end, and the line for a log is at most 1,200
//!   characters of printable ASCII.
#![cfg_attr(fuzzing, no_main)]

lastword_fuzz::target!(lastword_fuzz::hello::check);
