//! Lists with their length before them, in one, two or three bytes.

/// Returns `bytes` after their length in one byte. The length is 255 if there are more bytes.
#[must_use]
pub fn prefixed_u8(bytes: &[u8]) -> Vec<u8> {
    [&[u8::try_from(bytes.len()).unwrap_or(u8::MAX)], bytes].concat()
}

/// Returns `bytes` after their length in two bytes. The length is 65,535 if there are more bytes.
#[must_use]
pub fn prefixed_u16(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes(), bytes].concat()
}

/// Returns `bytes` after their length in three bytes. Only the low 24 bits of the length are kept.
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
