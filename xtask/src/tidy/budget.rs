//! No file and no function is longer than one reads at a stretch. Rows of a table do not count.

use crate::tidy::{
    tokens::{code_lines, functions, rows, without_tests},
    tree::{Fault, File, Tree},
};

/// How many lines of code a file may have.
const FILE: usize = 300;
/// How many lines of code a function's body may have.
const FUNCTION: usize = 60;

pub(crate) fn check(tree: &Tree) -> Vec<Fault> {
    tree.rust().flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Fault> {
    let mut faults = Vec::new();
    let (code, _) = without_tests(file.tokens());
    let lines = &code_lines(code.clone()) - &rows(code);
    if let Some(line) = lines.iter().nth(FILE) {
        let what = format!("{} lines of code in the file, over {FILE}", lines.len());
        faults.push(file.fault(*line, what));
    }
    for function in functions(file.tokens()) {
        if function.length > FUNCTION {
            let (name, length) = (function.name, function.length);
            let what = format!("{length} lines of code in `{name}`, over {FUNCTION}");
            faults.push(file.fault(function.line, what));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        let faults = check(&Tree::of(&[("a.rs", text)]));
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_file_may_have_300_lines_of_code_and_not_one_more() {
        let full = "//! doc\n\n".to_owned() + &"const A: u8 = 0;\n".repeat(300);
        assert!(faults(&full).is_empty());
        assert_eq!(
            faults(&(full + "\n// why\nconst B: u8 = 0;\n")),
            ["a.rs:305: 301 lines of code in the file, over 300"]
        );
    }

    #[test]
    fn rows_of_a_table_are_not_counted() {
        let rows = "0 CONSTANT \"name\" \"reference\";\n".repeat(400);
        assert!(faults(&format!("table! {{\n{rows}}}")).is_empty());
    }

    #[test]
    fn an_inline_test_module_is_not_counted() {
        let text =
            "#[cfg(test)]\nmod tests {\n".to_owned() + &"const A: u8 = 0;\n".repeat(400) + "}";
        assert!(faults(&text).is_empty());
    }

    #[test]
    fn a_function_may_have_60_lines_of_code_and_not_one_more() {
        let body = "f();\n\n// why\n".repeat(60);
        assert!(faults(&format!("fn long() {{\n{body}}}")).is_empty());
        assert_eq!(
            faults(&format!("\nfn long() {{\n{body}f();\n}}")),
            ["a.rs:2: 61 lines of code in `long`, over 60"]
        );
    }

    #[test]
    fn a_test_is_a_function_too() {
        let text =
            "#[cfg(test)]\nmod tests {\nfn long() {\n".to_owned() + &"f();\n".repeat(61) + "}}";
        assert_eq!(
            faults(&text),
            ["a.rs:3: 61 lines of code in `long`, over 60"]
        );
    }
}
