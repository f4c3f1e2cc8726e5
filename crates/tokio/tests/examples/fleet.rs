//! Servers that share their session tickets. A real haproxy spreads the clients, and a real Redis has the
//! secrets.

mod load;

use std::fs::{Permissions, create_dir_all, set_permissions};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime};

use lastword_testkit::catalogue::Versions;
use rustls::HandshakeKind;

use self::load::{Load, client, visit};
use crate::axum::Files;
use crate::{Running, Server, program};

/// What is long enough to be a secret.
const SECRETS: [&str; 2] = [
    "the first secret of the fleet, 32 bytes",
    "the second secret of the fleet, 32 bytes",
];

#[test]
fn three_servers_resume_as_one_whatever_happens_to_redis() {
    let test = "three_servers_resume_as_one_whatever_happens_to_redis";
    if !is_there("redis-server", test) || !is_there("haproxy", test) {
        return;
    }
    let files = Files::new("redis");
    let redis = Redis::start(&files);
    redis.ask(&["RPUSH", "ticket-secrets", SECRETS[0]]);
    let fleet = [(); 3].map(|()| Server::run(&mut files.server(&redis.url())));
    let pki = files.pki();

    let alone = Load::start(fleet[0].address, pki);
    let alone = alone.warm().share("one server", 600);
    let balancer = Balancer::start(&files, fleet.each_ref().map(|server| server.address));
    let load = Load::start(balancer.address, pki).warm();
    let spread = load.share("three servers", 600);
    assert!(spread >= alone - 0.02, "{spread} and {alone}");

    let mut fleet = fleet;
    let mut replaced = || {
        for server in &mut fleet {
            assert_eq!(server.read_line(), "ticket secrets: replaced");
        }
    };
    redis.ask(&["RPUSH", "ticket-secrets", SECRETS[1]]);
    replaced();
    redis.ask(&["LMOVE", "ticket-secrets", "ticket-secrets", "RIGHT", "LEFT"]);
    replaced();
    redis.ask(&["LTRIM", "ticket-secrets", "0", "0"]);
    replaced();
    load.share("another secret", 600);

    drop(redis);
    for server in &mut fleet {
        let line = server.read_line();
        assert!(
            line.starts_with("ticket secrets: cannot get secrets: "),
            "{line}"
        );
    }
    load.share("no Redis", 600);
    load.is_spread_over(&fleet);
}

#[test]
fn a_clock_that_is_30_seconds_ahead_and_new_keys_under_load_make_no_difference() {
    let test = "a_clock_that_is_30_seconds_ahead_and_new_keys_under_load_make_no_difference";
    if !is_there("faketime", test) || !is_there("haproxy", test) {
        return;
    }
    let files = Files::new("clock");
    let secrets = mount(&files);
    // two servers are five seconds before the end of a key's period, and the third is in the next one
    let period = Duration::from_secs(6 * 60 * 60).as_secs();
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap();
    let shift = period - 5 - now.as_secs() % period;
    let fleet = [shift, shift, shift + 30].map(|shift| {
        let mut server = files.server(&secrets);
        Server::run(server.envs(clock_ahead(shift)))
    });
    let balancer = Balancer::start(&files, fleet.each_ref().map(|server| server.address));
    let load = Load::start(balancer.address, files.pki()).warm();
    load.share("a clock ahead", 300);
    let end = now + Duration::from_secs(5);
    while SystemTime::UNIX_EPOCH.elapsed().unwrap() < end {
        load.share("before the new key", 50);
    }
    load.share("a new key", 600);
    load.is_spread_over(&fleet);
}

#[test]
fn a_server_without_secrets_says_why_and_does_not_start() {
    let files = Files::new("none");
    let short = files.write("short", "too short");
    set_permissions(&short, Permissions::from_mode(0o644)).unwrap();
    let missing = files.path("missing");
    for (secrets, why) in [
        (
            &short,
            "has the mode 0644: all users can read or write it".into(),
        ),
        (
            &missing,
            format!(
                "cannot read secrets from {}: No such file or directory (os error 2)",
                missing.display()
            ),
        ),
    ] {
        let ended = Command::new(program("fleet"))
            .arg(secrets)
            .output()
            .unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(1));
        assert!(
            said.starts_with("fleet: ") && said.trim_end().ends_with(&why),
            "{said}"
        );
    }
}

#[test]
fn servers_with_a_mounted_file_resume_each_others_sessions() {
    let files = Files::new("mounted");
    let secrets = mount(&files);
    let fleet = [(); 3].map(|()| Server::run(&mut files.server(&secrets)));
    for versions in [Versions::Tls12, Versions::Tls13] {
        let client = client(files.pki(), versions);
        let kinds = fleet
            .each_ref()
            .map(|server| visit(server.address, &client).unwrap().0);
        let [full, resumed] = [HandshakeKind::Full, HandshakeKind::Resumed];
        assert_eq!(kinds, [full, resumed, resumed], "{versions:?}");
    }
}

impl Files {
    /// The command of the example with these secrets and the certificate of these files.
    fn server(&self, secrets: &str) -> Command {
        let server = self.pki().server();
        let chain = self.write("server.pem", &server.certificate_pem());
        let key = self.write("server.key", &server.key_pem());
        let mut command = Command::new(program("fleet"));
        command.arg(secrets).arg("--cert").arg(chain);
        command.arg("--key").arg(key);
        command
    }
}

/// Writes a file of secrets as Kubernetes mounts it: its folder is a link, and so is the file. Returns
/// its path.
fn mount(files: &Files) -> String {
    let data = files.path("..2026_12_01");
    create_dir_all(&data).unwrap();
    let file = files.write("..2026_12_01/tickets", SECRETS[0]);
    set_permissions(file, Permissions::from_mode(0o440)).unwrap();
    symlink("..2026_12_01", files.path("..data")).unwrap();
    let tickets = files.path("tickets");
    symlink("..data/tickets", &tickets).unwrap();
    tickets.to_str().unwrap().into()
}

/// Whether this program is there. If not, it is said that this test is skipped.
fn is_there(program: &str, test: &str) -> bool {
    let asked = Command::new(program).arg("-v").output();
    if asked.is_err() {
        eprintln!("skipped: {test}, for there is no {program}");
    }
    asked.is_ok()
}

/// The environment of a program whose clock is so many seconds ahead.
fn clock_ahead(seconds: u64) -> [(&'static str, String); 3] {
    let library = Command::new("faketime")
        .args(["-f", "+0s", "printenv", "LD_PRELOAD"])
        .output()
        .unwrap();
    let library = String::from_utf8(library.stdout).unwrap();
    [
        ("LD_PRELOAD", library.trim().into()),
        ("FAKETIME", format!("+{seconds}s")),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
    ]
}

struct Redis {
    socket: PathBuf,
    _running: Running,
}

impl Redis {
    fn start(files: &Files) -> Self {
        let socket = files.path("redis");
        let mut child = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--unixsocket"])
            .arg(&socket)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while UnixStream::connect(&socket).is_err() {
            assert_eq!(child.try_wait().unwrap(), None, "it has ended");
            thread::park_timeout(Duration::from_millis(5));
        }
        let running = Running::new(child);
        Self {
            socket,
            _running: running,
        }
    }

    fn url(&self) -> String {
        format!("redis+unix://{}", self.socket.display())
    }

    /// Sends a command and waits for its answer, which must not be an error.
    fn ask(&self, command: &[&str]) {
        let mut stream = UnixStream::connect(&self.socket).unwrap();
        let words = command
            .iter()
            .map(|word| format!("${}\r\n{word}\r\n", word.len()));
        let command = format!("*{}\r\n{}", command.len(), words.collect::<String>());
        stream.write_all(command.as_bytes()).unwrap();
        let mut answer = [0; 64];
        let length = stream.read(&mut answer).unwrap();
        assert!(
            matches!(answer[..length], [b':' | b'$' | b'+', ..]),
            "{answer:?}"
        );
    }
}

/// A haproxy that hands each connection to the next server.
struct Balancer {
    address: SocketAddr,
    _running: Running,
}

impl Balancer {
    fn start(files: &Files, servers: [SocketAddr; 3]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut config = "defaults\n  mode tcp\n  timeout connect 9s\n  timeout client 9s\n  \
             timeout server 9s\nlisten fleet\n  bind fd@0\n  balance roundrobin\n"
            .to_owned();
        for server in servers {
            config += &format!("  server {} {server}\n", server.port());
        }
        let config = files.write("haproxy.cfg", &config);
        let child = Command::new("haproxy")
            .args([Path::new("-db"), Path::new("-f"), &config])
            .stdin(OwnedFd::from(listener))
            .spawn();
        Self {
            address,
            _running: Running::new(child.unwrap()),
        }
    }
}
