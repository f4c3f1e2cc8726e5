//! The figures of all servers: how they are shown, and what is wrong with them.

use std::fmt;
use std::time::Duration;

use super::good::Served;
use super::half_open::State;
use super::measure::Measured;
use super::style::Style;

/// The rate of good clients that there must be with half-open ones, in parts of that without. Nine
/// tenths are the aim, and the rest is for what else the machine does: with six times as much work
/// as it has processors, one result in a hundred is below 0.7.
const LEAST_RATE: f64 = 0.6;

/// The processor time that a server may need for each of them, likewise. It is disturbed less.
const MOST_WORK: f64 = 1.3;

/// How many bytes may be left over: tokio frees what it has of closed sockets in lots of 16, and a
/// channel has a block of 32 more or less, which are 41 KiB of clients that are ready.
const LEFT_OVER: usize = 64 << 10;

/// What was measured, of each server with each kind of half-open clients.
#[derive(Debug, Default)]
pub(super) struct Figures {
    all: Vec<Figure>,
}

/// What was measured of a server. It shows as a line of a table.
#[derive(Debug)]
pub(super) struct Figure {
    pub(super) state: State,
    pub(super) style: Style,
    pub(super) measured: Measured,
}

/// The head of that table.
pub(super) const HEAD: &str = "                                     \
    each half-open client, bytes    good clients a second     µs of processor
                                     \
    heap   in blocks    resident    without  with  ratio     without     with";

impl Figures {
    /// Takes another figure, and shows it.
    pub(super) fn add(&mut self, figure: Figure) -> String {
        let line = figure.to_string();
        self.all.push(figure);
        line
    }

    /// Returns the failed checks, in words.
    pub(super) fn faults(&self) -> Vec<String> {
        let faults = self.all.iter().flat_map(|figure| {
            let faults = figure.faults(self.peer(figure.state));
            let of = |fault| format!("{}, client {}: {fault}", figure.style, figure.state);
            faults.into_iter().map(of)
        });
        faults.collect()
    }

    fn peer(&self, state: State) -> Option<&Measured> {
        let is_it = |figure: &&Figure| (figure.state, figure.style) == (state, Style::Lazy);
        self.all.iter().find(is_it).map(|figure| &figure.measured)
    }
}

impl Figure {
    fn faults(&self, peer: Option<&Measured>) -> Vec<String> {
        let measured = &self.measured;
        let mut faults = Vec::new();
        if measured.half_open == 0 {
            faults.push("no client connected".into());
        }
        if measured.gone > 0 {
            faults.push(format!("{} clients did not stay half open", measured.gone));
        }
        if self.style == Style::Lazy {
            return faults; // the other checks are for lastword
        }
        let heap = |measured: &Measured| measured.each(measured.heap);
        if let Some(peer) = peer.filter(|peer| heap(measured) > heap(peer)) {
            let (ours, theirs) = (heap(measured), heap(peer));
            faults.push(format!(
                "{ours:.0} bytes on the heap for each client, more than {theirs:.0}"
            ));
        }
        if measured.left_over > LEFT_OVER {
            faults.push(format!("{} bytes were not freed", measured.left_over));
        }
        if let Some(ratio) = measured.ratio().filter(|ratio| *ratio < LEAST_RATE) {
            faults.push(format!(
                "the rate of good clients is {ratio:.2} of the rate without half-open clients"
            ));
        }
        if let (Some(without), Some(with)) = (work(&measured.without), work(&measured.with)) {
            if with > without * MOST_WORK {
                let times = with / without;
                faults.push(format!(
                    "each good client takes {times:.2} times the processor time"
                ));
            }
        }
        faults
    }
}

impl Measured {
    fn each(&self, of_all: usize) -> f64 {
        of_all as f64 / self.half_open as f64
    }

    /// The rate of a round's good clients with half-open ones in parts of that without: the median.
    pub(super) fn ratio(&self) -> Option<f64> {
        let rounds = self.without.iter().zip(&self.with);
        median(rounds.map(|(without, with)| with.rate() / without.rate()))
    }
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values = Vec::from_iter(values);
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// How long the server's process worked for each client of all rounds, in microseconds.
fn work(rounds: &[Served]) -> Option<f64> {
    let work: Duration = rounds.iter().map(|served| served.work).sum();
    let clients: usize = rounds.iter().map(|served| served.clients).sum();
    (!work.is_zero()).then(|| work.as_secs_f64() * 1e6 / clients as f64)
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let measured = &self.measured;
        let known = Some(measured.resident).filter(|bytes| *bytes > 0);
        let rate = |rounds: &[Served]| median(rounds.iter().map(Served::rate));
        write!(
            f,
            "{:31} {:>9.0} {:>11.2} {} {} {} {} {} {}",
            self.style,
            measured.each(measured.heap),
            measured.each(measured.blocks),
            column(known.map(|bytes| measured.each(bytes)), 11, 0),
            column(rate(&measured.without), 10, 0),
            column(rate(&measured.with), 5, 0),
            column(measured.ratio(), 6, 2),
            column(work(&measured.without), 11, 0),
            column(work(&measured.with), 8, 0),
        )
    }
}

/// Formats a number for a column, or `-` if it is not known.
fn column(number: Option<f64>, width: usize, digits: usize) -> String {
    match number {
        Some(number) => format!("{number:width$.digits$}"),
        None => format!("{:>width$}", "-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two clients that hold so many bytes in all, and rounds at these rates with and without.
    fn measured(heap: usize, rates: &[(usize, usize)]) -> Measured {
        let served = |clients| Served {
            clients,
            took: Duration::from_secs(1),
            work: Duration::from_micros(300 * clients as u64),
        };
        Measured {
            half_open: 2,
            heap,
            blocks: 7,
            resident: 5000,
            without: rates.iter().map(|(without, _)| served(*without)).collect(),
            with: rates.iter().map(|(_, with)| served(*with)).collect(),
            ..Measured::default()
        }
    }

    fn figures(all: Vec<(Style, Measured)>) -> Figures {
        let figure = |(style, measured)| Figure {
            state: State::HalfHello,
            style,
            measured,
        };
        let all = all.into_iter().map(figure).collect();
        Figures { all }
    }

    const NONE: [&str; 0] = [];

    #[test]
    fn shows_of_each_server_what_was_measured_of_it() {
        let ours = measured(2000, &[(2000, 1980), (1000, 1000), (3000, 1500)]);
        let figures = figures(vec![
            (Style::Accept, ours),
            (Style::Lazy, measured(4010, &[(4000, 1000)])),
        ]);
        let lines = Vec::from_iter(figures.all.iter().map(Figure::to_string));
        assert_eq!(
            lines,
            [
                "lastword accept                      1000        3.50        2500       2000  1500   0.99         300      300",
                "tokio-rustls LazyConfigAcceptor      2005        3.50        2500       4000  1000   0.25         300      300",
            ]
        );
    }

    #[test]
    fn shows_no_number_where_none_is_known() {
        let unknown = Measured {
            resident: 0,
            ..measured(2000, &[])
        };
        let figures = figures(vec![(Style::Listener, unknown)]);
        assert_eq!(
            figures.all[0].to_string(),
            "lastword Listener                    1000        3.50           -          -     -      -           -        -"
        );
        assert_eq!(figures.faults(), NONE);
    }

    #[test]
    fn as_many_bytes_as_the_peer_are_no_fault_and_one_more_is() {
        let peer = (Style::Lazy, measured(4000, &[]));
        let ours = |heap| (Style::Accept, measured(heap, &[]));
        assert_eq!(figures(vec![ours(4000), peer.clone()]).faults(), NONE);
        assert_eq!(
            figures(vec![ours(4002), peer]).faults(),
            [
                "lastword accept, client sends half a ClientHello: 2001 bytes on the heap for each client, more than 2000"
            ]
        );
    }

    #[test]
    fn three_in_five_good_clients_are_no_fault_and_fewer_are() {
        let ours = |with| (Style::Listener, measured(0, &[(1000, with)]));
        assert_eq!(figures(vec![ours(600)]).faults(), NONE);
        assert_eq!(
            figures(vec![ours(590)]).faults(),
            [
                "lastword Listener, client sends half a ClientHello: the rate of good clients is 0.59 of the rate without half-open clients"
            ]
        );
        let peer = (Style::Lazy, measured(0, &[(1000, 1)]));
        assert_eq!(figures(vec![peer]).faults(), NONE);
    }

    #[test]
    fn three_tenths_more_work_is_no_fault_and_more_is() {
        let ours = |work: u64| {
            let mut measured = measured(0, &[(1000, 1000)]);
            measured.with[0].work = Duration::from_micros(work * 1000);
            (Style::Accept, measured)
        };
        assert_eq!(figures(vec![ours(390)]).faults(), NONE);
        assert_eq!(
            figures(vec![ours(420)]).faults(),
            [
                "lastword accept, client sends half a ClientHello: each good client takes 1.40 times the processor time"
            ]
        );
    }

    #[test]
    fn to_have_measured_nothing_is_a_fault() {
        let none = figures(vec![(Style::Lazy, Measured::default())]);
        assert_eq!(
            none.faults(),
            [
                "tokio-rustls LazyConfigAcceptor, client sends half a ClientHello: no client connected"
            ]
        );
    }

    #[test]
    fn bytes_left_over_and_clients_that_are_gone_are_faults() {
        let left = |left_over, gone| Measured {
            left_over,
            gone,
            ..measured(0, &[])
        };
        let none = figures(vec![(Style::Accept, left(LEFT_OVER, 0))]);
        assert_eq!(none.faults(), NONE);
        let both = figures(vec![
            (Style::Accept, left(LEFT_OVER + 1, 3)),
            (Style::Lazy, left(LEFT_OVER + 1, 4)),
        ]);
        assert_eq!(
            both.faults(),
            [
                "lastword accept, client sends half a ClientHello: 3 clients did not stay half open",
                "lastword accept, client sends half a ClientHello: 65537 bytes were not freed",
                "tokio-rustls LazyConfigAcceptor, client sends half a ClientHello: 4 clients did not stay half open",
            ]
        );
    }
}
