//! The report for programs: one JSON object a line.

use std::io::{self, Write};
use std::time::Duration;

use lastword_census::{End, Report};
use serde_json::json;

pub(crate) fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    for result in report.results() {
        let alerts = |alerts: &[lastword_census::AlertDescription]| {
            let alerts = alerts.iter();
            alerts
                .map(|alert| json!({ "code": alert.0, "name": alert.name() }))
                .collect::<Vec<_>>()
        };
        let object = json!({
            "client": result.name,
            "does": result.does,
            "required": alerts(result.required),
            "reference": result.reference,
            "received": alerts(&result.received),
            "end": end(result.end),
            "told": result.told.name(),
            "result": result.verdict.name(),
            "rounds": result.rounds.iter().map(|it| it.name()).collect::<Vec<_>>(),
            "means": result.verdict.means(),
            "matters": result.matters,
            "told_after_milliseconds": result.told_after.map(milliseconds),
            "milliseconds": milliseconds(result.took),
        });
        writeln!(out, "{object}")?;
    }
    for note in report.notes() {
        writeln!(out, "{}", json!({ "note": note.to_string() }))?;
    }
    for (client, need) in report.not_sent() {
        let object = json!({ "client": client, "needs": need.words() });
        writeln!(out, "{object}")?;
    }
    Ok(())
}

/// To a tenth.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e4).round() / 10.0
}

const fn end(end: End) -> &'static str {
    match end {
        End::Fin => "fin",
        End::ResetOnRead => "reset_on_read",
        End::ResetOnWrite => "reset_on_write",
        End::StillOpen => "open",
    }
}
