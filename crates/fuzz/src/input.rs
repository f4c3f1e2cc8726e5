//! How an input is read: a few bytes that choose, and behind them the bytes of a client.

/// What an input says.
///
/// An input is not a structure that a fuzzer would have to be taught: any bytes are one, so that a
/// mutation makes another, and a seed is written by hand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'a> {
    /// How what is tested is set up.
    pub(crate) setup: u8,
    /// How the client's bytes are cut: [`chunks`].
    pub(crate) cut: u8,
    /// How it ends if nothing else ends it.
    pub(crate) end: u8,
    /// What the client sends.
    pub(crate) bytes: &'a [u8],
}

impl<'a> Input<'a> {
    pub(crate) fn of(data: &'a [u8]) -> Option<Self> {
        let ([setup, cut, end], bytes) = data.split_first_chunk()?;
        Some(Self {
            setup: *setup,
            cut: *cut,
            end: *end,
            bytes,
        })
    }
}

/// The bytes of an input.
pub(crate) fn input(setup: u8, cut: u8, end: u8, bytes: &[u8]) -> Vec<u8> {
    [&[setup, cut, end], bytes].concat()
}

/// The bytes in chunks: one a byte for 0, all in one for 1, else of lengths that look random, up to
/// `cut` or, from 128 on, up to thousands.
pub(crate) fn chunks(bytes: &[u8], cut: u8) -> impl Iterator<Item = &[u8]> {
    let most = match cut {
        0 => 1,
        1 => usize::MAX,
        2..128 => usize::from(cut),
        _ => (usize::from(cut) - 127) * 64,
    };
    let mut state = u32::from(cut).wrapping_mul(0x9e37_79b9) | 1;
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        // xorshift: its next number
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let len = match most {
            1 | usize::MAX => most,
            _ => 1 + state as usize % most,
        };
        let (chunk, behind) = rest.split_at(len.min(rest.len()));
        rest = behind;
        Some(chunk)
    })
}
