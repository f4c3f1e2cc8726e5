//! How a list is written: its length in front, in one, two or three bytes.

/// `bytes` behind their length in one byte, which is 255 if there are more.
#[must_use]
pub fn prefixed_u8(bytes: &[u8]) -> Vec<u8> {
    [&[u8::try_from(bytes.len()).unwrap_or(u8::MAX)], bytes].concat()
}

/// `bytes` behind their length in two bytes, which is 65,535 if there are more.
#[must_use]
pub fn prefixed_u16(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes(), bytes].concat()
}

/// `bytes` behind their length in three bytes, of which the low 24 bits are kept.
#[must_use]
pub fn prefixed_u24(bytes: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
    [&length, bytes].concat()
}

/// 16-bit numbers, one after the other.
pub(super) fn numbers(numbers: &[u16]) -> Vec<u8> {
    numbers
        .iter()
        .flat_map(|number| number.to_be_bytes())
        .collect()
}
