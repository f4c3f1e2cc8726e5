//! Python's `ssl`: its exception has the name of the alert, as OpenSSL has it.

use std::process::Command;

use lastword::AlertDescription;

use super::super::mark::Mark;
use super::{Condition, Site, last_line};

/// What shows that Python has the module, and which version.
pub(super) const VERSION: [&str; 3] = [
    "-I",
    "-c",
    "import platform, ssl; print('Python', platform.python_version() + ',', ssl.OPENSSL_VERSION)",
];

/// A client that asks for `/` and waits for the answer, which is when an alert behind a handshake
/// of TLS 1.3 is read.
const CLIENT: &str = r#"
import socket, ssl, sys
host, port, ca, authority, version, protocol = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.load_verify_locations(ca)
if version:
    context.maximum_version = ssl.TLSVersion.TLSv1_2
if protocol:
    context.set_alpn_protocols([protocol])
with socket.create_connection((host, int(port)), timeout=9) as plain:
    with context.wrap_socket(plain, server_hostname=authority) as tls:
        tls.sendall(b"GET / HTTP/1.0\r\n\r\n")
        tls.recv(1024)
"#;

pub(super) fn arguments(command: &mut Command, condition: &Condition, site: Site<'_>) {
    let version = if condition.tls12_only { "1.2" } else { "" };
    let protocol = if condition.http1_only { "http/1.1" } else { "" };
    command.args(["-I", "-c", CLIENT]);
    command.args([
        site.address.ip().to_string(),
        site.address.port().to_string(),
    ]);
    command.arg(site.ca);
    command.args([condition.host, version, protocol]);
}

/// The exception, which has to name this alert.
pub(super) fn read(stderr: &str, required: AlertDescription) -> (String, Mark) {
    let words = last_line(stderr);
    let spoken = words.to_lowercase().replace(' ', "_");
    let mark = match required.name() {
        Some(name) if spoken.contains(name) => Mark::Right,
        // there are versions of OpenSSL that have no words for the alerts of extensions
        _ if words.contains("[SSL] unknown error") => Mark::Unjudged,
        _ => Mark::Wrong,
    };
    (words, mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(words: &str, required: AlertDescription) -> Mark {
        let stderr = format!("Traceback (most recent call last):\n  File \"x\"\n{words}\n");
        let (read, mark) = read(&stderr, required);
        assert_eq!(read, words);
        mark
    }

    #[test]
    fn finds_the_alert_in_capitals_and_in_words() {
        let words = "ssl.SSLError: [SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 (_ssl.c:1006)";
        assert_eq!(mark(words, AlertDescription::PROTOCOL_VERSION), Mark::Right);
        assert_eq!(
            mark(words, AlertDescription::UNRECOGNIZED_NAME),
            Mark::Wrong
        );
        let words = "ssl.SSLError: [SSL] tlsv1 alert no application protocol (_ssl.c:1006)";
        let required = AlertDescription::NO_APPLICATION_PROTOCOL;
        assert_eq!(mark(words, required), Mark::Right);
    }

    #[test]
    fn an_alert_that_openssl_has_no_words_for_is_not_judged_but_a_reset_is_wrong() {
        let required = AlertDescription::NO_APPLICATION_PROTOCOL;
        let words = "ssl.SSLError: [SSL] unknown error (_ssl.c:1131)";
        assert_eq!(mark(words, required), Mark::Unjudged);
        let words = "ConnectionResetError: [Errno 104] Connection reset by peer";
        assert_eq!(mark(words, required), Mark::Wrong);
    }
}
