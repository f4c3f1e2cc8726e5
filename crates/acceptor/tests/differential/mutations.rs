//! What can be done to a hello so that it is still nearly one.

use lastword_acceptor::hello::ClientHello;
use lastword_acceptor::record::HandshakeType;
use lastword_testkit::wire::{ExtensionType, HelloBuilder, handshake};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::differential::generated_extensions::{Extension, extension, odd_bytes};

/// The fields of a message.
pub(crate) fn fields(message: &[u8]) -> HelloBuilder {
    let hello = ClientHello::parse(message).unwrap();
    let extensions = hello
        .extensions()
        .map(|each| (ExtensionType(each.extension_type.0), each.data.to_vec()));
    HelloBuilder {
        legacy_version: hello.legacy_version().0,
        random: hello.random().to_vec(),
        session_id: hello.session_id().to_vec(),
        suites: hello.cipher_suites().map(|suite| suite.0).collect(),
        compression: hello.compression_methods().to_vec(),
        extensions: Some(extensions.collect()),
        trailing: Vec::new(),
    }
}

/// Something done to one of the fields; all lengths around them are made to fit.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    LegacyVersion(u16),
    SessionId(Vec<u8>),
    AddSuite(Index, u16),
    KeepSuites(Index, usize),
    Compression(Vec<u8>),
    Trailing(Vec<u8>),
    WithoutExtensions,
    Remove(Index),
    Duplicate(Index, Index),
    Swap(Index, Index),
    Reverse,
    Insert(Index, Extension),
    Replace(Extension),
    Cut(Index, Index),
    Append(Index, Vec<u8>),
    Flip(Index, Index, u8),
    /// A byte of the extension, most often of a length, is one more or one less.
    OffByOne(Index, usize, bool),
    /// The same extension of another client.
    Transplant(Index, usize),
}

/// Something done to the bytes; only the length in the message's header is made to fit.
#[derive(Clone, Debug)]
pub(crate) enum Damage {
    Flip(Index, u8),
    OffByOne(Index, bool),
    Cut(Index),
    Insert(Index, Vec<u8>),
    Delete(Index, usize),
    /// The length in the message's header, which is then left as it is.
    Declare(i32),
    /// The type in the message's header.
    Type(u8),
}

pub(crate) fn change() -> impl Strategy<Value = Change> {
    let index = any::<Index>;
    let suite = prop::sample::select(vec![0x5600, 0x00ff, 0x0a0a, 0x1301, 0xc02b, 0x1304, 0]);
    let version =
        prop::sample::select(vec![0x0303, 0x0302, 0x0301, 0x0300, 0x0304, 0x0200, 0xffff]);
    let fields = prop_oneof![
        version.prop_map(Change::LegacyVersion),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Change::SessionId),
        (index(), suite).prop_map(|(at, suite)| Change::AddSuite(at, suite)),
        (index(), 0_usize..4).prop_map(|(at, count)| Change::KeepSuites(at, count)),
        prop::collection::vec(0_u8..3, 0..3).prop_map(Change::Compression),
        odd_bytes().prop_map(Change::Trailing),
        Just(Change::WithoutExtensions),
    ];
    let list = prop_oneof![
        4 => index().prop_map(Change::Remove),
        1 => (index(), index()).prop_map(|(which, at)| Change::Duplicate(which, at)),
        2 => (index(), index()).prop_map(|(one, other)| Change::Swap(one, other)),
        1 => Just(Change::Reverse),
        1 => (index(), extension()).prop_map(|(at, new)| Change::Insert(at, new)),
        4 => extension().prop_map(Change::Replace),
        2 => (index(), 0..usize::MAX).prop_map(|(which, from)| Change::Transplant(which, from)),
    ];
    let content = prop_oneof![
        (index(), index()).prop_map(|(which, len)| Change::Cut(which, len)),
        (index(), odd_bytes()).prop_map(|(which, more)| Change::Append(which, more)),
        (index(), index(), 1_u8..).prop_map(|(which, at, by)| Change::Flip(which, at, by)),
        (index(), 0_usize..8, any::<bool>())
            .prop_map(|(which, at, more)| Change::OffByOne(which, at, more)),
    ];
    prop_oneof![2 => fields.boxed(), 4 => list.boxed(), 3 => content.boxed()]
}

pub(crate) fn damage() -> impl Strategy<Value = Damage> {
    let index = any::<Index>;
    prop_oneof![
        3 => (index(), 1_u8..).prop_map(|(at, by)| Damage::Flip(at, by)),
        3 => (index(), any::<bool>()).prop_map(|(at, more)| Damage::OffByOne(at, more)),
        1 => index().prop_map(Damage::Cut),
        1 => (index(), odd_bytes()).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        1 => (index(), 1_usize..9).prop_map(|(at, count)| Damage::Delete(at, count)),
        1 => prop_oneof![4 => -4_i32..5, 1 => 0_i32..0x8_0000].prop_map(Damage::Declare),
        1 => prop_oneof![0_u8..4, any::<u8>()].prop_map(Damage::Type),
    ]
}

impl Change {
    /// Does it. `others` are the hellos that extensions may be taken from.
    pub(crate) fn apply(self, hello: &mut HelloBuilder, others: &[Vec<u8>]) {
        match self {
            Self::LegacyVersion(version) => hello.legacy_version = version,
            Self::SessionId(id) => hello.session_id = id,
            Self::AddSuite(at, suite) => {
                hello.suites.insert(at.index(hello.suites.len() + 1), suite);
            }
            Self::KeepSuites(at, count) => {
                let from = at.index(hello.suites.len() + 1);
                hello.suites = hello
                    .suites
                    .iter()
                    .skip(from)
                    .take(count)
                    .copied()
                    .collect();
            }
            Self::Compression(methods) => hello.compression = methods,
            Self::Trailing(bytes) => hello.trailing = bytes,
            Self::WithoutExtensions => hello.extensions = None,
            of_extensions => {
                if let Some(extensions) = hello.extensions.as_mut().filter(|all| !all.is_empty()) {
                    of_extensions.apply_to(extensions, others);
                }
            }
        }
    }

    fn apply_to(self, all: &mut Vec<Extension>, others: &[Vec<u8>]) {
        match self {
            Self::Remove(which) => drop(all.remove(which.index(all.len()))),
            Self::Duplicate(which, at) => {
                let again = which.get(all).clone();
                all.insert(at.index(all.len() + 1), again);
            }
            Self::Swap(one, other) => {
                let len = all.len();
                all.swap(one.index(len), other.index(len));
            }
            Self::Reverse => all.reverse(),
            Self::Insert(at, new) => all.insert(at.index(all.len() + 1), new),
            Self::Replace(new) => replace(all, new),
            Self::Transplant(which, from) => {
                let other = fields(&others[from % others.len()])
                    .extensions
                    .unwrap_or_default();
                if !other.is_empty() {
                    replace(all, which.get(&other).clone());
                }
            }
            of_content => of_content.apply_to_content(all),
        }
    }

    fn apply_to_content(self, all: &mut [Extension]) {
        match self {
            Self::Cut(which, len) => {
                let content = &mut which.get_mut(all).1;
                content.truncate(len.index(content.len() + 1));
            }
            Self::Append(which, more) => which.get_mut(all).1.extend(more),
            Self::Flip(which, at, by) => {
                let content = &mut which.get_mut(all).1;
                if !content.is_empty() {
                    *at.get_mut(content) ^= by;
                }
            }
            Self::OffByOne(which, at, more) => {
                if let Some(byte) = which.get_mut(all).1.get_mut(at) {
                    *byte = byte.wrapping_add(if more { 1 } else { 255 });
                }
            }
            _ => unreachable!("no change of an extension's content"),
        }
    }
}

/// Puts an extension in the place of the one of its type, or of the last, which may have to be.
fn replace(all: &mut [Extension], new: Extension) {
    let place = all.iter().position(|each| each.0 == new.0);
    all[place.unwrap_or(all.len() - 1)] = new;
}

impl Damage {
    /// Does it to a whole message.
    pub(crate) fn apply(self, message: &mut Vec<u8>) {
        let mut body = message.split_off(4);
        match self {
            Self::Flip(at, by) if !body.is_empty() => *at.get_mut(&mut body) ^= by,
            Self::OffByOne(at, more) if !body.is_empty() => {
                let byte = at.get_mut(&mut body);
                *byte = byte.wrapping_add(if more { 1 } else { 255 });
            }
            Self::Flip(..) | Self::OffByOne(..) => {}
            Self::Cut(len) => body.truncate(len.index(body.len() + 1)),
            Self::Insert(at, bytes) => {
                let at = at.index(body.len() + 1);
                body.splice(at..at, bytes);
            }
            Self::Delete(at, count) => {
                let at = at.index(body.len() + 1);
                body.drain(at..body.len().min(at + count));
            }
            Self::Type(other) => message[0] = other,
            Self::Declare(by) => {
                let len = (body.len() as u32).saturating_add_signed(by);
                message.splice(1..4, len.to_be_bytes()[1..].iter().copied());
                message.extend(body);
                return;
            }
        }
        *message = handshake(HandshakeType(message[0]), &body);
    }
}
