//! Vectors of the TLS presentation language (RFC 8446 section 3.4), where no more than these are read.

/// Takes bytes off the front of `bytes`; `None` if there are fewer.
pub(crate) fn take<'a>(bytes: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    Some(taken)
}

/// Takes a vector off the front of `bytes`, whose length is in its first `len_len` bytes.
pub(crate) fn take_vector<'a>(bytes: &mut &'a [u8], len_len: usize) -> Option<&'a [u8]> {
    let len = take(bytes, len_len)?.iter();
    let len = len.fold(0, |len, byte| len << 8 | usize::from(*byte));
    take(bytes, len)
}
