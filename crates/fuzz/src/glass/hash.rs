//! Which hash a transcript has: a short sum, as long as SHA-256.

use rustls::crypto::hash::{Context, Hash, HashAlgorithm, Output};

use super::Glass;

/// The length of a hash in bytes.
pub(super) const LEN: usize = 32;

/// FNV-1a.
#[derive(Clone, Copy)]
struct Sum(u64);

impl Sum {
    const NEW: Self = Self(0xcbf2_9ce4_8422_2325);

    fn output(self) -> Output {
        Output::new(&[self.0.to_be_bytes(); LEN / 8].concat())
    }
}

impl Hash for Glass {
    fn start(&self) -> Box<dyn Context> {
        Box::new(Sum::NEW)
    }

    fn hash(&self, data: &[u8]) -> Output {
        let mut sum = Sum::NEW;
        sum.update(data);
        sum.output()
    }

    fn output_len(&self) -> usize {
        LEN
    }

    fn algorithm(&self) -> HashAlgorithm {
        HashAlgorithm::SHA256
    }
}

impl Context for Sum {
    fn fork_finish(&self) -> Output {
        self.output()
    }

    fn fork(&self) -> Box<dyn Context> {
        Box::new(*self)
    }

    fn finish(self: Box<Self>) -> Output {
        self.output()
    }

    fn update(&mut self, data: &[u8]) {
        for byte in data {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
