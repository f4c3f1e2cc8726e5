//! What was measured: a value for each work, way and measure.

use std::fmt;

/// What is counted or timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// Instructions, by callgrind.
    Instructions,
    /// Those of them that are neither the crypto provider's nor the allocator's.
    OutsideCrypto,
    /// How often memory was asked for.
    Allocations,
    /// How many bytes of it.
    Allocated,
    /// Bytes held, on the heap and in the value itself.
    Held,
    /// Reads and writes, a system call each.
    Calls,
    /// The processor's time, in microseconds.
    Processor,
    /// The time by the clock, in nanoseconds.
    Time,
}

impl Measure {
    const ALL: [Self; 8] = [
        Self::Instructions,
        Self::OutsideCrypto,
        Self::Allocations,
        Self::Allocated,
        Self::Held,
        Self::Calls,
        Self::Processor,
        Self::Time,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Instructions => "instructions",
            Self::OutsideCrypto => "- crypto, - malloc",
            Self::Allocations => "allocations",
            Self::Allocated => "bytes allocated",
            Self::Held => "bytes held",
            Self::Calls => "reads and writes",
            Self::Processor => "us of processor",
            Self::Time => "ns",
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figure {
    pub(super) work: String,
    pub(super) way: String,
    pub(super) measure: Measure,
    pub(super) value: f64,
}

impl Figure {
    /// Whether the way is one of ours.
    pub(super) fn is_ours(&self) -> bool {
        self.way.starts_with("lastword")
    }

    /// What a benchmark says on a line of its own: work, way, measure and value, tabs between them.
    pub(super) fn of_line(line: &str) -> Option<Self> {
        let mut parts = line.split('\t');
        let mut part = || parts.next();
        let (work, way, measure, value) = (part()?, part()?, part()?, part()?);
        Some(Self {
            work: work.into(),
            way: way.into(),
            measure: Measure::ALL
                .into_iter()
                .find(|each| each.name() == measure)?,
            value: value.parse().ok()?,
        })
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            work,
            way,
            measure,
            value,
        } = self;
        write!(f, "{work}\t{way}\t{measure}\t{value}")
    }
}

/// The value of a way, if it was measured.
pub(super) fn value(figures: &[Figure], work: &str, way: &str, measure: Measure) -> Option<f64> {
    let found = figures
        .iter()
        .find(|figure| figure.work == work && figure.way == way && figure.measure == measure);
    found.map(|figure| figure.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_line_of_a_benchmark_and_no_other() {
        let figure = Figure::of_line("refusal/HTTP\tlastword\tallocations\t2").unwrap();
        assert_eq!(figure.work, "refusal/HTTP");
        assert!(figure.is_ours());
        assert_eq!(figure.measure, Measure::Allocations);
        assert_eq!(figure.value, 2.0);
        assert_eq!(figure.to_string(), "refusal/HTTP\tlastword\tallocations\t2");
        assert_eq!(Figure::of_line("running 0 tests"), None);
        assert_eq!(Figure::of_line("a\tb\tfathoms\t2"), None);
    }
}
