//! Which extensions a hello can be made of: sound ones, odd ones, and bytes that mean nothing.

use lastword_testkit::wire::{
    BASE_POINT_P256, BASE_POINT_X25519, ExtensionType, prefixed_u8, prefixed_u16,
};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::Union;

/// The type and the content.
pub(crate) type Extension = (ExtensionType, Vec<u8>);

/// Any extension, of a known type or not.
pub(crate) fn extension() -> impl Strategy<Value = Extension> {
    let any_type = prop_oneof![
        4 => Union::new(kinds()).prop_map(|(known, _)| known),
        1 => (0_u16..60).prop_map(ExtensionType),
        1 => any::<u16>().prop_map(ExtensionType),
    ];
    prop_oneof![2 => Union::new(kinds()), 1 => (any_type, odd_bytes())].boxed()
}

/// One extension of each kind that means something to a server.
pub(crate) fn kinds() -> Vec<BoxedStrategy<Extension>> {
    let localhost = [&[0, 12, 0, 0, 9][..], b"localhost"].concat();
    let server_names = prop_oneof![9 => Just(localhost), 1 => server_names()];
    let of_hello = [
        (ExtensionType::SERVER_NAME, server_names.boxed()),
        (ExtensionType::SUPPORTED_GROUPS, groups().boxed()),
        (ExtensionType::SIGNATURE_ALGORITHMS, schemes().boxed()),
        (ExtensionType::SUPPORTED_VERSIONS, versions().boxed()),
        (ExtensionType::KEY_SHARE, shares().boxed()),
        (ExtensionType::ALPN, protocols().boxed()),
    ];
    let plain = PLAIN.iter().map(|(code, contents)| {
        let contents: Vec<Vec<u8>> = contents.iter().map(|content| content.to_vec()).collect();
        let sound = Just(contents[0].clone());
        let content = prop_oneof![30 => sound, 1 => select(contents)];
        (ExtensionType(*code), content.boxed())
    });
    let all = of_hello.into_iter().chain(plain);
    all.map(|(code, content)| content.prop_map(move |content| (code, content)).boxed())
        .collect()
}

/// A few bytes, mostly zeroes and ones, as lengths have them.
pub(crate) fn odd_bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![4 => 0_u8..4, 1 => any::<u8>()];
    prop::collection::vec(byte, 0..12)
}

/// A host name: some that servers have, some that nobody has, and some at the edge.
pub(crate) fn host_name() -> impl Strategy<Value = Vec<u8>> {
    let known = select(vec![
        "localhost",
        "LOCALHOST",
        "localhost.",
        "example.test",
        "xn--bcher-kva.example",
        "a_b",
        "_",
        "",
        ".",
        "..",
        "-a",
        "a-",
        "a..b",
        "a.1",
        "1.a",
        "1",
        "a\0",
        "*.example",
        "b\u{fc}cher",
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "0127.0.0.1",
        "::1",
        "[::1]",
        "::ffff:127.0.0.1",
        "::g",
        "2001:db8::1",
        "fe80::1%1",
        "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:8:9",
        "::",
        ":",
        "::1.2.3.4",
    ]);
    let long =
        (60_usize..66, 1_usize..6).prop_map(|(len, count)| vec!["a".repeat(len); count].join("."));
    let spelled = "[a-c1-3:._%*-]{0,10}";
    prop_oneof![
        6 => known.prop_map(|name| name.as_bytes().to_vec()),
        1 => long.prop_map(String::into_bytes),
        4 => spelled.prop_map(String::into_bytes),
        1 => odd_bytes(),
    ]
}

/// A list of names with their types, one most of the time.
pub(crate) fn server_names() -> impl Strategy<Value = Vec<u8>> {
    let name_type = prop_oneof![9 => Just(0_u8), 1 => 1_u8..3];
    let name = (name_type, host_name())
        .prop_map(|(name_type, name)| [&[name_type][..], &prefixed_u16(&name)].concat())
        .boxed();
    let count = prop_oneof![8 => Just(1_usize), 1 => 0_usize..4];
    count
        .prop_flat_map(move |count| prop::collection::vec(name.clone(), count))
        .prop_map(|names| prefixed_u16(&names.concat()))
}

fn groups() -> impl Strategy<Value = Vec<u8>> {
    codes(&[
        0x001d, 0x0017, 0x0018, 0x11ec, 0x0019, 0x001e, 0x0100, 0x0101, 0x0a0a,
    ])
    .prop_map(|codes| u16_list(&codes))
}

fn schemes() -> impl Strategy<Value = Vec<u8>> {
    codes(&[
        0x0403, 0x0503, 0x0804, 0x0807, 0x0401, 0x0201, 0x0203, 0x1a1a,
    ])
    .prop_map(|codes| u16_list(&codes))
}

/// A list of versions.
pub(crate) fn versions() -> impl Strategy<Value = Vec<u8>> {
    codes(&[
        0x0304, 0x0303, 0x0302, 0x0301, 0x0300, 0x0305, 0x7f1c, 0x2a2a, 0xfeff, 0,
    ])
    .prop_map(|versions| prefixed_u8(&bytes(&versions)))
}

fn protocols() -> impl Strategy<Value = Vec<u8>> {
    let long = "x".repeat(255);
    let names = ["h2", "http/1.1", "H2", "spdy/1", "http/1.0", ""].map(str::to_owned);
    let names = names.into_iter().chain([long]).collect::<Vec<_>>();
    let some = prop_oneof![
        9 => subsequence(names[..4].to_vec(), 1..4).prop_shuffle(),
        1 => prop::collection::vec(select(names), 0..4),
    ];
    some.prop_map(|some| {
        let names = some.iter().flat_map(|name| prefixed_u8(name.as_bytes()));
        prefixed_u16(&names.collect::<Vec<_>>())
    })
}

fn shares() -> impl Strategy<Value = Vec<u8>> {
    let x25519 = (0x001d, BASE_POINT_X25519.to_vec());
    let p256 = (0x0017, BASE_POINT_P256.to_vec());
    let of_retry = (0x001e, vec![5; 56]);
    let good = vec![x25519, p256, of_retry, (0x0a0a, vec![0])];
    let any = (
        select(vec![0x001d_u16, 0x0017, 0x0018, 0x11ec]),
        odd_bytes(),
    );
    let cut = (select(good.clone()), 0_usize..66).prop_map(|((group, mut share), len)| {
        share.resize(len, 9);
        (group, share)
    });
    prop_oneof![
        12 => subsequence(good.clone(), 0..4).prop_shuffle(),
        1 => prop::collection::vec(select(good), 0..4),
        1 => prop::collection::vec(any, 0..3),
        1 => prop::collection::vec(cut, 1..3),
    ]
    .prop_map(|shares| {
        let shares = shares
            .into_iter()
            .flat_map(|(group, share)| [&group.to_be_bytes()[..], &prefixed_u16(&share)].concat());
        prefixed_u16(&shares.collect::<Vec<_>>())
    })
}

/// The extensions of which a server does not need to know much: the first content is the sound
/// one.
#[rustfmt::skip]
const PLAIN: &[(u16, &[&[u8]])] = &[
    (5, &[&[1, 0, 0, 0, 0], &[2, 0], &[], &[1, 0, 0], &[1, 0, 1, 0, 0, 0]]),
    (11, &[&[1, 0], &[3, 0, 1, 2], &[2, 1, 2], &[0], &[1, 0, 0]]),
    (18, &[&[], &[0]]),
    (19, &[&[1, 0], &[1, 2], &[2, 2, 0], &[0], &[1, 7]]),
    (20, &[&[1, 0], &[1, 2], &[2, 2, 0], &[0], &[1, 7]]),
    (21, &[&[], &[0; 200], &[1]]),
    (22, &[&[]]),
    (23, &[&[], &[0]]),
    (27, &[&[2, 0, 2], &[4, 0, 1, 0, 1], &[0], &[3, 0, 1, 0]]),
    (28, &[&[0x40, 1], &[0, 63], &[]]),
    (35, &[&[], &[7; 40]]),
    (42, &[&[], &[0]]),
    (44, &[&[0, 1, 7], &[0, 0], &[]]),
    (45, &[&[1, 1], &[1, 0], &[2, 1, 0], &[0], &[1, 9]]),
    (47, &[&[0, 4, 0, 2, 48, 0], &[0, 0], &[0, 2, 0, 0]]),
    (49, &[&[], &[0]]),
    (50, &[&[0, 2, 4, 3], &[0, 0], &[0, 1, 4]]),
    (57, &[&[], &[1, 2, 3]]),
    (58, &[&[1, 1], &[0, 0], &[1], &[1, 2, 3]]),
    (0x0a0a, &[&[], &[0]]),
    (0xfd00, &[&[2, 0, 10], &[0], &[]]),
    (0xfe0d, &[&[0, 0, 1, 0, 1, 7, 0, 1, 9, 0, 1, 8], &[1], &[], &[7]]),
    (0xff01, &[&[0], &[1, 7], &[]]),
    (0xffa5, &[&[], &[3]]),
];
/// What a hello that offers to resume a session must have last, with any number of identities and
/// binders.
pub(crate) fn pre_shared_key() -> impl Strategy<Value = Extension> {
    let count = || prop_oneof![9 => Just(1_usize), 1 => 0_usize..3];
    (
        count(),
        count(),
        prop_oneof![Just(32_usize), Just(48), 0_usize..50],
    )
        .prop_map(|(identities, binders, len)| {
            let identity = [&prefixed_u16(&[0x5a; 16])[..], &[0; 4]].concat();
            let binders = prefixed_u8(&vec![0xa5; len]).repeat(binders);
            let lists = [
                prefixed_u16(&identity.repeat(identities)),
                prefixed_u16(&binders),
            ];
            (ExtensionType::PRE_SHARED_KEY, lists.concat())
        })
}

/// Some of these, in any order; now and then twice, none, or others.
fn codes(known: &[u16]) -> impl Strategy<Value = Vec<u16>> + use<> {
    let known = known.to_vec();
    let len = known.len();
    prop_oneof![
        16 => Just(known.clone()).prop_shuffle(),
        6 => subsequence(known.clone(), 1..=len).prop_shuffle(),
        1 => prop::collection::vec(select(known), 0..4),
        1 => prop::collection::vec(any::<u16>(), 0..4),
    ]
}

fn bytes(codes: &[u16]) -> Vec<u8> {
    codes.iter().flat_map(|code| code.to_be_bytes()).collect()
}

fn u16_list(codes: &[u16]) -> Vec<u8> {
    prefixed_u16(&bytes(codes))
}
