//! An API as a listing, an item a line.

use std::{collections::BTreeSet, path::Path};

use public_api::Builder;
use rustdoc_types::{Attribute, Crate, Id, Impl, ItemEnum};

use crate::{api::rustdoc::not_expected, failure::Failure};

/// The listing of the API in the file, which `api` was read from.
pub(super) fn of(json: &Path, api: &Crate) -> Result<String, Failure> {
    let items = Builder::from_rustdoc_json(json)
        .omit_auto_trait_impls(true)
        .omit_blanket_impls(true)
        .build()
        .map_err(not_expected)?;
    let mut listing = String::new();
    for item in items.items() {
        // derived Clone is one line, that there is Clone
        let inside = item
            .parent_id()
            .is_some_and(|id| derived(api, id).is_some());
        // the compiler's, that comes with PartialEq
        let structural = derived(api, item.id()).is_some_and(|item| {
            let path = item.trait_.as_ref().map(|path| path.path.as_str());
            path.is_some_and(|path| path.ends_with("StructuralPartialEq"))
        });
        if !inside && !structural {
            listing += &format!("{item}\n");
        }
    }
    Ok(listing)
}

/// The derived implementation with this id.
fn derived(api: &Crate, id: Id) -> Option<&Impl> {
    let item = api.index.get(&id)?;
    match &item.inner {
        ItemEnum::Impl(item_impl) if item.attrs.contains(&Attribute::AutomaticallyDerived) => {
            Some(item_impl)
        }
        _ => None,
    }
}

/// The lines that are in one listing alone, as in a patch.
pub(super) fn differences(written: &str, found: &str) -> impl Iterator<Item = String> {
    let [before, after] = [written, found].map(|listing| BTreeSet::from_iter(listing.lines()));
    let alone = |lines: &BTreeSet<&str>, others: &BTreeSet<&str>, sign| {
        let lines = lines.difference(others);
        Vec::from_iter(lines.map(|line| format!("{sign} {line}")))
    };
    let gone = alone(&before, &after, '-');
    gone.into_iter().chain(alone(&after, &before, '+'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_is_gone_and_then_what_is_new() {
        let written = "pub mod a\npub fn a::b()\npub fn a::c()\n";
        let found = "pub mod a\npub fn a::b(u8)\npub fn a::c()\npub fn a::d()\n";
        assert_eq!(
            Vec::from_iter(differences(written, found)),
            ["- pub fn a::b()", "+ pub fn a::b(u8)", "+ pub fn a::d()"]
        );
    }

    #[test]
    fn a_listing_does_not_differ_from_itself() {
        let listing = "pub mod a\npub fn a::b()\n";
        assert_eq!(differences(listing, listing).count(), 0);
    }
}
