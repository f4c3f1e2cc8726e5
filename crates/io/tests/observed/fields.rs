//! The fields of an event, one by one: what they hold, whatever comes from outside.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lastword_io::Plain;
use lastword_io::acceptor::Rejection;
use lastword_io::step::{Accepting, Options, Step};
use lastword_testkit::observed::events;
use lastword_testkit::outside::{is_line, text, unquoted};
use lastword_testkit::script::ScriptedStream;
use lastword_testkit::wire::HelloBuilder;
use proptest::prelude::*;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// The fields of an event, as a subscriber is given them.
type Fields = BTreeMap<&'static str, String>;

/// Keeps the fields of the last event.
#[derive(Clone, Default)]
struct Last(Arc<Mutex<Fields>>);

impl Subscriber for Last {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Values(Fields::new());
        event.record(&mut fields);
        *self.0.lock().unwrap() = fields.0;
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Values(Fields);

impl Visit for Values {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

/// The fields of the event that the action ends in.
fn fields(action: impl FnOnce()) -> Fields {
    let last = Last::default();
    let subscriber = last.clone();
    // who listens to everything does so in there, before the action
    events(|| tracing::subscriber::with_default(subscriber, action));
    let fields = last.0.lock().unwrap();
    fields.clone()
}

/// The fields when the chooser rejects a client.
fn rejected(rejection: impl Into<Rejection>) -> Fields {
    let hello = HelloBuilder::default().record();
    fields(|| {
        let accepting = Accepting::new(&Options::default(), Instant::now());
        let mut stream = Plain(ScriptedStream::new(&hello));
        let Step::Over(Ok(accepted)) = accepting.step(&mut stream) else {
            panic!("no ClientHello");
        };
        let undelivered = accepted.reject(rejection.into());
        drop(undelivered.deliver(Instant::now()).step(&mut stream));
    })
}

#[test]
fn a_duration_has_two_decimals() {
    for (nanoseconds, shown) in [
        (274_487, "0.27"),
        (999_999, "1.0"),
        (1_234_567_890, "1234.57"),
        (0, "0.0"),
    ] {
        let fields = fields(|| {
            let begin = Instant::now();
            let canceled = Accepting::new(&Options::default(), begin).aborted();
            let delivering = canceled.deliver(begin + Duration::from_nanos(nanoseconds));
            drop(delivering.stop());
        });
        assert_eq!(fields["duration_ms"], shown);
    }
}

#[test]
fn the_words_of_a_chooser_are_escaped_and_quoted() {
    let forged = "x\r\n2026-01-01 INFO forged\u{1b}[31m; alert a\u{202e}";
    assert_eq!(
        rejected(std::io::Error::other(forged))["message"],
        r#"this server failed: "x\r\n2026-01-01 INFO forged\x1b[31m; alert a\u{202e}": client asks for localhost"#
    );
}

proptest! {
    #[test]
    fn no_field_is_more_than_a_short_line_and_none_is_forged(reason in text()) {
        let plain = rejected(Rejection::access_denied("by policy"));
        let fields = rejected(Rejection::access_denied(reason));
        prop_assert!(fields.keys().eq(plain.keys()), "{fields:?}");
        for (name, value) in &fields {
            prop_assert!(is_line(value), "{name}: {value:?}");
            let is_same = plain[name] == *value || ["message", "duration_ms"].contains(name);
            prop_assert!(is_same, "{name}: {value}");
        }
        let outside = unquoted(&fields["message"]);
        prop_assert!(outside.ends_with(": client asks for localhost"), "{outside}");
    }
}
