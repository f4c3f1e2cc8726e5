//! The words for a server name that is not one.

use crate::words::{DEFAULT, said, words};
use lastword_testkit::catalogue::Required;
use lastword_testkit::wire::HelloBuilder;

#[test]
fn shows_a_server_name_that_is_malformed() {
    for (name, shown) in [
        ("known.example:8443", "known.example:8443"),
        ("a;\n", r#""a;\n""#),
        ("\u{202e}", r#""\u{202e}""#),
    ] {
        let hello = HelloBuilder::default().server_name(name);
        let expected = format!(
            "client sent a malformed ClientHello, server_name extension: the host name is not a DNS name: {shown}"
        );
        assert_eq!(said(DEFAULT, &hello), expected);
        // in records of a byte
        let message = hello.message();
        let records = message.iter().flat_map(|byte| [22, 3, 3, 0, 1, *byte]);
        let said = words(DEFAULT, &records.collect::<Vec<_>>(), Required::Silent);
        assert_eq!(said, expected);
    }
}
