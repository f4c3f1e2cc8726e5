//! `setup`: what it prints, and that servers so configured get the clients that need it.

use std::io::{BufRead, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, fs, process};

use lastword_census::pki::Pki;

/// The exit code, what was printed, and the error.
fn census(args: &[&str]) -> (Option<i32>, String, String) {
    let program = env!("CARGO_BIN_EXE_lastword-census");
    let ended = Command::new(program).args(args).output().unwrap();
    let [out, error] = [ended.stdout, ended.stderr].map(|text| String::from_utf8(text).unwrap());
    (ended.status.code(), out, error)
}

fn setup(args: &[&str]) -> String {
    let (code, text, error) = census(&[&["setup"], args].concat());
    assert_eq!((code, &error[..]), (Some(0), ""));
    let is_short = |line: &str| line.chars().count() <= 80 || args.contains(&"--authority");
    assert!(text.lines().all(is_short), "{text}");
    text
}

/// A folder with a server's certificate and key. It is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("lastword-setup-{}-{name}", process::id()));
        fs::create_dir_all(&path).unwrap();
        let pki = Pki::new();
        fs::write(path.join("cert.pem"), pki.server().certificate_pem()).unwrap();
        fs::write(path.join("key.pem"), pki.server().key_pem()).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_set_up_is_shown_for_each_server_with_the_command_to_run_then() {
    assert_eq!(
        setup(&["--profile", "strict-names", "--name", "example.test"]),
        "Clients that ask for another name are refused\n  \
           openssl s_server  -servername example.test -servername_fatal\n                    \
                             -cert2 cert.pem -key2 key.pem\n  \
           nginx             server { listen 443 ssl default_server;\n                             \
                                      ssl_reject_handshake on; }\n                    \
                             server { listen 443 ssl; server_name example.test; ... }\n  \
           haproxy           bind ... strict-sni\n  \
           rustls            config.cert_resolver: a ResolvesServerCertUsingSni that has\n                    \
                             only example.test\n  \
           then: lastword-census run HOST:PORT --name example.test --profile strict-names\n"
    );
}

#[test]
fn all_set_ups_are_shown_if_none_is_named() {
    let text = setup(&[]);
    let titles: Vec<_> = text
        .split("\n\n")
        .map(|part| part.lines().next().unwrap())
        .collect();
    assert_eq!(
        titles,
        [
            "TLS 1.3 alone",
            "ALPN: h2 or http/1.1, and clients without them are refused",
            "Clients that ask for another name are refused",
            "Client certificates of the census's own authority",
        ]
    );
    assert!(
        text.ends_with("\n  lastword-census setup --authority DIR\n"),
        "{text}"
    );
}

#[test]
fn an_authority_is_made_once() {
    let folder = Folder::new("authority");
    let text = setup(&["--authority", folder.path()]);
    let ca = format!("ssl_client_certificate {}/ca.pem;\n", folder.path());
    assert!(text.contains(&ca), "{text}");
    let key = fs::read(folder.0.join("ca.key")).unwrap();
    assert_eq!(setup(&["--authority", folder.path()]), text);
    assert_eq!(fs::read(folder.0.join("ca.key")).unwrap(), key);
    let (code, _, error) = census(&["setup", "--authority", "/no/such/folder"]);
    assert_eq!(code, Some(2));
    assert!(
        error.starts_with("lastword-census: /no/such/folder/ca.key: "),
        "{error}"
    );
}

/// openssl s_server, ended when dropped.
struct Openssl(Child);

impl Openssl {
    /// Starts it with what `setup` printed for it; `None` if openssl is not installed.
    fn start(text: &str, folder: &Path) -> Option<(Self, String)> {
        let lines = text
            .lines()
            .skip_while(|line| !line.starts_with("  openssl s_server"));
        let lines = lines.take_while(|line| !line.starts_with("  nginx"));
        let added = lines.flat_map(|line| line.trim_start_matches("  openssl s_server").split(' '));
        let mut child = Command::new("openssl")
            .current_dir(folder)
            .args(["s_server", "-accept", "127.0.0.1:0", "-www"])
            .args(["-cert", "cert.pem", "-key", "key.pem"])
            .args(added.filter(|word| !word.is_empty()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let out = BufReader::new(child.stdout.take().unwrap());
        let server = Self(child);
        let mut lines = out.lines().map(Result::unwrap);
        let accepts = lines.find_map(|line| line.strip_prefix("ACCEPT ").map(str::to_owned));
        Some((server, accepts.unwrap()))
    }
}

impl Drop for Openssl {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Sends a client to openssl with this set-up, and expects that it is told what is required.
fn sends(options: &[&str], client: &str) {
    let folder = Folder::new(client);
    let options = options
        .iter()
        .map(|option| option.replace("DIR", folder.path()));
    let options: Vec<_> = options.collect();
    let mut args: Vec<_> = options.iter().map(String::as_str).collect();
    let Some((_server, address)) = Openssl::start(&setup(&args), &folder.0) else {
        eprintln!("openssl is not installed");
        return;
    };
    args.extend(["--at-once", "1", "--only", client]);
    let (code, text, error) = census(&[&["run", &address][..], &args].concat());
    assert_eq!((code, &error[..]), (Some(0), ""));
    assert!(
        text.contains("\n    1  got the required alert, or none where none is required\n"),
        "{text}"
    );
    assert!(!text.contains("Note: "), "{text}");
}

#[test]
fn openssl_refuses_other_protocols_as_it_is_told_to() {
    sends(&["--profile", "alpn"], "no-common-protocol-in-the-clear");
}

#[test]
fn openssl_refuses_other_names_as_it_is_told_to() {
    sends(&["--profile", "strict-names"], "unknown-name");
}

#[test]
fn openssl_refuses_other_versions_as_it_is_told_to() {
    sends(&["--profile", "tls13-only"], "tls12-only");
}

#[test]
fn openssl_refuses_clients_without_a_certificate_as_it_is_told_to() {
    sends(&["--authority", "DIR"], "no-certificate-tls12");
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let mut setup = Command::new(env!("CARGO_BIN_EXE_lastword-census"));
    let (reader, writer) = UnixStream::pair().unwrap();
    drop(reader);
    let writer = OwnedFd::from(writer);
    let output = setup.arg("setup").stdout(writer).output().unwrap();
    assert_eq!(
        (output.status.code(), &output.stderr[..]),
        (Some(0), &[][..])
    );
}
