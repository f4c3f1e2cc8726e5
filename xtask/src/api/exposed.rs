//! Which other crates an API names things of: those that the manifest lists, and no others.

use std::collections::BTreeSet;

use rustdoc_types::{Crate, Id, Item, ItemEnum};
use serde_json::Value;

use crate::{api::rustdoc::not_expected, failure::Failure, metadata::Package};

/// What each crate may name things of.
const ALWAYS: [&str; 3] = ["alloc", "core", "std"];

/// A place in the sources that names something of another crate.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Exposed {
    /// The file and the line.
    place: String,
    /// The other crate.
    of: String,
    /// What it names, by the path of its definition.
    path: String,
}

/// The things of crates that the manifest does not list, and the crates it lists for nothing.
pub(super) fn faults(package: &Package, api: &Crate) -> Result<Vec<String>, Failure> {
    let exposed = exposed(api)?;
    let manifest = format!("{}/Cargo.toml", package.folder);
    let is_of = |listed: &String, of: &str| listed.strip_suffix("::*") == Some(of);
    let mut faults = Vec::new();
    for Exposed { place, of, path } in &exposed {
        if !package.external.iter().any(|listed| is_of(listed, of)) {
            faults.push(format!(
                "{place}: names `{path}`, and {manifest} does not list `{of}::*`"
            ));
        }
    }
    for listed in &package.external {
        if !exposed.iter().any(|exposed| is_of(listed, &exposed.of)) {
            faults.push(format!("{manifest}: lists `{listed}`, which nothing names"));
        }
    }
    Ok(faults)
}

fn exposed(api: &Crate) -> Result<BTreeSet<Exposed>, Failure> {
    let mut exposed = BTreeSet::new();
    // of other crates are the methods of blanket implementations
    for item in api.index.values().filter(|item| item.crate_id == 0) {
        for id in named(item)? {
            if api.index.contains_key(&id) {
                continue;
            }
            let summary = api.paths.get(&id);
            let summary = summary.ok_or_else(|| not_expected("an item that is nowhere"))?;
            let Some(other) = api.external_crates.get(&summary.crate_id) else {
                continue;
            };
            if !ALWAYS.contains(&other.name.as_str()) {
                exposed.insert(Exposed {
                    place: place(item),
                    of: other.name.clone(),
                    path: summary.path.join("::"),
                });
            }
        }
    }
    Ok(exposed)
}

/// All that an item names.
fn named(item: &Item) -> Result<Vec<Id>, Failure> {
    let mut ids = Vec::new();
    match &item.inner {
        // nobody wrote these
        ItemEnum::Impl(item) if item.is_synthetic || item.blanket_impl.is_some() => {}
        ItemEnum::Use(item) => ids.extend(item.id),
        inner => walk(
            &serde_json::to_value(inner).map_err(not_expected)?,
            &mut ids,
        ),
    }
    Ok(ids)
}

/// Finds the paths anywhere in an item: nothing else in this format has both a `path` and an `id`.
fn walk(json: &Value, ids: &mut Vec<Id>) {
    if let (Some(Value::String(_)), Some(Value::Number(id))) = (json.get("path"), json.get("id")) {
        let id = id.as_u64().and_then(|id| id.try_into().ok());
        ids.extend(id.map(Id));
    }
    match json {
        Value::Object(fields) => fields.values().for_each(|value| walk(value, ids)),
        Value::Array(values) => values.iter().for_each(|value| walk(value, ids)),
        _ => {}
    }
}

/// Where an item is written.
fn place(item: &Item) -> String {
    match &item.span {
        Some(span) => format!("{}:{}", span.filename.display(), span.begin.0),
        None => item.name.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::rustdoc;

    /// `pub fn soon(_: Option<Instant>) -> Own`, `pub use tokio`, and one of `impl<T> From<T> for T`.
    fn api() -> Crate {
        let item = |id: u32, line: usize, inner: &str| {
            format!(
                r#""{id}": {{"id": {id}, "crate_id": 0, "name": "soon", "visibility": "public",
                "span": {{"filename": "crates/io/src/a.rs", "begin": [{line}, 1], "end": [{line}, 9]}},
                "docs": null, "links": {{"Elsewhere": 9}}, "attrs": [], "deprecation": null,
                "inner": {inner}}}"#
            )
        };
        let path = |path: &str, id: u32, args: &str| {
            format!(r#"{{"resolved_path": {{"path": "{path}", "id": {id}, "args": {args}}}}}"#)
        };
        let generics = r#"{"params": [], "where_predicates": []}"#;
        let option = format!(
            r#"{{"angle_bracketed": {{"args": [{{"type": {}}}], "constraints": []}}}}"#,
            path("Instant", 11, "null")
        );
        let (input, output) = (path("Option", 10, &option), path("Own", 2, "null"));
        let function = format!(
            r#"{{"function": {{"generics": {generics}, "has_body": true,
            "sig": {{"inputs": [["_", {input}]], "output": {output}, "is_c_variadic": false}},
            "header": {{"is_const": false, "is_unsafe": false, "is_async": false, "abi": "Rust"}}}}}}"#
        );
        let own =
            format!(r#"{{"struct": {{"kind": "unit", "generics": {generics}, "impls": [4]}}}}"#);
        let reexport =
            r#"{"use": {"source": "tokio", "name": "tokio", "id": 12, "is_glob": false}}"#;
        let blanket = format!(
            r#"{{"impl": {{"is_unsafe": false, "generics": {generics}, "provided_trait_methods": [],
            "trait": {{"path": "Instrument", "id": 13, "args": null}}, "for": {output},
            "items": [], "is_negative": false, "is_synthetic": false,
            "blanket_impl": {{"generic": "T"}}}}}}"#
        );
        let index = [
            item(1, 5, &function),
            item(2, 6, &own),
            item(3, 7, reexport),
            item(4, 8, &blanket),
        ];
        let summary = |id: u32, of: u32, path: &str| {
            format!(r#""{id}": {{"crate_id": {of}, "path": {path}, "kind": "struct"}}"#)
        };
        let paths = [
            summary(10, 1, r#"["core", "option", "Option"]"#),
            summary(11, 2, r#"["tokio", "time", "instant", "Instant"]"#),
            summary(12, 2, r#"["tokio"]"#),
            summary(13, 3, r#"["tracing", "Instrument"]"#),
        ];
        let other = |id: u32, name: &str| {
            format!(r#""{id}": {{"name": "{name}", "html_root_url": null, "path": ""}}"#)
        };
        let others = [other(1, "core"), other(2, "tokio"), other(3, "tracing")];
        let json = format!(
            r#"{{"root": 0, "crate_version": null, "includes_private": false, "index": {{{}}},
            "paths": {{{}}}, "external_crates": {{{}}}, "format_version": 57,
            "target": {{"triple": "", "target_features": []}}}}"#,
            index.join(","),
            paths.join(","),
            others.join(",")
        );
        rustdoc::parse(&json).unwrap()
    }

    fn faults(external: &[&str]) -> Vec<String> {
        let package = Package {
            folder: "crates/io".to_owned(),
            external: external.iter().map(ToString::to_string).collect(),
            ..Package::default()
        };
        super::faults(&package, &api()).unwrap()
    }

    #[test]
    fn tells_what_is_named_of_a_crate_that_is_not_listed() {
        assert_eq!(
            faults(&[]),
            [
                "crates/io/src/a.rs:5: names `tokio::time::instant::Instant`, and \
                 crates/io/Cargo.toml does not list `tokio::*`",
                "crates/io/src/a.rs:7: names `tokio`, and \
                 crates/io/Cargo.toml does not list `tokio::*`",
            ]
        );
    }

    #[test]
    fn tells_what_is_listed_for_nothing() {
        assert_eq!(
            faults(&["tokio::*", "tracing::*"]),
            ["crates/io/Cargo.toml: lists `tracing::*`, which nothing names"]
        );
        assert_eq!(faults(&["tokio::*"]), [""; 0]);
    }
}
