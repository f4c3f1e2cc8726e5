//! Metrics of handshakes for Prometheus, and one log event for each handshake.
//!
//! `cargo run -p lastword-tokio --example prometheus` prints where it listens. Then try:
//!
//! ```console
//! $ curl http://IP:PORT/
//! $ curl https://IP:PORT/
//! $ curl -k https://IP:PORT/metrics
//! ```
//!
//! The first client does not speak TLS and gets an alert. The second does not trust the certificate
//! and sends an alert. The server logs an event for each to standard error. The third client reads
//! the metrics. In your server, serve the metrics on another port. Ctrl-C ends the server.
//! `--cert FILE --key FILE` sets a certificate of your own.
#![forbid(unsafe_code)]

mod common;

use std::error::Error;
use std::io;

use axum::{Router, routing::get};
use lastword_tokio::acceptor::Config;
use lastword_tokio::{Listener, ListenerOptions, describe_metrics};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
use rustls::ServerConfig;
use tokio::signal::ctrl_c;

/// The upper bounds of the histogram's buckets, in seconds.
const BUCKETS: [f64; 8] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 10.0];

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(false)
        .init();
    let durations = Matcher::Full("lastword_handshake_duration_seconds".into());
    let metrics = PrometheusBuilder::new()
        .set_buckets_for_metric(durations, &BUCKETS)?
        .install_recorder()?;
    describe_metrics();

    let (chain, key) = common::certificate()?;
    let tls = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    let options = ListenerOptions::default();
    let listener = Listener::bind("127.0.0.1:0", Config::new(tls)?, options).await?;
    if let Some(address) = listener.local_addr() {
        println!("listening {address}");
    }
    let router = Router::new()
        .route("/", get("welcome\n"))
        .route("/metrics", get(async move || metrics.render()));
    axum::serve(listener, router)
        .with_graceful_shutdown(async { drop(ctrl_c().await) })
        .await?;
    Ok(())
}
