//! tonic's server, with curl as a client of gRPC.

use lastword_testkit::pki::Identity;

use crate::axum::Files;
use crate::clients::{Curl, there_is_curl};
use crate::tells_who_fails_after_ctrl_c_with;

/// The length of a message, and an empty HealthCheckRequest.
const REQUEST: [u8; 5] = [0; 5];

#[test]
fn tonic_knows_the_certificate_of_a_client() {
    if !there_is_curl("tonic_knows_the_certificate_of_a_client") {
        return;
    }
    let files = Files::new("tonic");
    let request = files.write("request", std::str::from_utf8(&REQUEST).unwrap());
    let mut server = files.serve("tonic");
    let data = format!("@{}", request.display());
    let asked = [
        "--http2",
        "--header",
        "content-type: application/grpc",
        "--header",
        "te: trailers",
        "--data-binary",
        &data,
        "https://localhost/grpc.health.v1.Health/Check",
    ];
    let (Curl { code, body, .. }, peer, length) = files.ask(Identity::Known, &server, &asked);
    assert_eq!(code, Some(0));
    // a message of two bytes: the field `status` is 1, SERVING
    assert_eq!(body.as_bytes(), [0, 0, 0, 0, 2, 8, 1]);
    let said = format!("{peer}: asks with a certificate of {length} bytes");
    assert_eq!(server.read_line(), said);
    assert_eq!(server.end(), (Some(0), String::new()));
}

#[test]
fn tonic_tells_who_fails_after_ctrl_c() {
    let files = Files::new("tonic-late");
    tells_who_fails_after_ctrl_c_with(files.serve("tonic"));
}
