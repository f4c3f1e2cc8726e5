//! The same client bytes on every path, with streams and without: the same last word.

use lastword_io::Incoming;
use lastword_io::acceptor::Config;
use lastword_io::step::Options;
use lastword_testkit::catalogue::{self, Case};
use lastword_testkit::pki::Pki;
use lastword_testkit::sans_io::LastWord;
use lastword_testkit::script::ScriptedStream;

use crate::scripted::Scripted;
use crate::scripted::styles::{STYLES, Style};

fn with_a_stream(style: Style, case: &Case, bytes: &[u8], config: &Config) -> LastWord {
    let stream = ScriptedStream::new(bytes);
    let stream = if case.closes() {
        stream
    } else {
        stream.stays_open()
    };
    let options = Options::default().with_timeout(case.server.deadline);
    let (server, chosen) = (case.server, config.clone());
    let choose = move |incoming: &Incoming| server.choose(&chosen, incoming.hello());
    let scripted = Scripted::new(stream).ticking();
    let accepted = style.accept(scripted, &options, config, choose);
    let (error, stream) = accepted.unwrap_err();
    LastWord::new(stream.shut().unwrap(), error.error().to_string())
}

#[test]
fn the_same_bytes_get_the_same_last_word_on_all_six_paths() {
    let pki = Pki::new();
    let mut compared = 0;
    for case in [catalogue::failing(), catalogue::succeeding()].concat() {
        let Some(bytes) = case.opening() else {
            continue;
        };
        let config = Config::new(pki.server_config(&case.server)).unwrap();
        let has_choice = case.server.has_choice();
        let expected = LastWord::chosen(&case, &bytes, &config);
        if !has_choice {
            let direct = LastWord::direct(&case, &bytes, &config);
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
