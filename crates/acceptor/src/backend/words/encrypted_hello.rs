//! The words for Encrypted Client Hello, which only a client of rustls offers.

use super::table::words;

#[rustfmt::skip]
words! { EncryptedClientHelloError:
    InvalidConfigList    "the list of its configurations is malformed";
    NoCompatibleConfig   "none of its configurations is supported";
    SniRequired          "it requires a server name";
}
