//! The report as JUnit XML, which CI systems show as tests.

use std::io::{self, Write};

use lastword_census::{Report, Verdict};

use crate::escape::escaped;

/// Writes a test case for each client. It fails if the result is one that `is_failure` names.
pub(crate) fn write(
    report: &Report,
    is_failure: impl Fn(Verdict) -> bool,
    out: &mut impl Write,
) -> io::Result<()> {
    let results = report.results();
    let failures = results.iter().filter(|it| is_failure(it.verdict)).count();
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<testsuite name="lastword-census" tests="{}" failures="{failures}">"#,
        results.len()
    )?;
    for result in results {
        let seconds = result.took.as_secs_f64();
        write!(
            out,
            r#"  <testcase classname="tls" name="{}" time="{seconds:.3}""#,
            result.name
        )?;
        match is_failure(result.verdict) {
            false => writeln!(out, "/>")?,
            true => writeln!(
                out,
                r#"><failure type="{}" message="{}"/></testcase>"#,
                result.verdict.name(),
                escaped(&result.to_string())
            )?,
        }
    }
    for note in report.notes() {
        let note = escaped(&note.to_string());
        writeln!(out, "  <system-out>{note}</system-out>")?;
    }
    writeln!(out, "</testsuite>")
}
