//! The lower layers do no IO: record, alert and hello need no std, the acceptor no std::io. rustls is
//! named in one folder of the acceptor, and in no other library.

use crate::tidy::{
    tokens::{has_inner_attribute, paths_of, without_tests},
    tree::{Fault, File, Tree},
};

/// A layer and what its sources, tests aside, may not name.
struct Layer {
    folder: &'static str,
    /// What in the folder is not of the layer.
    except: Option<&'static str>,
    no_std: bool,
    forbidden: &'static [&'static str],
    /// What they may name all the same, and what is below it.
    allowed: &'static [&'static str],
}

const LAYERS: [Layer; 7] = [
    Layer {
        folder: "crates/record/src/",
        except: None,
        no_std: true,
        forbidden: &["std", "alloc"],
        allowed: &[],
    },
    Layer {
        folder: "crates/alert/src/",
        except: None,
        no_std: true,
        forbidden: &["std", "alloc"],
        allowed: &[],
    },
    Layer {
        folder: "crates/hello/src/",
        except: None,
        no_std: true,
        forbidden: &["std"],
        allowed: &[],
    },
    Layer {
        folder: "crates/acceptor/src/",
        except: None,
        no_std: false,
        forbidden: &["std::io", "std::net"],
        // rustls takes the client's bytes from a `Read` and hands out its own to a `Write`, whose
        // methods return a `Result`; the kind of an error says that there is nothing to read
        allowed: &[
            "std::io::BufRead",
            "std::io::ErrorKind",
            "std::io::IoSlice",
            "std::io::Read",
            "std::io::Result",
            "std::io::Write",
        ],
    },
    above_rustls("crates/acceptor/src/", Some("crates/acceptor/src/backend")),
    above_rustls("crates/io/src/", None),
    above_rustls("crates/tokio/src/", None),
];

/// A folder that may not name rustls, because another release of rustls must not touch it.
const fn above_rustls(folder: &'static str, except: Option<&'static str>) -> Layer {
    Layer {
        folder,
        except,
        no_std: false,
        forbidden: &["rustls"],
        allowed: &[],
    }
}

pub(crate) fn check(tree: &Tree) -> Vec<Fault> {
    LAYERS
        .iter()
        .flat_map(|layer| check_layer(tree, layer))
        .collect()
}

fn check_layer(tree: &Tree, layer: &Layer) -> Vec<Fault> {
    let sources = || {
        tree.rust()
            .filter(|file| file.path.starts_with(layer.folder))
            .filter(|file| {
                !layer
                    .except
                    .is_some_and(|except| file.path.starts_with(except))
            })
    };
    let tests: Vec<String> = sources().flat_map(test_files).collect();
    let mut faults = Vec::new();
    for file in sources() {
        let of_test = |test: &String| {
            let below = file.path.strip_prefix(test.as_str());
            below.is_some_and(|below| below == ".rs" || below.starts_with('/'))
        };
        if !tests.iter().any(of_test) {
            faults.extend(check_source(file, layer));
        }
    }
    faults
}

/// The paths, without `.rs`, of the modules that are compiled for tests alone.
fn test_files(file: &File) -> Vec<String> {
    let (_, modules) = without_tests(file.tokens());
    let stem = file.path.trim_end_matches(".rs");
    let folder = ["lib", "main", "mod"]
        .iter()
        .find_map(|name| stem.strip_suffix(&format!("/{name}")))
        .unwrap_or(stem);
    let path = |module| format!("{folder}/{module}");
    modules.into_iter().map(path).collect()
}

fn check_source(file: &File, layer: &Layer) -> Vec<Fault> {
    let mut faults = Vec::new();
    if layer.no_std && file.name() == "lib.rs" && !has_inner_attribute(file.tokens(), "no_std") {
        faults.push(file.fault(1, "has no `#![no_std]`, which this layer promises"));
    }
    let (code, _) = without_tests(file.tokens());
    for root in ["std", "alloc", "io", "rustls"] {
        for (line, path) in paths_of(root, code.clone()) {
            // std::io is imported as a module and its items are named by `io::`, as is usual
            let path = path.replace("::self", "");
            let path = match root {
                "io" => format!("std::{path}"),
                _ if path == "std::io" && !layer.no_std => continue,
                _ => path,
            };
            if layer.forbids(&path) {
                faults.push(file.fault(line, format!("names `{path}`, which this layer may not")));
            }
        }
    }
    // a branch `io::X` of an import from std is found from either name
    faults.sort();
    faults.dedup();
    faults
}

impl Layer {
    /// Whether the path is, or brings into scope, something forbidden.
    fn forbids(&self, path: &str) -> bool {
        let is_below = |above: &&str| {
            let below = path.strip_prefix(*above);
            below.is_some_and(|below| below.is_empty() || below.starts_with("::"))
        };
        let whole = path.split("::").next().unwrap_or(path);
        let brings = |forbidden: &&str| {
            let all = path == whole || path == format!("{whole}::*");
            all && forbidden.split("::").next() == Some(whole)
        };
        let forbidden = self.forbidden.iter().any(|f| is_below(f) || brings(f));
        forbidden && !self.allowed.iter().any(is_below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(files: &[(&str, &str)]) -> Vec<String> {
        let faults = check(&Tree::of(files));
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_three_lowest_layers_declare_no_std() {
        for layer in ["record", "alert", "hello"] {
            let path = format!("crates/{layer}/src/lib.rs");
            assert_eq!(
                faults(&[(&path, "//! doc\n")]),
                [format!(
                    "{path}:1: has no `#![no_std]`, which this layer promises"
                )]
            );
            assert!(faults(&[(&path, "//! doc\n#![no_std]\n")]).is_empty());
        }
        assert!(faults(&[("crates/io/src/lib.rs", "//! doc\n")]).is_empty());
    }

    #[test]
    fn they_name_nothing_of_std_and_only_hello_names_alloc() {
        assert_eq!(
            faults(&[
                ("crates/record/src/a.rs", "\nuse alloc::vec::Vec;"),
                ("crates/alert/src/b.rs", "fn f(x: std::vec::Vec<u8>) {}"),
                ("crates/hello/src/c.rs", "use alloc::vec::Vec;"),
                ("crates/hello/src/d.rs", "extern crate std;"),
            ]),
            [
                "crates/record/src/a.rs:2: names `alloc::vec::Vec`, which this layer may not",
                "crates/alert/src/b.rs:1: names `std::vec::Vec`, which this layer may not",
                "crates/hello/src/d.rs:1: names `std`, which this layer may not",
            ]
        );
    }

    #[test]
    fn the_acceptor_names_read_and_write_but_no_more_of_io() {
        let path = "crates/acceptor/src/handshake.rs";
        let fine =
            "use std::io::{self, Read};\nfn f(x: &dyn Read) -> io::Result<std::sync::Arc<u8>> {}";
        assert!(faults(&[(path, fine)]).is_empty());
        for (source, named) in [
            ("use std::{io::Cursor, sync::Arc};", "std::io::Cursor"),
            ("use std::io; fn f(x: io::Error) {}", "std::io::Error"),
            ("fn f(x: std::io::Error) {}", "std::io::Error"),
            ("use std::net::IpAddr;", "std::net::IpAddr"),
            ("use std::*;", "std::*"),
        ] {
            assert_eq!(
                faults(&[(path, source)]),
                [format!(
                    "{path}:1: names `{named}`, which this layer may not"
                )]
            );
        }
    }

    #[test]
    fn rustls_is_named_in_the_acceptors_backend_alone() {
        let uses = "use rustls::ServerConfig;";
        let sources = [
            (
                "crates/acceptor/src/backend.rs",
                "pub use rustls::ServerConfig;",
            ),
            ("crates/acceptor/src/backend/drive.rs", uses),
            ("crates/acceptor/src/handshake.rs", uses),
            ("crates/io/src/stream.rs", "fn f(x: rustls::Error) {}"),
            (
                "crates/tokio/src/stream.rs",
                "// rustls::Error\nfn f(x: RustlsError) {}",
            ),
        ];
        assert_eq!(
            faults(&sources),
            [
                "crates/acceptor/src/handshake.rs:1: names `rustls::ServerConfig`, which this \
                 layer may not",
                "crates/io/src/stream.rs:1: names `rustls::Error`, which this layer may not",
            ]
        );
    }

    #[test]
    fn tests_may_name_what_they_like() {
        let uses = "use std::io;";
        let inline = format!("#[cfg(test)]\nmod tests {{ {uses} }}\n#[cfg(test)]\nmod own;");
        let sources = [
            ("crates/hello/src/a.rs", inline.as_str()),
            ("crates/hello/src/a/own.rs", uses),
            ("crates/hello/src/a/own/deep.rs", uses),
            ("crates/hello/src/a/owner.rs", uses),
        ];
        assert_eq!(
            faults(&sources),
            ["crates/hello/src/a/owner.rs:1: names `std::io`, which this layer may not"]
        );
    }
}
