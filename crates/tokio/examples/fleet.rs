//! A server of a fleet. Each server accepts the session tickets of the others, because all take the
//! same secrets from Redis, or from a file such as a mounted secret of Kubernetes.
//!
//! Put a secret into Redis, and start two servers, each in a terminal of its own:
//!
//! ```console
//! $ redis-cli RPUSH ticket-secrets "$(openssl rand -base64 32)"
//! $ cargo run -p lastword-tokio --example fleet redis://127.0.0.1/
//! ```
//!
//! Each prints where it listens. Try one, then the other:
//!
//! ```console
//! $ openssl s_client -quiet -connect IP:PORT -sess_out session
//! $ openssl s_client -quiet -connect IP:OTHER_PORT -sess_in session
//! ```
//!
//! The first client reads the word `full`, and the second `resumed`. To replace the secret, run these
//! commands. Wait before the second until each server has logged `ticket secrets: replaced`, and before
//! the third for 6 hours, the lifetime of a ticket:
//!
//! ```console
//! $ redis-cli RPUSH ticket-secrets "$(openssl rand -base64 32)"
//! $ redis-cli LMOVE ticket-secrets ticket-secrets RIGHT LEFT
//! $ redis-cli LTRIM ticket-secrets 0 0
//! ```
//!
//! `redis://` does not encrypt the secrets on their way; use it on a network that you trust, or a Unix
//! socket (`redis+unix:///path`). If the argument is not a URL, it is a file with a secret on each line.
//! With `--cert FILE --key FILE` all servers have one certificate. Without them each makes its own.
#![forbid(unsafe_code)]

mod common;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use std::{env, io};

use lastword_tickets::{Secret, SecretError, Tickets};
use lastword_tokio::acceptor::Config;
use lastword_tokio::{Listener, ListenerOptions, TlsStream};
use redis::AsyncCommands;
use rustls::ServerConfig;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::interval;

/// The list in Redis.
const LIST: &str = "ticket-secrets";

/// How often Redis is asked.
const INTERVAL: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() -> ExitCode {
    let served = match env::args().nth(1) {
        Some(secrets) if !secrets.starts_with("--") => serve(&secrets).await,
        _ => Err("usage: fleet REDIS_URL|FILE [--cert FILE --key FILE]".into()),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fleet: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(secrets: &str) -> Result<(), Box<dyn Error>> {
    let (chain, key) = common::certificate()?;
    let mut tls = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    tls.ticketer = match secrets.contains("://") {
        true => of_redis(secrets).await?,
        false => of_file(secrets)?,
    };
    // if you ask for client certificates, all servers need the same scope: `with_resumption_scope`
    let config = Config::new(tls)?;
    let options = ListenerOptions::default()
        .on_failure(|client, error| eprintln!("{client}: {error}")) // the client has its alert
        .on_accept_error(|error| eprintln!("accept: {error}"));
    let mut listener = Listener::bind("127.0.0.1:0", config, options).await?;
    if let Some(address) = listener.local_addr() {
        println!("listening {address}");
    }
    while let Some((stream, _client)) = listener.accept().await {
        tokio::spawn(greet(stream));
    }
    Ok(())
}

/// The file is read again by itself.
fn of_file(path: &str) -> Result<Arc<Tickets>, SecretError> {
    let tickets = Tickets::from_file(path)?
        .with_on_replaced(|| eprintln!("ticket secrets: replaced"))
        .with_on_error(|error| eprintln!("ticket secrets: {error}"));
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
            let secrets = read(&redis).await;
            match secrets.and_then(|secrets| tickets.set_secrets(secrets)) {
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
    let lines = connection.map_err(failed)?.lrange(LIST, 0, -1).await;
    let lines: Vec<String> = lines.map_err(failed)?;
    Secret::parse_list(&lines.join("\n"))
}

/// Tells the client which server this is, and whether the session was resumed.
async fn greet(mut stream: TlsStream<TcpStream>) -> io::Result<()> {
    let address = stream.get_ref().0.local_addr()?;
    let kind = stream.handshake_info().kind_name();
    stream
        .write_all(format!("{address}: {kind}\n").as_bytes())
        .await?;
    stream.close().await;
    Ok(())
}
