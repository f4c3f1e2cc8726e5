//! Servers of other crates with an acceptor of this one, with curl and openssl.

use crate::Server;
use crate::clients::{Conversation, Curl, curl, there_is_curl, there_is_openssl};

const NOT_TLS: &str =
    "client sent an HTTP GET request instead of TLS; alert unexpected_message (10) sent, delivered";

#[test]
fn axum_server_serves_curl_and_logs_a_client_without_tls() {
    if !there_is_curl("axum_server_serves_curl_and_logs_a_client_without_tls") {
        return;
    }
    let mut server = Server::start("axum_server", &[]);
    let (served, _) = curl(&["-k", &format!("https://{}/", server.address)]);
    assert_eq!(served, Curl::served("1.1", "welcome"));
    let (refused, _) = curl(&[&format!("http://{}/", server.address)]);
    let words = "curl: (1) Received HTTP/0.9 when not allowed";
    assert_eq!(refused, Curl::failed(1, words));
    assert_eq!(server.log(), NOT_TLS);
}

#[test]
fn tls_listener_serves_openssl_and_logs_a_client_without_tls() {
    let test = "tls_listener_serves_openssl_and_logs_a_client_without_tls";
    if !there_is_openssl(test) || !there_is_curl(test) {
        return;
    }
    let mut server = Server::start("tls_listener", &[]);
    let mut client = Conversation::begin(server.address, &[]);
    assert_eq!(client.hear(), "welcome\n");
    client.hears_the_end();
    let (refused, peer) = curl(&[&format!("http://{}/", server.address)]);
    let words = "curl: (1) Received HTTP/0.9 when not allowed";
    assert_eq!(refused, Curl::failed(1, words));
    assert_eq!(server.log(), format!("{peer}: {NOT_TLS}"));
}
