//! No early decision is stricter than rustls, and none is laxer: over hellos recorded, recorded and
//! spoilt, made up, and in odd records.

use lastword_testkit::wire::{ExtensionType, HelloBuilder, split_into_records};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::differential::generated::{hello, of_versions, with};
use crate::differential::generated_extensions::server_names;
use crate::differential::mutations::{Change, Damage, change, damage, fields};
use crate::differential::real::messages;
use crate::differential::records::{in_pieces, pieces};
use crate::differential::server::{SERVERS, Server};
use crate::differential::verdict::compare;

/// The bytes in records of the greatest length, on one of the servers.
fn agree(server: Index, message: &[u8]) -> Result<(), TestCaseError> {
    agree_on(
        server.get(&SERVERS),
        &split_into_records(message, &[1 << 14; 8]),
    )
}

fn real_hello(which: Index) -> HelloBuilder {
    fields(&messages()[which.index(messages().len())])
}

fn agree_on(server: &Server, bytes: &[u8]) -> Result<(), TestCaseError> {
    compare(server, bytes).map_err(TestCaseError::fail)
}

proptest! {
    #[test]
    fn a_real_hello_with_fields_changed(
        server: Index,
        which: Index,
        changes in prop::collection::vec(change(), 1..4),
    ) {
        let mut hello = real_hello(which);
        for change in changes {
            Change::apply(change, &mut hello, messages());
        }
        agree(server, &hello.message())?;
    }

    #[test]
    fn a_real_hello_with_bytes_changed(
        server: Index,
        which: Index,
        damages in prop::collection::vec(damage(), 1..3),
    ) {
        let mut message = which.get(messages()).clone();
        for damage in damages {
            Damage::apply(damage, &mut message);
        }
        agree(server, &message)?;
    }

    #[test]
    fn a_hello_made_up(server: Index, hello in hello()) {
        agree(server, &hello.message())?;
    }

    #[test]
    fn a_hello_made_up_with_bytes_changed(server: Index, hello in hello(), damage in damage()) {
        let mut message = hello.message();
        damage.apply(&mut message);
        agree(server, &message)?;
    }

    #[test]
    fn a_hello_with_odd_server_names(
        server: Index,
        hello in with(ExtensionType::SERVER_NAME, server_names()),
    ) {
        agree(server, &hello.message())?;
    }

    #[test]
    fn a_hello_of_any_versions(server: Index, hello in of_versions()) {
        agree(server, &hello.message())?;
    }

    #[test]
    fn a_long_hello(server: Index, len in prop_oneof![0_usize..0xffff, 0xff00..0xffff_usize]) {
        let padding = vec![0; len];
        let hello = HelloBuilder::default().extension(ExtensionType(21), &padding);
        agree(server, &hello.message())?;
    }

    #[test]
    fn a_real_hello_in_odd_records(
        server: Index,
        which: Index,
        padding in prop_oneof![3 => Just(0_usize), 1 => 16_000_usize..19_000],
        pieces in pieces(),
    ) {
        let mut hello = real_hello(which);
        if padding > 0 {
            let extensions = hello.extensions.get_or_insert_default();
            extensions.insert(0, (ExtensionType(0x1234), vec![0; padding]));
        }
        agree_on(server.get(&SERVERS), &in_pieces(&hello.message(), &pieces))?;
    }
}
