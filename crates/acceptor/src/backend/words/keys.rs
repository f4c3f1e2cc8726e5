//! The words for a private key that does not belong to its certificate.

use super::table::words;

#[rustfmt::skip]
words! { InconsistentKeys:
    KeyMismatch   "the public keys differ";
    Unknown       "the public key of the private key is not known";
}
