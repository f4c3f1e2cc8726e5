//! Which kinds of hello encrypted_client_hello tells apart.

use crate::code_points::code_points;

code_points! {
    /// What a hello with `encrypted_client_hello` is to the other one (RFC 9849 section 5).
    EchClientHelloType: u8;

    0 OUTER "outer" "RFC 9849 section 5: the hello that anyone can read, with another encrypted in it";
    1 INNER "inner" "RFC 9849 section 5: the hello that was encrypted";
}
