//! The report for people, in at most 80 columns.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use crate::end::End;
use crate::probe::list;
use crate::profile::Need;
use crate::report::{CaseResult, Report};
use crate::verdict::{Told, Verdict};

/// How many clients of a result the summary names.
const NAMED: usize = 3;

/// The width of a line, in characters.
const WIDTH: usize = 80;

/// The summary. The alternate form, `{:#}`, has all clients.
impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} as {}: {} {} in {:.1} s\n",
            self.address,
            self.name,
            self.results.len(),
            if self.results.len() == 1 {
                "client"
            } else {
                "clients"
            },
            self.took.as_secs_f64()
        )?;
        for note in &self.notes {
            write_wrapped(f, "", &format!("Note: {note}"))?;
            writeln!(f)?;
        }
        for verdict in Verdict::ALL {
            match self.count(verdict) {
                0 => {}
                count => writeln!(f, "{count:5}  {verdict}")?,
            }
        }
        self.write_times(f)?;
        let most = if f.alternate() { usize::MAX } else { NAMED };
        for verdict in Verdict::ALL.into_iter().rev() {
            self.write_clients(verdict, most, f)?;
        }
        self.write_needs(f)
    }
}

/// Shows what the client does, which alert is required, and what it got.
impl Display for CaseResult {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let required = list(self.required, "silence");
        write!(
            f,
            "client {}; {}: {required}; got {}",
            self.does,
            self.reference,
            told(self)
        )
    }
}

impl Report {
    /// Writes the clients with this result, at most so many, unless it is good.
    fn write_clients(&self, verdict: Verdict, most: usize, f: &mut Formatter<'_>) -> fmt::Result {
        let count = self.count(verdict);
        if count == 0 || (verdict.is_good() && !f.alternate()) {
            return Ok(());
        }
        writeln!(f, "\n{verdict}")?;
        if !verdict.is_good() {
            writeln!(f, "({})", verdict.means())?;
        }
        let results = self.results.iter().filter(|it| it.verdict == verdict);
        for result in results.take(most) {
            write_result(result, f)?;
        }
        match count.saturating_sub(most) {
            0 => Ok(()),
            more => writeln!(f, "  and {more} more"),
        }
    }

    /// Writes how long it took until clients got an alert.
    fn write_times(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let results = self.results.iter();
        let mut times: Vec<_> = results
            .filter_map(|it| Some((it.told_after?, it.name)))
            .collect();
        times.sort_unstable();
        match (times.get(times.len() / 2), times.last()) {
            (Some((median, _)), Some((longest, name))) => {
                let [median, longest] = [median, longest].map(|time| milliseconds(*time));
                let text =
                    format!("Time until the alert: {median} (median), {longest} at most ({name})");
                writeln!(f)?;
                write_wrapped(f, "", &text)
            }
            _ => Ok(()),
        }
    }

    fn write_needs(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut needs = BTreeMap::<_, usize>::new();
        for (_, need) in &self.not_sent {
            *needs.entry(need.words()).or_default() += 1;
        }
        if needs.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nNot sent, because they need:")?;
        for (words, count) in needs {
            writeln!(f, "{count:5}  {words}")?;
        }
        self.write_setup(f)
    }

    /// Writes the command that shows how to configure what the clients that were not sent need.
    fn write_setup(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let is_needed = |need: Need| self.not_sent.iter().any(|(_, it)| *it == need);
        let parts = [Need::Alpn, Need::StrictNames, Need::Tls13Only];
        let parts = parts.into_iter().filter(|need| is_needed(*need));
        let parts: Vec<_> = parts.filter_map(Need::part).collect();
        let mut options = String::new();
        if !parts.is_empty() {
            options += &format!(" --profile {}", parts.join(","));
        }
        if is_needed(Need::ClientCertificates) {
            options += " --authority DIR";
        }
        match options.is_empty() {
            true => Ok(()),
            false => write_wrapped(
                f,
                "",
                &format!("What to configure for them: lastword-census setup{options}"),
            ),
        }
    }
}

fn write_result(result: &CaseResult, f: &mut Formatter<'_>) -> fmt::Result {
    let not_stable = match result.is_stable() {
        true => "",
        false => ", not in all rounds",
    };
    write_wrapped(
        f,
        "  ",
        &format!("{}: client {}{not_stable}", result.name, result.does),
    )?;
    let required = list(result.required, "silence");
    let (reference, told) = (result.reference, told(result));
    let time = match result.told_after {
        Some(time) => format!("; after {}", milliseconds(time)),
        None => String::new(),
    };
    let got = format!("{reference}: {required}; got {told}{time}");
    write_wrapped(f, "    ", &got)?;
    write_wrapped(f, "    ", result.matters)
}

/// Returns what a client got, and how its connection ended.
fn told(result: &CaseResult) -> String {
    let alerts = match result.told {
        Told::Plaintext => "an answer that is not TLS".into(),
        Told::Unreadable => "an encrypted alert".into(),
        _ => list(&result.received, "no alert"),
    };
    let end = match result.end {
        End::Fin => "then FIN",
        End::ResetOnRead => "then RST, seen on a read",
        End::ResetOnWrite => "then RST, seen on a write",
        End::StillOpen => "and the connection stays open",
    };
    format!("{alerts}, {end}")
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// Writes words in indented lines of at most 80 characters. Later lines are indented by four.
fn write_wrapped(f: &mut Formatter<'_>, indent: &str, text: &str) -> fmt::Result {
    f.write_str(indent)?;
    let mut column = indent.len();
    for (n, word) in text.split(' ').enumerate() {
        let len = word.chars().count();
        if n > 0 && column + 1 + len > WIDTH {
            f.write_str("\n    ")?;
            column = 4;
        } else if n > 0 {
            f.write_str(" ")?;
            column += 1;
        }
        f.write_str(word)?;
        column += len;
    }
    writeln!(f)
}
