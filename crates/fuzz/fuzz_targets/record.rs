//! Deframing: `lastword_record` on any bytes.
//!
//! The input is a limit, a way to cut, and bytes. It must come to this:
//!
//! - header, payload, header, payload and the remainder are the bytes again: none lost or made up;
//! - no record is over the limit, and one that is over it is refused by its header alone;
//! - what is asked for is exactly what is missing, of the header or of the record;
//! - bytes that grow chunk by chunk come to the same records;
//! - a handshake message ends where its header says, over any fragments;
//! - the verdict TLS or not falls by the twelfth byte and never changes with more.
#![cfg_attr(fuzzing, no_main)]

lastword_fuzz::target!(lastword_fuzz::record::check);
