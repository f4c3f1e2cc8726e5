//! What holds of every message: no panic, nothing outside of it, nothing lost.

use lastword_hello::{ClientHello, Malformed};
use proptest::{collection::vec, prelude::*, sample::Index};

use crate::builder::{extension, typical, with_extensions};

/// Parses `message` and looks at all that the view shows; every slice must lie within it.
fn look(message: &[u8]) -> Result<(), Malformed> {
    let hello = ClientHello::parse(message)?;
    let within = |slice: &[u8]| {
        let (outer, inner) = (message.as_ptr_range(), slice.as_ptr_range());
        slice.is_empty() || (outer.start <= inner.start && inner.end <= outer.end)
    };
    assert!(within(hello.random()) && within(hello.session_id()));
    assert!(within(hello.cipher_suites().as_bytes()) && !hello.cipher_suites().is_empty());
    assert!(within(hello.compression_methods()) && !hello.compression_methods().is_empty());
    assert!(hello.extensions().all(|each| within(each.data)));
    assert!(
        hello
            .server_name()
            .is_none_or(|name| !name.is_empty() && within(name.as_bytes()))
    );
    assert!(
        hello
            .alpn_protocols()
            .is_none_or(|mut names| names.all(within))
    );
    assert!(
        hello
            .supported_versions()
            .is_none_or(|list| within(list.as_bytes()))
    );
    assert!(
        hello
            .supported_groups()
            .is_none_or(|list| within(list.as_bytes()))
    );
    assert!(
        hello
            .signature_schemes()
            .is_none_or(|list| within(list.as_bytes()))
    );
    assert!(
        hello
            .key_share_groups()
            .is_none_or(|groups| groups.count() < message.len())
    );
    assert!(!format!("{hello:?}").is_empty());
    Ok(())
}

/// Corrects the length that the header says, so that what is behind it is looked at.
fn with_true_length(mut message: Vec<u8>) -> Vec<u8> {
    if let Some(body) = message.len().checked_sub(4) {
        let [_, length @ ..] = (body as u32).to_be_bytes();
        message[0] = 1;
        message[1..4].copy_from_slice(&length);
    }
    message
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_parsed_or_refused(bytes in vec(any::<u8>(), 0..512)) {
        let _ = look(&bytes);
        let _ = look(&with_true_length(bytes));
    }

    #[test]
    fn a_changed_hello_is_parsed_or_refused(
        changes in vec((any::<Index>(), any::<u8>()), 1..4),
        cut in any::<Option<Index>>(),
    ) {
        let mut message = typical();
        for (at, byte) in changes {
            let at = at.index(message.len());
            message[at] = byte;
        }
        if let Some(cut) = cut {
            message.truncate(cut.index(message.len()));
        }
        let _ = look(&message);
        let _ = look(&with_true_length(message));
    }

    #[test]
    fn extensions_come_out_as_they_went_in(
        // from 64 on, so that any bytes will do for data
        extensions in proptest::collection::btree_map(64..=u16::MAX, vec(any::<u8>(), 0..64), 0..40),
        last in vec(any::<u8>(), 0..64),
    ) {
        let mut extensions: Vec<_> = extensions.into_iter().rev().collect();
        extensions.push((41, last));
        let encoded: Vec<_> = extensions.iter().map(|(code, data)| extension(*code, data)).collect();
        let message = with_extensions(&encoded);
        let hello = ClientHello::parse(&message).unwrap();
        let shown: Vec<_> =
            hello.extensions().map(|each| (each.extension_type.0, each.data.to_vec())).collect();
        prop_assert_eq!(shown, extensions);
    }
}

#[test]
fn a_hello_cut_anywhere_is_refused() {
    let message = typical();
    assert_eq!(look(&message), Ok(()));
    for len in 0..message.len() {
        assert!(look(&message[..len]).is_err(), "cut to {len} bytes");
        let cut = with_true_length(message[..len].to_vec());
        // the one place where a hello may end: behind the compression methods
        assert_eq!(
            look(&cut).is_ok(),
            len == 84,
            "cut to {len} bytes, its header corrected"
        );
    }
}
