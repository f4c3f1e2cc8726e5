//! Accepting over scripted streams: whatever a transport does, call by call.

mod deadlines;
mod delivery;
mod holding;
mod properties;

use std::io::{self, Read, Write};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use lastword_io::Transport;
use lastword_io::acceptor::Config;
use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::Pki;
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::wire::HelloBuilder;

static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config::new(Pki::new().server_config(&ServerProfile::DEFAULT)));

/// The alert `unexpected_message`, as it stands on the wire.
const UNEXPECTED_MESSAGE: [u8; 7] = [21, 3, 3, 0, 2, 2, 10];

/// A ClientHello that is answered, in a record.
fn hello() -> Vec<u8> {
    HelloBuilder::default().record()
}

/// A scripted stream as a transport: a call that blocks takes as long as the timeout has it, by
/// the stream's own clock.
#[derive(Debug)]
struct Scripted {
    stream: ScriptedStream,
    timeout: Option<Duration>,
    /// Every timeout that was set.
    timeouts: Vec<Option<Duration>>,
    /// What had been written, flushed too, when the write side was shut.
    shut: Option<Vec<u8>>,
}

impl Scripted {
    fn new(stream: ScriptedStream) -> Self {
        Self {
            stream,
            timeout: None,
            timeouts: Vec::new(),
            shut: None,
        }
    }

    fn elapsed(&self) -> Duration {
        self.stream.clock().elapsed()
    }

    fn blocks<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result {
            if error.kind() == io::ErrorKind::WouldBlock {
                let forever = Duration::from_secs(3600);
                self.stream.clock().advance(self.timeout.unwrap_or(forever));
            }
        }
        result
    }
}

impl Read for Scripted {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let result = self.stream.read(buf);
        self.blocks(result)
    }
}

impl Write for Scripted {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        assert_eq!(self.shut, None, "written behind the shut");
        let result = self.stream.write(buf);
        self.blocks(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.stream.flush();
        self.blocks(result)
    }
}

impl Transport for Scripted {
    fn set_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.timeout = timeout;
        self.timeouts.push(timeout);
        Ok(())
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        assert_eq!(
            self.shut.replace(self.stream.written().to_vec()),
            None,
            "shut twice"
        );
        Ok(())
    }

    fn now(&self) -> Instant {
        self.stream.clock().now()
    }
}
