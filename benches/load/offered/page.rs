//! A page with the curves: how good clients fare at each load, a line for each server.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use super::figures::Figures;
use super::server::Server;

/// A figure of the page.
struct Chart {
    title: &'static str,
    /// The lowest and the highest value that is shown. The scale is logarithmic if the lowest is not 0.
    range: (f64, f64),
    figure: fn(&Figures) -> f64,
}

const CHARTS: [Chart; 4] = [
    Chart {
        title: "Good clients served within 50 ms, %",
        range: (0.0, 100.0),
        figure: |figures| figures.soon,
    },
    Chart {
        title: "99th percentile of the time until the reply, ms (logarithmic)",
        range: (1.0, 5000.0),
        figure: |figures| figures.p99,
    },
    Chart {
        title: "Failing clients told without a reset, %",
        range: (0.0, 100.0),
        figure: |figures| figures.told,
    },
    Chart {
        title: "Peak of memory, MiB (logarithmic)",
        range: (4.0, 1000.0),
        figure: |figures| figures.memory,
    },
];

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 240.0;
const COLORS: [&str; 12] = [
    "#0b6", "#6c3", "#094", "#05d", "#0af", "#93f", "#e22", "#f80", "#a52", "#888", "#000", "#c0c",
];

/// Writes the page. The x axis has the loads in their order.
pub(super) fn write(path: &Path, all: &[Figures]) -> io::Result<()> {
    fs::write(path, html(all))
}

fn html(all: &[Figures]) -> String {
    let mut servers: Vec<Server> = all.iter().map(|figures| figures.server).collect();
    servers.sort();
    servers.dedup();
    let first = servers.first().copied();
    let loads = all.iter().filter(|figures| Some(figures.server) == first);
    let loads: Vec<String> = loads
        .map(|figures| format!("{}+{}", figures.rates.good, figures.rates.bad))
        .collect();
    let mut html = String::from(
        "<!doctype html><meta charset=utf-8><title>lastword load</title>\n\
         <style>body{font:14px sans-serif;max-width:700px;margin:2em auto}\
         svg{overflow:visible}text{font-size:11px}polyline{fill:none;stroke-width:2}</style>\n\
         <h1>Good clients under load</h1>\n\
         <p>The loads are good + failing clients a second, on one processor.</p><p>\n",
    );
    for (server, color) in servers.iter().zip(COLORS) {
        let name = server.name();
        let _ = writeln!(html, "<b style=\"color:{color}\">&#9632; {name}</b>&nbsp; ");
    }
    for chart in CHARTS {
        let _ = writeln!(
            html,
            "</p><h2>{}</h2>\n<svg viewBox=\"-50 -10 720 280\" width=720 height=280>",
            chart.title
        );
        axes(&mut html, &chart, &loads);
        for (server, color) in servers.iter().zip(COLORS) {
            let own = all.iter().filter(|figures| figures.server == *server);
            let points = own.enumerate().filter_map(|(at, figures)| {
                let y = chart.y((chart.figure)(figures))?;
                Some(format!("{:.1},{y:.1}", x(at, loads.len())))
            });
            let points: Vec<String> = points.collect();
            let points = points.join(" ");
            let _ = writeln!(html, "<polyline stroke=\"{color}\" points=\"{points}\"/>");
        }
        html += "</svg><p>\n";
    }
    html
}

fn axes(html: &mut String, chart: &Chart, loads: &[String]) {
    for (at, load) in loads.iter().enumerate() {
        let x = x(at, loads.len());
        let _ = writeln!(
            html,
            "<text x={x:.1} y=258 text-anchor=middle>{load}</text>"
        );
    }
    let (low, high) = chart.range;
    for step in 0..=4_u8 {
        let part = f64::from(step) / 4.0;
        let value = match low > 0.0 {
            true => low * (high / low).powf(part),
            false => high * part,
        };
        let y = HEIGHT * (1.0 - part);
        let _ = writeln!(
            html,
            "<line x1=0 x2={WIDTH} y1={y} y2={y} stroke=\"#ddd\"/>\
             <text x=-6 y={y} text-anchor=end>{value:.0}</text>"
        );
    }
}

fn x(at: usize, loads: usize) -> f64 {
    WIDTH * (at as f64 + 0.5) / loads as f64
}

impl Chart {
    /// The place of a value; `None` if it does not exist. Others are moved into the range.
    fn y(&self, value: f64) -> Option<f64> {
        if value.is_nan() {
            return None;
        }
        let (low, high) = self.range;
        let value = value.clamp(low, high);
        let part = match low > 0.0 {
            true => (value / low).ln() / (high / low).ln(),
            false => value / high,
        };
        Some(HEIGHT * (1.0 - part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offered::arrivals::Rates;

    #[test]
    fn the_page_has_a_line_for_each_server_in_each_chart() {
        let rates = Rates {
            good: 600.0,
            bad: 5400.0,
        };
        let all = [Server::Tokio, Server::Nginx].map(|server| Figures::new(server, rates, &[]));
        let html = html(&all);
        assert_eq!(html.matches("<polyline").count(), 2 * CHARTS.len());
        assert!(html.contains("600+5400") && html.contains("nginx"));
    }

    #[test]
    fn a_value_outside_the_range_is_at_its_edge() {
        let [_, p99, ..] = &CHARTS;
        assert_eq!(p99.y(f64::INFINITY), Some(0.0));
        assert_eq!(p99.y(0.1), Some(HEIGHT));
        assert_eq!(p99.y(f64::NAN), None);
    }
}
