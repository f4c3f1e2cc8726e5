//! How a program among the benchmarks is built and run.

use crate::failure::Failure;
use crate::tool::Tool;

/// Builds a benchmark, its messages shown, then runs it under another program, or under none:
/// what it prints on standard output.
pub(super) fn run(name: &str, runner: &[String], peers: Peers) -> Result<String, Failure> {
    bench(name, peers).args(["--no-run"]).run()?;
    let mut bench = bench(name, peers);
    if !runner.is_empty() {
        let quoted: Vec<_> = runner.iter().map(|word| format!("'{word}'")).collect();
        let runner = format!("target.'cfg(all())'.runner = [{}]", quoted.join(", "));
        bench = bench.args(["--config", &runner]);
    }
    match peers {
        Peers::Baseline => bench.args(["--", "--ours"]).stdout(),
        Peers::Crates | Peers::All => bench.stdout(),
    }
}

/// Which peers are built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Peers {
    /// Those that are built soon, and then not run: what the baseline is of.
    Baseline,
    /// Those that are crates, and rustls's other crypto provider, for post-quantum key exchange.
    Crates,
    /// And OpenSSL, of which the system must have the headers.
    All,
}

impl Peers {
    /// All that can be built here.
    pub(super) fn at_hand() -> Self {
        let openssl = Tool::new("pkg-config").args(["--exists", "openssl"]);
        match openssl.stdout() {
            Ok(_) => Self::All,
            Err(_) => Self::Crates,
        }
    }

    /// What is left out, and why.
    pub(super) fn left_out(self) -> Option<&'static str> {
        (self != Self::All).then_some("left out: OpenSSL, which pkg-config does not find")
    }
}

/// The command that builds and runs a benchmark.
pub(super) fn bench(name: &str, peers: Peers) -> Tool {
    let bench = ["bench", "--package", "lastword-benches", "--bench", name];
    let bench = Tool::cargo().args(bench);
    match peers {
        Peers::Baseline => bench.args(["--no-default-features"]),
        Peers::Crates => bench.args(["--features", "aws-lc-rs"]),
        Peers::All => bench.args(["--features", "aws-lc-rs,openssl"]),
    }
}
