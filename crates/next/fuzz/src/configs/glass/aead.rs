//! Encryption that leaves a record as it is, and adds a constant tag after it.

use rustls_next::ConnectionTrafficSecrets;
use rustls_next::crypto::cipher::{
    AeadKey, EncryptBuffer, InboundOpaque, Iv, KeyBlockShape, OutboundPlain, Record,
    RecordDecrypter, RecordEncrypter, Tls12AeadAlgorithm, Tls13AeadAlgorithm,
    UnsupportedOperationError,
};
use rustls_next::enums::ContentType;
use rustls_next::error::Error;

use super::Glass;
use crate::glass::TAG;

/// 2^14, the longest content of a record.
const MOST: usize = 1 << 14;

struct Tls13;
struct Tls12;

impl Tls13AeadAlgorithm for Glass {
    fn encrypter(&self, _: AeadKey, _: Iv) -> Box<dyn RecordEncrypter> {
        Box::new(Tls13)
    }

    fn decrypter(&self, _: AeadKey, _: Iv) -> Box<dyn RecordDecrypter> {
        Box::new(Tls13)
    }

    fn key_len(&self) -> usize {
        32
    }

    fn extract_keys(
        &self,
        _: AeadKey,
        _: Iv,
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        Err(UnsupportedOperationError)
    }
}

impl Tls12AeadAlgorithm for Glass {
    fn encrypter(&self, _: AeadKey, _: &[u8], _: &[u8]) -> Box<dyn RecordEncrypter> {
        Box::new(Tls12)
    }

    fn decrypter(&self, _: AeadKey, _: &[u8]) -> Box<dyn RecordDecrypter> {
        Box::new(Tls12)
    }

    fn key_block_shape(&self) -> KeyBlockShape {
        KeyBlockShape {
            enc_key_len: 32,
            fixed_iv_len: 12,
            explicit_nonce_len: 0,
        }
    }

    fn extract_keys(
        &self,
        _: AeadKey,
        _: &[u8],
        _: &[u8],
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        Err(UnsupportedOperationError)
    }
}

impl RecordEncrypter for Tls13 {
    fn encrypt<'a>(
        &mut self,
        record: Record<OutboundPlain<'_>>,
        _: u64,
        out: &'a mut [u8],
    ) -> Result<Record<&'a [u8]>, Error> {
        let len = self.encrypted_payload_len(record.payload.len());
        let mut payload = EncryptBuffer::new(out, len)?;
        payload.extend_from_chunks(&record.payload);
        payload.extend_from_slice(&record.typ.to_array());
        payload.extend_from_slice(&TAG);
        let (of, payload) = (ContentType::ApplicationData, payload.into_written());
        Ok(Record::new(of, record.version, payload))
    }

    fn encrypted_payload_len(&self, payload_len: usize) -> usize {
        payload_len + 1 + TAG.len()
    }
}

impl RecordDecrypter for Tls13 {
    fn decrypt<'a>(
        &mut self,
        mut record: Record<InboundOpaque<'a>>,
        _: u64,
    ) -> Result<Record<&'a [u8]>, Error> {
        open(&mut record)?;
        record.into_tls13_unpadded_record()
    }
}

impl RecordEncrypter for Tls12 {
    fn encrypt<'a>(
        &mut self,
        record: Record<OutboundPlain<'_>>,
        _: u64,
        out: &'a mut [u8],
    ) -> Result<Record<&'a [u8]>, Error> {
        let len = self.encrypted_payload_len(record.payload.len());
        let mut payload = EncryptBuffer::new(out, len)?;
        payload.extend_from_chunks(&record.payload);
        payload.extend_from_slice(&TAG);
        let payload = payload.into_written();
        Ok(Record::new(record.typ, record.version, payload))
    }

    fn encrypted_payload_len(&self, payload_len: usize) -> usize {
        payload_len + TAG.len()
    }
}

impl RecordDecrypter for Tls12 {
    fn decrypt<'a>(
        &mut self,
        mut record: Record<InboundOpaque<'a>>,
        _: u64,
    ) -> Result<Record<&'a [u8]>, Error> {
        open(&mut record)?;
        if record.payload.len() > MOST {
            return Err(Error::PeerSentOversizedRecord);
        }
        Ok(record.into_plain_record())
    }
}

/// Takes the tag off.
fn open(record: &mut Record<InboundOpaque<'_>>) -> Result<(), Error> {
    let payload = &mut record.payload;
    let len = payload.strip_suffix(&TAG).ok_or(Error::DecryptError)?.len();
    payload.truncate(len);
    Ok(())
}
