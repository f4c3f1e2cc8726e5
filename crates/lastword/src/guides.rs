//! Recipes, one for each task. These modules have no items, only text.
//!
//! | task | guide |
//! |---|---|
//! | move a server to lastword | [`from_tokio_rustls`], [`from_rustls_acceptor`], [`from_axum_server`] |
//! | choose certificates | [`names`], [`reload`], [`acme`] |
//! | authenticate clients | [`client_certificates`], [`encrypted_alerts`] |
//! | share a port or a machine | [`plaintext`], [`pass_through`], [`proxy_protocol`], [`sockets`] |
//! | resume sessions | [`tickets`], [`early_data`] |
//! | operate a server | [`logs_and_metrics`], [`limits_and_timeouts`], [`fingerprints`], [`shutdown`] |
//! | use the lower layers | [`event_loop`], [`no_std`] |
//!
//! # Before you start
//!
//! The guides use these dependencies. A guide that needs another feature or crate says so.
//!
//! ```toml
//! [dependencies]
//! lastword = { version = "0.1", features = ["ring", "tokio"] }
//! tokio = { version = "1", features = ["full"] }
//! ```
//!
//! To try an example, make a certificate for `localhost`:
//!
//! ```console
//! $ openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost \
//!     -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out cert.pem
//! ```

#[doc = include_str!("guides/from_tokio_rustls.md")]
pub mod from_tokio_rustls {}

#[doc = include_str!("guides/from_rustls_acceptor.md")]
pub mod from_rustls_acceptor {}

#[doc = include_str!("guides/from_axum_server.md")]
pub mod from_axum_server {}

#[doc = include_str!("guides/names.md")]
pub mod names {}

#[doc = include_str!("guides/reload.md")]
pub mod reload {}

#[doc = include_str!("guides/acme.md")]
pub mod acme {}

#[doc = include_str!("guides/client_certificates.md")]
pub mod client_certificates {}

#[doc = include_str!("guides/encrypted_alerts.md")]
pub mod encrypted_alerts {}

#[doc = include_str!("guides/plaintext.md")]
pub mod plaintext {}

#[doc = include_str!("guides/pass_through.md")]
pub mod pass_through {}

#[doc = include_str!("guides/proxy_protocol.md")]
pub mod proxy_protocol {}

#[doc = include_str!("guides/sockets.md")]
pub mod sockets {}

#[doc = include_str!("guides/tickets.md")]
pub mod tickets {}

#[doc = include_str!("guides/early_data.md")]
pub mod early_data {}

#[doc = include_str!("guides/logs_and_metrics.md")]
pub mod logs_and_metrics {}

#[doc = include_str!("guides/limits_and_timeouts.md")]
pub mod limits_and_timeouts {}

#[doc = include_str!("guides/fingerprints.md")]
pub mod fingerprints {}

#[doc = include_str!("guides/shutdown.md")]
pub mod shutdown {}

#[doc = include_str!("guides/event_loop.md")]
pub mod event_loop {}

#[doc = include_str!("guides/no_std.md")]
pub mod no_std {}
