//! The same client bytes in every style, and without a stream: the same last word.

use std::sync::Arc;

use lastword_testkit::catalogue::{self, Case};
use lastword_testkit::sans_io::LastWord;
use lastword_testkit::script::ScriptedStream;
use lastword_tokio::acceptor::{Config, Rejection};
use lastword_tokio::step::Options;

use crate::scripted::styles::{STYLES, Style};
use crate::scripted::{PKI, Scripted};

async fn with_a_stream(style: Style, case: &Case, bytes: &[u8], config: &Config) -> LastWord {
    let stream = ScriptedStream::new(bytes);
    let stream = Scripted::new(match case.closes() {
        true => stream,
        false => stream.stays_open(),
    });
    let options = Options::default().with_timeout(case.server.deadline);
    let (server, chosen) = (case.server, config.clone());
    let choose = Arc::new(move |name: Option<&str>| match server.refusal(name) {
        None => Ok(chosen.clone()),
        Some(alert) => Err(Rejection::new(alert, "by policy")),
    });
    let accepted = style.accept(stream, &options, config, choose).await;
    let (error, stream) = accepted.unwrap_err().split_stream();
    LastWord::new(&stream.shut().unwrap(), error.error().to_string())
}

#[tokio::test(start_paused = true)]
async fn the_same_bytes_get_the_same_last_word_in_every_style() {
    let mut compared = 0;
    for case in [catalogue::failing(), catalogue::succeeding()].concat() {
        let Some(bytes) = case.opening() else {
            continue;
        };
        let config = Config::new(PKI.server_config(&case.server)).unwrap();
        let expected = LastWord::chosen(&case, &bytes, &config);
        for style in STYLES {
            if style.chooses() || !case.server.has_choice() {
                let told = with_a_stream(style, &case, &bytes, &config).await;
                assert_eq!(told, expected, "{} {style:?}", case.name);
                compared += 1;
            }
        }
    }
    assert!(compared > 300, "only {compared}");
}
