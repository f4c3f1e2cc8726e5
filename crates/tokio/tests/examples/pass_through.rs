//! The server that passes the clients of one name through to another server, with openssl.

use crate::Server;
use crate::clients::{Conversation, s_client, there_is_openssl};

#[test]
fn openssl_reaches_the_server_of_its_name() {
    if !there_is_openssl("openssl_reaches_the_server_of_its_name") {
        return;
    }
    let echo = Server::start("echo", &[]);
    let backend = echo.address.to_string();
    let mut server = Server::start("pass_through", &["--backend".into(), backend.into()]);
    let mut own = Conversation::begin(server.address, &["-servername", "localhost"]);
    assert_eq!(own.hear(), "welcome\n");
    own.hears_the_end();

    let named = ["-servername", "example.test", "-no_ign_eof"];
    let mut passed = Conversation::begin(server.address, &named);
    passed.say("hello\n");
    assert_eq!(passed.hear(), "hello\n");
    assert_eq!(passed.end(), (Some(0), String::new(), "DONE".into()));

    let told = s_client(server.address, &["-servername", "elsewhere.test"]);
    let words = "tlsv1 unrecognized name: SSL alert number 112";
    assert_eq!(told, (Some(1), words.into()));
    assert_eq!(
        server.log_of_anybody(),
        "this server refused the client: no server by this name: client asks for elsewhere.test; \
         alert unrecognized_name (112) sent, delivered"
    );
    assert_eq!(server.end(), (Some(0), String::new()));
    assert_eq!(echo.end(), (Some(0), String::new()));
}

#[test]
fn a_backend_that_does_not_listen_is_logged() {
    if !there_is_openssl("a_backend_that_does_not_listen_is_logged") {
        return;
    }
    let mut server = Server::start("pass_through", &[]);
    let (code, _) = s_client(server.address, &["-servername", "example.test"]);
    assert_eq!(code, Some(1));
    let line = server.read_line();
    assert!(line.contains(": 127.0.0.1:1: "), "{line}");
    assert_eq!(server.end(), (Some(0), String::new()));
}
