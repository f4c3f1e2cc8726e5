//! PROXY headers: `lastword_io::proxy` on any bytes.
//!
//! The input is a limit and bytes. It must come to this:
//!
//! - bytes that grow one by one come to the same header or the same error;
//! - a reader that reads what is missing reads no byte after the header, and no more than the limit;
//! - the header says what its bytes say: written again, they are the same;
//! - an error is one line, escaped, of at most 1,024 bytes.
#![cfg_attr(fuzzing, no_main)]

lastword_fuzz::target!(lastword_fuzz::proxy::check);
