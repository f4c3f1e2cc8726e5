//! Each way in which a hello's extensions can be malformed, as far as the view looks into them.

use lastword_alert::AlertDescription;
use lastword_hello::{ClientHello, ExtensionType, Field, Problem};

use crate::view::{
    builder::{extension, with_extensions},
    malformed::{DECODE_ERROR, refused},
};

const ILLEGAL_PARAMETER: AlertDescription = AlertDescription::ILLEGAL_PARAMETER;

/// The same for a hello with one extension of type `code` that holds `data`.
#[track_caller]
fn extension_refused(code: u16, data: &[u8], problem: Problem, alert: AlertDescription) -> String {
    let field = Field::Extension(ExtensionType(code));
    refused(
        &with_extensions(&[extension(code, data)]),
        field,
        problem,
        alert,
    )
}

#[test]
fn an_extension_that_is_cut() {
    for (bytes, left) in [(&[0][..], 1), (&[0x12, 0x34, 0], 3)] {
        let problem = Problem::Truncated { needed: 4, left };
        let message = with_extensions(&[bytes.to_vec()]);
        refused(&message, Field::Extensions, problem, DECODE_ERROR);
    }
    let field = Field::Extension(ExtensionType(0x1234));
    let problem = Problem::Truncated { needed: 3, left: 2 };
    let message = with_extensions(&[vec![0x12, 0x34, 0, 3, 8, 9]]);
    let words = refused(&message, field, problem, DECODE_ERROR);
    assert_eq!(words, "0x1234 extension: 3 bytes needed, but only 2 left");
}

#[test]
fn an_extension_that_is_there_twice() {
    for code in [23, 0x1234, 0xffff] {
        let twice = [
            extension(code, &[]),
            extension(21, &[]),
            extension(code, &[1]),
        ];
        let field = Field::Extension(ExtensionType(code));
        refused(
            &with_extensions(&twice),
            field,
            Problem::Duplicate,
            ILLEGAL_PARAMETER,
        );
    }
    let twice = [extension(23, &[]), extension(23, &[])];
    let words = ClientHello::parse(&with_extensions(&twice))
        .unwrap_err()
        .to_string();
    assert_eq!(words, "extended_master_secret extension: more than once");
}

#[test]
fn an_extension_that_is_there_twice_among_very_many() {
    let mut many: Vec<_> = (64..16_000).map(|code| extension(code, &[])).collect();
    assert!(ClientHello::parse(&with_extensions(&many)).is_ok());
    many.push(extension(15_000, &[]));
    let field = Field::Extension(ExtensionType(15_000));
    refused(
        &with_extensions(&many),
        field,
        Problem::Duplicate,
        ILLEGAL_PARAMETER,
    );
}

#[test]
fn a_pre_shared_key_that_is_not_last() {
    let message = with_extensions(&[extension(41, &[]), extension(45, &[1, 1])]);
    let field = Field::Extension(ExtensionType::PRE_SHARED_KEY);
    let words = refused(&message, field, Problem::NotLast, ILLEGAL_PARAMETER);
    assert_eq!(words, "pre_shared_key extension: not the last extension");
}

#[test]
fn server_names_that_cannot_be_read() {
    let truncated = |needed, left| Problem::Truncated { needed, left };
    extension_refused(0, &[], truncated(2, 0), DECODE_ERROR);
    extension_refused(0, &[0, 4, 0], truncated(4, 1), DECODE_ERROR);
    extension_refused(0, &[0, 0], Problem::Empty, DECODE_ERROR);
    extension_refused(0, &[0, 3, 0, 0, 0], Problem::EmptyElement, DECODE_ERROR);
    extension_refused(0, &[0, 4, 0, 0, 2, b'a'], truncated(2, 1), DECODE_ERROR);
    extension_refused(0, &[0, 5, 0, 0, 1, b'a', 0], truncated(2, 0), DECODE_ERROR);
    let left_over = [0, 4, 0, 0, 1, b'a', 8, 8, 8];
    let words = extension_refused(0, &left_over, Problem::TrailingBytes(3), DECODE_ERROR);
    assert_eq!(words, "server_name extension: 3 bytes left over at the end");
}

#[test]
fn server_names_that_are_not_one_host_name() {
    let two = [0, 8, 0, 0, 1, b'a', 0, 0, 1, b'b'];
    let words = extension_refused(0, &two, Problem::TwoHostNames, ILLEGAL_PARAMETER);
    assert_eq!(words, "server_name extension: more than one host name");
    let words = extension_refused(0, &[0, 1, 7], Problem::NoHostName, ILLEGAL_PARAMETER);
    assert_eq!(words, "server_name extension: without a host name");
    let name = [0, 6, 0, 0, 3, b'a', b' ', b'b'];
    let words = extension_refused(0, &name, Problem::NotDnsName, ILLEGAL_PARAMETER);
    assert_eq!(
        words,
        "server_name extension: the host name is not a DNS name"
    );
}

#[test]
fn alpn_protocols_that_cannot_be_read() {
    extension_refused(16, &[0, 0], Problem::Empty, DECODE_ERROR);
    let words = extension_refused(16, &[0, 1, 0], Problem::EmptyElement, DECODE_ERROR);
    assert_eq!(
        words,
        "application_layer_protocol_negotiation extension: an element is empty"
    );
    let problem = Problem::Truncated { needed: 3, left: 2 };
    extension_refused(16, &[0, 3, 3, b'h', b'2'], problem, DECODE_ERROR);
    extension_refused(
        16,
        &[0, 2, 1, b'h', 0],
        Problem::TrailingBytes(1),
        DECODE_ERROR,
    );
}

#[test]
fn lists_of_code_points_that_cannot_be_read() {
    for code in [10, 13] {
        extension_refused(code, &[0, 0], Problem::Empty, DECODE_ERROR);
        extension_refused(code, &[0, 3, 0, 1, 0], Problem::OddLength(3), DECODE_ERROR);
        extension_refused(
            code,
            &[0, 2, 0, 1, 0],
            Problem::TrailingBytes(1),
            DECODE_ERROR,
        );
        extension_refused(
            code,
            &[0, 2, 0],
            Problem::Truncated { needed: 2, left: 1 },
            DECODE_ERROR,
        );
    }
    extension_refused(43, &[0], Problem::Empty, DECODE_ERROR);
    extension_refused(43, &[1, 3], Problem::OddLength(1), DECODE_ERROR);
    extension_refused(43, &[2, 3, 4, 0], Problem::TrailingBytes(1), DECODE_ERROR);
    extension_refused(
        43,
        &[2, 3],
        Problem::Truncated { needed: 2, left: 1 },
        DECODE_ERROR,
    );
}

#[test]
fn key_shares_that_cannot_be_read() {
    let truncated = |needed, left| Problem::Truncated { needed, left };
    extension_refused(51, &[0, 1, 0], truncated(2, 1), DECODE_ERROR);
    extension_refused(51, &[0, 3, 0, 29, 0], truncated(2, 1), DECODE_ERROR);
    extension_refused(51, &[0, 5, 0, 29, 0, 2, 9], truncated(2, 1), DECODE_ERROR);
    extension_refused(
        51,
        &[0, 4, 0, 29, 0, 0],
        Problem::EmptyElement,
        DECODE_ERROR,
    );
    extension_refused(51, &[0, 0, 7], Problem::TrailingBytes(1), DECODE_ERROR);
}
