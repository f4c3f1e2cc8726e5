//! `curl`: its words are those of its TLS library.

use std::process::Command;

use super::{Condition, Site, last_line};

pub(super) fn arguments(command: &mut Command, condition: &Condition, site: Site<'_>) {
    let (host, address) = (condition.host, site.address);
    let scheme = if condition.in_plaintext {
        "http"
    } else {
        "https"
    };
    // no .curlrc, no proxy, errors alone
    command.args(["-q", "--noproxy", "*", "--silent", "--show-error"]);
    command.arg("--cacert").arg(site.ca);
    let resolve = format!("{host}:{}:{}", address.port(), address.ip());
    command.args(["--resolve", &resolve]);
    if condition.tls12_only {
        command.args(["--tls-max", "1.2"]);
    }
    command.arg(if condition.http1_only {
        "--http1.1"
    } else {
        "--no-alpn"
    });
    command.arg(format!("{scheme}://{host}:{}/", address.port()));
}

/// The line that says why curl gave up.
pub(super) fn read(stderr: &str) -> String {
    let mut lines = stderr.lines();
    match lines.find(|line| line.starts_with("curl: (")) {
        Some(line) => line.trim_end().to_owned(),
        None => last_line(stderr),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_line_that_says_why_and_not_the_advice_behind_it() {
        let stderr = "warning: what\ncurl: (60) SSL certificate problem\n\
            More details here: somewhere\n";
        assert_eq!(read(stderr), "curl: (60) SSL certificate problem");
        assert_eq!(read("neither\n\n"), "neither");
        assert_eq!(read(""), "(no word)");
    }
}
