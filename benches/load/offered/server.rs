//! The servers: what each is, and how its process is started.

use std::env;
use std::fs;
use std::io::{self, BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use lastword_testkit::pki::Pki;
use socket2::{Domain, Socket, Type};

use crate::failure::Failure;

mod config;
mod own;
mod packaged;
mod peers;

/// The name that the servers serve. Clients that ask for another one are refused.
pub(super) const NAME: &str = "localhost";

/// The timeout of a handshake, in all servers.
pub(super) const TIMEOUT: Duration = Duration::from_secs(2);

const REPLY: &[u8] = b"HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nwelcome!\n";

/// A server. All have the same certificate, reply, close and timeout. All ask for a client
/// certificate and serve clients without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum Server {
    /// lastword's `Listener`, on tokio
    Tokio,
    /// The same, with a limit for each source address
    TokioLimited,
    /// lastword's `TlsAcceptor` on tokio, a task for each client
    TokioSpawned,
    /// `lastword-census serve --style nonblocking`
    Nonblocking,
    /// lastword's blocking `TlsAcceptor`, a thread for each client
    Threads,
    /// The same, with 64 threads
    Pool,
    /// tokio-rustls, a task for each client under a timeout
    TokioRustls,
    /// axum-server with rustls
    Axum,
    /// rustls, a thread for each client
    RustlsThreads,
    Nginx,
    Haproxy,
    /// `openssl s_server -www`, which serves one client at a time
    Openssl,
}

/// The files of the servers, in a directory that is removed with this.
#[derive(Debug)]
pub(super) struct Files(PathBuf);

impl Files {
    pub(super) fn new(pki: &Pki) -> io::Result<Self> {
        let directory = env::temp_dir().join(format!("lastword-load-{}", std::process::id()));
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700); // the key is in it
        builder.create(&directory)?;
        let files = Self(directory);
        let (chain, key) = (pki.server().certificate_pem(), pki.server().key_pem());
        fs::write(files.path("chain.pem"), &chain)?;
        fs::write(files.path("key.pem"), &key)?;
        fs::write(files.path("both.pem"), chain + &key)?;
        fs::write(files.path("ca.pem"), pki.ca_pem())?;
        Ok(files)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        // what cannot be removed stays in the system's directory for temporary files
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The process of a server. It ends with this.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Process {
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // nginx and haproxy end their workers when they are asked to end
        let id = self.child.id().to_string();
        let asked = Command::new("kill").arg(id).stderr(Stdio::null()).status();
        let until = Instant::now() + Duration::from_secs(1);
        while asked.is_ok() && Instant::now() < until {
            if let Ok(Some(_)) = self.child.try_wait() {
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill(); // it may have ended
        let _ = self.child.wait();
    }
}

/// The processor of the servers. The load program runs on another one.
const PROCESSOR: &str = "0";
const OWN_PROCESSOR: &str = "1";

/// Lets this process run on its own processor only.
pub(super) fn pin_this_process() -> Result<(), Failure> {
    let id = std::process::id().to_string();
    let mut taskset = Command::new("taskset");
    taskset.args(["-p", "-c", OWN_PROCESSOR, &id]);
    let pinned = taskset.stdout(Stdio::null()).status();
    match pinned {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Failure::Processors),
        Err(source) => Err(Failure::NotRun {
            command: "taskset".into(),
            source,
        }),
    }
}

impl Server {
    pub(super) fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().into())
    }

    /// The program of this server, if it is not of the workspace.
    fn program(self) -> Option<&'static str> {
        match self {
            Self::Nginx => Some("nginx"),
            Self::Haproxy => Some("haproxy"),
            Self::Openssl => Some("openssl"),
            _ => None,
        }
    }

    /// Whether its program is installed.
    pub(super) fn is_installed(self) -> bool {
        let Some(program) = self.program() else {
            return true;
        };
        let paths = env::var_os("PATH").unwrap_or_default();
        let mut paths = env::split_paths(&paths).chain(["/usr/sbin".into()]);
        paths.any(|path| path.join(program).exists())
    }

    /// Starts the server on its processor, and waits until it listens.
    pub(super) fn start(self, files: &Files) -> Result<Process, Failure> {
        match self {
            Self::Nginx | Self::Haproxy | Self::Openssl => packaged::start(self, files),
            Self::Nonblocking => {
                let census = sibling("lastword-census")?;
                let file = |name| files.path(name).display().to_string();
                let args = [
                    "serve",
                    "--style=nonblocking",
                    "--deadline=2",
                    "--alpn=http/1.1",
                    "--client-auth=optional",
                ];
                let files = [
                    format!("--sni-only={NAME}"),
                    format!("--cert={}", file("chain.pem")),
                    format!("--key={}", file("key.pem")),
                    format!("--client-ca={}", file("ca.pem")),
                ];
                started(pinned(&census).args(args).args(files))
            }
            _ => {
                let this = env::current_exe().map_err(Failure::listen)?;
                let mut command = pinned(&this);
                let directory = &files.0;
                command.args(["load", "--be", &self.name(), "--files"]);
                started(command.arg(directory))
            }
        }
    }

    /// Is the server, until the process is ended.
    pub(super) fn run(self, directory: PathBuf) -> Result<(), Failure> {
        // it also ends if the load program was killed
        thread::spawn(|| {
            let _ = io::copy(&mut io::stdin(), &mut io::sink());
            std::process::exit(0);
        });
        let files = std::mem::ManuallyDrop::new(Files(directory));
        let config = config::server(&files)?;
        match self {
            Self::Tokio => own::tokio(config, None),
            Self::TokioLimited => own::tokio(config, Some(32)),
            Self::TokioSpawned => own::spawned(config),
            Self::Threads => own::threads(config, None),
            Self::Pool => own::threads(config, Some(64)),
            Self::TokioRustls => peers::tokio_rustls(config),
            Self::Axum => peers::axum_server(config),
            Self::RustlsThreads => peers::rustls_threads(config),
            Self::Nonblocking | Self::Nginx | Self::Haproxy | Self::Openssl => Ok(()),
        }
        .map_err(Failure::listen)
    }
}

/// A program in the directory of this one.
fn sibling(name: &str) -> Result<PathBuf, Failure> {
    let this = env::current_exe().map_err(Failure::listen)?;
    let path = this.with_file_name(name);
    match path.exists() {
        true => Ok(path),
        false => Err(Failure::NotBuilt { name: name.into() }),
    }
}

/// A command that runs on the processor of the servers.
fn pinned(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", PROCESSOR]).arg(program);
    command
}

/// Starts a server that prints where it listens.
fn started(command: &mut Command) -> Result<Process, Failure> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = spawn(command)?;
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        let read = BufReader::new(stdout).read_line(&mut line);
        read.map_err(Failure::listen)?;
    }
    let address = line.trim_start_matches("listening ").trim_end().parse();
    let address = address.map_err(|_| Failure::Output {
        command: "a server".into(),
        what: line.clone(),
    })?;
    Ok(Process { child, address })
}

/// Starts a server at an address that was free a moment before, and waits until it listens.
fn started_at(command: &mut Command, address: SocketAddr) -> Result<Process, Failure> {
    let process = Process {
        child: spawn(command.stdin(Stdio::null()).stdout(Stdio::null()))?,
        address,
    };
    let until = Instant::now() + Duration::from_secs(5);
    loop {
        match TcpStream::connect(address) {
            Ok(_) => return Ok(process),
            Err(error) if Instant::now() >= until => return Err(Failure::listen(error)),
            Err(_) => thread::sleep(Duration::from_millis(10)),
        }
    }
}

fn spawn(command: &mut Command) -> Result<Child, Failure> {
    let child = command.stderr(Stdio::null()).spawn();
    child.map_err(|source| Failure::NotRun {
        command: format!("{:?}", command.get_program()),
        source,
    })
}

/// Listens with a backlog of 4,096 connections, as the other servers do.
fn listen() -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    socket.listen(4096)?;
    let listener = TcpListener::from(socket);
    println!("{}", listener.local_addr()?);
    Ok(listener)
}

/// An address of this machine that is free now.
fn free_address() -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Failure::listen)?;
    listener.local_addr().map_err(Failure::listen)
}
