//! The server that gets its clients from a load balancer. curl is both the balancer and the client.

use crate::Server;
use crate::clients::{Curl, curl, there_is_curl};

#[test]
fn the_client_reads_the_address_in_its_own_header() {
    if !there_is_curl("the_client_reads_the_address_in_its_own_header") {
        return;
    }
    let server = Server::start("proxy", &[]);
    let url = format!("https://{}/", server.address);
    let (told, peer) = curl(&["-k", "--haproxy-protocol", &url]);
    let welcome = format!("welcome, {peer}, by way of {peer}");
    assert_eq!(told, Curl::served("1", &welcome));
    assert_eq!(server.end(), (Some(0), String::new()));
}

#[test]
fn curl_without_a_header_is_refused() {
    if !there_is_curl("curl_without_a_header_is_refused") {
        return;
    }
    let mut server = Server::start("proxy", &[]);
    let (told, peer) = curl(&["-k", &format!("https://{}/", server.address)]);
    assert_eq!(told, Curl::failed(35, "tlsv1 alert decode error"));
    let said = r#"this server refused the client: no PROXY header: the connection begins with "\x16", as TLS does; alert decode_error (50) sent, delivered"#;
    assert_eq!(server.log(), format!("{peer}: {said}"));
    assert_eq!(server.end(), (Some(0), String::new()));
}
