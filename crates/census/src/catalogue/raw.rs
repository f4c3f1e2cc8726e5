//! How a client that is nothing but bytes runs.

use std::io;
use std::thread;
use std::time::Duration;

use lastword_alert::Alert;
use lastword_record::{ContentType, LengthLimit, Records};

use super::observed::Reading;
use super::{Observed, Target};
use crate::line::Line;
use crate::wire::renamed;

/// A client that writes bytes over TCP, whatever they mean.
///
/// It does what its script says, reads to the end of the stream, and unless it
/// [`departs`](Self::departing), writes again to see whether the server is still there to read.
#[derive(Clone, Debug)]
pub(crate) struct RawClient {
    script: fn() -> Vec<Action>,
    departs: bool,
}

/// One thing that a raw client does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Write these bytes in one go.
    Send(Vec<u8>),
    /// Write these bytes, one a write.
    SendBytewise(Vec<u8>),
    /// Read until a whole record of this type has arrived.
    Await(ContentType),
    /// Send FIN.
    Finish,
    /// Neither write nor read for this time.
    Wait(Duration),
    /// Read the length of an alert's record, a byte at a time, and wait this long before each.
    ReadSlowly(Duration),
}

impl Action {
    /// The same with another server name in a ClientHello.
    fn renamed(self, name: &str) -> Self {
        match self {
            Self::Send(bytes) => Self::Send(renamed(&bytes, name)),
            Self::SendBytewise(bytes) => Self::SendBytewise(renamed(&bytes, name)),
            other => other,
        }
    }
}

impl RawClient {
    /// A client that goes on talking until it has seen the end.
    pub(crate) const fn new(script: fn() -> Vec<Action>) -> Self {
        Self {
            script,
            departs: false,
        }
    }

    /// A client that ends the connection itself, or has had nothing to lose: once it has seen the
    /// end of the stream it writes no more.
    pub(crate) const fn departing(script: fn() -> Vec<Action>) -> Self {
        Self {
            script,
            departs: true,
        }
    }

    /// Whether it waits for anything but the end.
    pub(crate) fn converses(&self) -> bool {
        (self.script)().iter().any(
            |action| matches!(action, Action::Await(content) if *content != ContentType::ALERT),
        )
    }

    /// The bytes it sends before it waits or closes.
    pub(crate) fn opening(&self) -> Vec<u8> {
        (self.script)()
            .into_iter()
            .map_while(|action| match action {
                Action::Send(bytes) | Action::SendBytewise(bytes) => Some(bytes),
                Action::Await(_) | Action::Finish => None,
                Action::Wait(_) | Action::ReadSlowly(_) => None,
            })
            .flatten()
            .collect()
    }

    pub(crate) fn run(&self, target: &Target<'_>) -> io::Result<Observed> {
        let mut running = Running {
            line: Line::connect(target, false)?,
            received: Vec::new(),
            told_after: None,
        };
        for action in (self.script)() {
            let action = match target.foreign {
                Some(name) => action.renamed(name),
                None => action,
            };
            if !running.act(action)? {
                break;
            }
        }
        while running.read(usize::MAX)? {}
        if !self.departs {
            running.line.probe()?;
        }
        Ok(running.observed())
    }
}

/// A raw client at work.
struct Running {
    line: Line,
    received: Vec<u8>,
    told_after: Option<Duration>,
}

impl Running {
    /// Does one thing, and says whether there is any use in going on.
    fn act(&mut self, action: Action) -> io::Result<bool> {
        match action {
            Action::Send(bytes) => self.line.write(&bytes),
            Action::SendBytewise(bytes) => self.line.write_bytewise(&bytes),
            Action::Await(content_type) => {
                while !has(&self.received, content_type) {
                    if !self.read(usize::MAX)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Action::Finish => self.line.finish().map(|()| true),
            Action::Wait(time) => {
                thread::sleep(time);
                Ok(true)
            }
            Action::ReadSlowly(pause) => {
                for _ in 0..Alert::RECORD_LEN {
                    thread::sleep(pause);
                    if !self.read(1)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
        }
    }

    /// Reads once, and says whether there was anything but the end.
    fn read(&mut self, most: usize) -> io::Result<bool> {
        let Some(bytes) = self.line.read(most)? else {
            return Ok(false);
        };
        self.received.extend(bytes);
        if self.told_after.is_none() && has(&self.received, ContentType::ALERT) {
            self.told_after = Some(self.line.elapsed());
        }
        Ok(true)
    }

    fn observed(self) -> Observed {
        let reading = Reading::of(&self.received);
        Observed {
            unreadable: reading.alert_records - reading.alerts.len(),
            alerts: reading.alerts,
            told_after: self.told_after,
            plaintext: self.received,
            end: self.line.end(),
            alpn: None,
            reply: None,
        }
    }
}

fn has(received: &[u8], content_type: ContentType) -> bool {
    Records::new(received, LengthLimit::TLS12_CIPHERTEXT)
        .any(|record| record.header.content_type == content_type)
}
