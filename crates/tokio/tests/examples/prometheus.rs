//! The metrics as Prometheus scrapes them, and the events in the log.

use crate::Server;
use crate::clients::{Curl, curl, there_is_curl};

/// The line of an event without its time in front and the handshake's time behind.
fn event(line: &str) -> &str {
    let (_, event) = line.split_once(' ').unwrap();
    event.split(" duration_ms=").next().unwrap().trim()
}

#[test]
fn prometheus_is_told_of_each_handshake_and_so_is_the_log() {
    if !there_is_curl("prometheus_is_told_of_each_handshake_and_so_is_the_log") {
        return;
    }
    let mut server = Server::start("prometheus", &[]);
    // its event has the level DEBUG, which the example does not log
    curl(&[&format!("http://{}/", server.address)]);
    let (refused, peer) = curl(&[&format!("https://{}/", server.address)]);
    assert_eq!(refused.code, Some(60), "it trusts the server: {refused:?}");
    assert_eq!(
        without_certificate(event(&server.read_line())),
        format!(
            "INFO handshake{{peer={peer}}}: lastword: client sent the alert unknown_ca (48): \
             it does not trust this server's certificate, whose issuer it does not know \
             reason=\"peer_alert\" phase=\"after_server_hello\" alert=\"unknown_ca\" direction=\"received\" \
             delivery=\"nothing_to_send\""
        )
    );
    let page = format!("https://{}/metrics", server.address);
    let (Curl { body, code, .. }, _) = curl(&["-k", &page]);
    assert_eq!(code, Some(0));
    for line in [
        "# TYPE lastword_handshakes_total counter",
        "lastword_handshakes_total{outcome=\"failed\",reason=\"not_tls\"} 1",
        "lastword_handshakes_total{outcome=\"failed\",reason=\"peer_alert\"} 1",
        "lastword_handshakes_total{outcome=\"established\",reason=\"none\"} 1",
        "lastword_alerts_sent_total{alert=\"unexpected_message\"} 1",
        "lastword_alerts_received_total{alert=\"unknown_ca\"} 1",
        "lastword_deliveries_total{delivery=\"delivered\"} 1",
        "lastword_deliveries_total{delivery=\"nothing_to_send\"} 1",
        "lastword_handshakes_in_flight 0",
        "lastword_handshake_duration_seconds_bucket{outcome=\"failed\",le=\"+Inf\"} 2",
        "# HELP lastword_alerts_sent_total alerts written to their last byte, by description",
    ] {
        assert!(body.lines().any(|said| said == line), "{line}\n{body}");
    }
    assert_eq!(server.end(), (Some(0), String::new()));
}

/// Cuts this server's certificate out of a line.
fn without_certificate(line: &str) -> String {
    let (before, after) = line.split_once("; this server sent ").unwrap();
    let (_, fields) = after.split_once(" reason=").unwrap();
    format!("{before} reason={fields}")
}
