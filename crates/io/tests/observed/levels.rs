//! The level of the event for a failed handshake, and the client's certificate in it.

use std::sync::Arc;

use lastword_io::acceptor::{Certificate, Config, Reason};
use lastword_io::{Plain, TlsAcceptor};
use lastword_testkit::catalogue::{ClientAuth, ServerProfile};
use lastword_testkit::observed::events;
use lastword_testkit::pki::{ClientProfile, Identity};
use lastword_testkit::script::{Client, ScriptedStream};
use tracing::Level;

use crate::observed::PKI;

fn acceptor() -> TlsAcceptor {
    let profile = ServerProfile {
        client_auth: ClientAuth::Required,
        ..ServerProfile::DEFAULT
    };
    TlsAcceptor::new(Config::new(PKI.server_config(&profile)).unwrap())
}

/// The events of a client with this identity.
fn seen(acceptor: &TlsAcceptor, identity: Identity) -> Vec<String> {
    let config = PKI.client_config(&ClientProfile {
        identity,
        ..ClientProfile::DEFAULT
    });
    events(|| {
        let stream = ScriptedStream::new(&[]).with_client(Client::new(Arc::clone(&config)));
        drop(acceptor.accept(Plain(stream)));
    })
}

#[test]
fn the_application_sets_the_level() {
    let acceptor = acceptor().with_level(|error, default| match error.reason() {
        Reason::ClientCertificate => Level::WARN,
        Reason::NotTls => Level::TRACE,
        _ => default,
    });
    let lines = seen(&acceptor, Identity::UnknownCa);
    assert!(lines[0].starts_with("WARN handshake: "), "{lines:?}");
    for (bytes, level) in [(&b"SSH-2.0-x\r\n"[..], "TRACE"), (b"\x16\x03", "INFO")] {
        let lines = events(|| {
            let stream = Plain(ScriptedStream::new(bytes));
            drop(acceptor.accept(stream).unwrap_err());
        });
        let start = format!("{level} handshake: ");
        assert!(lines[0].starts_with(&start), "{lines:?}");
    }
}

#[test]
fn the_event_has_the_clients_certificate_in_fields() {
    let fields = |identity| {
        let der = PKI.client(identity).unwrap().certificate();
        let certificate = Certificate::new(&der);
        let sha256 = certificate.sha256();
        let sha256: String = sha256.iter().map(|byte| format!("{byte:02x}")).collect();
        format!(
            " certificate_subject=\"{}\" certificate_issuer=\"{}\" certificate_serial=\"{}\" \
             certificate_sha256=\"{sha256}\"",
            certificate.subject().unwrap(),
            certificate.issuer().unwrap(),
            certificate.serial().unwrap(),
        )
    };
    let lines = seen(&acceptor(), Identity::UnknownCa);
    let words = "INFO handshake: lastword: client certificate not accepted: its issuer is not known to \
         this server; this server asks for certificates of 1 authority: \"CN=lastword test CA\" \
         reason=\"client_certificate\" ";
    assert!(lines[0].starts_with(words), "{lines:?}");
    assert!(
        lines[0].ends_with(&fields(Identity::UnknownCa)),
        "{lines:?}"
    );
    let lines = seen(&acceptor(), Identity::Known);
    let known = format!("client_certificate=true{} ", fields(Identity::Known));
    assert!(lines[0].contains(&known), "{lines:?}");
    let lines = seen(&acceptor(), Identity::None);
    assert!(!lines[0].contains("certificate_sha256"), "{lines:?}");
}
