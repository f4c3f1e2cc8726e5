//! The page that compares servers: a table with a column for each.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use lastword_census::Verdict;
use serde_json::Value;

use crate::escape::escaped;
use crate::printed;

/// What became of each client of a server, by the client's name, in the order of the file.
struct Server {
    name: String,
    results: Vec<(String, Value)>,
}

/// Prints the page of these files.
pub(crate) fn print(files: &[PathBuf]) -> Result<(), Box<dyn Error>> {
    let servers = files.iter().map(|file| read(file));
    let servers = servers.collect::<Result<Vec<_>, _>>()?;
    let mut clients = Vec::new();
    for (client, result) in servers.iter().flat_map(|server| &server.results) {
        if !clients.iter().any(|(known, _)| *known == client) {
            clients.push((client, result));
        }
    }
    let mut rows = String::new();
    for (client, result) in clients {
        write!(
            rows,
            "<tr><th scope=\"row\" title=\"{}\">{}<small>{}; {}</small></th>",
            escaped(text(result, "matters")),
            escaped(client),
            escaped(text(result, "does")),
            escaped(text(result, "reference"))
        )?;
        for server in &servers {
            let mut results = server.results.iter();
            let result = results.find(|(known, _)| known == client);
            rows += &cell(result.map(|(_, result)| result));
        }
        rows += "</tr>\n";
    }
    let heads: String = servers.iter().map(head).collect();
    let page = include_str!("page.html")
        .replace("{{heads}}", &heads)
        .replace("{{rows}}", &rows);
    Ok(printed(io::stdout().write_all(page.as_bytes()))?)
}

fn read(file: &Path) -> Result<Server, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let lines = fs::read_to_string(file).map_err(|error| failed(&error))?;
    let mut results = Vec::new();
    for line in lines.lines() {
        let parsed = serde_json::from_str(line);
        let result: Value = parsed.map_err(|_| failed(&"it is not the output of `run --json`"))?;
        if result.get("result").is_some() {
            results.push((text(&result, "client").to_owned(), result));
        }
    }
    if results.is_empty() {
        return Err(failed(&"it has no result"));
    }
    let stem = file.file_stem().unwrap_or_default();
    let name = stem.to_string_lossy().into_owned();
    Ok(Server { name, results })
}

/// A server's name, and how many of its clients had a good result.
fn head(server: &Server) -> String {
    let results = server.results.iter();
    let is_good = |(_, result): &&(String, Value)| verdict(result).is_some_and(Verdict::is_good);
    let good = results.filter(is_good).count();
    format!(
        "<th scope=\"col\">{}<small>{good} of {} good</small></th>",
        escaped(&server.name),
        server.results.len()
    )
}

/// What became of a client; an empty cell if it was not sent.
fn cell(result: Option<&Value>) -> String {
    let Some(result) = result else {
        return "<td></td>".into();
    };
    let alerts = result.get("received").and_then(Value::as_array);
    let alerts = alerts.into_iter().flatten();
    let mut told: Vec<_> = alerts.map(|alert| text(alert, "name")).collect();
    if text(result, "told") == "plaintext" {
        told.push("an answer that is not TLS");
    }
    let name = text(result, "result");
    let kind = match verdict(result) {
        Some(verdict) if verdict.is_good() => "good",
        Some(Verdict::ResetOnWrite | Verdict::Open) => "fair",
        _ => "bad",
    };
    format!(
        "<td class=\"{kind}\">{}<small>{}</small></td>",
        escaped(name),
        escaped(&told.join(", "))
    )
}

fn verdict(result: &Value) -> Option<Verdict> {
    let name = text(result, "result");
    let mut all = Verdict::ALL.into_iter();
    all.find(|verdict| verdict.name() == name)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
