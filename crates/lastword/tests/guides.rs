//! The guides: each has the same parts, is listed, and the table of reasons is complete.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Returns a file of the repository; the path is relative to this crate.
fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the names of the guides, from their files.
fn guides() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/guides");
    let files = fs::read_dir(folder).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names
        .map(|name| name.strip_suffix(".md").unwrap().to_owned())
        .collect()
}

#[test]
fn each_guide_is_a_module_and_is_listed_by_task() {
    let modules = read("src/guides.rs");
    for name in guides() {
        assert!(modules.contains(&format!("pub mod {name} {{}}")), "{name}");
        assert!(modules.contains(&format!("[`{name}`]")), "{name}");
    }
}

#[test]
fn each_guide_says_when_it_is_needed_what_is_shown_and_what_to_watch_out_for() {
    for name in guides() {
        let text = read(&format!("src/guides/{name}.md"));
        assert!(text.starts_with("Use this guide "), "{name}");
        let code = text.find("```no_run\n").or_else(|| text.find("```\n"));
        let shown = text.find("\n# What the client and the log show\n");
        let watch = text.find("\n# What to watch out for\n");
        assert!(
            code.is_some() && code < shown && shown < watch,
            "{name}: {code:?} {shown:?} {watch:?}"
        );
    }
}

#[test]
fn the_table_of_reasons_has_every_reason() {
    let source = read("../acceptor/src/reason.rs");
    let reasons: BTreeSet<&str> = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Self::")?.split_once(" => \""))
        .map(|(_, name)| name.trim_end_matches("\","))
        .collect();
    assert!(reasons.contains("not_tls") && reasons.len() > 20);
    let guide = read("src/guides/logs_and_metrics.md");
    let (_, table) = guide.split_once("\n# The reasons\n").unwrap();
    let (table, _) = table.split_once("\n# ").unwrap();
    let rows: Vec<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(rows.iter().copied().collect::<BTreeSet<_>>(), reasons);
    assert_eq!(rows.len(), reasons.len(), "a reason stands twice");
}
