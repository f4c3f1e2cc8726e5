//! The tests of the acceptor over rustls 0.24, from `crates/acceptor/tests`.
#![forbid(unsafe_code)]

mod configs;

#[path = "../../acceptor/tests/conversation"]
mod conversation {
    mod early_data;
    mod properties;
    mod waiting;

    #[path = "../../../next/tests/conversation/client.rs"]
    mod client;
    #[path = "../../../next/tests/conversation/server.rs"]
    mod server;
}

#[path = "../../acceptor/tests/handshake"]
mod handshake {
    mod answered;
    mod authorize;
    mod certificates;
    #[allow(dead_code, reason = "other tests are for rustls 0.23")]
    mod clients;
    mod culprits;
    mod encrypted;
    mod ends;
    mod error;
    mod error_and_alert;
    mod finished;
    mod left;
    mod malformed;
    mod paths;
    mod properties;
    mod retry;
    mod second_hello;
    mod table;
    mod what_was_asked;
    mod words;
    mod wrong_type;
}

#[path = "../../acceptor/tests/sealed"]
mod sealed {
    mod after;
    mod catalogue;
    mod failing;
    mod forged;
    pub(crate) mod peer;
    mod threads;
    mod writes;

    #[path = "../../../next/tests/sealed/audit.rs"]
    mod audit;
    #[path = "../../../next/tests/sealed/handshakes.rs"]
    mod handshakes;
    #[path = "../../../next/tests/sealed/nested.rs"]
    mod nested;
    #[path = "../../../next/tests/sealed/scenario.rs"]
    mod scenario;
}
