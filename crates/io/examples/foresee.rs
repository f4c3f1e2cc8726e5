//! Says which clients would be refused without TLS 1.2, and if ALPN were required.
//!
//! `cargo run -p lastword-io --example foresee` checks the ClientHellos of real clients, which were
//! recorded. No client is served. To ask the same question about the clients of a running server, use
//! `TlsAcceptor::with_shadow`.
#![forbid(unsafe_code)]

use std::error::Error;

use lastword_io::acceptor::{ClientHello, Config};
use lastword_testkit::catalogue::{ServerProfile, Versions};
use lastword_testkit::pki::Pki;
use lastword_testkit::recorded;

/// Says why a client would be refused.
type Check = Box<dyn Fn(&ClientHello<'_>) -> Result<(), String>>;

fn main() -> Result<(), Box<dyn Error>> {
    for (policy, check) in policies()? {
        let mut refused = Vec::new();
        for client in recorded::all() {
            let message = client.message();
            let hello = ClientHello::parse(&message)?;
            if let Err(why) = check(&hello) {
                refused.push(format!("  {}: {why}", client.name));
            }
        }
        let all = recorded::all().len();
        println!("{policy}: {} of {all} clients refused", refused.len());
        for line in refused {
            println!("{line}");
        }
    }
    Ok(())
}

/// The policies that are tried, each with its name.
fn policies() -> Result<[(&'static str, Check); 3], Box<dyn Error>> {
    // in your server, load your own certificate
    let today = ServerProfile::DEFAULT;
    let without_tls12 = ServerProfile {
        versions: Versions::Tls13,
        ..today
    };
    let alpn = ServerProfile {
        alpn: &["h2", "http/1.1"],
        ..today
    };
    let pki = Pki::new();
    let config = |profile| Config::new(pki.server_config(profile));
    let alpn = config(&alpn)?;
    Ok([
        ("today", refused_by(config(&today)?)),
        ("without TLS 1.2", refused_by(config(&without_tls12)?)),
        (
            "ALPN required",
            // rustls serves a client that does not use ALPN, so a chooser would refuse it
            Box::new(move |hello| match hello.alpn() {
                None => Err("the client does not use ALPN".into()),
                Some(_) => alpn.check(hello).map_err(|refused| refused.to_string()),
            }),
        ),
    ])
}

/// Checks clients under a configuration.
fn refused_by(config: Config) -> Check {
    Box::new(move |hello| config.check(hello).map_err(|refused| refused.to_string()))
}
