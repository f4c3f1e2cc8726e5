//! Hellos that no client has said: every field chosen on its own.

use lastword_testkit::wire::{ExtensionType, HelloBuilder};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::differential::generated_extensions::{
    Extension, extension, kinds, pre_shared_key, versions,
};
use crate::differential::server::named;
use crate::differential::verdict::{Rustls, rustls};

/// A hello of fields that are sound most of the time.
pub(crate) fn hello() -> impl Strategy<Value = HelloBuilder> {
    let fields = (legacy_version(), session_id(), suites(), compression());
    (fields, extensions()).prop_map(
        |((legacy_version, session_id, suites, compression), extensions)| HelloBuilder {
            legacy_version,
            session_id,
            suites,
            compression,
            extensions,
            ..HelloBuilder::default()
        },
    )
}

/// A hello that rustls would answer, but for this one extension.
pub(crate) fn with(
    code: ExtensionType,
    content: impl Strategy<Value = Vec<u8>>,
) -> impl Strategy<Value = HelloBuilder> {
    content.prop_map(move |content| HelloBuilder::default().extension(code, &content))
}

/// A hello that rustls would answer, but for its versions, and perhaps a fallback.
pub(crate) fn of_versions() -> impl Strategy<Value = HelloBuilder> {
    let legacy = select(vec![0x0303_u16, 0x0304, 0x0305, 0x0302, 0x0300, 0xfefd, 0]);
    let versions = prop::option::of(versions());
    (legacy, versions, any::<bool>()).prop_map(|(legacy, versions, falls_back)| {
        let hello = match versions {
            Some(content) => {
                HelloBuilder::default().extension(ExtensionType::SUPPORTED_VERSIONS, &content)
            }
            None => HelloBuilder::default().without(ExtensionType::SUPPORTED_VERSIONS),
        };
        let fallback = falls_back.then_some(0x5600);
        HelloBuilder {
            legacy_version: legacy,
            suites: hello.suites.iter().copied().chain(fallback).collect(),
            ..hello
        }
    })
}

fn legacy_version() -> impl Strategy<Value = u16> {
    let others = select(vec![0x0301, 0x0302, 0x0300, 0x0304, 0x0200, 0xfefd, 0]);
    prop_oneof![18 => Just(0x0303), 2 => others, 1 => any::<u16>()]
}

fn session_id() -> impl Strategy<Value = Vec<u8>> {
    let len = prop_oneof![4 => Just(32_usize), 4 => Just(0), 1 => 0_usize..34];
    len.prop_map(|len| vec![0xa5; len])
}

fn suites() -> impl Strategy<Value = Vec<u16>> {
    let sound = vec![0x1301, 0x1302, 0x1303, 0xc02b, 0xc02c, 0xcca9];
    let others = vec![
        0x5600, 0x00ff, 0x0a0a, 0xc02f, 0xc030, 0xcca8, 0x002f, 0x1304, 0x009e,
    ];
    (
        subsequence(sound, 0..=6),
        subsequence(others, 0..4),
        any::<bool>(),
    )
        .prop_map(|(sound, others, first)| match first {
            true => [sound, others].concat(),
            false => [others, sound].concat(),
        })
}

fn compression() -> impl Strategy<Value = Vec<u8>> {
    let others = select(vec![vec![1, 0], vec![0, 1], vec![1], vec![], vec![0, 0]]);
    prop_oneof![30 => Just(vec![0]), 1 => others]
}

/// Each of those known is there or not, those without which nothing goes most of the time; then an
/// odd one now and then, and at the end a `pre_shared_key` sometimes.
fn extensions() -> impl Strategy<Value = Option<Vec<Extension>>> {
    let kept = prop::collection::vec(0_u8..40, 40);
    let odd = prop_oneof![9 => Just(Vec::new()), 1 => prop::collection::vec(extension(), 1..3)];
    let last = prop_oneof![6 => Just(None), 1 => pre_shared_key().prop_map(Some)];
    let list = (kinds(), kept, odd).prop_map(|(all, kept, odd)| {
        let known = all.into_iter().zip(kept).enumerate();
        let some = known.filter(|(at, (_, kept))| *kept < if *at < 5 { 39 } else { 8 });
        some.map(|(_, (each, _))| each)
            .chain(odd)
            .collect::<Vec<_>>()
    });
    let shuffled = list.prop_shuffle();
    let some =
        (shuffled, last).prop_map(|(list, last)| Some(list.into_iter().chain(last).collect()));
    prop_oneof![50 => some, 1 => Just(None)]
}

#[test]
fn a_good_part_of_the_hellos_made_up_is_answered_and_a_good_part_is_not() {
    let mut runner = TestRunner::deterministic();
    let hellos = hello();
    let answered = (0..400).filter(|_| {
        let hello = hellos.new_tree(&mut runner).unwrap().current();
        let verdict = rustls(named("both versions"), &hello.record());
        matches!(verdict, Rustls::Answers(_))
    });
    let answered = answered.count();
    assert!((100..300).contains(&answered), "{answered} of 400");
}
