//! The echo server, with openssl.

use crate::clients::{Conversation, s_client, there_is_openssl};
use crate::{Server, tells_who_fails_after_ctrl_c};

#[test]
fn openssl_reads_back_what_it_wrote() {
    if !there_is_openssl("openssl_reads_back_what_it_wrote") {
        return;
    }
    let server = Server::start("echo", &[]);
    let named = ["-servername", "localhost", "-no_ign_eof"];
    let mut client = Conversation::begin(server.address, &named);
    client.say("hello\n");
    assert_eq!(client.hear(), "hello\n");
    client.say("and again\n");
    assert_eq!(client.hear(), "and again\n");
    assert_eq!(client.end(), (Some(0), String::new(), "DONE".into()));
    assert_eq!(server.end(), (Some(0), String::new()));
}

#[test]
fn openssl_is_told_that_echo_does_not_know_the_name() {
    if !there_is_openssl("openssl_is_told_that_echo_does_not_know_the_name") {
        return;
    }
    let mut server = Server::start("echo", &[]);
    let told = s_client(server.address, &["-servername", "elsewhere.test"]);
    let words = "tlsv1 unrecognized name: SSL alert number 112";
    assert_eq!(told, (Some(1), words.into()));
    assert_eq!(
        server.log_of_anybody(),
        "this server refused the client: no server by this name: client asks for elsewhere.test; \
         alert unrecognized_name (112) sent, delivered"
    );
    assert_eq!(server.end(), (Some(0), String::new()));
}

#[test]
fn openssl_is_told_that_echo_must_have_a_name() {
    if !there_is_openssl("openssl_is_told_that_echo_must_have_a_name") {
        return;
    }
    let mut server = Server::start("echo", &[]);
    let told = s_client(server.address, &["-noservername"]);
    let words = "tlsv13 alert missing extension: SSL alert number 109";
    assert_eq!(told, (Some(1), words.into()));
    let said = "this server refused the client: a server name is required and none came; alert missing_extension (109) sent, delivered";
    assert_eq!(server.log_of_anybody(), said);
    assert_eq!(server.end(), (Some(0), String::new()));
}

#[test]
fn ctrl_c_closes_an_idle_echo_in_order() {
    if !there_is_openssl("ctrl_c_closes_an_idle_echo_in_order") {
        return;
    }
    let server = Server::start("echo", &[]);
    let mut client = Conversation::begin(server.address, &["-servername", "localhost"]);
    client.say("hello\n");
    assert_eq!(client.hear(), "hello\n");
    server.interrupt();
    client.hears_the_end();
    assert_eq!(server.ended(), (Some(0), String::new()));
}

#[test]
fn echo_tells_who_fails_after_ctrl_c() {
    tells_who_fails_after_ctrl_c("echo");
}
