//! The longest record that a client accepts.

use lastword_hello::ClientHello;

use crate::view::on_demand::seen;

#[test]
fn a_record_size_limit_has_two_bytes() {
    let look = |hello: ClientHello<'_>| hello.record_size_limit();
    assert_eq!(seen(28, &[0x40, 0x01], look), Some(0x4001));
    assert_eq!(seen(28, &[0x40], look), None);
    assert_eq!(seen(28, &[0x40, 0x01, 0], look), None);
}

#[test]
fn a_max_fragment_length_is_a_code_from_one_to_four() {
    let look = |hello: ClientHello<'_>| hello.max_fragment_length();
    for (data, expected) in [
        (&[1][..], Some(512)),
        (&[2], Some(1024)),
        (&[3], Some(2048)),
        (&[4], Some(4096)),
        (&[0], None),
        (&[5], None),
        (&[], None),
        (&[1, 1], None),
    ] {
        assert_eq!(seen(1, data, look), expected, "{data:?}");
    }
}

#[test]
fn the_longest_record_is_the_record_size_limit_or_the_max_fragment_length() {
    let look = |hello: ClientHello<'_>| hello.longest_record();
    assert_eq!(seen(1, &[1], look), Some(512));
    assert_eq!(seen(28, &[0x40, 0x01], look), Some(0x4001));
    assert_eq!(seen(15, &[1], look), None);
}
