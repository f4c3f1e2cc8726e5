//! The end of a certificate's validity. Every handshake with a client certificate needs it, so no more
//! than that is read.

use crate::vector::{take, take_vector};

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// Returns `notAfter` of a certificate in DER, in seconds since 1970; `None` if it is not a
/// certificate of RFC 5280 section 4.1.
pub(super) fn not_after(der: &[u8]) -> Option<u64> {
    let mut certificate = content(&mut &der[..], SEQUENCE)?;
    let mut tbs = content(&mut certificate, SEQUENCE)?;
    let (tag, _) = element(&mut tbs)?;
    if tag == VERSION {
        element(&mut tbs)?; // serialNumber
    }
    element(&mut tbs)?; // signature
    element(&mut tbs)?; // issuer
    let mut validity = content(&mut tbs, SEQUENCE)?;
    element(&mut validity)?; // notBefore
    match element(&mut validity)? {
        // RFC 5280 4.1.2.5.1: YY from 50 is 19YY
        (UTC_TIME, [y1, y2, rest @ ..]) => {
            let year = two(*y1, *y2)?;
            seconds(if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        (GENERALIZED_TIME, [y1, y2, y3, y4, rest @ ..]) => {
            seconds(100 * two(*y1, *y2)? + two(*y3, *y4)?, rest)
        }
        _ => None,
    }
}

/// Takes an element of DER off the front of `bytes`, and returns its tag and content (X.690 section
/// 8.1).
fn element<'a>(bytes: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    let [tag, first] = *take(bytes, 2)? else {
        return None;
    };
    let content = match first {
        len @ 0..=0x7f => take(bytes, len.into())?,
        0x80 => return None,
        len_len @ 0x81..=0x83 => take_vector(bytes, usize::from(len_len & 0x7f))?,
        _ => return None,
    };
    Some((tag, content))
}

fn content<'a>(bytes: &mut &'a [u8], expected: u8) -> Option<&'a [u8]> {
    let (tag, content) = element(bytes)?;
    (tag == expected).then_some(content)
}

/// Returns the seconds since 1970 of a time in a year: `MMDDHHMMSSZ`. A time before 1970 is 0.
fn seconds(year: u64, rest: &[u8]) -> Option<u64> {
    let [m1, m2, d1, d2, h1, h2, n1, n2, s1, s2, b'Z'] = *rest else {
        return None;
    };
    let (month, day) = (two(m1, m2)?, two(d1, d2)?);
    let (hour, minute, second) = (two(h1, h2)?, two(n1, n2)?, two(s1, s2)?);
    // years begin in March, so that a leap day is the last: 146,097 days are 400 years
    let year = if month > 2 {
        year
    } else {
        year.checked_sub(1)?
    };
    let month = (month + 9) % 12;
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day;
    let days = days.saturating_sub(719_469);
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

/// Returns the number of two digits.
fn two(tens: u8, ones: u8) -> Option<u64> {
    match (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0')) {
        (tens @ 0..=9, ones @ 0..=9) => Some((10 * tens + ones).into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
        let len = content.len();
        let header = match len {
            0..0x80 => vec![tag, len as u8],
            _ => vec![tag, 0x82, (len >> 8) as u8, len as u8],
        };
        [&header[..], content].concat()
    }

    fn certificate(version: &[u8], not_after: Vec<u8>) -> Vec<u8> {
        let validity = tlv(
            SEQUENCE,
            &[tlv(UTC_TIME, b"200101000000Z"), not_after].concat(),
        );
        let issuer = tlv(SEQUENCE, &[7; 300]);
        let tbs = [
            version,
            &tlv(2, &[1]),
            &tlv(SEQUENCE, &[]),
            &issuer,
            &validity,
        ]
        .concat();
        tlv(SEQUENCE, &tlv(SEQUENCE, &tbs))
    }

    #[test]
    fn reads_times_of_both_kinds_in_certificates_of_any_version() {
        for (time, seconds) in [
            (tlv(UTC_TIME, b"700101000000Z"), 0),
            (tlv(UTC_TIME, b"500101000000Z"), 0),
            (tlv(UTC_TIME, b"491231235959Z"), 2_524_607_999),
            (tlv(UTC_TIME, b"000229120000Z"), 951_825_600),
            (tlv(GENERALIZED_TIME, b"20500101000000Z"), 2_524_608_000),
            (tlv(GENERALIZED_TIME, b"99991231235959Z"), 253_402_300_799),
        ] {
            for version in [&[][..], &[VERSION, 3, 2, 1, 2]] {
                let certificate = certificate(version, time.clone());
                assert_eq!(not_after(&certificate), Some(seconds), "{time:?}");
                for end in 0..certificate.len() {
                    assert_eq!(not_after(&certificate[..end]), None);
                }
            }
        }
        for time in [tlv(UTC_TIME, b"2001010000Z"), tlv(2, b"200101000000Z")] {
            assert_eq!(not_after(&certificate(&[], time)), None);
        }
    }
}
