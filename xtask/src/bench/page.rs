//! The whole table as one page, with a bar for each way.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::figures::{Figure, Measure};
use super::table::{Row, number, rows};
use crate::failure::Failure;
use crate::tool::target;

/// The longest bar, in pixels.
const LONGEST: f64 = 360.0;

const HEAD: &str = "<!doctype html>\n<meta charset=\"utf-8\">\n<title>lastword beside its peers</title>\n\
<style>body{font:14px sans-serif;margin:2em}table{border-collapse:collapse}td,th{padding:1px 12px;\
text-align:left}td.n{text-align:right}tr.not{background:#fdd}tr.met{background:#dfd}rect{fill:#888}\
rect.ours{fill:#06c}</style>\n";

/// Keeps what was measured, and writes the page of it and of what `others` has kept.
pub(super) fn write(figures: &[Figure], name: &str, other: &str) -> Result<PathBuf, Failure> {
    let folder = target().join("bench");
    fs::create_dir_all(&folder).map_err(|source| Failure::file(&folder, source))?;
    let lines: String = figures.iter().map(|figure| format!("{figure}\n")).collect();
    put(&folder.join(name), &lines)?;
    let others = fs::read_to_string(folder.join(other)).unwrap_or_default();
    let mut all = figures.to_vec();
    all.extend(others.lines().filter_map(Figure::of_line));
    let path = folder.join("index.html");
    put(&path, &page(&all))?;
    Ok(path)
}

fn put(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|source| Failure::file(path, source))
}

fn page(figures: &[Figure]) -> String {
    let mut page = HEAD.to_owned();
    let mut charts: Vec<(&str, Measure)> = Vec::new();
    for figure in figures {
        let chart = (&figure.work[..], figure.measure);
        if !charts.contains(&chart) {
            charts.push(chart);
        }
    }
    page += "<h1>Targets</h1>\n<table>\n<tr><th>work<th>measure<th>ours<th><th>peer<th><th>ratio<th>at most<th>\n";
    for row in rows(figures).iter().filter(|row| row.most.is_some()) {
        page += &line(row);
    }
    page += "</table>\n<h1>Figures</h1>\n";
    for (work, measure) in charts {
        let of_chart = |figure: &&Figure| figure.work == work && figure.measure == measure;
        let figures: Vec<_> = figures.iter().filter(of_chart).collect();
        let _ = writeln!(page, "<h3>{work}, {measure}</h3>");
        page += &chart(&figures);
    }
    page
}

fn line(row: &Row) -> String {
    let class = if row.is_met() == Some(true) {
        "met"
    } else {
        "not"
    };
    let [work, measure, way, ours, peer, theirs, ratio, most, met] = row.cells();
    format!(
        "<tr class=\"{class}\"><td>{work}<td>{measure}<td>{way}<td class=n>{ours}<td>{peer}\
         <td class=n>{theirs}<td class=n>{ratio}<td class=n>{most}<td>{met}\n"
    )
}

/// A bar for each way, as long as its value.
fn chart(figures: &[&Figure]) -> String {
    let most = figures
        .iter()
        .map(|figure| figure.value)
        .fold(0.0, f64::max);
    let height = figures.len() * 20;
    let mut chart = format!("<svg width=\"720\" height=\"{height}\">\n");
    for (place, figure) in figures.iter().enumerate() {
        let length = if most > 0.0 {
            figure.value / most * LONGEST
        } else {
            0.0
        };
        let class = if figure.is_ours() { "ours" } else { "peer" };
        let (top, text) = (place * 20 + 2, place * 20 + 15);
        let _ = writeln!(
            chart,
            "<text x=\"0\" y=\"{text}\">{}</text><rect class=\"{class}\" x=\"180\" y=\"{top}\" \
             width=\"{length:.1}\" height=\"15\"/><text x=\"{:.1}\" y=\"{text}\">{}</text>",
            figure.way,
            186.0 + length,
            number(figure.value)
        );
    }
    chart + "</svg>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_is_the_greatest_value_and_the_others_are_to_scale() {
        let figures = [("lastword", 25.0), ("rustls", 100.0)].map(|(way, value)| Figure {
            work: "handshake/x".into(),
            way: way.into(),
            measure: Measure::Instructions,
            value,
        });
        let page = page(&figures);
        assert!(
            page.contains("<rect class=\"ours\" x=\"180\" y=\"2\" width=\"90.0\""),
            "{page}"
        );
        assert!(
            page.contains("<rect class=\"peer\" x=\"180\" y=\"22\" width=\"360.0\""),
            "{page}"
        );
        assert!(
            page.contains("<td class=n>0.2500<td class=n>1.0050<td>met"),
            "{page}"
        );
    }
}
