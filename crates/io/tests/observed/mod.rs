//! Each handshake has one event, and the metrics count it.

mod events;
mod fields;
mod figures;
mod info;
mod levels;
mod shadow;

use std::os::unix::net::UnixStream;
use std::sync::LazyLock;
use std::thread;

use lastword_io::acceptor::Config;
use lastword_io::{AcceptError, Plain, TlsAcceptor, TlsStream};
use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::{ClientProfile, Pki};
use lastword_testkit::script::ScriptedStream;
use rustls::ClientConnection;

/// The path of this module, which events show.
const HERE: &str = module_path!();

static PKI: LazyLock<Pki> = LazyLock::new(Pki::new);

static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config::new(PKI.server_config(&ServerProfile::DEFAULT)).unwrap());

static ACCEPTOR: LazyLock<TlsAcceptor> = LazyLock::new(|| TlsAcceptor::new(CONFIG.clone()));

type Stream = Plain<ScriptedStream>;

/// A client that says this and closes, on the direct path.
fn refused(input: &[u8]) -> AcceptError<Stream> {
    let stream = Plain(ScriptedStream::new(input));
    ACCEPTOR.accept(stream).unwrap_err()
}

/// A good client, to the end of its handshake.
fn established() -> TlsStream<UnixStream> {
    let (server, mut client) = UnixStream::pair().unwrap();
    let config = PKI.client_config(&ClientProfile::DEFAULT);
    let name = "localhost".try_into().unwrap();
    let client = thread::spawn(move || {
        let mut connection = ClientConnection::new(config, name).unwrap();
        while connection.is_handshaking() {
            connection.complete_io(&mut client).unwrap();
        }
        client
    });
    let acceptor = TlsAcceptor::choosing(|_| {
        tracing::info!("choosing");
        Ok(CONFIG.clone())
    });
    let established = acceptor.accept(server);
    client.join().unwrap();
    established.unwrap()
}
