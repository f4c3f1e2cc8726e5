//! Session tickets: `lastword_tickets` on bytes that are a ticket, nearly one, or none.
#![cfg_attr(fuzzing, no_main)]

lastword_fuzz::target!(lastword_fuzz::tickets::check);
