//! hyper's server, with curl and openssl.

use crate::clients::{Conversation, Curl, curl, s_client, there_is_curl, there_is_openssl};
use crate::{Server, tells_who_fails_after_ctrl_c};

#[test]
fn hyper_serves_curl_over_both_versions_of_http() {
    if !there_is_curl("hyper_serves_curl_over_both_versions_of_http") {
        return;
    }
    let server = Server::start("hyper", &[]);
    let url = format!("https://{}/", server.address);
    let (told, _) = curl(&["-k", "--http1.1", &url]);
    assert_eq!(told, Curl::served("1.1", "welcome over HTTP/1.1"));
    let (told, _) = curl(&["-k", "--http2", &url]);
    assert_eq!(told, Curl::served("2", "welcome over HTTP/2.0"));
    assert_eq!(server.end(), (Some(0), String::new()));
}

#[test]
fn curl_is_told_that_hyper_speaks_no_tls_1_2() {
    if !there_is_curl("curl_is_told_that_hyper_speaks_no_tls_1_2") {
        return;
    }
    let mut server = Server::start("hyper", &[]);
    let url = format!("https://{}/", server.address);
    let (told, peer) = curl(&["-k", "--tls-max", "1.2", &url]);
    let words = "tlsv1 alert protocol version";
    assert_eq!(told, Curl::failed(35, words));
    let said = "no protocol version in common: client offers TLS 1.2 or older, \
         server has TLS 1.3; alert protocol_version (70) sent, delivered";
    assert_eq!(server.log(), format!("{peer}: {said}"));
    assert_eq!(server.end(), (Some(0), String::new()));
}

#[test]
fn openssl_is_told_that_hyper_speaks_http_alone() {
    if !there_is_openssl("openssl_is_told_that_hyper_speaks_http_alone") {
        return;
    }
    let mut server = Server::start("hyper", &[]);
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
fn ctrl_c_closes_idle_and_silent_clients_of_hyper_in_order() {
    if !there_is_openssl("ctrl_c_closes_idle_and_silent_clients_of_hyper_in_order") {
        return;
    }
    let server = Server::start("hyper", &[]);
    let mut silent = Conversation::begin(server.address, &[]);
    silent.meet();
    let mut idle = Conversation::begin(server.address, &[]);
    idle.say("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    while idle.hear() != "welcome over HTTP/1.1\n" {}
    server.interrupt();
    idle.hears_the_end();
    silent.hears_the_end();
    assert_eq!(server.ended(), (Some(0), String::new()));
}

#[test]
fn hyper_tells_who_fails_after_ctrl_c() {
    tells_who_fails_after_ctrl_c("hyper");
}
