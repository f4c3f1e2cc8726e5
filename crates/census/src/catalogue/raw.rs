//! How a client that is nothing but bytes runs.

use std::io;

use lastword_record::{ContentType, LengthLimit, Records};

use super::observed::Reading;
use super::{End, Observed, Target};
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
            })
            .flatten()
            .collect()
    }

    pub(crate) fn run(&self, target: &Target<'_>) -> io::Result<Observed> {
        let mut line = Line::connect(target, false)?;
        let mut received = Vec::new();
        for action in (self.script)() {
            let action = match target.foreign {
                Some(name) => action.renamed(name),
                None => action,
            };
            if !act(action, &mut line, &mut received)? {
                break;
            }
        }
        while let Some(bytes) = line.read()? {
            received.extend(bytes);
        }
        if !self.departs {
            line.probe()?;
        }
        Ok(observed(received, line.end()))
    }
}

/// Does one thing, and says whether there is any use in going on.
fn act(action: Action, line: &mut Line, received: &mut Vec<u8>) -> io::Result<bool> {
    match action {
        Action::Send(bytes) => line.write(&bytes),
        Action::SendBytewise(bytes) => line.write_bytewise(&bytes),
        Action::Await(content_type) => {
            while !has(received, content_type) {
                let Some(bytes) = line.read()? else {
                    return Ok(false);
                };
                received.extend(bytes);
            }
            Ok(true)
        }
        Action::Finish => line.finish().map(|()| true),
    }
}

fn has(received: &[u8], content_type: ContentType) -> bool {
    Records::new(received, LengthLimit::TLS12_CIPHERTEXT)
        .any(|record| record.header.content_type == content_type)
}

fn observed(plaintext: Vec<u8>, end: End) -> Observed {
    let reading = Reading::of(&plaintext);
    Observed {
        unreadable: reading.alert_records - reading.alerts.len(),
        alerts: reading.alerts,
        plaintext,
        end,
        alpn: None,
        reply: None,
    }
}
