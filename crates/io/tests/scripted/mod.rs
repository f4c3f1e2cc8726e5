//! Accepting over scripted streams: whatever a transport does, call by call.

mod authorizing;
mod choosing;
mod deadlines;
mod delivery;
mod departed;
mod early_data;
mod holding;
mod lost;
mod lost_loops;
mod outside;
mod overlong;
mod panics;
mod parity;
mod properties;
mod schedules;
mod states;
mod stream;
mod styles;
mod waits;

use std::io::{self, Read, Write};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use lastword_io::acceptor::Config;
use lastword_io::step::Options;
use lastword_io::{TlsAcceptor, Transport};
use lastword_testkit::catalogue::ServerProfile;
use lastword_testkit::pki::{ClientProfile, Pki};
use lastword_testkit::script::{Client, ScriptedStream};
use lastword_testkit::wire::HelloBuilder;

static PKI: LazyLock<Pki> = LazyLock::new(Pki::new);

static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config::new(PKI.server_config(&ServerProfile::DEFAULT)).unwrap());

static ACCEPTOR: LazyLock<TlsAcceptor> = LazyLock::new(|| TlsAcceptor::new(CONFIG.clone()));

/// An acceptor with this configuration at hand.
fn acceptor(options: &Options, config: &Config) -> TlsAcceptor {
    within(options, TlsAcceptor::new(config.clone()))
}

/// The same acceptor with these options.
fn within<T>(options: &Options, acceptor: TlsAcceptor<T>) -> TlsAcceptor<T> {
    acceptor
        .with_timeout(options.timeout)
        .with_limits(options.limits)
        .with_drain(options.drain)
}

/// The alert `unexpected_message`, as it stands on the wire.
const UNEXPECTED_MESSAGE: [u8; 7] = [21, 3, 3, 0, 2, 2, 10];

/// A ClientHello that is answered, in a record.
fn hello() -> Vec<u8> {
    HelloBuilder::default().record()
}

/// A rustls client.
fn client(profile: &ClientProfile) -> Client {
    Client::new(PKI.client_config(profile))
}

/// A call that a stream is waited for to let through. A flush is a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Reading,
    Writing,
}

/// A scripted stream as a transport: a call that blocks takes as long as the timeout has it, by
/// the stream's own clock.
#[derive(Debug)]
struct Scripted {
    stream: Box<ScriptedStream>,
    /// The timeouts for reads and for writes.
    timeout: [Option<Duration>; 2],
    /// Every timeout that was set.
    timeouts: Vec<(Call, Option<Duration>)>,
    /// What a call that blocks takes; the timeout if it is none.
    tick: Option<Duration>,
    /// Whether the stream was made a nonblocking one for now.
    nonblocking: bool,
    /// Whether the system rounds a timeout up by an eighth.
    rounds: bool,
    /// The last call that blocked.
    blocked: Option<Call>,
}

impl Scripted {
    fn new(stream: ScriptedStream) -> Self {
        Self {
            stream: Box::new(stream),
            timeout: [None; 2],
            timeouts: Vec::new(),
            tick: None,
            nonblocking: false,
            rounds: false,
            blocked: None,
        }
    }

    /// A call that blocks returns after a moment: the stream is a nonblocking one.
    fn ticking(mut self) -> Self {
        self.tick = Some(Duration::from_millis(5));
        self
    }

    /// A call that blocks returns at once.
    fn without_timeouts(mut self) -> Self {
        self.tick = Some(Duration::ZERO);
        self
    }

    /// The system rounds timeouts up by an eighth.
    fn rounding(mut self) -> Self {
        self.rounds = true;
        self
    }

    fn elapsed(&self) -> Duration {
        self.stream.clock().elapsed()
    }

    /// What had been written, flushed too, when the write side was shut.
    fn shut(&self) -> Option<&[u8]> {
        self.stream.shut()
    }

    fn called<T>(&mut self, call: Call, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result {
            if error.kind() == io::ErrorKind::WouldBlock {
                let forever = Duration::from_secs(3600);
                let mut timeout = self.timeout[call as usize];
                if self.rounds {
                    timeout = timeout.map(|timeout| timeout + timeout / 8);
                }
                let time = self.tick.or(timeout).unwrap_or(forever);
                if !self.nonblocking {
                    self.stream.clock().advance(time);
                }
                self.blocked = Some(call);
            }
        }
        result
    }
}

impl Read for Scripted {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let result = self.stream.read(buf);
        self.called(Call::Reading, result)
    }
}

impl Write for Scripted {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let result = self.stream.write(buf);
        self.called(Call::Writing, result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.stream.flush();
        self.called(Call::Writing, result)
    }
}

impl Transport for Scripted {
    fn set_read_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.timeout[Call::Reading as usize] = timeout;
        self.timeouts.push((Call::Reading, timeout));
        Ok(())
    }

    fn set_write_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.timeout[Call::Writing as usize] = timeout;
        self.timeouts.push((Call::Writing, timeout));
        Ok(())
    }

    fn set_nonblocking(&mut self, nonblocking: bool) -> io::Result<()> {
        self.nonblocking = nonblocking;
        Ok(())
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        let result = self.stream.shutdown_write();
        // no timeout is for it
        let timeout = self.timeout[Call::Writing as usize].replace(Duration::ZERO);
        let result = self.called(Call::Writing, result);
        self.timeout[Call::Writing as usize] = timeout;
        result
    }

    fn now(&self) -> Instant {
        self.stream.clock().now()
    }

    fn sleep(&mut self, time: Duration) {
        self.stream.clock().advance(time);
    }
}
