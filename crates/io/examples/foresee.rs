//! Says which clients would be refused without TLS 1.2, and if ALPN were required.
//!
//! ```console
//! $ cargo run -p lastword-io --example foresee
//! $ cargo run -p lastword-io --example foresee FILE...
//! ```
//!
//! Each file has the first bytes of a client, as it sent them. Without a file the clients are three of
//! rustls. No client is served. To ask the same question about the clients of a running server, use
//! `TlsAcceptor::with_shadow`.
#![forbid(unsafe_code)]

mod common;

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::{env, fs};

use lastword_io::acceptor::record::{LengthLimit, Records};
use lastword_io::acceptor::{ClientHello, Config};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig};
use rustls::{DEFAULT_VERSIONS, SupportedProtocolVersion};

/// Says why a client would be refused.
type Check = Box<dyn Fn(&ClientHello<'_>) -> Result<(), String>>;

/// The name of a client and its first bytes.
type Client = (String, Vec<u8>);

fn main() -> Result<(), Box<dyn Error>> {
    let clients = match env::args().len() {
        1 => made()?,
        _ => recorded()?,
    };
    for (policy, check) in policies()? {
        let mut refused = Vec::new();
        for (name, bytes) in &clients {
            let records = Records::new(bytes, LengthLimit::PLAINTEXT);
            let message: Vec<u8> = records.flat_map(|record| record.payload).copied().collect();
            let hello = ClientHello::parse(&message)?;
            if let Err(why) = check(&hello) {
                refused.push(format!("  {name}: {why}"));
            }
        }
        let all = clients.len();
        println!("{policy}: {} of {all} clients refused", refused.len());
        for line in refused {
            println!("{line}");
        }
    }
    Ok(())
}

/// Returns the clients in the arguments' files, with their names.
fn recorded() -> Result<Vec<Client>, Box<dyn Error>> {
    let files = env::args_os().skip(1).map(PathBuf::from);
    files
        .map(|file| {
            let name = file.file_stem().unwrap_or_default();
            Ok((name.to_string_lossy().into(), fs::read(&file)?))
        })
        .collect()
}

/// Returns three clients of rustls, with their names.
fn made() -> Result<Vec<Client>, Box<dyn Error>> {
    let client = |name: &str, versions: &[&'static SupportedProtocolVersion], alpn: &[&str]| {
        let mut config = ClientConfig::builder_with_protocol_versions(versions)
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        let mut client = ClientConnection::new(Arc::new(config), "localhost".try_into()?)?;
        let mut bytes = Vec::new();
        client.write_tls(&mut bytes)?;
        Ok((name.to_owned(), bytes))
    };
    [
        client("rustls", DEFAULT_VERSIONS, &["h2", "http/1.1"]),
        client("rustls without TLS 1.3", &[&TLS12], &["http/1.1"]),
        client("rustls without ALPN", DEFAULT_VERSIONS, &[]),
    ]
    .into_iter()
    .collect()
}

/// The policies that are tried, each with its name.
fn policies() -> Result<[(&'static str, Check); 3], Box<dyn Error>> {
    let (chain, key) = common::certificate()?;
    let config = |versions: &[&'static SupportedProtocolVersion], alpn: &[&str]| {
        let mut tls = ServerConfig::builder_with_protocol_versions(versions)
            .with_no_client_auth()
            .with_single_cert(chain.clone(), key.clone_key())?;
        tls.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        Ok::<_, Box<dyn Error>>(Config::new(tls)?)
    };
    let alpn = config(DEFAULT_VERSIONS, &["h2", "http/1.1"])?;
    Ok([
        ("today", refused_by(config(DEFAULT_VERSIONS, &[])?)),
        ("without TLS 1.2", refused_by(config(&[&TLS13], &[])?)),
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
