//! The same client bytes on every path, with streams and without: the same last word.

use lastword_io::Options;
use lastword_io::acceptor::{
    Acceptor, ClientHello, Config, ErrorAndAlert, Handshake, Limits, Progress, Rejection, Step,
};
use lastword_record::{ContentType, LengthLimit, Records};
use lastword_testkit::catalogue::{self, Case, Names, Required, ServerProfile};
use lastword_testkit::pki::Pki;
use lastword_testkit::script::ScriptedStream;

use crate::Scripted;
use crate::styles::{STYLES, Style};

/// What a client is told and the log says. What is encrypted differs each time: of that, how many
/// records there were.
#[derive(Debug, PartialEq, Eq)]
struct LastWord {
    alerts: Vec<u8>,
    types: Vec<u8>,
    words: String,
}

fn last_word(tls: &[u8], words: String) -> LastWord {
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
    LastWord {
        alerts,
        types,
        words,
    }
}

fn choose(
    profile: &ServerProfile,
    config: &Config,
    hello: &ClientHello<'_>,
) -> Result<Config, Rejection> {
    match profile.refusal(hello.server_name()) {
        None => Ok(config.clone()),
        Some(alert) => Err(Rejection::new(alert, "refused by policy")),
    }
}

/// Whether the client closes once it has said what it says, or waits.
fn closes(case: &Case) -> bool {
    case.required == Required::Silent
}

fn with_a_stream(style: Style, case: &Case, bytes: &[u8], config: &Config) -> LastWord {
    let stream = ScriptedStream::new(bytes);
    let stream = if closes(case) {
        stream
    } else {
        stream.stays_open()
    };
    let options = Options::default().with_deadline(case.server.deadline);
    let choose = |hello: &ClientHello<'_>| choose(&case.server, config, hello);
    let scripted = Scripted::new(stream).ticking();
    let accepted = style.accept(scripted, &options, config, &choose);
    let (report, stream) = accepted.unwrap_err();
    let tls = stream.shut.as_deref().unwrap();
    last_word(tls, report.error().to_string())
}

/// The acceptor of the layer below, which has no stream, or the handshake at once.
fn without_a_stream(direct: bool, case: &Case, mut bytes: &[u8], config: &Config) -> LastWord {
    let mut written = Vec::new();
    let handshake = match direct {
        true => Ok(Handshake::new(config, Limits::default())),
        false => hello(case, &mut bytes, config),
    };
    let mut error = match handshake {
        Err(error) => error,
        Ok(handshake) => finish(handshake, case, bytes, &mut written),
    };
    let rest = error.tls().to_vec();
    error.advance(rest.len());
    written.extend(rest);
    last_word(&written, error.to_string())
}

fn hello(case: &Case, bytes: &mut &[u8], config: &Config) -> Result<Handshake, ErrorAndAlert> {
    let mut acceptor = Acceptor::new(Limits::default());
    while !bytes.is_empty() {
        acceptor = match acceptor.receive(bytes)? {
            Step::NeedsInput(next) => next,
            Step::ClientHello(accepted) => {
                return match choose(&case.server, config, &accepted.client_hello()) {
                    Ok(config) => accepted.into_handshake(&config),
                    Err(rejection) => Err(accepted.reject(rejection)),
                };
            }
        };
    }
    Err(match closes(case) {
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
            Ok(Progress::Complete(_)) => panic!("{}: bytes alone complete nothing", case.name),
            Err(error) => return error,
        };
    }
    while handshake.wants_write() {
        handshake.write_tls(written).unwrap();
    }
    match closes(case) {
        true => handshake.end_of_stream(),
        false => handshake.expire(),
    }
}

#[test]
fn the_same_bytes_get_the_same_last_word_on_all_six_paths() {
    let pki = Pki::new();
    let mut compared = 0;
    for case in [catalogue::failing(), catalogue::succeeding()].concat() {
        let Some(bytes) = case.opening() else {
            continue;
        };
        let config = Config::new(pki.server_config(&case.server));
        let has_choice = case.server.names != Names::Any || case.server.refuses.is_some();
        let expected = without_a_stream(false, &case, &bytes, &config);
        if !has_choice {
            let direct = without_a_stream(true, &case, &bytes, &config);
            assert_eq!(direct, expected, "{} without a stream, direct", case.name);
        }
        for style in STYLES {
            if style.chooses() || !has_choice {
                let told = with_a_stream(style, &case, &bytes, &config);
                assert_eq!(told, expected, "{} {style:?}", case.name);
                compared += 1;
            }
        }
    }
    assert!(compared > 200, "only {compared}");
}
