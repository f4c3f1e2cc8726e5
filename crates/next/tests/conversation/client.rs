//! A rustls client, resumed or not, and the servers that it speaks to.

use std::borrow::Cow;
use std::io::Write;
use std::sync::Arc;

use lastword_acceptor::{Config, encrypted_alerts};
use lastword_testkit::pki::{Identity, Pki};
use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, ClientConnection, RootCertStore, SupportedProtocolVersion};
use rustls_next::crypto::Identity as Own;
use rustls_next::server::{ServerSessionMemoryCache, WebPkiClientVerifier};
use rustls_next::{Connection as Rustls, ServerConfig, ServerSide, VecInput};
use rustls_ring::{DEFAULT_PROVIDER, kx_group};

use crate::sealed::peer::{Server, hear};

/// What a conversation is like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conversation {
    /// Whether the server encrypts alerts.
    pub(crate) encrypts_alerts: bool,
    pub(crate) tls12: bool,
    /// The server has the client send another key share, in TLS 1.3.
    pub(crate) retry: bool,
    /// The server asks for a client certificate.
    pub(crate) client_auth: bool,
    /// The client resumes a session, and whether the server knows it.
    pub(crate) resumes: Option<bool>,
    /// How many bytes of early data, in records of how many.
    pub(crate) early_data: Option<(usize, usize)>,
    /// The most early data that the server takes.
    pub(crate) max_early_data: u32,
    /// What the client says right after its Finished.
    pub(crate) says: &'static [u8],
}

impl Conversation {
    pub(crate) const PLAIN: Self = Self {
        encrypts_alerts: true,
        tls12: false,
        retry: false,
        client_auth: false,
        resumes: None,
        early_data: None,
        max_early_data: 1 << 14,
        says: &[],
    };

    fn version(&self) -> &'static SupportedProtocolVersion {
        match self.tls12 {
            true => &rustls::version::TLS12,
            false => &rustls::version::TLS13,
        }
    }

    /// The server, and the client, which resumes a session of it or of another.
    pub(crate) fn between(&self, pki: &Pki) -> (Arc<ServerConfig>, Client) {
        let sessions = ServerSessionMemoryCache::new(16);
        let server = self.server(pki, self.retry, Arc::clone(&sessions));
        let config = self.client_config(pki);
        // a client remembers the group of the last time: the server did not ask for another then
        if let Some(is_known) = self.resumes {
            let sessions = match is_known {
                true => sessions,
                false => ServerSessionMemoryCache::new(16),
            };
            introduce_to_rustls(&config, self.server(pki, false, sessions));
        }
        (server, self.client(&config))
    }

    /// The same with a server of this crate, whose sessions are bound.
    pub(crate) fn between_ours(&self, pki: &Pki) -> (Config, Client) {
        let scoped = |config| {
            let config = Config::new(config).unwrap();
            config.with_resumption_scope("conversations")
        };
        let sessions = ServerSessionMemoryCache::new(16);
        let server = scoped(self.server(pki, self.retry, Arc::clone(&sessions)));
        let config = self.client_config(pki);
        if let Some(is_known) = self.resumes {
            let sessions = match is_known {
                true => sessions,
                false => ServerSessionMemoryCache::new(16),
            };
            introduce(&config, &scoped(self.server(pki, false, sessions)));
        }
        (server, self.client(&config))
    }

    fn server(
        &self,
        pki: &Pki,
        retry: bool,
        sessions: Arc<ServerSessionMemoryCache>,
    ) -> Arc<ServerConfig> {
        let mut provider = DEFAULT_PROVIDER;
        if retry {
            provider.kx_groups = Cow::Owned(vec![kx_group::SECP384R1]);
        }
        if self.encrypts_alerts {
            provider = encrypted_alerts(provider);
        }
        match self.tls12 {
            true => provider.tls13_cipher_suites = Cow::default(),
            false => provider.tls12_cipher_suites = Cow::default(),
        }
        let builder = ServerConfig::builder(Arc::new(provider.clone()));
        let builder = match self.client_auth {
            false => builder.with_no_client_auth(),
            true => {
                let mut roots = rustls_next::RootCertStore::empty();
                roots.add(pki.ca_certificate()).unwrap();
                let verifier = WebPkiClientVerifier::builder(Arc::new(roots), &provider);
                builder.with_client_cert_verifier(Arc::new(verifier.build().unwrap()))
            }
        };
        let identity = Own::from_cert_chain(pki.server_chain()).unwrap();
        let mut config = builder
            .with_single_cert(Arc::new(identity), pki.server_key())
            .unwrap();
        config.session_storage = sessions;
        config.max_early_data_size = match self.tls12 {
            true => 0,
            false => self.max_early_data,
        };
        Arc::new(config)
    }

    fn client(&self, config: &Arc<ClientConfig>) -> Client {
        let mut client = Client {
            connection: connection(config),
            said: Vec::new(),
            says: Some(self.says),
        };
        let (len, record) = self.early_data.unwrap_or((0, 1));
        for chunk in early_bytes(len).chunks(record) {
            let Some(mut early) = client.connection.early_data() else {
                break;
            };
            if early.write_all(chunk).is_err() {
                break; // it is more than the ticket allows
            }
            client.collect();
        }
        client
    }

    fn client_config(&self, pki: &Pki) -> Arc<ClientConfig> {
        let provider = CryptoProvider {
            kx_groups: vec![ring::kx_group::X25519, ring::kx_group::SECP384R1],
            ..ring::default_provider()
        };
        let builder = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[self.version()])
            .unwrap()
            .with_root_certificates(roots(pki));
        let own = pki.client(Identity::Known).unwrap();
        let mut config = builder
            .with_client_auth_cert(vec![own.certificate()], own.key())
            .unwrap();
        config.enable_early_data = self.early_data.is_some();
        Arc::new(config)
    }
}

pub(crate) fn early_bytes(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at % 251) as u8).collect()
}

fn roots(pki: &Pki) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(pki.ca_certificate()).unwrap();
    roots
}

fn connection(config: &Arc<ClientConfig>) -> ClientConnection {
    let name = "localhost".try_into().unwrap();
    ClientConnection::new(Arc::clone(config), name).unwrap()
}

/// Has a client and a server of rustls alone shake hands, so that the client has a session.
fn introduce_to_rustls(config: &Arc<ClientConfig>, server: Arc<ServerConfig>) {
    let mut server = Rustls::<ServerSide, _>::new(server).unwrap();
    let (mut input, mut output) = (VecInput::default(), Vec::new());
    let mut client = connection(config);
    for _ in 0..4 {
        let mut said = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut said).unwrap();
        }
        let mut said = &said[..];
        while !said.is_empty() {
            input.read(&mut said).unwrap();
            let records = server.read_tls(&mut input, &mut output);
            records.handle_all(&mut Vec::new()).unwrap();
        }
        hear(&mut client, &std::mem::take(&mut output));
    }
    assert!(!client.is_handshaking());
}

/// The same with a server of this crate.
fn introduce(config: &Arc<ClientConfig>, server: &Config) {
    let mut client = connection(config);
    Server::new().converse(&mut client, server);
    assert!(!client.is_handshaking());
}

/// A client in the middle of its handshake.
#[derive(Debug)]
pub(crate) struct Client {
    connection: ClientConnection,
    /// What it has said and nobody has taken.
    said: Vec<u8>,
    /// What it says once its handshake is complete; `None` once it has.
    says: Option<&'static [u8]>,
}

impl Client {
    /// All that it has to say now.
    pub(crate) fn says(&mut self) -> Vec<u8> {
        if !self.connection.is_handshaking() {
            if let Some(says) = self.says.take() {
                self.connection.writer().write_all(says).unwrap();
            }
        }
        self.collect();
        std::mem::take(&mut self.said)
    }

    /// What it has to write, before rustls holds no more.
    fn collect(&mut self) {
        while self.connection.wants_write() {
            self.connection.write_tls(&mut self.said).unwrap();
        }
    }

    /// It hears this. What it makes of an alert is of no interest.
    pub(crate) fn hears(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() && self.connection.read_tls(&mut rest).is_ok_and(|n| n > 0) {
            if self.connection.process_new_packets().is_err() {
                return;
            }
        }
    }

    pub(crate) fn has_said_all(&self) -> bool {
        self.says.is_none() && !self.connection.wants_write()
    }
}
