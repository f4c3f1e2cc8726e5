//! How a program among the benchmarks is built and run.

use crate::failure::Failure;
use crate::tool::Tool;

/// Builds a benchmark, its messages shown, then runs it under another program, or under none:
/// what it prints on standard output.
pub(super) fn run(name: &str, runner: &[String]) -> Result<String, Failure> {
    bench(name).args(["--no-run"]).run()?;
    let mut bench = bench(name);
    if !runner.is_empty() {
        let quoted: Vec<_> = runner.iter().map(|word| format!("'{word}'")).collect();
        let runner = format!("target.'cfg(all())'.runner = [{}]", quoted.join(", "));
        bench = bench.args(["--config", &runner]);
    }
    bench.stdout()
}

fn bench(name: &str) -> Tool {
    Tool::cargo().args(["bench", "--package", "lastword-benches", "--bench", name])
}
