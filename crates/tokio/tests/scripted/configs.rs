//! Configurations of rustls that can serve no client.

use std::sync::Arc;

use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::untimed;
use lastword_tokio::TlsAcceptor;
use lastword_tokio::acceptor::{AlertDescription, Config, ErrorKind, ServerConfig};

use crate::scripted::{PKI, Scripted, hello};

/// One with the name of an application protocol that is empty.
fn serves_nobody() -> Arc<ServerConfig> {
    let mut config = Arc::unwrap_or_clone(PKI.server_config(&ServerProfile::DEFAULT));
    config.alpn_protocols = vec![b"h2".into(), b"".into()];
    Arc::new(config)
}

#[tokio::test(start_paused = true)]
async fn each_client_of_a_configuration_that_can_serve_none_gets_internal_error() {
    for acceptor in [
        TlsAcceptor::from(serves_nobody()),
        TlsAcceptor::new(serves_nobody()),
        TlsAcceptor::choosing(|_| Ok(Config::from(serves_nobody()))),
    ] {
        let stream = Scripted::new(ScriptedStream::new(&hello()).closes_when_told());
        let error = acceptor.accept(stream).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Config(_)));
        assert_eq!(error.alert(), Some(AlertDescription::INTERNAL_ERROR));
        assert_eq!(
            untimed(&error),
            "this server can serve no client: an application protocol (ALPN) has an empty name; \
             alert internal_error (80) sent, delivered; name localhost"
        );
    }
}
