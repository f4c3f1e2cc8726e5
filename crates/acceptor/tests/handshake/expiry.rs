//! A session is not resumed after a certificate in it has expired.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::handshake::resumption::{FULL, Fleet, RESUMED, WAYS, handshake, handshakes};
use lastword_acceptor::Config;
use lastword_testkit::catalogue::Versions;
use rustls::crypto::ring;
use rustls::pki_types::UnixTime;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore, ServerConfig};

/// A clock that stands at these seconds since 1970.
#[derive(Debug)]
struct Clock(AtomicU64);

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = self.0.load(Ordering::Relaxed);
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

/// 2030-01-01 00:00:00 UTC.
const IN_2030: u64 = 1_893_456_000;

/// A server and a client. The certificate of one of them expires at the beginning of 2030. The clock of
/// the client stays in 2026.
fn expiring(
    of_client: bool,
    versions: Versions,
    fleet: &Fleet,
) -> (ServerConfig, Arc<ClientConfig>) {
    let until = |expires| if expires { 2030 } else { 2100 };
    let server = fleet.pki.issue("localhost", until(!of_client));
    let client = fleet.pki.issue("a client", until(of_client));
    let mut config = fleet.knowing();
    let key = ring::sign::any_supported_type(&server.key()).unwrap();
    let key = CertifiedKey::new(vec![server.certificate()], key);
    config.cert_resolver = Arc::new(SingleCertAndKey::from(key));
    let versions: &[&_] = match versions {
        Versions::Tls12 => &[&rustls::version::TLS12],
        _ => &[&rustls::version::TLS13],
    };
    let mut roots = RootCertStore::empty();
    roots.add(fleet.pki.ca_certificate()).unwrap();
    let clock = Arc::new(Clock(AtomicU64::new(IN_2030 - 4 * 365 * 86_400)));
    let ring = Arc::new(ring::default_provider());
    let client = ClientConfig::builder_with_details(ring, clock)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(vec![client.certificate()], client.key())
        .unwrap();
    (config, Arc::new(client))
}

#[test]
fn a_session_is_not_resumed_after_a_certificate_has_expired() {
    for (versions, kept) in WAYS {
        for of_client in [true, false] {
            let fleet = Fleet::new(kept);
            let (mut server, client) = expiring(of_client, versions, &fleet);
            let clock = Arc::new(Clock(AtomicU64::new(IN_2030 - 60)));
            server.time_provider = Arc::clone(&clock) as _;
            let config = Config::new(server).unwrap();
            assert_eq!(handshakes(&config, &config, &client), RESUMED);
            clock.0.store(IN_2030, Ordering::Relaxed); // valid through this second
            assert_eq!(handshake(&config, &client), RESUMED);
            clock.0.store(IN_2030 + 1, Ordering::Relaxed);
            let expected = match of_client {
                true => None, // it is verified, and has expired
                false => FULL,
            };
            let context = format!("{of_client} {versions:?} {kept:?}");
            assert_eq!(handshake(&config, &client), expected, "{context}");
        }
    }
}
