//! Shadow configurations, which count the clients that they would refuse and refuse none.

use std::fmt;
use std::sync::Arc;

use lastword_acceptor::{ClientHello, Config, ErrorAndAlert};

use crate::observed::Observed;

/// The shadow configurations of an acceptor, each with the name of its policy. A clone is cheap.
#[derive(Clone, Default)]
pub(crate) struct Shadows(Option<Arc<Vec<(&'static str, Config)>>>);

/// The refusals that were foreseen for one client.
pub(crate) struct Foreseen(Vec<(&'static str, ErrorAndAlert)>);

impl Shadows {
    pub(crate) fn with(&self, policy: &'static str, config: Config) -> Self {
        let shadows = self.0.as_deref().into_iter().flatten().cloned();
        Self(Some(Arc::new(shadows.chain([(policy, config)]).collect())))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Checks a client under each of them. It allocates only for a refusal.
    pub(crate) fn foresee(&self, hello: &ClientHello<'_>) -> Foreseen {
        let shadows = match cfg!(any(feature = "metrics", feature = "tracing")) {
            true => self.0.as_deref(),
            false => None, // nothing would report it
        };
        let refused = |(policy, config): &(&'static str, Config)| {
            let refused = config.check(hello).err()?;
            Some((*policy, refused))
        };
        Foreseen(shadows.into_iter().flatten().filter_map(refused).collect())
    }
}

impl Foreseen {
    /// Reports the refusals to the observers of a handshake.
    pub(crate) fn report(self, observed: &Observed) {
        for (policy, refused) in self.0 {
            observed.would_refuse(policy, refused.error());
        }
    }
}

impl fmt::Debug for Shadows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shadows = self.0.as_deref().into_iter().flatten();
        f.debug_list()
            .entries(shadows.map(|(policy, _)| policy))
            .finish()
    }
}
