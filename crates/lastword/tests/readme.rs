//! The README: its programs are built in an empty crate and run, and what it shows is what they print.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Arc;
use std::{env, thread};

use lastword::io::TlsAcceptor;
use lastword::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use lastword::rustls::version::TLS13;
use lastword::rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, StreamOwned};

const README: &str = include_str!("../../../README.md");

/// Returns the blocks of code whose language begins with this word.
fn blocks(language: &str) -> Vec<&'static str> {
    let mut blocks = Vec::new();
    let mut rest = README;
    while let Some((_, after)) = rest.split_once("\n```") {
        let (head, block) = after.split_once('\n').unwrap();
        let (block, after) = block.split_once("\n```").unwrap();
        if head.starts_with(language) {
            blocks.push(block);
        }
        rest = after;
    }
    blocks
}

/// Returns the certificate of the servers, for `localhost`, and its key.
fn certificate() -> rcgen::CertifiedKey<rcgen::KeyPair> {
    rcgen::generate_simple_self_signed(["localhost".into()]).unwrap()
}

/// A server that is running. It is killed when this is dropped.
struct Server {
    child: Child,
    address: SocketAddr,
    log: BufReader<ChildStderr>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(program: &Path, folder: &Path) -> Self {
        let mut command = Command::new(program);
        let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.current_dir(folder).spawn().unwrap();
        let mut first = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut first).unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let address = first.trim_end().strip_prefix("listening on ");
        Self {
            child,
            address: address.expect("it says where it listens").parse().unwrap(),
            log,
        }
    }

    /// The next line of the log, from the words on.
    fn log(&mut self) -> String {
        let mut line = String::new();
        self.log.read_line(&mut line).unwrap();
        line.trim_end().into()
    }
}

/// A crate of its own with the programs of the README and its dependencies. They come from this
/// workspace.
fn build(folder: &Path) -> Vec<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let [dependencies] = blocks("toml")[..] else {
        panic!("the README has one block of dependencies");
    };
    let path = env!("CARGO_MANIFEST_DIR").escape_default();
    let dependencies = dependencies.replace(
        r#"lastword = { version = "0.1","#,
        &format!(r#"lastword = {{ version = "0.1", path = "{path}","#),
    );
    let manifest = fs::read_to_string(workspace.join("Cargo.toml")).unwrap();
    let (_, profile) = manifest.split_once("[profile.dev]").unwrap(); // so that builds are shared
    let (profile, _) = profile.split_once("[profile.bench]").unwrap();
    let manifest = format!(
        "[package]\nname = \"readme\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n\
         {dependencies}\n[profile.dev]{profile}"
    );
    let (programs, parts): (Vec<_>, Vec<_>) = blocks("rust")
        .into_iter()
        .partition(|block| block.contains("fn main()"));
    let _ = fs::remove_dir_all(folder.join("src"));
    fs::create_dir_all(folder.join("src/bin")).unwrap();
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let mut names = Vec::new();
    for (i, program) in programs.into_iter().enumerate() {
        names.push(format!("readme_{i}"));
        assert_eq!(program.matches("127.0.0.1:4433").count(), 1);
        let program = program.replace("127.0.0.1:4433", "127.0.0.1:0");
        let file = folder.join("src/bin").join(&names[i]).with_extension("rs");
        fs::write(file, program).unwrap();
    }
    // a part of a program is only compiled, with its hidden lines
    let mut compiled = "#![allow(dead_code, unused)]\nfn main() {}\n".to_owned();
    for (i, part) in parts.into_iter().enumerate() {
        let part = part.replace("\n# ", "\n");
        let part = part.trim_start_matches("# ");
        compiled += &format!("fn part_{i}() {{\n{part}\n}}\n");
    }
    fs::write(folder.join("src/bin/readme_parts.rs"), compiled).unwrap();
    // this test is in `deps` of a profile of the target directory
    let test = env::current_exe().unwrap();
    let target = test.ancestors().nth(3).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--offline", "--quiet", "--target-dir"]);
    // what cargo says of this package would make ring build again, here and in the workspace
    for (name, _) in env::vars_os() {
        let of_package = ["CARGO_PKG_", "CARGO_MANIFEST_"];
        if of_package
            .iter()
            .any(|it| name.to_string_lossy().starts_with(it))
        {
            cargo.env_remove(name);
        }
    }
    let built = cargo.arg(target).current_dir(folder).status().unwrap();
    assert!(built.success(), "{names:?}");
    let folder = target.join("debug");
    let names = names.into_iter().map(|name| folder.join(name));
    names.collect()
}

/// What a client that trusts the server reads.
fn client(address: SocketAddr, trusted: CertificateDer<'static>) -> String {
    let mut roots = RootCertStore::empty();
    roots.add(trusted).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots);
    let config = Arc::new(config.with_no_client_auth());
    let connection = ClientConnection::new(config, "localhost".try_into().unwrap());
    let tcp = TcpStream::connect(address).unwrap();
    let mut text = String::new();
    let mut stream = StreamOwned::new(connection.unwrap(), tcp);
    stream.read_to_string(&mut text).unwrap(); // an error without close_notify
    text
}

#[test]
fn its_programs_are_built_with_its_dependencies_and_serve_clients() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
    let programs = build(&folder);
    assert_eq!(programs.len(), 2, "one with tokio and one that blocks");
    let made = certificate();
    fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    for program in programs {
        let mut server = Server::start(&program, &folder);
        let trusted = made.cert.der().clone();
        assert_eq!(client(server.address, trusted), "welcome\n", "{program:?}");
        let mut plain = TcpStream::connect(server.address).unwrap();
        plain.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        let mut alert = Vec::new();
        plain.read_to_end(&mut alert).unwrap();
        assert_eq!(alert, [21, 3, 3, 0, 2, 2, 10], "{program:?}");
        drop(plain);
        let words = "client sent an HTTP GET request instead of TLS; \
             alert unexpected_message (10) sent, delivered; ";
        let line = server.log();
        assert!(line.contains(words), "{program:?}: {line}");
    }
}

/// rustls panics with this sentence before any code of lastword runs.
#[test]
fn the_sentence_about_the_crypto_provider_is_that_of_rustls() {
    let run = |program: &str, args: &[&str]| {
        let mut command = Command::new(program);
        let command = command.args(args).current_dir(env!("CARGO_MANIFEST_DIR"));
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    // the packages of other systems may not have been downloaded
    let version = run("rustc", &["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let format = ["metadata", "--offline", "--format-version", "1"];
    let of_host = ["--filter-platform", host.unwrap()];
    let metadata = run(env!("CARGO"), &[&format[..], &of_host].concat());
    let mut paths = metadata.split("\"manifest_path\":\"").skip(1);
    let manifest = paths.find_map(|rest| {
        let path = Path::new(rest.split('"').next()?);
        let folder = path.parent()?.file_name()?.to_str()?;
        folder.starts_with("rustls-0.23.").then_some(path)
    });
    let source = manifest.unwrap().with_file_name("src/crypto/mod.rs");
    let source = fs::read_to_string(source).unwrap();
    let readme = include_str!("../README.md");
    let (_, sentence) = readme
        .split_once("panics at the start:\n\n```text\n")
        .unwrap();
    let (sentence, _) = sentence.split_once("\n```").unwrap();
    assert!(source.contains(sentence), "rustls has other words");
    let quoted = README
        .split('`')
        .find(|it| it.starts_with("Could not"))
        .unwrap();
    assert!(sentence.starts_with(quoted), "{quoted}");
}

/// Cuts the time from the end of a line.
fn untimed(line: &str) -> &str {
    let (words, time) = line.rsplit_once("; ").unwrap();
    assert!(time.ends_with(" ms"), "{line}");
    words
}

#[test]
fn its_log_line_and_the_words_of_the_client_belong_together() {
    let [log, client, ..] = blocks("text")[..] else {
        panic!("it shows the line of the log, and the words of the client");
    };
    let made = certificate();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let tls = ServerConfig::builder_with_protocol_versions(&[&TLS13])
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.into()], key)
        .unwrap();
    let acceptor = TlsAcceptor::new(Arc::new(tls));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (tcp, _) = listener.accept().unwrap();
        acceptor.accept(tcp).unwrap_err().to_string()
    });
    let (_, command) = README.split_once("And this is what the client, `").unwrap();
    let (command, _) = command.split_once('`').unwrap();
    let url = format!("https://{address}/");
    let words = command.split(' ').map(|word| match word {
        "https://127.0.0.1:4433/" => &url,
        word => word,
    });
    let words: Vec<&str> = words.collect();
    let mut curl = Command::new(words[0]);
    curl.args(["-q", "--noproxy", "*", "--silent", "--show-error"]);
    let output = match curl.args(&words[1..]).output() {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let test = "its_log_line_and_the_words_of_the_client_belong_together";
            eprintln!("skipped: {test}, there is no {}", words[0]);
            return;
        }
        Err(error) => panic!("{error}"),
    };
    let (_, shown) = log.split_once(": ").unwrap();
    assert_eq!(untimed(&server.join().unwrap()), untimed(shown));
    // other versions of curl and OpenSSL have the same words at the end
    let printed = String::from_utf8(output.stderr).unwrap();
    let (_, words) = client.rsplit_once("::").unwrap();
    if printed.contains("OpenSSL/3.") {
        assert!(printed.trim_end().ends_with(words), "{printed}");
    }
}
