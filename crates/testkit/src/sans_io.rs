//! What the accept path says of a client without any stream: what every stream must bear out.

use lastword_acceptor::{Accepted, Config, End, ErrorAndAlert, Handshake, Limits, Progress};
use lastword_record::{ContentType, LengthLimit, Records};

use crate::catalogue::Case;

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

    /// What is said to the opening of a case's client, for which the case chooses a configuration.
    #[must_use]
    pub fn chosen(case: &Case, opening: &[u8], config: &Config) -> Self {
        Self::of(case, opening, |accepted| {
            match case.server.choose(config, accepted.hello()) {
                Ok(config) => accepted.into_handshake(&config),
                Err(rejection) => Err(accepted.reject(rejection)),
            }
        })
    }

    /// What is said to it with one configuration for all clients.
    #[must_use]
    pub fn direct(case: &Case, opening: &[u8], config: &Config) -> Self {
        Self::of(case, opening, |accepted| accepted.into_handshake(config))
    }

    fn of(
        case: &Case,
        opening: &[u8],
        choose: impl Fn(Accepted) -> Result<Handshake, ErrorAndAlert>,
    ) -> Self {
        let mut written = Vec::new();
        let failed = fail(case, opening, choose, &mut written);
        let words = failed.to_string();
        Self::new(&[written, failed.into_parts().1].concat(), words)
    }
}

/// Gives the handshake these bytes and goes on with `config` once the ClientHello is complete.
///
/// It never returns [`Progress::ClientHello`].
///
/// # Errors
///
/// If the handshake fails.
pub fn receive(
    handshake: Handshake,
    config: &Config,
    bytes: &mut &[u8],
) -> Result<Progress, ErrorAndAlert> {
    receive_choosing(handshake, bytes, |accepted| accepted.into_handshake(config))
}

fn receive_choosing(
    mut handshake: Handshake,
    bytes: &mut &[u8],
    choose: impl Fn(Accepted) -> Result<Handshake, ErrorAndAlert>,
) -> Result<Progress, ErrorAndAlert> {
    loop {
        match handshake.receive(bytes)? {
            Progress::ClientHello(accepted) => handshake = choose(accepted)?,
            progress => return Ok(progress),
        }
    }
}

/// How the handshake with the client of a case ends, which sends nothing after these bytes.
fn fail(
    case: &Case,
    mut bytes: &[u8],
    choose: impl Fn(Accepted) -> Result<Handshake, ErrorAndAlert>,
    written: &mut Vec<u8>,
) -> ErrorAndAlert {
    let handshake = Handshake::new(Limits::default());
    let mut handshake = match receive_choosing(handshake, &mut bytes, choose) {
        Ok(Progress::Continue(handshake)) => handshake,
        Ok(_) => unreachable!("{}: bytes alone complete nothing", case.name),
        Err(failed) => return failed,
    };
    while handshake.wants_write() {
        if handshake.write_tls(written).is_err() {
            unreachable!("a vector takes all");
        }
    }
    handshake.end(match case.closes() {
        true => End::Closed,
        false => End::TimedOut,
    })
}
