//! What the accept path says of a client without any stream: what every stream must bear out.

use lastword_acceptor::{Acceptor, Config, ErrorAndAlert, Handshake, Limits, Progress, Step};
use lastword_record::{ContentType, LengthLimit, Records};

use crate::catalogue::{Case, Required};

/// What a client is told and the log says. What is encrypted differs each time: of that, how many
/// records there were.
#[derive(Debug, PartialEq, Eq)]
pub struct LastWord {
    alerts: Vec<u8>,
    types: Vec<u8>,
    words: String,
}

impl LastWord {
    /// What these bytes, whole records, and these words come to.
    ///
    /// # Panics
    ///
    /// If there is half a record.
    #[must_use]
    pub fn new(tls: &[u8], words: String) -> Self {
        let mut records = Records::new(tls, LengthLimit::TLS12_CIPHERTEXT);
        let (mut alerts, mut types) = (Vec::new(), Vec::new());
        for record in records.by_ref() {
            types.push(record.header.content_type.0);
            if record.header.content_type == ContentType::ALERT {
                alerts.extend(record.header.to_bytes());
                alerts.extend(record.payload);
            }
        }
        assert!(records.remainder().is_empty(), "half a record: {words}");
        Self {
            alerts,
            types,
            words,
        }
    }

    /// What the acceptor says to the opening of a case's client.
    #[must_use]
    pub fn chosen(case: &Case, mut opening: &[u8], config: &Config) -> Self {
        let mut written = Vec::new();
        let failed = match hello(case, &mut opening, config) {
            Ok(handshake) => finish(handshake, case, opening, &mut written),
            Err(failed) => failed,
        };
        Self::behind(written, failed)
    }

    /// What a handshake at once, without a choice, says to it.
    #[must_use]
    pub fn direct(case: &Case, opening: &[u8], config: &Config) -> Self {
        let mut written = Vec::new();
        let handshake = Handshake::new(config, Limits::default());
        let failed = finish(handshake, case, opening, &mut written);
        Self::behind(written, failed)
    }

    fn behind(written: Vec<u8>, failed: ErrorAndAlert) -> Self {
        let words = failed.to_string();
        Self::new(&[written, failed.into_parts().1].concat(), words)
    }
}

impl Case {
    /// Whether the client closes once it has said what it says, or waits.
    #[must_use]
    pub fn closes(&self) -> bool {
        self.required == Required::Silent
    }
}

fn hello(case: &Case, bytes: &mut &[u8], config: &Config) -> Result<Handshake, ErrorAndAlert> {
    let mut acceptor = Acceptor::new(Limits::default());
    while !bytes.is_empty() {
        acceptor = match acceptor.receive(bytes)? {
            Step::NeedsInput(next) => next,
            Step::ClientHello(accepted) => {
                return match case.server.choose(config, accepted.hello()) {
                    Ok(config) => accepted.into_handshake(&config),
                    Err(rejection) => Err(accepted.reject(rejection)),
                };
            }
        };
    }
    Err(match case.closes() {
        true => acceptor.end_of_stream(),
        false => acceptor.expire(),
    })
}

fn finish(
    mut handshake: Handshake,
    case: &Case,
    mut bytes: &[u8],
    written: &mut Vec<u8>,
) -> ErrorAndAlert {
    while !bytes.is_empty() {
        handshake = match handshake.receive(&mut bytes) {
            Ok(Progress::Continue(next)) => next,
            Ok(Progress::Complete(_)) => {
                unreachable!("{}: bytes alone complete nothing", case.name)
            }
            Err(failed) => return failed,
        };
    }
    while handshake.wants_write() {
        if handshake.write_tls(written).is_err() {
            unreachable!("a vector takes all");
        }
    }
    match case.closes() {
        true => handshake.end_of_stream(),
        false => handshake.expire(),
    }
}
