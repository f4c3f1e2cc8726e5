//! In which order clients are shown: as they end, or as they are listed.

/// In which order clients are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Each as soon as it has ended, for a person who watches.
    AsTheyEnd,
    /// As listed, each as soon as it and all before it have ended: the same every time.
    Listed,
}

/// Clients that have `PARTS` ends each, which come in any order.
pub(super) struct Queue<T, const PARTS: usize> {
    order: Order,
    rows: Vec<[Option<T>; PARTS]>,
    /// The first that was not shown, if they are shown as listed.
    next: usize,
}

impl<T, const PARTS: usize> Queue<T, PARTS> {
    pub(super) fn new(order: Order, rows: usize) -> Self {
        Self {
            order,
            rows: std::iter::repeat_with(|| [const { None }; PARTS])
                .take(rows)
                .collect(),
            next: 0,
        }
    }

    /// Takes one end, and says which rows can now be shown.
    pub(super) fn put(&mut self, row: usize, part: usize, end: T) -> Vec<(usize, [T; PARTS])> {
        self.rows[row][part] = Some(end);
        match self.order {
            Order::AsTheyEnd => Vec::from_iter(self.take(row).map(|parts| (row, parts))),
            Order::Listed => {
                let mut ready = Vec::new();
                while let Some(parts) = self.take(self.next) {
                    ready.push((self.next, parts));
                    self.next += 1;
                }
                ready
            }
        }
    }

    /// The row, if all its ends have come.
    fn take(&mut self, row: usize) -> Option<[T; PARTS]> {
        let parts = self.rows.get_mut(row)?;
        if parts.iter().any(Option::is_none) {
            return None;
        }
        let whole = parts.each_mut().map(Option::take);
        let whole = Vec::from_iter(whole.into_iter().flatten());
        whole.try_into().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_each_as_soon_as_it_is_whole() {
        let mut queue = Queue::new(Order::AsTheyEnd, 2);
        assert_eq!(queue.put(1, 0, 'c'), []);
        assert_eq!(queue.put(0, 1, 'b'), []);
        assert_eq!(queue.put(1, 1, 'd'), [(1, ['c', 'd'])]);
        assert_eq!(queue.put(0, 0, 'a'), [(0, ['a', 'b'])]);
    }

    #[test]
    fn shows_them_as_listed_whenever_they_end() {
        let mut queue = Queue::new(Order::Listed, 3);
        assert_eq!(queue.put(1, 0, 'c'), []);
        assert_eq!(queue.put(1, 1, 'd'), []);
        assert_eq!(queue.put(0, 1, 'b'), []);
        let both = [(0, ['a', 'b']), (1, ['c', 'd'])];
        assert_eq!(queue.put(0, 0, 'a'), both);
        assert_eq!(queue.put(2, 0, 'e'), []);
        assert_eq!(queue.put(2, 1, 'f'), [(2, ['e', 'f'])]);
    }
}
