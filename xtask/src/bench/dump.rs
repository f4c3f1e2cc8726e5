//! A dump of callgrind's: how many instructions, and how many of them are the crypto provider's.

use std::collections::HashMap;

/// The instructions of a dump.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Instructions {
    pub(super) all: u64,
    /// Of them the crypto provider's.
    pub(super) crypto: u64,
    /// Of them the allocator's, which go by what was on the heap before.
    pub(super) malloc: u64,
}

/// Reads a dump: the costs of each function itself, those of its callees not counted.
pub(super) fn read(dump: &str) -> Instructions {
    let (mut files, mut functions) = (HashMap::new(), HashMap::new());
    let (mut file, mut part, mut is_call) = (String::new(), Part::Other, false);
    let mut instructions = Instructions::default();
    for line in dump.lines() {
        if let Some(name) = line.strip_prefix("fl=") {
            file = named(&mut files, name);
        } else if let Some(name) = line.strip_prefix("fn=") {
            part = part_of(&file, &named(&mut functions, name));
        } else if let Some(name) = line.strip_prefix("cfn=") {
            named(&mut functions, name);
        } else if let Some(("fi" | "fe" | "cfi" | "cfl", name)) = line.split_once('=') {
            named(&mut files, name);
        } else if line.starts_with("calls=") {
            is_call = true; // what the callee cost stands on the next line
        } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
            let cost = line.split_whitespace().nth(1);
            let cost = cost.and_then(|cost| cost.parse().ok()).unwrap_or(0);
            if !std::mem::take(&mut is_call) {
                instructions.all += cost;
                match part {
                    Part::Crypto => instructions.crypto += cost,
                    Part::Malloc => instructions.malloc += cost,
                    Part::Other => {}
                }
            }
        }
    }
    instructions
}

/// A name is written once, behind a number in parentheses; from then on the number stands for it.
fn named(names: &mut HashMap<String, String>, written: &str) -> String {
    match written.split_once(' ') {
        Some((number, name)) if number.starts_with('(') => {
            names.insert(number.into(), name.into());
            name.into()
        }
        _ => names
            .get(written)
            .cloned()
            .unwrap_or_else(|| written.into()),
    }
}

/// Whose a function is.
enum Part {
    Crypto,
    Malloc,
    Other,
}

fn part_of(file: &str, function: &str) -> Part {
    let is_malloc = |name: &str| {
        matches!(name, "malloc" | "free" | "realloc" | "calloc")
            || name.starts_with("_int_")
            || name.starts_with("unlink_chunk")
            || name.starts_with("malloc_consolidate")
    };
    let is_crypto = file.contains("/ring-0.")
        || function.contains("ring_core")
        || function.starts_with("ring::")
        || file.contains("/aws-lc-")
        || function.starts_with("aws_lc");
    if is_crypto {
        Part::Crypto
    } else if is_malloc(function) {
        Part::Malloc
    } else {
        Part::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUMP: &str = "events: Ir\n\
        fl=(1) src/main.rs\nfn=(1) main\n0 10\ncfi=(2) /x/ring-0.17.14/src/p256.c\ncfn=(2) mul\n\
        calls=3 0\n0 700\n0 5\n\n\
        fl=(2)\nfn=(2)\n0 650\ncfn=(3) memcpy\ncalls=1 0\n0 50\n\n\
        fl=(3) ???\nfn=(3)\n0 50\n\nfn=(4) ring_core_0_17_14__ChaCha20\n+1 100\n\nfn=(5) _int_malloc\n0 7\n\ntotals: 822\n";

    #[test]
    fn counts_what_each_function_costs_itself() {
        let expected = Instructions {
            all: 10 + 5 + 650 + 50 + 100 + 7,
            crypto: 650 + 100,
            malloc: 7,
        };
        assert_eq!(read(DUMP), expected);
    }
}
