//! What holds of every message: no panic, nothing outside of it, nothing lost.

use lastword_hello::{ClientHello, Malformed};
use proptest::{collection::vec, prelude::*, sample, sample::Index};

use crate::view::builder::{extension, typical, u8_vector, u16_vector, with_extensions};

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
            .server_name_as_sent()
            .is_none_or(|name| !name.is_empty() && within(name.as_bytes()))
    );
    assert!(hello.alpn().is_none_or(|mut names| names.all(within)));
    assert!(
        hello
            .supported_versions()
            .is_none_or(|list| within(list.as_bytes()))
    );
    assert!(
        hello
            .named_groups()
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
    look_on_demand(hello, within);
    #[cfg(feature = "ja4")]
    assert!(hello.ja4().as_str().len() == 36 && hello.ja4().as_str().is_ascii());
    assert!(!format!("{hello:?}").is_empty());
    let line = hello.to_string();
    assert!(line.len() <= 1200 && line.bytes().all(|byte| matches!(byte, b' '..=b'~')));
    Ok(())
}

/// The same for what is read when asked for.
fn look_on_demand(hello: ClientHello<'_>, within: impl Fn(&[u8]) -> bool) {
    let shares = hello.key_shares().into_iter().flatten();
    assert!(shares.clone().all(|share| within(share.key_exchange)));
    assert!(
        shares
            .map(|share| share.group)
            .eq(hello.key_share_groups().into_iter().flatten())
    );
    let lists = [
        hello.signature_schemes_cert().map(|list| list.as_bytes()),
        hello.psk_key_exchange_modes().map(|list| list.as_bytes()),
        hello.ec_point_formats().map(|list| list.as_bytes()),
        hello.client_cert_types().map(|list| list.as_bytes()),
        hello.server_cert_types().map(|list| list.as_bytes()),
        hello
            .certificate_compression_algorithms()
            .map(|list| list.as_bytes()),
        hello.cookie(),
    ];
    assert!(
        lists
            .iter()
            .flatten()
            .all(|list| !list.is_empty() && within(list))
    );
    let identities = hello.psk_identities().into_iter().flatten();
    assert!(identities.clone().all(|each| within(each.identity)));
    let names = hello.certificate_authorities().into_iter().flatten();
    assert!(names.clone().all(&within));
    let others = [hello.session_ticket(), hello.renegotiation_info()];
    assert!(others.iter().flatten().all(|other| within(other)));
    let _ = (
        hello.encrypted_client_hello(),
        hello.record_size_limit(),
        hello.padding(),
    );
    let _ = (
        hello.early_data(),
        hello.asks_for_ocsp(),
        hello.extended_master_secret(),
    );
    let _ = (hello.renegotiation_scsv(), hello.post_handshake_auth());
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

/// The extensions that are read when asked for.
const ON_DEMAND: [u16; 19] = [
    5, 11, 19, 20, 21, 23, 27, 28, 35, 41, 42, 44, 45, 47, 49, 50, 51, 0xfe0d, 0xff01,
];

/// Anything, and often a vector with a right length.
fn data() -> impl Strategy<Value = Vec<u8>> {
    let any = || vec(any::<u8>(), 0..24);
    prop_oneof![
        any(),
        any().prop_map(|bytes| u8_vector(&bytes)),
        any().prop_map(|bytes| u16_vector(&bytes)),
        vec(any(), 0..4).prop_map(|each| {
            u16_vector(
                &each
                    .iter()
                    .flat_map(|bytes| u16_vector(bytes))
                    .collect::<Vec<_>>(),
            )
        }),
    ]
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
    fn any_data_will_do_for_what_is_read_when_asked_for(
        data in vec((sample::select(&ON_DEMAND[..]), data()), 0..8),
    ) {
        let extensions: Vec<_> = data.iter().map(|(code, data)| extension(*code, data)).collect();
        let _ = look(&with_extensions(&extensions));
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
