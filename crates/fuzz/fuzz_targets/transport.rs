//! Streams: `lastword_io` over one that is short, blocks, is interrupted, fails or ends at any call.
//!
//! The input is a server, a style of accepting, a kind of stream, a schedule for its reads, writes
//! and flushes, and the client's bytes, those of whole handshakes too. It must come to this:
//!
//! - it ends, within the deadline and the drain, and never spins;
//! - if the schedule lets all through sooner or later, what is written is to the byte what is
//!   written without a stream, and so are the words; who is served can be written to and closed;
//! - whatever the schedule, the report is true: what it says was written was, in whole records and
//!   ending in its alert, the write side shut behind it and nothing written behind that.
#![cfg_attr(fuzzing, no_main)]

lastword_fuzz::target!(lastword_fuzz::transport::check);
