//! Foresees whether a client would be refused, without serving it.

use std::io::Read;

use lastword_hello::{ClientHello, Collected, Collector, Hello};

use crate::alerts;
use crate::backend::config::Config;
use crate::backend::reframe::Reframe;
use crate::client::Client;
use crate::error::Error;
use crate::error_and_alert::ErrorAndAlert;
use crate::held::Held;
use crate::limits::Limits;
use crate::negotiation;
use crate::phase::Phase;

impl Config {
    /// Checks whether a client with this ClientHello would be refused under this configuration,
    /// without serving it.
    ///
    /// A handshake makes the same checks before rustls gets the ClientHello. So if this returns an
    /// error, a handshake fails with the same error and the same alert. The exception is a ClientHello
    /// that is longer than the limit of the handshake
    /// ([`Limits::with_hello_len`](crate::Limits::with_hello_len)): this method has no limit. In the
    /// order of the checks:
    ///
    /// | what is checked | alert |
    /// |---|---|
    /// | the configuration can serve clients | internal_error |
    /// | a protocol version in common | protocol_version |
    /// | no fallback to an older version (RFC 7507) | inappropriate_fallback |
    /// | a cipher suite in common for the version | handshake_failure |
    /// | TLS 1.3: signature_algorithms, supported_groups and key_share are present | missing_extension |
    /// | TLS 1.3: the groups of the key shares are among the supported groups | illegal_parameter |
    /// | an application protocol in common, if both sides have any | no_application_protocol |
    /// | TLS 1.2: signature_algorithms is present | handshake_failure |
    /// | a key exchange group in common | handshake_failure |
    /// | TLS 1.2: extended_master_secret is present, if `require_ems` is set | handshake_failure |
    ///
    /// # What is not foreseen
    ///
    /// The certificate resolver and the session storage are not asked. So a handshake may still fail
    /// because:
    ///
    /// - the server has no certificate for the server name;
    /// - no cipher suite or signature scheme of the client works with the certificate;
    /// - rustls refuses another part of the ClientHello, for example a malformed extension;
    /// - a later message fails, for example a client certificate or a second ClientHello.
    ///
    /// A check allocates only for an error, which holds a copy of the ClientHello.
    ///
    /// # Errors
    ///
    /// If the client would be refused. The error is the one that the handshake would have. Do not send
    /// its alert if you serve the client.
    ///
    /// ```
    /// use lastword_acceptor::{ClientHello, Config};
    ///
    /// /// Serves a client with the old configuration if the new one cannot serve it.
    /// fn choose<'a>(hello: &ClientHello<'_>, new: &'a Config, old: &'a Config) -> &'a Config {
    ///     match new.check(hello) {
    ///         Ok(()) => new,
    ///         Err(error) => {
    ///             eprintln!("served with the old configuration: {error}");
    ///             old
    ///         }
    ///     }
    /// }
    /// ```
    pub fn check(&self, hello: &ClientHello<'_>) -> Result<(), ErrorAndAlert> {
        negotiation::check(hello, self).map_err(|kind| {
            let client = match copy(hello) {
                Some(hello) => Client::Hello(Held::Alone(hello)),
                None => Client::Bytes(hello.message().to_vec()),
            };
            let alert = alerts::of_kind(&kind);
            let error = Error::new(kind, Phase::ServerHello, client);
            ErrorAndAlert::send(error, alert)
                .with_server(self)
                .with_reason()
        })
    }
}

/// Copies a ClientHello. It returns `None` only if the collector does not take what was parsed.
fn copy(hello: &ClientHello<'_>) -> Option<Hello> {
    let limits = Limits::default().with_hello_len(u32::MAX).hello();
    let (mut records, mut bytes) = (Reframe::new(hello.message()), Vec::new());
    while !records.is_empty() {
        // reading from a slice does not fail
        records.read_to_end(&mut bytes).ok()?;
    }
    match Collector::of_tls(limits).receive(&mut &bytes[..]) {
        Ok(Collected::Hello(hello)) => Some(hello),
        Ok(Collected::NeedsInput(_)) | Err(_) => None,
    }
}
