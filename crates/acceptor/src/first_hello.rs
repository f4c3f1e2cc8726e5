//! Compares a second ClientHello with the first (RFC 8446 section 4.1.2).

use std::hash::{BuildHasher, RandomState};

use lastword_hello::{ClientHello, ExtensionType, Field};

/// The number of extensions, and of pre-shared keys, that are remembered one by one. Further
/// extensions are remembered only as a sum. Clients send about twenty extensions, and one or two
/// keys.
const NAMED: usize = 64;

/// Hashes of a first ClientHello, at most 2 KiB. No client knows their key.
#[derive(Debug)]
pub(crate) struct FirstHello {
    hasher: RandomState,
    fields: [(Field, u64); 5],
    extensions: Vec<(ExtensionType, u64)>,
    /// The sum of the hashes of all other extensions, which may come in another order.
    others: u64,
    /// `None` if there are too many to remember.
    psk_identities: Option<Vec<u64>>,
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
        let mut all = bound_extensions(hello, &hasher);
        let extensions: Vec<_> = all.by_ref().take(NAMED).collect();
        let others = sum(all);
        Self {
            fields: fields(hello, &hasher),
            others,
            psk_identities: remembered(psk_identities(hello, &hasher)),
            extensions,
            hasher,
        }
    }

    /// Returns the first field in which `second` differs and must not.
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
            // the parser refuses duplicate types
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

    /// RFC 8446 4.1.2: pre-shared keys may be removed but not added. If there were too many to
    /// remember, this is not checked.
    fn new_psk(&self, second: &ClientHello<'_>) -> Option<Field> {
        let remembered = self.psk_identities.as_ref()?;
        let is_new = |identity| !remembered.contains(&identity);
        psk_identities(second, &self.hasher)
            .any(is_new)
            .then_some(Field::Extension(ExtensionType::PRE_SHARED_KEY))
    }
}

/// Returns the fields before the extensions, each with its hash.
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

/// Returns the extensions that must not differ, each with its hash.
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

/// Collects the hashes, unless there are too many.
fn remembered(mut hashes: impl Iterator<Item = u64>) -> Option<Vec<u64>> {
    let remembered = hashes.by_ref().take(NAMED).collect();
    hashes.next().is_none().then_some(remembered)
}

fn sum(hashes: impl Iterator<Item = (ExtensionType, u64)>) -> u64 {
    hashes.fold(0, |sum, (_, hash)| sum.wrapping_add(hash))
}
