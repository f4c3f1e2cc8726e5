//! The number of connections that the limit of descriptors allows.

use std::fmt;
use std::num::NonZeroUsize;

use crate::failure::Failure;

/// The number of connections that the limit of descriptors allows, and whether it is large enough.
#[derive(Debug)]
pub(super) struct Room {
    asked: Option<usize>,
    /// The limit of descriptors of a process.
    limit: usize,
}

/// The number of descriptors for other things: pipes, libraries and good clients. Good clients that close
/// still have one.
const OTHERS: usize = 200;

/// The number of connections by default, if there are descriptors; and the minimum number for the
/// figures to be useful.
const MOST: usize = 20_000;
const ENOUGH: usize = 10_000;

impl Room {
    /// Raises the limit as far as the system allows.
    pub(super) fn new(asked: Option<NonZeroUsize>) -> Result<Self, Failure> {
        let limit =
            rlimit::increase_nofile_limit(u64::MAX).map_err(|source| Failure::Limit { source })?;
        Ok(Self {
            asked: asked.map(NonZeroUsize::get),
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
        })
    }

    /// Returns the number of connections to open.
    pub(super) fn connections(&self) -> usize {
        let room = self.limit.saturating_sub(OTHERS).max(1);
        self.asked.unwrap_or(MOST).min(room)
    }
}

impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { asked, limit } = *self;
        let connections = self.connections();
        if connections < asked.unwrap_or(ENOUGH) {
            let wanted = asked.unwrap_or(ENOUGH);
            writeln!(
                f,
                "FEWER than {wanted}: a process may have at most {limit} descriptors \
                 (`ulimit -Hn`)"
            )?;
        }
        write!(
            f,
            "{connections} half-open clients at a time, deadline {:?}",
            super::style::DEADLINE
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(asked: Option<usize>, limit: usize) -> (usize, String) {
        let room = Room { asked, limit };
        (room.connections(), room.to_string())
    }

    #[test]
    fn there_are_as_many_as_there_are_descriptors_for_and_not_more_than_20000() {
        let at_a_time = |n| format!("{n} half-open clients at a time, deadline 300s");
        assert_eq!(room(None, 20_000), (19_800, at_a_time(19_800)));
        assert_eq!(room(None, 1 << 20), (20_000, at_a_time(20_000)));
        assert_eq!(room(None, 10_200), (10_000, at_a_time(10_000)));
        assert_eq!(room(Some(100), 1024), (100, at_a_time(100)));
        assert_eq!(room(Some(50_000), 1 << 20), (50_000, at_a_time(50_000)));
    }

    #[test]
    fn fewer_than_asked_for_or_than_10000_are_told() {
        let fewer = |wanted, limit, n| {
            (
                n,
                format!(
                    "FEWER than {wanted}: a process may have at most {limit} descriptors \
                     (`ulimit -Hn`)\n{n} half-open clients at a time, deadline 300s"
                ),
            )
        };
        assert_eq!(room(None, 4096), fewer(10_000, 4096, 3896));
        assert_eq!(room(Some(5000), 4096), fewer(5000, 4096, 3896));
    }

    #[test]
    #[cfg(unix)]
    fn the_limit_is_raised_to_the_hard_one() {
        let (_, hard) = rlimit::Resource::NOFILE.get().unwrap();
        let room = Room::new(None).unwrap();
        assert_eq!(
            rlimit::Resource::NOFILE.get().unwrap().0 as usize,
            room.limit
        );
        assert!(room.limit as u64 <= hard);
    }
}
