//! Configurations that are made by `From`, which refuses none: what clients of a bad one are told.

use std::sync::Arc;

use crate::handshake::clients::accepted;
use lastword_acceptor::{AlertDescription, Config, ErrorAndAlert, ErrorKind, Phase, Reason};
use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::Pki;
use lastword_testkit::wire::HelloBuilder;
use rustls::ServerConfig;

/// What a client with this hello is told by a server with this configuration.
fn told(config: &Config, hello: &HelloBuilder) -> [ErrorAndAlert; 2] {
    let accepted = || accepted(&hello.record());
    [
        accepted().into_handshake(config).map(drop).unwrap_err(),
        accepted().into_connection(config).map(drop).unwrap_err(),
    ]
}

#[test]
fn no_client_is_served_with_a_configuration_that_new_refuses() {
    let with = |change: fn(&mut ServerConfig)| {
        let config = Pki::new().server_config(&ServerProfile::DEFAULT);
        let mut config = ServerConfig::clone(&config);
        change(&mut config);
        config
    };
    for (config, words) in [
        (
            with(|config| config.alpn_protocols = vec![vec![]]),
            "an application protocol (ALPN) has an empty name",
        ),
        // without it rustls fails at each client
        (
            with(|config| config.max_fragment_size = Some(31)),
            "the maximum fragment size is 31 bytes, but it must be from 32 to 16389",
        ),
    ] {
        let refused = Config::new(config.clone()).unwrap_err();
        assert_eq!(refused.to_string(), words);
        for config in [Config::from(config.clone()), Arc::new(config).into()] {
            assert_eq!(config.error(), Some(&refused));
            // the last offers no version that the server has: the server's fault is found first
            let no_version = HelloBuilder::default().supported_versions(&[0x0301]);
            for hello in [HelloBuilder::default(), HelloBuilder::tls12(), no_version] {
                for error in told(&config, &hello) {
                    assert_eq!(error.tls(), [21, 3, 3, 0, 2, 2, 80]);
                    assert_eq!(error.alert(), Some(AlertDescription::INTERNAL_ERROR));
                    assert_eq!(
                        error.to_string(),
                        format!("this server can serve no client: {words}")
                    );
                    assert_eq!(error.error().reason(), Reason::Internal);
                    assert_eq!(error.error().phase(), Phase::ServerHello);
                    assert!(
                        matches!(error.error().kind(), ErrorKind::Config(found) if *found == refused)
                    );
                }
            }
        }
    }
}

#[test]
fn a_configuration_without_an_error_is_the_same_made_in_each_way() {
    let config = Pki::new().server_config(&ServerProfile::DEFAULT);
    let by_new = Config::new(Arc::clone(&config)).unwrap();
    for config in [
        Config::from(Arc::clone(&config)),
        Config::from((*config).clone()),
    ] {
        assert_eq!(config.error(), None);
        assert_eq!(config.versions(), by_new.versions());
        let hello = accepted(&HelloBuilder::default().record());
        assert!(hello.into_handshake(&config).unwrap().wants_write());
    }
}
