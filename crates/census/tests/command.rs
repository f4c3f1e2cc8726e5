//! The command, as it is run: what it prints, its exit codes, and its errors.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::{env, fs, process, thread};

use crate::example;

use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde_json::Value;

/// The exit code, what was printed, and the error.
fn census(args: &[&str]) -> (Option<i32>, String, String) {
    let program = env!("CARGO_BIN_EXE_lastword-census");
    let ended = Command::new(program).args(args).output().unwrap();
    let [out, error] = [ended.stdout, ended.stderr].map(|text| String::from_utf8(text).unwrap());
    (ended.status.code(), out, error)
}

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("lastword-census-{}-{name}", process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().into()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_results_of_a_good_server_are_shown_in_each_form() {
    let server = example::lastword().await.unwrap().to_string();
    let (code, text, error) = census(&["run", &server, "--only", "hello", "--fail-on", "bad"]);
    assert_eq!((code, error.as_str()), (Some(0), ""), "{text}");
    assert!(
        text.contains(" got the required alert, or none where none is required\n"),
        "{text}"
    );

    let (_, lines, _) = census(&[
        "run",
        &server,
        "--only",
        "empty-hello",
        "--json",
        "--rounds",
        "2",
    ]);
    let mut result: Value = serde_json::from_str(&lines).unwrap();
    assert!(result["milliseconds"].take().is_f64());
    assert!(result["told_after_milliseconds"].take().is_f64());
    let alert = [serde_json::json!({ "code": 50, "name": "decode_error" })];
    assert_eq!(
        result,
        serde_json::json!({
            "client": "empty-hello", "does": "sends a hello without content",
            "required": alert, "reference": "RFC 8446 §6.2", "received": alert, "end": "fin",
            "told": "required", "result": "right", "rounds": ["right", "right"], "means": "",
            "matters": "this alert shows that a hello was damaged on its way",
            "milliseconds": null, "told_after_milliseconds": null,
        })
    );

    let folder = Folder::new("page");
    fs::write(folder.path("good.json"), &lines).unwrap();
    let (code, page, _) = census(&["compare", &folder.path("good.json")]);
    assert_eq!(code, Some(0));
    assert!(page.contains("good<small>1 of 1 good</small>"), "{page}");
    assert!(
        page.contains("<td class=\"good\">right<small>decode_error</small></td>"),
        "{page}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_result_fails_where_it_is_asked_for() {
    let server = example::tokio_rustls().await.unwrap().to_string();
    let only = ["run", &server, "--only", "no-supported-groups"];
    let with = |more: &[&str]| census(&[&only[..], more].concat());
    assert_eq!(with(&[]).0, Some(0));
    assert_eq!(with(&["--fail-on", "bad"]).0, Some(1));
    assert_eq!(with(&["--fail-on", "wrong,nothing"]).0, Some(1));
    assert_eq!(with(&["--fail-on", "nothing"]).0, Some(0));
    assert_eq!(with(&["--fail-on", "sometimes"]).0, Some(2));
    let (code, xml, _) = with(&["--junit"]);
    assert_eq!(code, Some(0));
    assert!(xml.contains(r#"tests="1" failures="1""#), "{xml}");
    let why = r#"<failure type="wrong" message="client leaves supported_groups out, in TLS 1.3; RFC 8446 §9.2: missing_extension (109); got handshake_failure (40), "#;
    assert!(xml.contains(why), "{xml}");
}

#[test]
fn a_server_that_cannot_be_asked_is_an_error_in_words() {
    let error = |server: &str| {
        let (code, _, error) = census(&["run", server, "--patience", "1"]);
        assert_eq!(code, Some(2), "{error}");
        error
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let words = format!("lastword-census: {address} does not answer a ClientHello within 1s\n");
    assert_eq!(error(&address.to_string()), words); // nothing accepts
    drop(listener);
    let refused = error(&address.to_string());
    let words = format!("lastword-census: cannot connect to {address}: Connection refused");
    assert!(refused.starts_with(&words), "{refused}");

    let plain = speaking(b"220 mail.example.test ESMTP\r\n");
    let words =
        "does not speak TLS: it answers a ClientHello with [32, 32, 30, 20, 6d, 61, 69, 6c]\n";
    assert_eq!(
        error(&plain.to_string()),
        format!("lastword-census: {plain} {words}")
    );
    let (code, _, words) = census(&["run", &plain.to_string(), "--only", "nobody"]);
    assert_eq!(
        (code, words.as_str()),
        (
            Some(2),
            "lastword-census: no client has \"nobody\" in its name\n"
        )
    );
}

/// A server that says this to each client, and reads to the end.
fn speaking(words: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.write_all(words); // the client may have left
            thread::spawn(move || stream.read_to_end(&mut Vec::new()));
        }
    });
    address
}

/// A server that requires certificates of an authority that the command made.
#[tokio::test(flavor = "multi_thread")]
async fn clients_have_certificates_of_an_authority_that_the_server_trusts() {
    let folder = Folder::new("authority");
    let made = census(&["setup", "--authority", folder.0.to_str().unwrap()]);
    assert_eq!(made.0, Some(0), "{}", made.2);
    let config = requiring(Path::new(&folder.path("ca.pem")));
    let server = example::lastword_with(config).await.unwrap().to_string();
    let args = [
        "--authority",
        folder.0.to_str().unwrap(),
        "--fail-on",
        "bad",
    ];
    let (code, text, _) = census(&[&["run", &server][..], &args].concat());
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.starts_with(&format!("{server} as localhost: 17 clients in ")),
        "{text}"
    );
}

/// A server that requires certificates, and clients that are not told so.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_requires_certificates_is_noted_in_each_form() {
    let folder = Folder::new("noted");
    assert_eq!(
        census(&["setup", "--authority", &folder.path("")]).0,
        Some(0)
    );
    let config = requiring(Path::new(&folder.path("ca.pem")));
    let server = example::lastword_with(config).await.unwrap().to_string();
    let args = ["run", &server, "--only", "empty-hello"];
    let note = "the server requires client certificates: a client without one";
    let (_, text, _) = census(&args);
    assert!(text.contains(&format!("\n\nNote: {note}")), "{text}");
    let (_, lines, _) = census(&[&args[..], &["--json"]].concat());
    let last: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert!(last["note"].as_str().unwrap().starts_with(note), "{last}");
    let (_, xml, _) = census(&[&args[..], &["--junit"]].concat());
    assert!(xml.contains(&format!("<system-out>{note}")), "{xml}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_summary_has_the_times_and_the_command_for_what_was_left_out() {
    let server = example::lastword().await.unwrap().to_string();
    let (_, text, _) = census(&["run", &server, "--only", "no-c", "--all"]);
    assert!(text.contains("\nTime until the alert: "), "{text}");
    assert!(
        text.contains(" got handshake_failure (40), then\n    FIN; after "),
        "{text}"
    );
    let matters = "\n    the client's operator learns that the cipher suites differ, and does not\n    \
                   suspect the network\n";
    assert!(text.contains(matters), "{text}");
    let left_out = "\nNot sent, because they need:\n    \
                    3  a server that requires ALPN (--profile alpn)\n    \
                    2  a server that requires certificates (--authority)\n\
                    What to configure for them: lastword-census setup --profile alpn --authority DIR\n";
    assert!(text.ends_with(left_out), "{text}");
}

fn requiring(ca: &Path) -> Arc<ServerConfig> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(ca).unwrap())
        .unwrap();
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), ring).build();
    example::tls(true, Some(verifier.unwrap())).unwrap()
}

#[test]
fn no_line_of_a_report_is_wider_than_a_terminal() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let report = runtime.block_on(async {
        let address = example::tokio_rustls().await.unwrap();
        example::census(address).await.unwrap()
    });
    for text in [report.to_string(), format!("{report:#}")] {
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}
