//! `load load` as a user runs it, with few clients.

use std::path::Path;
use std::process::{Command, Stdio};

/// The columns of the table after the name of the server.
const COLUMNS: usize = 11;

#[test]
#[cfg(target_os = "linux")]
fn shows_of_each_server_how_good_and_failing_clients_fare() {
    let taskset = ["/bin/taskset", "/usr/bin/taskset"];
    let is_there = taskset.iter().any(|path| Path::new(path).exists());
    let processors = std::thread::available_parallelism().unwrap().get();
    if !is_there || processors < 2 {
        return eprintln!("skipped: it needs taskset and two processors");
    }
    let page = std::env::temp_dir().join(format!("lastword-page-{}.html", std::process::id()));
    let mut load = Command::new(env!("CARGO_BIN_EXE_load"));
    load.args(["load", "--server=tokio,tokio-rustls", "--rates=40:120"]);
    load.args(["--seconds=1", "--rounds=1", "--page"])
        .arg(&page);
    let output = load.stdin(Stdio::null()).output().unwrap();
    let (said, wrong) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success(), "{said}{wrong}");
    assert!(
        said.contains("40 good and 120 failing clients a second"),
        "{said}"
    );

    let row = |name: &str| {
        let line = said
            .lines()
            .find(|line| line.starts_with(&format!("{name} ")));
        let columns = line.unwrap().split_whitespace().skip(1);
        let columns: Vec<String> = columns.map(String::from).collect();
        assert_eq!(columns.len(), COLUMNS, "{said}");
        columns
    };
    const TOLD: usize = 8;
    const RESET: usize = 9;
    let ours = row("tokio");
    assert_eq!([&ours[TOLD], &ours[RESET]], ["100.0", "0.0"], "{said}");
    // tokio-rustls 0.26.6 over rustls 0.23.46
    assert_ne!(row("tokio-rustls")[TOLD], "100.0", "{said}");

    let html = std::fs::read_to_string(&page).unwrap();
    std::fs::remove_file(&page).unwrap();
    assert_eq!(html.matches("<polyline").count(), 2 * 4);
}

#[test]
fn rates_that_are_no_numbers_are_a_wrong_command_line() {
    let mut load = Command::new(env!("CARGO_BIN_EXE_load"));
    let output = load.args(["load", "--rates=many:few"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

fn text(said: Vec<u8>) -> String {
    String::from_utf8(said).unwrap()
}
