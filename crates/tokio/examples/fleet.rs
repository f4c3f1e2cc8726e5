//! A server of a fleet. Each server accepts the session tickets of the others, because all take the
//! same secrets from Redis, or from a file such as a mounted secret of Kubernetes.
//!
//! Start it twice. It prints where it listens. Then try:
//!
//! ```console
//! $ redis-cli RPUSH ticket-secrets "$(openssl rand -base64 32)"
//! $ cargo run -p lastword-tokio --example fleet redis://127.0.0.1/
//! $ cargo run -p lastword-tokio --example fleet redis://127.0.0.1/
//! $ openssl s_client -quiet -connect IP:PORT_OF_ONE -sess_out session
//! $ openssl s_client -quiet -connect IP:PORT_OF_THE_OTHER -sess_in session
//! ```
//!
//! The first client reads `full` behind the address, and the second `resumed`. With the path of a file in the place of
//! the address of Redis, the secrets are the lines of the file. With two PEM files behind it (a
//! certificate and its key), these are used. In a fleet, all servers have the same certificate.
#![forbid(unsafe_code)]

use std::env;
use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use lastword_testkit::{catalogue::ServerProfile, pki::Pki};
use lastword_tickets::{Secret, SecretError, Tickets};
use lastword_tokio::acceptor::Config;
use lastword_tokio::{Listener, ListenerOptions, TlsStream};
use redis::AsyncCommands;
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::interval;

/// The list in Redis. Its first secret seals tickets, and tickets of all are accepted.
const LIST: &str = "ticket-secrets";

/// How often Redis is asked.
const INTERVAL: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let source = args
        .next()
        .ok_or("usage: fleet REDIS_URL|FILE [CERT KEY]")?;
    let mut tls = tls(args.next().zip(args.next()))?;
    tls.ticketer = match source.starts_with("redis") {
        true => of_redis(&source).await?,
        false => of_file(source)?,
    };
    let options = ListenerOptions::default()
        .on_failure(|client, error| eprintln!("{client}: {error}")) // the client has its alert
        .on_accept_error(|error| eprintln!("accept: {error}"));
    let mut listener = Listener::bind("127.0.0.1:0", Config::new(tls)?, options).await?;
    if let Some(address) = listener.local_addr() {
        println!("listening {address}");
    }
    while let Some((stream, _client)) = listener.accept().await {
        tokio::spawn(greet(stream));
    }
    Ok(())
}

/// The file is read again by itself.
fn of_file(path: String) -> Result<Arc<Tickets>, Box<dyn Error>> {
    let tickets = Tickets::from_file(path)?;
    let tickets = tickets.with_on_error(|error| eprintln!("ticket secrets: {error}"));
    Ok(Arc::new(tickets))
}

/// Redis is asked by a task. While it does not answer, the last secrets stay in use.
async fn of_redis(url: &str) -> Result<Arc<Tickets>, Box<dyn Error>> {
    let redis = redis::Client::open(url)?;
    let tickets = Arc::new(Tickets::new(read(&redis).await?)?);
    let used = Arc::clone(&tickets);
    tokio::spawn(async move {
        let mut ticks = interval(INTERVAL);
        loop {
            ticks.tick().await;
            match read(&redis)
                .await
                .and_then(|secrets| tickets.set_secrets(secrets))
            {
                Ok(true) => eprintln!("ticket secrets: replaced"),
                Ok(false) => {}
                Err(error) => eprintln!("ticket secrets: {error}"),
            }
        }
    });
    Ok(used)
}

async fn read(redis: &redis::Client) -> Result<Vec<Secret>, SecretError> {
    let failed = |error| SecretError::Source(Box::new(error));
    let connection = redis.get_multiplexed_async_connection().await;
    let secrets: Vec<Vec<u8>> = connection
        .map_err(failed)?
        .lrange(LIST, 0, -1)
        .await
        .map_err(failed)?;
    secrets.into_iter().map(Secret::new).collect()
}

/// Tells the client who it is, and whether the session was resumed.
async fn greet(mut stream: TlsStream<TcpStream>) -> io::Result<()> {
    let address = stream.get_ref().0.local_addr()?;
    let kind = stream.handshake_info().kind_name();
    stream
        .write_all(format!("{address}: {kind}\n").as_bytes())
        .await?;
    stream.close().await;
    Ok(())
}

/// Returns a configuration with this certificate and key, or the testkit's.
fn tls(files: Option<(String, String)>) -> Result<ServerConfig, Box<dyn Error>> {
    let Some((chain, key)) = files else {
        return Ok(Arc::unwrap_or_clone(
            Pki::new().server_config(&ServerProfile::DEFAULT),
        ));
    };
    let chain = CertificateDer::pem_file_iter(chain)?.collect::<Result<_, _>>()?;
    let tls = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(key)?)?;
    Ok(tls)
}
