//! `setup`: what to configure in a server for the clients that need more than an address.

use std::error::Error;
use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use crate::{authority, printed};

/// Show what to configure in a server for the clients that need more than an address
///
/// For openssl s_server, nginx, haproxy and a server with rustls. Without options it shows all set-ups.
/// Each is an addition to a server with a certificate, TLS 1.2 and TLS 1.3. The last line of each is the
/// command that sends the clients.
///
/// With --authority it writes ca.key and ca.pem into DIR, unless they exist. They are for the
/// certificates of the clients. Keep ca.key secret.
///
/// Exit codes: 0 the set-ups were shown; 2 the command line is wrong, or a file cannot be written.
#[derive(Args)]
pub(crate) struct Options {
    /// The set-ups
    #[arg(long, value_delimiter = ',')]
    profile: Vec<Part>,
    /// The server's name
    #[arg(long, default_value = "localhost")]
    name: String,
    /// Make an authority for the certificates of clients in this folder, which must exist
    #[arg(long, value_name = "DIR")]
    authority: Option<PathBuf>,
}

/// A part of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// TLS 1.3 alone
    Tls13Only,
    /// ALPN: h2 or http/1.1, and clients without them are refused
    Alpn,
    /// Clients that ask for another name are refused
    StrictNames,
}

/// What a set-up is, and how it is configured in each server of [`SERVERS`].
struct Setup {
    title: &'static str,
    lines: [&'static str; SERVERS.len()],
}

const SERVERS: [&str; 4] = ["openssl s_server", "nginx", "haproxy", "rustls"];

const ALPN: Setup = Setup {
    title: "ALPN: h2 or http/1.1, and clients without them are refused",
    lines: [
        "-alpn h2,http/1.1",
        "nothing: from 1.21.4 on it refuses clients without http/1.1",
        "bind ... alpn h2,http/1.1 (it serves other clients too)",
        "config.alpn_protocols =\n    vec![b\"h2\".into(), b\"http/1.1\".into()];",
    ],
};

const STRICT_NAMES: Setup = Setup {
    title: "Clients that ask for another name are refused",
    lines: [
        "-servername {name} -servername_fatal\n-cert2 cert.pem -key2 key.pem",
        "server { listen 443 ssl default_server;\n         ssl_reject_handshake on; }\n\
         server { listen 443 ssl; server_name {name}; ... }",
        "bind ... strict-sni",
        "config.cert_resolver: a ResolvesServerCertUsingSni that has\nonly {name}",
    ],
};

const TLS13_ONLY: Setup = Setup {
    title: "TLS 1.3 alone",
    lines: [
        "-tls1_3",
        "ssl_protocols TLSv1.3;",
        "bind ... ssl-min-ver TLSv1.3",
        "ServerConfig::builder_with_protocol_versions(&[&TLS13])",
    ],
};

const CERTIFICATES: Setup = Setup {
    title: "Client certificates of the census's own authority",
    lines: [
        "-Verify 1 -verify_return_error -CAfile {ca}",
        "ssl_client_certificate {ca};\nssl_verify_client on; (refuses after the handshake)",
        "bind ... ca-file {ca} verify required",
        "WebPkiClientVerifier that has {ca} in its roots",
    ],
};

/// Prints the set-ups.
pub(crate) fn print(options: &Options) -> Result<(), Box<dyn Error>> {
    let is_for_all = options.profile.is_empty() && options.authority.is_none();
    let parts = match is_for_all {
        true => Part::value_variants(),
        false => &options.profile,
    };
    let name = &options.name;
    let run = match &name[..] {
        "localhost" => "lastword-census run HOST:PORT".to_owned(),
        name => format!("lastword-census run HOST:PORT --name {name}"),
    };
    let mut texts = Vec::new();
    for part in parts {
        let shown = part.setup().shown(name, "");
        let value = part.to_possible_value();
        let value = value.as_ref().map_or("", PossibleValue::get_name);
        texts.push(format!("{shown}  then: {run} --profile {value}\n"));
    }
    if let Some(folder) = &options.authority {
        let ca = authority::make(folder)?.display().to_string();
        let (shown, folder) = (CERTIFICATES.shown(name, &ca), folder.display());
        texts.push(format!("{shown}  then: {run} --authority {folder}\n"));
    } else if is_for_all {
        let title = CERTIFICATES.title;
        texts.push(format!(
            "{title}\n  lastword-census setup --authority DIR\n"
        ));
    }
    Ok(printed(
        io::stdout().write_all(texts.join("\n").as_bytes()),
    )?)
}

impl Setup {
    /// Returns its title, and a line or more for each server.
    fn shown(&self, name: &str, ca: &str) -> String {
        let mut shown = format!("{}\n", self.title);
        for (mut server, lines) in SERVERS.into_iter().zip(self.lines) {
            let lines = lines.replace("{name}", name).replace("{ca}", ca);
            for line in lines.lines() {
                shown += &format!("  {server:18}{line}\n");
                server = "";
            }
        }
        shown
    }
}

impl Part {
    const fn setup(self) -> &'static Setup {
        match self {
            Self::Tls13Only => &TLS13_ONLY,
            Self::Alpn => &ALPN,
            Self::StrictNames => &STRICT_NAMES,
        }
    }
}
