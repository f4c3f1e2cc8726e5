//! The table of all that was measured: ours beside each peer's, and whether the target is met.

use std::fmt;

use super::figures::{Figure, Measure};
use super::targets::{Bound, TARGETS, Target};

/// A way of ours beside one of a peer's; the peer is none where a target is a bound.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) work: String,
    pub(super) measure: Measure,
    pub(super) way: String,
    pub(super) ours: f64,
    pub(super) peer: Option<(String, f64)>,
    /// What it may be: a ratio to the peer, or without one a bound.
    pub(super) most: Option<f64>,
}

impl Row {
    /// Ours to the peer's, unless that is nothing.
    pub(super) fn ratio(&self) -> Option<f64> {
        let (_, theirs) = self.peer.as_ref()?;
        (*theirs != 0.0).then(|| self.ours / theirs)
    }

    /// Whether the target is met, where there is one.
    pub(super) fn is_met(&self) -> Option<bool> {
        let is = match self.peer {
            Some((_, theirs)) => {
                self.ratio()
                    .unwrap_or(if self.ours > theirs { f64::MAX } else { 1.0 })
            }
            None => self.ours,
        };
        Some(is <= self.most?)
    }
}

impl Row {
    /// Every column in words, what there is none of being empty: work, measure, our way, ours, the
    /// peer, theirs, the ratio, the target, and whether it is met.
    pub(super) fn cells(&self) -> [String; 9] {
        let (peer, theirs) = match &self.peer {
            Some((peer, theirs)) => (peer.clone(), number(*theirs)),
            None => Default::default(),
        };
        let exact = |value: Option<f64>| value.map(|value| format!("{value:.4}"));
        let [ratio, most] = [self.ratio(), self.most].map(|value| exact(value).unwrap_or_default());
        let met = match self.is_met() {
            None => "",
            Some(true) => "met",
            Some(false) => "not met",
        };
        let (measure, ours) = (self.measure.to_string(), number(self.ours));
        let (work, way) = (self.work.clone(), self.way.clone());
        let met = met.to_owned();
        [work, measure, way, ours, peer, theirs, ratio, most, met]
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [work, measure, way, ours, peer, theirs, ratio, most, met] = self.cells();
        let peer = if peer.is_empty() { "-" } else { &peer };
        write!(
            f,
            "{work:<26} {measure:<22} {way:<18} {ours:>12}  {peer:<18} {theirs:>12} {ratio:>9} \
             {most:>9}  {met}"
        )
    }
}

/// A row of headings.
pub(super) fn headings() -> String {
    format!(
        "{:<26} {:<22} {:<18} {:>12}  {:<18} {:>12} {:>9} {:>9}",
        "work", "measure", "ours", "", "peer", "", "ratio", "at most"
    )
}

/// The rows, in the order in which the figures came.
pub(super) fn rows(figures: &[Figure]) -> Vec<Row> {
    let mut rows = Vec::new();
    for ours in figures.iter().filter(|figure| figure.is_ours()) {
        let row = |peer, most| Row {
            work: ours.work.clone(),
            measure: ours.measure,
            way: ours.way.clone(),
            ours: ours.value,
            peer,
            most,
        };
        let bound = TARGETS.iter().filter(|target| is_for(target, ours));
        rows.extend(bound.filter_map(|target| match target.bound {
            Bound::Most(most) => Some(row(None, Some(most))),
            Bound::Of(..) => None,
        }));
        for peer in figures {
            if peer.work != ours.work || peer.measure != ours.measure {
                continue;
            }
            let most = ratio_to(&peer.way, ours);
            // another way of ours is a peer only if a target says so
            if !peer.is_ours() || most.is_some() {
                rows.push(row(Some((peer.way.clone(), peer.value)), most));
            }
        }
    }
    rows
}

/// What ours may be of the peer's, by the first target that says so.
fn ratio_to(peer: &str, ours: &Figure) -> Option<f64> {
    let mut targets = TARGETS.iter().filter(|target| is_for(target, ours));
    targets.find_map(|target| match target.bound {
        Bound::Of(of, ratio) if of == peer => Some(ratio),
        _ => None,
    })
}

fn is_for(target: &Target, ours: &Figure) -> bool {
    ours.work.starts_with(target.works) && ours.way == target.way && ours.measure == target.measure
}

/// With a digit behind the point where that says something.
pub(super) fn number(value: f64) -> String {
    if value < 1000.0 && value.fract() != 0.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(work: &str, way: &str, value: f64) -> Figure {
        Figure {
            work: work.into(),
            way: way.into(),
            measure: Measure::Instructions,
            value,
        }
    }

    #[test]
    fn a_target_is_met_up_to_its_ratio_and_no_further() {
        let met = |ours| {
            let figures = [
                figure("handshake/TLS 1.2", "lastword", ours),
                figure("handshake/TLS 1.2", "rustls", 1000.0),
            ];
            let rows = rows(&figures);
            assert_eq!(rows.len(), 1);
            rows[0].is_met()
        };
        assert_eq!(met(1005.0), Some(true));
        assert_eq!(met(1005.1), Some(false));
    }

    #[test]
    fn the_first_target_that_names_the_work_and_the_peer_holds() {
        let figures = [
            figure("refusal/ALPN", "lastword", 20.0),
            figure("refusal/ALPN", "rustls Acceptor", 1000.0),
            figure("refusal/ALPN", "rustls", 1000.0),
        ];
        let rows = rows(&figures);
        let most: Vec<_> = rows.iter().map(|row| row.most).collect();
        assert_eq!(most, [Some(0.01), None]);
        assert_eq!(rows[0].is_met(), Some(false));
        assert_eq!(rows[1].is_met(), None);
    }

    #[test]
    fn a_way_of_ours_is_held_to_another_of_ours() {
        let met = |encrypted| {
            let figures = [
                figure("handshake/TLS 1.2", "lastword", 1000.0),
                figure("handshake/TLS 1.2", "lastword encrypted alerts", encrypted),
            ];
            let rows = rows(&figures);
            assert_eq!(rows.len(), 1);
            rows[0].is_met()
        };
        assert_eq!(met(1007.0), Some(true));
        assert_eq!(met(1007.1), Some(false));
    }

    #[test]
    fn a_bound_has_a_row_of_its_own() {
        let figures = [
            figure("record/64 B", "lastword", 31.0),
            figure("record/64 B", "bare loop", 14.0),
        ];
        let rows = rows(&figures);
        assert_eq!(rows[0].is_met(), Some(false));
        assert_eq!(rows[0].peer, None);
        assert_eq!(rows[1].ratio(), Some(31.0 / 14.0));
    }
}
