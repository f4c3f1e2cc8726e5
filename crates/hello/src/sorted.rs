//! In which order codes come that are sorted without a place to sort them in.

/// Gives all of `codes` to `take` in ascending order, each as often as it is there.
///
/// Goes through them once, and once more for each first byte among them: fewer than ten times for
/// what clients send, 257 at the most. Takes 768 bytes of the stack, however many there are.
pub(crate) fn for_each_sorted(
    codes: &(impl Iterator<Item = u16> + Clone),
    mut take: impl FnMut(u16),
) {
    let mut is_there = [false; 256];
    for code in codes.clone() {
        let [high, _] = code.to_be_bytes();
        if let Some(is_there) = is_there.get_mut(usize::from(high)) {
            *is_there = true;
        }
    }
    for (high, _) in (0..=u8::MAX)
        .zip(is_there)
        .filter(|(_, is_there)| *is_there)
    {
        let counts = count_behind(high, codes.clone());
        for (low, count) in (0..=u8::MAX).zip(counts) {
            (0..count).for_each(|_| take(u16::from_be_bytes([high, low])));
        }
    }
}

/// How often each second byte is there behind the first byte `high`. A hello has no room for 2^16
/// codes.
fn count_behind(high: u8, codes: impl Iterator<Item = u16>) -> [u16; 256] {
    let mut counts = [0_u16; 256];
    for code in codes {
        let [first, second] = code.to_be_bytes();
        if let Some(count) = counts
            .get_mut(usize::from(second))
            .filter(|_| first == high)
        {
            *count = count.saturating_add(1);
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn sorted(codes: &[u16]) -> Vec<u16> {
        let mut sorted = Vec::new();
        for_each_sorted(&codes.iter().copied(), |code| sorted.push(code));
        sorted
    }

    #[test]
    fn codes_come_in_order_and_as_often_as_they_are_there() {
        let codes = [0xffff, 0x1302, 0x00ff, 0x1301, 0, 0x1302, 0xffff];
        let expected = [0, 0x00ff, 0x1301, 0x1302, 0x1302, 0xffff, 0xffff];
        assert_eq!(sorted(&codes), expected);
        assert_eq!(sorted(&[]), []);
    }

    #[test]
    fn all_codes_there_are_come_once() {
        let all: Vec<_> = (0..=u16::MAX).collect();
        let reversed: Vec<_> = all.iter().copied().rev().collect();
        assert_eq!(sorted(&reversed), all);
    }

    proptest! {
        #[test]
        fn it_is_what_sorting_them_gives(codes in vec(any::<u16>(), 0..300)) {
            let mut expected = codes.clone();
            expected.sort_unstable();
            prop_assert_eq!(sorted(&codes), expected);
        }
    }
}
