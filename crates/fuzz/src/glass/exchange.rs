//! How keys are exchanged: a share is of the right length, and the secret is no secret.

use rustls::crypto::{ActiveKeyExchange, SharedSecret, SupportedKxGroup};
use rustls::{Error, NamedGroup, PeerMisbehaved};

/// In the server's order.
pub(super) static ALL: &[&dyn SupportedKxGroup] = &[&X25519, &SECP256R1];

/// A group that is in no server's order: a client that begins with it must retry.
pub(crate) static ANOTHER: &dyn SupportedKxGroup = &SECP384R1;

/// A group by its name, and what a share of it is.
#[derive(Debug)]
struct Group {
    name: NamedGroup,
    share: &'static [u8],
}

static X25519: Group = Group {
    name: NamedGroup::X25519,
    share: &[9; 32],
};

static SECP256R1: Group = Group {
    name: NamedGroup::secp256r1,
    share: &[4; 65],
};

static SECP384R1: Group = Group {
    name: NamedGroup::secp384r1,
    share: &[4; 97],
};

impl SupportedKxGroup for Group {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let Self { name, share } = *self;
        Ok(Box::new(Self { name, share }))
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
