//! What a source's tokens tell: which lines are code, which functions there are, what is named.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A function and how long its body is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// The line of the word `fn`.
    pub(crate) line: usize,
    /// How many lines between its braces are code.
    pub(crate) length: usize,
}

/// The lines that are code: those with a token on them that is not of a doc comment.
pub(crate) fn code_lines(tokens: TokenStream) -> BTreeSet<usize> {
    let mut lines = BTreeSet::new();
    let tokens = Vec::from_iter(tokens);
    let mut rest = &tokens[..];
    while let Some((token, behind)) = rest.split_first() {
        rest = after_doc(rest).unwrap_or(behind);
        if rest.len() < behind.len() {
            continue;
        }
        match token {
            TokenTree::Group(group) => {
                lines.insert(group.span_open().start().line);
                lines.insert(group.span_close().end().line);
                lines.extend(code_lines(group.stream()));
            }
            other => lines.extend(other.span().start().line..=other.span().end().line),
        }
    }
    lines
}

/// The lines that are rows of a table: each begins with a literal and ends with a semicolon, among
/// the braces of a macro.
pub(crate) fn rows(tokens: TokenStream) -> BTreeSet<usize> {
    let tokens = Vec::from_iter(tokens);
    let mut lines = BTreeSet::new();
    for token in &tokens {
        if let TokenTree::Group(group) = token {
            lines.extend(rows(group.stream()));
        }
    }
    for row in tokens.split_inclusive(|token| is_punct(token, ';')) {
        if let [TokenTree::Literal(first), .., last] = row {
            let line = first.span().start().line;
            if is_punct(last, ';') && last.span().end().line == line {
                lines.insert(line);
            }
        }
    }
    lines
}

/// What is behind a doc comment, which to the lexer is the attribute `#[doc = ".."]`.
fn after_doc(tokens: &[TokenTree]) -> Option<&[TokenTree]> {
    let (attribute, rest) = attribute(tokens)?;
    starts_with_word(&attribute.stream(), "doc").then_some(rest)
}

/// The brackets of the attribute at the front, outer or inner, and what is behind them.
fn attribute(tokens: &[TokenTree]) -> Option<(&Group, &[TokenTree])> {
    let rest = match tokens {
        [hash, bang, rest @ ..] if is_punct(hash, '#') && is_punct(bang, '!') => rest,
        [hash, rest @ ..] if is_punct(hash, '#') => rest,
        _ => return None,
    };
    match rest {
        [TokenTree::Group(group), rest @ ..] if group.delimiter() == Delimiter::Bracket => {
            Some((group, rest))
        }
        _ => None,
    }
}

/// Whether the source has this inner attribute, written without blanks.
pub(crate) fn has_inner_attribute(tokens: TokenStream, wanted: &str) -> bool {
    let tokens = Vec::from_iter(tokens);
    tokens.windows(3).any(|three| match three {
        [hash, bang, TokenTree::Group(group)] => {
            let found = group.stream().to_string().replace(' ', "");
            is_punct(hash, '#') && is_punct(bang, '!') && found == wanted
        }
        _ => false,
    })
}

/// The source without its items under `#[cfg(test)]`, and the modules among them that have a
/// file of their own.
pub(crate) fn without_tests(tokens: TokenStream) -> (TokenStream, Vec<String>) {
    let tokens = Vec::from_iter(tokens);
    let (mut kept, mut modules) = (Vec::new(), Vec::new());
    let mut rest = &tokens[..];
    while let Some((token, behind)) = rest.split_first() {
        let test = attribute(rest).filter(|(group, _)| is_cfg_test(group));
        let Some((_, mut item)) = test else {
            kept.push(token.clone());
            rest = behind;
            continue;
        };
        while let Some((_, behind)) = attribute(item) {
            item = behind;
        }
        let is_end = |token: &TokenTree| is_punct(token, ';') || braces(token).is_some();
        let end = item.iter().position(is_end).map_or(item.len(), |at| at + 1);
        let (item, behind) = item.split_at(end);
        if let [word, name, end] = item {
            if is_word(word, "mod") && is_punct(end, ';') {
                modules.push(name.to_string());
            }
        }
        rest = behind;
    }
    (kept.into_iter().collect(), modules)
}

/// `cfg(test)`, or `cfg(all(test, ..))`.
fn is_cfg_test(attribute: &Group) -> bool {
    let written = attribute.stream().to_string().replace(' ', "");
    written == "cfg(test)" || written.starts_with("cfg(all(test,")
}

/// Every function with a body, also those inside functions, modules and macros.
pub(crate) fn functions(tokens: TokenStream) -> Vec<Function> {
    let tokens = Vec::from_iter(tokens);
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if let TokenTree::Group(group) = token {
            found.extend(functions(group.stream()));
        }
        if is_word(token, "fn") {
            let signature = &tokens[at + 1..];
            found.extend(function(token.span().start().line, signature));
        }
    }
    found
}

/// The function whose name and signature come next; a function pointer type is none.
fn function(line: usize, signature: &[TokenTree]) -> Option<Function> {
    let name = match signature {
        [dollar, TokenTree::Ident(name), ..] if is_punct(dollar, '$') => name,
        [TokenTree::Ident(name), ..] => name,
        _ => return None,
    };
    let end = signature.iter().position(|token| is_punct(token, ';'));
    let signature = &signature[..end.unwrap_or(signature.len())];
    let body = signature.iter().enumerate().find_map(|(at, token)| {
        // braces before `>` or `,` are a const argument of a type
        let next = signature.get(at + 1);
        let argument = next.is_some_and(|next| is_punct(next, '>') || is_punct(next, ','));
        braces(token).filter(|_| !argument)
    })?;
    Some(Function {
        name: name.to_string(),
        line,
        length: code_lines(body.stream()).len(),
    })
}

/// Every path that begins with the crate `root`, with its line; the branches of a `use` each.
pub(crate) fn paths_of(root: &str, tokens: TokenStream) -> Vec<(usize, String)> {
    let tokens = Vec::from_iter(tokens);
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if let TokenTree::Group(group) = token {
            found.extend(paths_of(root, group.stream()));
        }
        let behind = &tokens[at + 1..];
        let before = at.checked_sub(1).map(|before| &tokens[before]);
        let imported = before.is_some_and(|word| is_word(word, "crate") || is_word(word, "use"));
        let begins = !is_behind_a_name(&tokens[..at]);
        if is_word(token, root) && begins && (imported || after_colons(behind).is_some()) {
            let line = token.span().start().line;
            branches(root.to_owned(), line, behind, &mut found);
        }
    }
    found
}

/// Whether a path goes on here: a name and two colons are the last of `before`.
fn is_behind_a_name(before: &[TokenTree]) -> bool {
    match before {
        [.., TokenTree::Ident(_), first, second] => is_punct(first, ':') && is_punct(second, ':'),
        _ => false,
    }
}

/// Follows a path from `path` on, to the end of each of its branches.
fn branches(path: String, line: usize, rest: &[TokenTree], found: &mut Vec<(usize, String)>) {
    match after_colons(rest) {
        Some([TokenTree::Ident(name), rest @ ..]) => {
            let line = name.span().start().line;
            branches(format!("{path}::{name}"), line, rest, found);
        }
        Some([TokenTree::Group(group), ..]) if group.delimiter() == Delimiter::Brace => {
            let tokens = Vec::from_iter(group.stream());
            for branch in tokens.split(|token| is_punct(token, ',')) {
                if let Some((name, rest)) = branch.split_first() {
                    let line = name.span().start().line;
                    branches(format!("{path}::{name}"), line, rest, found);
                }
            }
        }
        Some([star, ..]) if is_punct(star, '*') => found.push((line, format!("{path}::*"))),
        _ => found.push((line, path)),
    }
}

fn after_colons(tokens: &[TokenTree]) -> Option<&[TokenTree]> {
    match tokens {
        [first, second, rest @ ..] if is_punct(first, ':') && is_punct(second, ':') => Some(rest),
        _ => None,
    }
}

fn starts_with_word(tokens: &TokenStream, word: &str) -> bool {
    let first = tokens.clone().into_iter().next();
    first.is_some_and(|token| is_word(&token, word))
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

fn braces(token: &TokenTree) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(source: &str) -> TokenStream {
        source.parse().unwrap()
    }

    fn paths(root: &str, source: &str) -> Vec<String> {
        let paths = paths_of(root, tokens(source)).into_iter();
        paths.map(|(line, path)| format!("{line} {path}")).collect()
    }

    #[test]
    fn neither_blank_lines_nor_comments_are_code() {
        let source =
            "//! doc\n\n/// doc\nfn f() { // why\n    // why\n    \"a\nb\";\n\n    /* why */\n}";
        assert_eq!(code_lines(tokens(source)), [4, 6, 7, 10].into());
    }

    #[test]
    fn a_row_begins_with_a_literal_and_ends_on_its_line() {
        let source = "t! {\n/// doc\nA(u8): 7;\n\n1 B \"b\";\n2 C\n\"c\";\n3 D [d];\n}\nf();";
        assert_eq!(rows(tokens(source)), [5, 8].into());
    }

    #[test]
    fn an_attribute_is_code() {
        assert_eq!(code_lines(tokens("#[must_use]\nfn f() {}")), [1, 2].into());
    }

    #[test]
    fn finds_functions_wherever_they_are() {
        let source = "m! { fn $a() {\n1;\n2\n} }\nimpl A { fn b(f: fn(u8)) -> A<{ 1 }> {\n\n3;\n4 } fn c(); }";
        let found = functions(tokens(source));
        let found = found.iter().map(|f| (&f.name[..], f.line, f.length));
        assert_eq!(Vec::from_iter(found), [("a", 1, 2), ("b", 5, 2)]);
    }

    #[test]
    fn leaves_out_items_for_tests() {
        let source = "fn a() {}\n#[cfg(test)]\n#[path = \"x\"]\nmod b { fn c() {} }\n#[cfg(all(test, x))]\nmod d;\nfn e() {}";
        let (kept, modules) = without_tests(tokens(source));
        assert_eq!(code_lines(kept), [1, 7].into());
        assert_eq!(modules, ["d"]);
    }

    #[test]
    fn follows_every_branch_of_an_import() {
        let source =
            "use std::{io::{self, Read as R}, net,\nfmt::*};\nfn f() { std::io::stdin(); }";
        let expected = [
            "1 std::io::self",
            "1 std::io::Read",
            "1 std::net",
            "2 std::fmt::*",
            "3 std::io::stdin",
        ];
        assert_eq!(paths("std", source), expected);
    }

    #[test]
    fn a_crate_is_named_by_paths_and_imports_alone() {
        assert_eq!(paths("std", "extern crate std;"), ["1 std"]);
        assert_eq!(paths("std", "use std as s;"), ["1 std"]);
        assert_eq!(paths("io", "io::a(std::io::b)"), ["1 io::a"]);
        assert!(paths("std", "//! std::io\nlet std = core::fmt(\"std::io\");").is_empty());
    }
}
