//! Whether a client of TLS 1.2 closes in mid-handshake, which rustls 0.23 takes for a warning.

use lastword_alert::{Alert, AlertDescription};
use lastword_record::{ContentType, Header};

/// Follows the client's records for as long as they are in plaintext.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// The record's header, and its payload if that is an alert.
    record: [u8; Alert::RECORD_LEN],
    len: usize,
    /// How many bytes of another payload are still to come.
    skip: usize,
    /// Whether the client has switched keys: from there on all is encrypted.
    encrypted: bool,
}

impl Watch {
    /// Where in `bytes`, the next of the client's, a `close_notify` ends, if one does.
    pub(crate) fn close_notify(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut rest = bytes;
        while !self.encrypted && !rest.is_empty() {
            let skipped = self.skip.min(rest.len());
            self.skip -= skipped;
            rest = rest.get(skipped..).unwrap_or_default();
            if self.take(&mut rest) {
                return Some(bytes.len() - rest.len());
            }
        }
        None
    }

    /// Takes one byte: whether it is the last of a `close_notify`.
    fn take(&mut self, rest: &mut &[u8]) -> bool {
        let Some((byte, behind)) = rest.split_first() else {
            return false;
        };
        let Some(free) = self.record.get_mut(self.len) else {
            return false;
        };
        *free = *byte;
        *rest = behind;
        self.len += 1;

        let [content_type, _, _, high, low, level_and_description @ ..] = self.record;
        let length = usize::from(u16::from_be_bytes([high, low]));
        let is_alert = content_type == ContentType::ALERT.0 && length == Alert::LEN;
        match self.len {
            Header::LEN if !is_alert => {
                self.encrypted = content_type == ContentType::CHANGE_CIPHER_SPEC.0;
                (self.len, self.skip) = (0, length);
                false
            }
            Alert::RECORD_LEN => {
                self.len = 0;
                level_and_description[1] == AlertDescription::CLOSE_NOTIFY.0
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOSE_NOTIFY: [u8; 7] = [21, 3, 3, 0, 2, 1, 0];
    const KEY_EXCHANGE: [u8; 10] = [22, 3, 3, 0, 5, 16, 0, 0, 1, 21];
    const CHANGE_CIPHER_SPEC: [u8; 6] = [20, 3, 3, 0, 1, 1];

    /// Where it falls, byte by byte and all at once.
    fn falls(bytes: &[u8]) -> Option<usize> {
        let mut watch = Watch::default();
        let bytewise = (0..bytes.len()).find(|&at| watch.close_notify(&bytes[at..=at]).is_some());
        let at_once = Watch::default().close_notify(bytes);
        assert_eq!(bytewise.map(|at| at + 1), at_once);
        at_once
    }

    #[test]
    fn sees_close_notify_behind_other_records() {
        assert_eq!(falls(&CLOSE_NOTIFY), Some(7));
        let bytes = [
            &KEY_EXCHANGE[..],
            &[21, 3, 3, 0, 2, 1, 90],
            &CLOSE_NOTIFY,
            &[1, 2],
        ]
        .concat();
        assert_eq!(falls(&bytes), Some(24));
    }

    #[test]
    fn sees_none_in_other_alerts_payloads_or_lengths() {
        assert_eq!(
            falls(&[21, 3, 3, 0, 2, 2, 40, 21, 3, 3, 0, 3, 1, 0, 0]),
            None
        );
        assert_eq!(falls(&[22, 3, 3, 0, 7, 21, 3, 3, 0, 2, 1, 0]), None);
        assert_eq!(falls(&[22, 3, 3, 0, 0, 21, 3, 3, 0, 2, 1, 0]), Some(12));
    }

    #[test]
    fn looks_no_further_once_the_client_has_switched_keys() {
        assert_eq!(
            falls(&[&CHANGE_CIPHER_SPEC[..], &CLOSE_NOTIFY].concat()),
            None
        );
    }
}
