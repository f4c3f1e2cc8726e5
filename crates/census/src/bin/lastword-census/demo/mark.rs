//! Whether a client was told right: the mark on its line, and how many have which.

/// What there is to say of one client on one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// It was told what it must be told.
    Right,
    /// It was told another thing, which is known: rustls does not let it be told right.
    Otherwise,
    /// It was not.
    Wrong,
    /// It means nothing on this path, or to this program.
    NotApplicable,
    /// It is shown, and not judged.
    Unjudged,
}

/// How many clients have which mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) right: usize,
    pub(super) otherwise: usize,
    pub(super) wrong: usize,
    pub(super) not_applicable: usize,
    pub(super) unjudged: usize,
}

impl Mark {
    /// The word in the table.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Right => "ok",
            Self::Otherwise => "known",
            Self::Wrong => "WRONG",
            Self::NotApplicable => "n/a",
            Self::Unjudged => "shown",
        }
    }

    /// Whether it is right, if that was judged.
    pub(super) const fn ok(self) -> Option<bool> {
        match self {
            Self::Right => Some(true),
            Self::Wrong => Some(false),
            Self::Otherwise | Self::NotApplicable | Self::Unjudged => None,
        }
    }
}

impl Tally {
    pub(super) fn count(&mut self, mark: Mark) {
        *match mark {
            Mark::Right => &mut self.right,
            Mark::Otherwise => &mut self.otherwise,
            Mark::Wrong => &mut self.wrong,
            Mark::NotApplicable => &mut self.not_applicable,
            Mark::Unjudged => &mut self.unjudged,
        } += 1;
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} right, {} wrong", self.right, self.wrong)?;
        for (count, what) in [
            (self.otherwise, "known limitations of rustls"),
            (self.unjudged, "shown without a verdict"),
            (self.not_applicable, "not applicable"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_each_mark_and_says_how_many() {
        let mut tally = Tally::default();
        tally.count(Mark::Right);
        assert_eq!(tally.to_string(), "1 right, 0 wrong");
        for mark in [
            Mark::Wrong,
            Mark::Right,
            Mark::NotApplicable,
            Mark::Wrong,
            Mark::Wrong,
            Mark::Unjudged,
        ] {
            tally.count(mark);
        }
        assert_eq!(
            tally.to_string(),
            "2 right, 3 wrong, 1 shown without a verdict, 1 not applicable"
        );
    }
}
