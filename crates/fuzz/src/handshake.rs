//! Whole handshakes, the client's bytes altered in flight: one outcome and the same bytes over any
//! cut, every error decided and told as it says. Encrypted alerts change no byte of a handshake that
//! succeeds.

use crate::client;
use crate::drive::{Choice, Client, Outcome, Pauses, Writes};
use crate::input::{Input, input};
use crate::server::{SERVERS, named};

/// The oracle. The bytes are all that the client sends: nothing that the server says makes a
/// difference to them, since nothing is random and no secret a secret.
pub fn check(data: &[u8]) {
    let Some(input) = Input::of(data) else {
        return;
    };
    let client = Client::of(input);
    let whole = client.run(Choice::OneForAll, 1, Writes::AtTheEnd);
    let at_once = client.run(Choice::OneForAll, 1, Writes::AtOnce);
    at_once.is_as(&whole);
    let cut = client.run(Choice::OneForAll, input.cut, Writes::AtOnce);
    cut.is_as(&whole);
    if whole.is_served() {
        let plain = client.without_encrypted_alerts();
        let plain = plain.run(Choice::OneForAll, 1, Writes::AtTheEnd);
        plain.is_as(&whole);
    }
    if client.can_pause() {
        let pausing =
            client.run_pausing(Choice::OneForAll, input.cut, Writes::AtOnce, Pauses::Always);
        if whole.is_served() || pausing.is_served() {
            pausing.is_as(&whole);
        }
    }
}

/// The servers whose clients' bytes are altered: what these find of a client, all do.
const ALTERED: [&str; 3] = ["client certificates", "both versions, ALPN", "early data"];

/// A server that knows no session, and so rejects early data.
const REJECTING: &str = "both versions, ALPN";

/// The inputs to begin with: every client, served, and with its bytes altered in flight.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (setup, server) in (0..).zip(SERVERS.iter()) {
        for bytes in client::all(server) {
            seeds.push(input(setup, 0, 0, &bytes));
            seeds.push(input(setup | 6 << 5, 40, 1, &bytes));
            // with a verdict: the client is accepted, rejected, and waits for too long
            let verdicts = [4, 4 | 1 << 4, 5 | 2 << 4];
            seeds.extend(verdicts.map(|end| input(setup, 60, end, &bytes)));
            if ALTERED.contains(&server.name) {
                let altered = client::altered(&bytes);
                seeds.extend(altered.iter().map(|bytes| input(setup, 90, 1, bytes)));
            }
        }
        if server.name == REJECTING {
            let early = client::all(named("early data")).pop().unwrap();
            let altered = client::altered(&early);
            seeds.extend(altered.iter().map(|bytes| input(setup, 0, 1, bytes)));
        }
    }
    seeds
}

/// What becomes of the client of an input, in a few words.
#[must_use]
pub fn outcome(data: &[u8]) -> String {
    let Some(input) = Input::of(data) else {
        return String::new();
    };
    let ran = Client::of(input).run(Choice::OneForAll, 1, Writes::AtOnce);
    match ran.outcome {
        Outcome::Ended { words, .. } => words,
        Outcome::Established(established) if established.fails => "fails".to_owned(),
        Outcome::Established(established) if established.has_early_data() => {
            "served with early data".to_owned()
        }
        Outcome::Established(_) => "served".to_owned(),
    }
}
