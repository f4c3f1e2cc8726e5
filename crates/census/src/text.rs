//! The report for people, in at most 80 columns.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use lastword_alert::AlertDescription;

use crate::census::{CaseResult, Report};
use crate::end::End;
use crate::verdict::Verdict;

/// How many clients the summary names.
const NAMED: usize = 8;

/// The width of a line, in characters.
const WIDTH: usize = 80;

/// The summary. The alternate form, `{:#}`, has a line for each client.
impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} as {}: {} clients in {:.1} s\n",
            self.address,
            self.name,
            self.results.len(),
            self.took.as_secs_f64()
        )?;
        for verdict in Verdict::ALL {
            match self.count(verdict) {
                0 => {}
                count => writeln!(f, "{count:5}  {verdict}")?,
            }
        }
        let most = if f.alternate() { usize::MAX } else { NAMED };
        let bad = self.bad().count();
        if bad > 0 {
            writeln!(f, "\nThe worst first:")?;
        }
        for result in self.bad().take(most) {
            writeln!(f)?;
            write_result(result, f)?;
        }
        if bad > most {
            writeln!(f, "\nand {} more", bad - most)?;
        }
        if f.alternate() {
            writeln!(f, "\nThe others:\n")?;
            let good = self.results.iter().filter(|it| it.verdict.is_good());
            good.into_iter()
                .try_for_each(|result| writeln!(f, "  {:<42} {}", result.name, told(result)))?;
        }
        self.write_needs(f)
    }
}

impl Report {
    fn write_needs(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut needs = BTreeMap::<_, usize>::new();
        for (_, need) in &self.not_sent {
            *needs.entry(need.words()).or_default() += 1;
        }
        if needs.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nNot sent, because they need:")?;
        needs
            .into_iter()
            .try_for_each(|(words, count)| writeln!(f, "{count:5}  {words}"))
    }
}

fn write_result(result: &CaseResult, f: &mut Formatter<'_>) -> fmt::Result {
    writeln!(f, "{}: {}", result.name, result.verdict)?;
    write_wrapped(f, &format!("client {}", result.does))?;
    let required = list(result.required, "silence");
    let (reference, told) = (result.reference, told(result));
    write_wrapped(f, &format!("{reference}: {required}; got {told}"))
}

/// What a client was told, and how its connection ended.
pub(crate) fn told(result: &CaseResult) -> String {
    let alerts = list(&result.received, "no alert");
    let end = match result.end {
        End::Fin => "then FIN",
        End::ResetOnRead => "then RST, seen on a read",
        End::ResetOnWrite => "then RST, seen on a write",
        End::StillOpen => "and no end",
    };
    format!("{alerts}, {end}")
}

fn list(alerts: &[AlertDescription], none: &str) -> String {
    let alerts: Vec<_> = alerts.iter().map(|it| format!("{it} ({})", it.0)).collect();
    match alerts.is_empty() {
        true => none.into(),
        false => alerts.join(" and "),
    }
}

/// Writes words in indented lines of at most 80 characters.
fn write_wrapped(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    let mut column = 0;
    for word in text.split(' ') {
        let len = word.chars().count();
        match column {
            0 => write!(f, "    {word}")?,
            _ if column + 1 + len > WIDTH => {
                write!(f, "\n    {word}")?;
                column = 0;
            }
            _ => write!(f, " {word}")?,
        }
        column = if column == 0 { 4 } else { column + 1 } + len;
    }
    writeln!(f)
}
