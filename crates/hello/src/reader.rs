//! A reader for the bytes of a ClientHello.

use crate::malformed::{Field, Malformed, Problem};

/// Bytes of a message that have not been taken yet.
///
/// Every method that takes bytes returns [`Problem::Truncated`] for its field if there are too few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) const fn bytes(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    fn left(&self) -> u32 {
        // saturates only if it is longer than any message: the check of the header refuses that
        self.rest.len().try_into().unwrap_or(u32::MAX)
    }

    #[inline]
    pub(crate) fn array<const N: usize>(&mut self, field: Field) -> Result<[u8; N], Malformed> {
        let Some((taken, rest)) = self.rest.split_first_chunk() else {
            return Err(self.truncated(N as u32, field));
        };
        self.rest = rest;
        Ok(*taken)
    }

    #[inline]
    pub(crate) fn u16(&mut self, field: Field) -> Result<u16, Malformed> {
        self.array(field).map(u16::from_be_bytes)
    }

    #[inline]
    pub(crate) fn take(&mut self, len: u32, field: Field) -> Result<Self, Malformed> {
        match self.rest.split_at_checked(len as usize) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(Self { rest: taken })
            }
            None => Err(self.truncated(len, field)),
        }
    }

    /// Takes a vector whose length is one byte (RFC 8446 section 3.4).
    #[inline]
    pub(crate) fn vector_u8(&mut self, field: Field) -> Result<Self, Malformed> {
        let [len] = self.array(field)?;
        self.take(len.into(), field)
    }

    /// Takes a vector whose length is two bytes (RFC 8446 section 3.4).
    #[inline]
    pub(crate) fn vector_u16(&mut self, field: Field) -> Result<Self, Malformed> {
        let len = self.u16(field)?;
        self.take(len.into(), field)
    }

    /// Takes a vector whose length is one byte, with nothing after it.
    #[inline]
    pub(crate) fn only_vector_u8(self, field: Field) -> Result<Self, Malformed> {
        match self.rest.split_first() {
            Some((len, vector)) if usize::from(*len) == vector.len() => Ok(Self::new(vector)),
            _ => Err(self.not_only(Self::vector_u8, field)),
        }
    }

    /// Takes a vector whose length is two bytes, with nothing after it.
    #[inline]
    pub(crate) fn only_vector_u16(self, field: Field) -> Result<Self, Malformed> {
        match self.rest.split_first_chunk() {
            Some((len, vector)) if usize::from(u16::from_be_bytes(*len)) == vector.len() => {
                Ok(Self::new(vector))
            }
            _ => Err(self.not_only(Self::vector_u16, field)),
        }
    }

    /// Returns itself if there is at least one byte.
    #[inline]
    pub(crate) fn not_empty(self, problem: Problem, field: Field) -> Result<Self, Malformed> {
        if self.is_empty() {
            Err(Malformed::new(field, problem))
        } else {
            Ok(self)
        }
    }

    /// Checks that no bytes are left.
    #[inline]
    pub(crate) fn end(self, field: Field) -> Result<(), Malformed> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(self.trailing(field))
        }
    }

    /// Returns the error if more is left than `take` takes.
    #[cold]
    #[inline(never)]
    fn not_only(
        mut self,
        take: fn(&mut Self, Field) -> Result<Self, Malformed>,
        field: Field,
    ) -> Malformed {
        match take(&mut self, field) {
            Ok(_) => self.trailing(field),
            Err(truncated) => truncated,
        }
    }

    #[cold]
    #[inline(never)]
    fn trailing(self, field: Field) -> Malformed {
        Malformed::new(field, Problem::TrailingBytes(self.left()))
    }

    #[cold]
    #[inline(never)]
    fn truncated(self, needed: u32, field: Field) -> Malformed {
        Malformed::new(
            field,
            Problem::Truncated {
                needed,
                left: self.left(),
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELD: Field = Field::Extensions;

    #[test]
    fn takes_vectors_out_of_vectors() {
        let mut reader = Reader::new(&[1, 0, 3, 2, 8, 9, 7]);
        assert_eq!(reader.array(FIELD), Ok([1]));
        let mut outer = reader.vector_u16(FIELD).unwrap();
        assert_eq!(outer.bytes(), [2, 8, 9]);
        let inner = outer.vector_u8(FIELD).unwrap();
        assert_eq!(inner.bytes(), [8, 9]);
        assert_eq!(outer.end(FIELD), Ok(()));
        let trailing = Malformed::new(FIELD, Problem::TrailingBytes(1));
        assert_eq!(reader.end(FIELD), Err(trailing));
    }

    #[test]
    fn what_cannot_be_taken_says_how_much_is_needed_and_left() {
        let truncated = |needed, left| Malformed::new(FIELD, Problem::Truncated { needed, left });
        assert_eq!(Reader::new(&[1]).u16(FIELD), Err(truncated(2, 1)));
        assert_eq!(Reader::new(&[]).vector_u8(FIELD), Err(truncated(1, 0)));
        assert_eq!(
            Reader::new(&[1, 0, 7]).vector_u16(FIELD),
            Err(truncated(256, 1))
        );
    }
}
