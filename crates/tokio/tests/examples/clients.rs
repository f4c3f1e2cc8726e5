//! curl and openssl: what they are asked, what they say, and with which code they end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Output, Stdio};

/// What curl had to say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Curl {
    pub(crate) code: Option<i32>,
    /// What the server answered.
    pub(crate) body: String,
    /// The version of HTTP in which it did: `1` (for 1.0), `1.1`, `2`, or `0` if it did not.
    pub(crate) version: String,
    /// The line that says why it failed, without the name and version of its TLS library.
    pub(crate) words: String,
}

/// Whether there is a curl that speaks HTTP/2 and whose words are those of OpenSSL 3. If not, it
/// is said that this test is skipped.
pub(crate) fn there_is_curl(test: &str) -> bool {
    let version = stdout(Command::new("curl").args(["-q", "--version"]));
    let is = version.contains(" OpenSSL/3.") && version.contains(" HTTP2 ");
    if !is {
        eprintln!("skipped: {test}, for there is no curl with HTTP/2 and OpenSSL 3");
    }
    is
}

/// The same of openssl.
pub(crate) fn there_is_openssl(test: &str) -> bool {
    let is = stdout(Command::new("openssl").arg("version")).starts_with("OpenSSL 3.");
    if !is {
        eprintln!("skipped: {test}, for there is no openssl of version 3");
    }
    is
}

/// What a program prints, nothing if it is not there.
fn stdout(command: &mut Command) -> String {
    let output = command.stderr(Stdio::null()).output();
    output.map_or_else(|_| String::new(), |output| text(output.stdout))
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// Has curl ask, from a port that it tells.
pub(crate) fn curl(arguments: &[&str]) -> (Curl, SocketAddr) {
    let output = Command::new("curl")
        // no .curlrc, no proxy, errors alone
        .args(["-q", "--noproxy", "*", "--silent", "--show-error"])
        .args([
            "--write-out",
            "\n%{http_version} %{local_ip} %{local_port}\n",
        ])
        .args(arguments)
        .stdin(Stdio::null())
        .output();
    let Output {
        status,
        stdout,
        stderr,
    } = output.unwrap();
    let (stdout, stderr) = (text(stdout), text(stderr));
    let (body, told) = stdout.trim_end().rsplit_once('\n').unwrap();
    let [version, ip, port] = told.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{stdout}{stderr}");
    };
    let why = stderr.trim_end();
    let words = match why.split_once("SSL routines::") {
        Some((_, words)) => words,
        None => why,
    };
    let curl = Curl {
        code: status.code(),
        body: body.into(),
        version: version.into(),
        words: words.into(),
    };
    (
        curl,
        SocketAddr::new(ip.parse().unwrap(), port.parse().unwrap()),
    )
}

impl Curl {
    /// That of a client that was served this line.
    pub(crate) fn served(version: &str, line: &str) -> Self {
        Self {
            code: Some(0),
            body: format!("{line}\n"),
            version: version.into(),
            words: String::new(),
        }
    }

    /// That of a client that was not.
    pub(crate) fn failed(code: i32, words: &str) -> Self {
        Self {
            code: Some(code),
            body: String::new(),
            version: "0".into(),
            words: words.into(),
        }
    }
}

/// Has `openssl s_client` connect, say nothing and leave: its code, and its words on the alert.
pub(crate) fn s_client(address: SocketAddr, arguments: &[&str]) -> (Option<i32>, String) {
    let output = openssl(address, arguments).stdin(Stdio::null()).output();
    let Output { status, stderr, .. } = output.unwrap();
    (status.code(), alert(&text(stderr)))
}

/// The reason and the number of the alert in openssl's words, or all of them if there is none.
///
/// An error is a line of `thread:error:code:library:function:reason:file:line:data`.
fn alert(stderr: &str) -> String {
    const NUMBER: &str = "SSL alert number ";
    let line = stderr.lines().find(|line| line.contains(NUMBER));
    match line
        .map(|line| line.split(':').collect::<Vec<_>>())
        .as_deref()
    {
        Some([_, "error", _, _, _, reason, _, _, number]) => format!("{reason}: {number}"),
        _ => stderr.into(),
    }
}

fn openssl(address: SocketAddr, arguments: &[&str]) -> Command {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &address.to_string()]);
    command.args(arguments);
    command
}

/// An `openssl s_client` that goes on until it or the server closes.
pub(crate) struct Conversation {
    client: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    errors: BufReader<ChildStderr>,
}

impl Conversation {
    pub(crate) fn begin(address: SocketAddr, arguments: &[&str]) -> Self {
        let mut client = openssl(address, &["-quiet"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            input: client.stdin.take().unwrap(),
            output: BufReader::new(client.stdout.take().unwrap()),
            errors: BufReader::new(client.stderr.take().unwrap()),
            client,
        }
    }

    pub(crate) fn say(&mut self, words: &str) {
        self.input.write_all(words.as_bytes()).unwrap();
    }

    /// The next line that the server says.
    pub(crate) fn hear(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line
    }

    /// Waits until it has seen the server's certificate.
    pub(crate) fn meet(&mut self) {
        let mut line = String::new();
        while !line.starts_with("verify return:") {
            line.clear();
            assert_ne!(self.errors.read_line(&mut line).unwrap(), 0, "it has ended");
        }
    }

    /// The server closes in order, and says nothing else: openssl is content.
    pub(crate) fn hears_the_end(self) {
        let Self {
            mut client,
            input,
            mut output,
            mut errors,
        } = self;
        let (mut heard, mut said) = (String::new(), String::new());
        output.read_to_string(&mut heard).unwrap();
        errors.read_to_string(&mut said).unwrap();
        assert_eq!(
            (client.wait().unwrap().code(), &heard[..]),
            (Some(0), ""),
            "{said}"
        );
        drop(input); // it has outlived the client
    }

    /// Its code, what else the server said, and its own last line, once it has ended: code 0 if the
    /// server closed in order. Its input ends.
    pub(crate) fn end(mut self) -> (Option<i32>, String, String) {
        drop(self.input);
        let (mut heard, mut errors) = (String::new(), String::new());
        self.output.read_to_string(&mut heard).unwrap();
        self.errors.read_to_string(&mut errors).unwrap();
        let last = errors.lines().last().unwrap_or_default().to_owned();
        (self.client.wait().unwrap().code(), heard, last)
    }
}
