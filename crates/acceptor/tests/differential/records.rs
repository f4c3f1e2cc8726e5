//! In which records a hello can come: cut anywhere, with others between them.

use lastword_acceptor::record::{ContentType, ProtocolVersion};
use lastword_testkit::wire::{alert, record};
use proptest::prelude::*;

/// One thing that stands among the records of a hello.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    /// So many bytes of the hello, in a record with this version.
    Fragment(usize, u16),
    /// All that is left of it, likewise, even if no record may be as long.
    Rest(u16),
    /// An alert of this level and description.
    Alert(u8, u8),
    /// Another record, with this payload.
    Other(u8, Vec<u8>),
}

pub(crate) fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let version = || {
        prop_oneof![
            8 => prop::sample::select(vec![0x0301_u16, 0x0303]),
            1 => prop::sample::select(vec![0x0300, 0x0304, 0x03ff]),
            1 => any::<u16>(),
        ]
    };
    let other = (20_u8..25, prop::collection::vec(0_u8..3, 0..3));
    let piece = prop_oneof![
        8 => (1_usize..300, version()).prop_map(|(len, version)| Piece::Fragment(len, version)),
        2 => version().prop_map(Piece::Rest),
        1 => (1_u8..3, prop::sample::select(vec![90, 0, 40, 200]))
            .prop_map(|(level, description)| Piece::Alert(level, description)),
        1 => Just(Piece::Alert(1, 90)),
        1 => other.prop_map(|(content_type, payload)| Piece::Other(content_type, payload)),
    ];
    prop::collection::vec(piece, 0..8)
}

/// The message in such records, the last of which ends it.
pub(crate) fn in_pieces(message: &[u8], pieces: &[Piece]) -> Vec<u8> {
    let mut rest = message;
    let mut records = Vec::new();
    for piece in pieces.iter().chain([&Piece::Rest(0x0301)]) {
        if rest.is_empty() {
            break; // what comes behind a hello is another matter
        }
        let (len, version) = match piece {
            Piece::Fragment(len, version) => (*len, *version),
            Piece::Rest(version) => (rest.len(), *version),
            Piece::Alert(level, description) => {
                records.extend(alert(*level, *description));
                continue;
            }
            Piece::Other(content_type, payload) => {
                let content_type = ContentType(*content_type);
                records.extend(record(content_type, ProtocolVersion::TLS_1_2, payload));
                continue;
            }
        };
        let (fragment, behind) = rest.split_at(len.min(rest.len()));
        let version = ProtocolVersion(version);
        records.extend(record(ContentType::HANDSHAKE, version, fragment));
        rest = behind;
    }
    records
}
