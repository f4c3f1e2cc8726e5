//! axum's server, with curl and openssl.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::{env, fs, process};

use lastword_testkit::pki::{Identity, Pki};

use crate::clients::{Conversation, Curl, curl, s_client, there_is_curl, there_is_openssl};
use crate::{Server, tells_who_fails_after_ctrl_c};

#[test]
fn axum_serves_curl_over_both_versions_of_http_and_knows_of_its_connection() {
    let test = "axum_serves_curl_over_both_versions_of_http_and_knows_of_its_connection";
    if !there_is_curl(test) {
        return;
    }
    let server = Server::start("axum", &[]);
    let url = format!("https://{}/", server.address);
    let (mut told, peer) = curl(&["-k", "--http1.1", &url]);
    take_ja4(&mut told, "t13i");
    let body = format!("welcome, {peer}, over http/1.1");
    assert_eq!(told, Curl::served("1.1", &body));
    let there = format!("localhost::{}", server.address);
    let (mut told, peer) = curl(&[
        "-k",
        "--http2",
        "--connect-to",
        &there,
        "https://localhost/",
    ]);
    take_ja4(&mut told, "t13d");
    let body = format!("welcome, {peer}, over h2, to localhost");
    assert_eq!(told, Curl::served("2", &body));
    assert_eq!(server.end(), (Some(0), String::new()));
}

#[test]
fn curl_in_plaintext_is_told_by_axum_that_this_is_tls() {
    if !there_is_curl("curl_in_plaintext_is_told_by_axum_that_this_is_tls") {
        return;
    }
    let mut server = Server::start("axum", &[]);
    let (told, peer) = curl(&[&format!("http://{}/", server.address)]);
    // the alert is no answer in HTTP
    let words = "curl: (1) Received HTTP/0.9 when not allowed";
    assert_eq!(told, Curl::failed(1, words));
    let said = "client sent an HTTP GET request instead of TLS; alert unexpected_message (10) sent, delivered";
    assert_eq!(server.log(), format!("{peer}: {said}"));
    assert_eq!(server.end(), (Some(0), String::new()));
}

#[test]
fn openssl_is_told_that_axum_speaks_http_alone() {
    if !there_is_openssl("openssl_is_told_that_axum_speaks_http_alone") {
        return;
    }
    let mut server = Server::start("axum", &[]);
    let words = "tlsv1 alert no application protocol: SSL alert number 120";
    let told = s_client(server.address, &["-alpn", "smtp"]);
    assert_eq!(told, (Some(1), words.into()));
    assert_eq!(
        server.log_of_anybody(),
        "no application protocol in common: client offers smtp, server has h2, http/1.1; \
         alert no_application_protocol (120) sent, delivered"
    );
    assert_eq!(server.end(), (Some(0), String::new()));
}

#[test]
fn ctrl_c_closes_an_idle_client_of_axum_in_order() {
    if !there_is_openssl("ctrl_c_closes_an_idle_client_of_axum_in_order") {
        return;
    }
    let server = Server::start("axum", &[]);
    let mut idle = Conversation::begin(server.address, &["-noservername"]);
    idle.say("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    while !idle.hear().starts_with("welcome, 127.0.0.1:") {}
    server.interrupt();
    idle.hears_the_end();
    assert_eq!(server.ended(), (Some(0), String::new()));
}

/// Takes the JA4 fingerprint off the end of the body, which begins like this.
fn take_ja4(told: &mut Curl, prefix: &str) {
    let (body, ja4) = told.body.split_once(", JA4 ").unwrap();
    assert!(ja4.starts_with(prefix), "{ja4}");
    assert_eq!(ja4.trim_end().len(), 36, "{ja4}");
    told.body = format!("{body}\n");
}

/// Files in PEM for a server that may be shown certificates. Removed when dropped.
pub(crate) struct Files {
    folder: PathBuf,
    pki: Pki,
}

impl Files {
    pub(crate) fn new(test: &str) -> Self {
        let name = format!("lastword-{}-{test}", process::id());
        let folder = env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        let pki = Pki::new();
        Self { folder, pki }
    }

    pub(crate) const fn pki(&self) -> &Pki {
        &self.pki
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// The example with a certificate of these.
    pub(crate) fn serve(&self, example: &str) -> Server {
        let server = self.pki.server();
        let chain = self.write("server.pem", &server.certificate_pem());
        let key = self.write("server.key", &server.key_pem());
        let ca = self.write("ca.pem", &self.pki.ca_pem());
        let options = ["--cert", "--key", "--clients"].map(PathBuf::from);
        let [cert, own, clients] = options;
        Server::start(example, &[cert, chain, own, key, clients, ca])
    }

    /// Has curl, which trusts the server, show a certificate: what came of it, and how long it is.
    fn show(&self, identity: Identity, server: &Server) -> (Curl, SocketAddr, usize) {
        self.ask(identity, server, &["--http1.1", "https://localhost/"])
    }

    /// The same with other arguments.
    pub(crate) fn ask(
        &self,
        identity: Identity,
        server: &Server,
        asked: &[&str],
    ) -> (Curl, SocketAddr, usize) {
        let credentials = self.pki.client(identity).unwrap();
        let pem = credentials.certificate_pem() + &credentials.key_pem();
        let client = self.write("client.pem", &pem);
        let (client, ca) = (client.to_str().unwrap(), self.folder.join("ca.pem"));
        let there = format!("localhost::{}", server.address);
        let mut arguments = vec!["--cacert", ca.to_str().unwrap()];
        arguments.extend(["--cert", client, "--connect-to", &there]);
        arguments.extend(asked);
        let (told, peer) = curl(&arguments);
        (told, peer, credentials.certificate().len())
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn axum_knows_the_certificate_that_curl_shows() {
    if !there_is_curl("axum_knows_the_certificate_that_curl_shows") {
        return;
    }
    let files = Files::new("known");
    let server = files.serve("axum");
    let (mut told, peer, length) = files.show(Identity::Known, &server);
    take_ja4(&mut told, "t13d");
    let told_all = format!("over http/1.1, to localhost, with a certificate of {length} bytes");
    let welcome = format!("welcome, {peer}, {told_all}");
    assert_eq!(told, Curl::served("1.1", &welcome));
    assert_eq!(server.end(), (Some(0), String::new()));
}

#[test]
fn curl_is_told_by_axum_that_nobody_knows_who_vouches_for_it() {
    if !there_is_curl("curl_is_told_by_axum_that_nobody_knows_who_vouches_for_it") {
        return;
    }
    let files = Files::new("unknown");
    let mut server = files.serve("axum");
    let (told, peer, _) = files.show(Identity::UnknownCa, &server);
    assert_eq!(told, Curl::failed(56, "tlsv1 alert unknown ca, errno 0"));
    let said = "client certificate or its chain not accepted: its issuer is not known to this server; this server asks for certificates of 1 authority: \"CN=lastword test CA\"; alert unknown_ca (48) sent, delivered; name localhost";
    assert_eq!(server.log(), format!("{peer}: {said}"));
    assert_eq!(server.end(), (Some(0), String::new()));
}

#[test]
fn axum_tells_who_fails_after_ctrl_c() {
    tells_who_fails_after_ctrl_c("axum");
}
