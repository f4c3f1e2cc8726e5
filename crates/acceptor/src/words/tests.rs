//! The words for a panic.

use std::panic::resume_unwind;

use crate::text::outside::{is_line, text, unquoted};
use proptest::prelude::*;

use super::*;
use crate::Panic;
use crate::client::Client;

#[test]
fn the_message_of_a_panic_is_quoted_where_it_must_be() {
    assert_eq!(
        panicked("no key 7".to_owned()),
        "this server's own code panicked: no key 7"
    );
    assert_eq!(
        panicked("a\nb; c".to_owned()),
        r#"this server's own code panicked: "a\nb; c""#
    );
}

/// What an error says of a panic with this message.
fn panicked(message: String) -> String {
    let panic = Panic::catch(|| resume_unwind(Box::new(message))).unwrap_err();
    let kind = ErrorKind::Panicked(panic);
    Error::new(kind, Phase::AfterServerHello, Client::Bytes(Vec::new())).to_string()
}

proptest! {
    #[test]
    fn whatever_the_message_of_a_panic_it_is_one_short_line_and_forges_nothing(text in text()) {
        let said = panicked(text);
        prop_assert!(is_line(&said), "{said:?}");
        let outside = unquoted(&said);
        let is_cut = outside.ends_with(" bytes left out)");
        prop_assert!(is_cut || !outside.contains(['(', ';', ',', '=', '"']), "{said}");
    }
}
