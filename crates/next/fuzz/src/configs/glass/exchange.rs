//! How keys are exchanged: a share is of the right length, and the secret is the one of the clients.

use rustls_next::crypto::kx::{
    ActiveKeyExchange, NamedGroup, SharedSecret, StartedKeyExchange, SupportedKxGroup,
};
use rustls_next::error::{Error, PeerMisbehaved};

/// In the server's order.
pub(super) static ALL: &[&dyn SupportedKxGroup] = &[
    &Group {
        name: NamedGroup::X25519,
        share: &[9; 32],
    },
    &Group {
        name: NamedGroup::secp256r1,
        share: &[4; 65],
    },
];

/// A group by its name, and what a share of it is.
#[derive(Clone, Copy, Debug)]
struct Group {
    name: NamedGroup,
    share: &'static [u8],
}

impl SupportedKxGroup for Group {
    fn start(&self) -> Result<StartedKeyExchange, Error> {
        Ok(StartedKeyExchange::Single(Box::new(*self)))
    }

    fn name(&self) -> NamedGroup {
        self.name
    }
}

impl ActiveKeyExchange for Group {
    fn complete(self: Box<Self>, theirs: &[u8]) -> Result<SharedSecret, Error> {
        if theirs.len() != self.share.len() {
            return Err(PeerMisbehaved::InvalidKeyShare.into());
        }
        Ok(SharedSecret::from(&[1; 32][..]))
    }

    fn pub_key(&self) -> &[u8] {
        self.share
    }

    fn group(&self) -> NamedGroup {
        self.name
    }
}
