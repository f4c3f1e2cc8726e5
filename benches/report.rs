//! What was measured, as a table: our ways beside their peers, and whether the targets are met.

pub mod baseline;
pub mod callgrind;
mod targets;

use std::fmt;

use targets::{TARGETS, Target};

/// What is counted or timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Instructions, by callgrind.
    Instructions,
    /// The instructions that are neither the crypto provider's nor the allocator's.
    OutsideCrypto,
    /// How often memory is allocated or reallocated.
    Allocations,
    /// Bytes allocated.
    Allocated,
    /// Bytes held, on the heap and in the value itself.
    Held,
    /// Reads and writes, a system call each.
    Calls,
    /// Processor time in microseconds.
    Processor,
    /// Time by the clock in nanoseconds.
    Time,
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Instructions => "instructions",
            Self::OutsideCrypto => "- crypto, - malloc",
            Self::Allocations => "allocations",
            Self::Allocated => "bytes allocated",
            Self::Held => "bytes held",
            Self::Calls => "reads and writes",
            Self::Processor => "us of processor",
            Self::Time => "ns",
        })
    }
}

/// The value of a measure for one way of a work.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The work: `refusal/garbage`.
    pub work: String,
    /// The way: `lastword`, `rustls Acceptor`.
    pub way: String,
    /// What was measured.
    pub measure: Measure,
    /// How much it was.
    pub value: f64,
}

impl Figure {
    /// Creates a figure.
    pub fn new(
        work: impl Into<String>,
        way: impl Into<String>,
        measure: Measure,
        value: f64,
    ) -> Self {
        let (work, way) = (work.into(), way.into());
        Self {
            work,
            way,
            measure,
            value,
        }
    }

    fn is_ours(&self) -> bool {
        self.way.starts_with("lastword")
    }
}

/// Prints the table, how many targets are met, and which features are off.
pub fn print(figures: &[Figure]) {
    println!(
        "{:<41} {:<18} {:<32} {:>9}  {:<23} {:>9} {:>9} {:>9}",
        "work", "measure", "ours", "", "peer", "", "ratio", "at most"
    );
    let rows = rows(figures);
    rows.iter().for_each(|row| println!("{row}"));
    let number = |met| rows.iter().filter(|row| row.is_met() == Some(met)).count();
    println!("{} met, {} not met", number(true), number(false));
    let features = [
        ("aws-lc-rs", cfg!(feature = "aws-lc-rs")),
        ("openssl", cfg!(feature = "openssl")),
        ("peers", cfg!(feature = "peers")),
    ];
    for (feature, _) in features.iter().filter(|(_, is_on)| !is_on) {
        println!("built without the feature {feature}");
    }
}

/// A way of ours, beside a peer or alone.
struct Row<'a> {
    ours: &'a Figure,
    peer: Option<&'a Figure>,
    /// The target: the greatest ratio to the peer, or the greatest value if there is no peer.
    most: Option<f64>,
}

impl Row<'_> {
    /// Returns the ratio to the peer, unless the peer's value is 0.
    fn ratio(&self) -> Option<f64> {
        let theirs = self.peer?.value;
        (theirs != 0.0).then(|| self.ours.value / theirs)
    }

    /// Returns whether the target is met, if there is one.
    fn is_met(&self) -> Option<bool> {
        let most = self.most?;
        Some(match self.peer {
            Some(_) => self
                .ratio()
                .map_or(self.ours.value == 0.0, |ratio| ratio <= most),
            None => self.ours.value <= most,
        })
    }
}

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figure {
            work,
            way,
            measure,
            value,
        } = self.ours;
        let ours = number(*value);
        let peer = self.peer.map_or("-", |peer| &peer.way);
        let theirs = self
            .peer
            .map_or_else(String::new, |peer| number(peer.value));
        let exact = |value: Option<f64>| value.map_or_else(String::new, |it| format!("{it:.4}"));
        let (ratio, most) = (exact(self.ratio()), exact(self.most));
        let met = match self.is_met() {
            None => "",
            Some(true) => "met",
            Some(false) => "not met",
        };
        write!(
            f,
            "{work:<41} {measure:<18} {way:<32} {ours:>9}  {peer:<23} {theirs:>9} {ratio:>9} \
             {most:>9}  {met}"
        )
    }
}

/// The value with one decimal if it is small and not whole.
fn number(value: f64) -> String {
    let decimals = usize::from(value < 1000.0 && value.fract() != 0.0);
    format!("{value:.decimals$}")
}

/// Returns the rows in the order of the figures.
fn rows(figures: &[Figure]) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for ours in figures.iter().filter(|figure| figure.is_ours()) {
        let targets = || TARGETS.iter().filter(|target| target.is_for(ours));
        let bounds = targets().filter(|target| target.peer.is_none());
        rows.extend(bounds.map(|target| Row {
            ours,
            peer: None,
            most: Some(target.most),
        }));
        let is_beside = |it: &&Figure| it.work == ours.work && it.measure == ours.measure;
        for peer in figures.iter().filter(is_beside) {
            let target: Option<&Target> =
                targets().find(|target| target.peer == Some(&peer.way[..]));
            // another way of ours is a peer only if a target says so
            if !peer.is_ours() || target.is_some() {
                rows.push(Row {
                    ours,
                    peer: Some(peer),
                    most: target.map(|target| target.most),
                });
            }
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the target and whether it is met, for each row of two ways of a work.
    fn targets(work: &str, ways: [(&str, f64); 2]) -> Vec<(Option<f64>, Option<bool>)> {
        let figures = ways.map(|(way, value)| Figure::new(work, way, Measure::Instructions, value));
        let rows = rows(&figures);
        rows.iter().map(|row| (row.most, row.is_met())).collect()
    }

    #[test]
    fn a_target_is_met_up_to_its_ratio_and_no_further() {
        let met = |ours| {
            targets(
                "handshake/TLS 1.2",
                [("lastword", ours), ("rustls", 1000.0)],
            )
        };
        assert_eq!(met(1005.0), [(Some(1.005), Some(true))]);
        assert_eq!(met(1005.1), [(Some(1.005), Some(false))]);
    }

    #[test]
    fn the_first_target_for_the_work_and_the_peer_applies() {
        let ways = |peer| [("lastword", 20.0), (peer, 1000.0)];
        let acceptor = targets("refusal/ALPN", ways("rustls Acceptor"));
        assert_eq!(acceptor, [(Some(0.01), Some(false))]);
        assert_eq!(targets("refusal/ALPN", ways("rustls")), [(None, None)]);
    }

    #[test]
    fn a_way_of_ours_is_compared_with_another_of_ours_if_a_target_says_so() {
        let ours = |way| {
            let ways = [("lastword", 1000.0), (way, 1007.1)];
            targets("handshake/TLS 1.2", ways)
        };
        let encrypted = ours("lastword encrypted alerts");
        assert_eq!(encrypted, [(Some(1.007), Some(false))]);
        assert_eq!(ours("lastword-tickets"), []);
    }

    #[test]
    fn a_bound_has_a_row_of_its_own() {
        let rows = targets("record/64 B", [("lastword", 31.0), ("bare loop", 14.0)]);
        assert_eq!(rows, [(Some(30.0), Some(false)), (None, None)]);
    }
}
