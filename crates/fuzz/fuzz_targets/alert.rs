//! Alerts: `lastword_alert` on any payload.
//!
//! The input is the payload of an alert record. It must come to this:
//!
//! - two bytes are an alert, none at all is answered with unexpected_message, any other number with
//!   decode_error;
//! - what is written is what was read, and a record holds one alert and nothing else;
//! - only close_notify, user_canceled and no_renegotiation are warnings, and only the last two of
//!   them end nothing;
//! - the words are printable ASCII and have the code.
#![cfg_attr(fuzzing, no_main)]

lastword_fuzz::target!(lastword_fuzz::alert::check);
