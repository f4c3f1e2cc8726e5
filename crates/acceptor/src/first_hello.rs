//! What a second ClientHello must have in common with the first (RFC 8446 section 4.1.2).

use std::hash::{BuildHasher, RandomState};

use lastword_hello::{ClientHello, ExtensionType, Field};

/// How many extensions are remembered one by one, to name the one that differs. The others are
/// remembered together. Clients send about twenty.
const NAMED: usize = 64;

/// What is remembered of a first ClientHello: hashes with a key that no client knows, in about 1
/// KiB, and 8 bytes for each pre-shared key.
#[derive(Debug)]
pub(crate) struct FirstHello {
    hasher: RandomState,
    fields: [(Field, u64); 5],
    extensions: Vec<(ExtensionType, u64)>,
    /// The sum of the hashes of all other extensions: they may come in another order.
    others: u64,
    psk_identities: Vec<u64>,
}

/// The extensions that may differ: RFC 8446 section 4.1.2, and RFC 9849 section 6.1.5.
const FREE: [ExtensionType; 6] = [
    ExtensionType::ENCRYPTED_CLIENT_HELLO,
    ExtensionType::KEY_SHARE,
    ExtensionType::EARLY_DATA,
    ExtensionType::COOKIE,
    ExtensionType::PRE_SHARED_KEY,
    ExtensionType::PADDING,
];

impl FirstHello {
    pub(crate) fn new(hello: &ClientHello<'_>) -> Self {
        let hasher = RandomState::new();
        let mut extensions: Vec<_> = bound_extensions(hello, &hasher).collect();
        let rest = extensions.split_off(NAMED.min(extensions.len()));
        Self {
            fields: fields(hello, &hasher),
            others: sum(rest.into_iter()),
            psk_identities: psk_identities(hello, &hasher).collect(),
            extensions,
            hasher,
        }
    }

    /// The first thing in which `second` differs and must not.
    pub(crate) fn difference(&self, second: &ClientHello<'_>) -> Option<Field> {
        let fields = fields(second, &self.hasher).into_iter();
        let mut differ = fields
            .zip(self.fields)
            .filter(|(second, first)| second != first);
        differ
            .next()
            .map(|((field, _), _)| field)
            .or_else(|| self.extension_that_differs(second))
            .or_else(|| self.new_psk(second))
    }

    fn extension_that_differs(&self, second: &ClientHello<'_>) -> Option<Field> {
        let (mut found, mut others) = (0, 0_u64);
        for (extension_type, hash) in bound_extensions(second, &self.hasher) {
            // no type is there twice: the parser refuses that
            match self
                .extensions
                .iter()
                .find(|(first, _)| *first == extension_type)
            {
                Some((_, first)) if *first == hash => found += 1,
                Some(_) => return Some(Field::Extension(extension_type)),
                None if self.extensions.len() < NAMED => {
                    return Some(Field::Extension(extension_type));
                }
                None => others = others.wrapping_add(hash),
            }
        }
        if found < self.extensions.len() {
            let is_missing = |first: &ExtensionType| second.extension(*first).is_none();
            let mut types = self.extensions.iter().map(|(first, _)| *first);
            return types.find(is_missing).map(Field::Extension);
        }
        (others != self.others).then_some(Field::Extensions)
    }

    /// RFC 8446 4.1.2: pre-shared keys may be left out, and none may be added.
    fn new_psk(&self, second: &ClientHello<'_>) -> Option<Field> {
        let is_new = |identity| !self.psk_identities.contains(&identity);
        psk_identities(second, &self.hasher)
            .any(is_new)
            .then_some(Field::Extension(ExtensionType::PRE_SHARED_KEY))
    }
}

/// The fields in front of the extensions, each with its hash.
fn fields(hello: &ClientHello<'_>, hasher: &RandomState) -> [(Field, u64); 5] {
    let hash = |bytes: &[u8]| hasher.hash_one(bytes);
    let version = hello.legacy_version().0.to_be_bytes();
    [
        (Field::LegacyVersion, hash(&version)),
        (Field::Random, hash(hello.random())),
        (Field::SessionId, hash(hello.session_id())),
        (Field::CipherSuites, hash(hello.cipher_suites().as_bytes())),
        (Field::CompressionMethods, hash(hello.compression_methods())),
    ]
}

/// The extensions that must not differ, each with its hash.
fn bound_extensions<'a>(
    hello: &ClientHello<'a>,
    hasher: &'a RandomState,
) -> impl Iterator<Item = (ExtensionType, u64)> + use<'a> {
    let bound = hello
        .extensions()
        .filter(|it| !FREE.contains(&it.extension_type));
    bound.map(move |it| {
        (
            it.extension_type,
            hasher.hash_one((it.extension_type, it.data)),
        )
    })
}

fn psk_identities<'a>(
    hello: &ClientHello<'a>,
    hasher: &'a RandomState,
) -> impl Iterator<Item = u64> + use<'a> {
    let identities = hello.psk_identities().into_iter().flatten();
    identities.map(move |psk| hasher.hash_one(psk.identity))
}

fn sum(hashes: impl Iterator<Item = (ExtensionType, u64)>) -> u64 {
    hashes.fold(0, |sum, (_, hash)| sum.wrapping_add(hash))
}
