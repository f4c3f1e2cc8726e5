//! Whether a client is admitted, by its address and before its ClientHello is read, and what it counts
//! against.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedSemaphorePermit;

/// How many handshakes are in flight for each source address.
#[derive(Debug, Default)]
pub(super) struct PerAddress {
    counts: Mutex<HashMap<IpAddr, u32>>,
}

/// A handshake in flight. It counts for its address until this is dropped.
#[derive(Debug)]
pub(super) struct Counted {
    counts: Arc<PerAddress>,
    address: IpAddr,
}

/// The limits that a client counts towards until its handshake fails, or it is handed over or accepted.
#[derive(Debug)]
#[expect(dead_code, reason = "they are given back when this is dropped")]
pub(super) struct Held {
    pub(super) permit: OwnedSemaphorePermit,
    pub(super) counted: Option<Counted>,
}

impl PerAddress {
    /// Counts one more handshake for this address, unless there are `most`.
    pub(super) fn begin(self: &Arc<Self>, address: IpAddr, most: u32) -> Option<Counted> {
        let address = source(address);
        let mut counts = self.lock();
        let count = counts.entry(address).or_insert(0);
        if *count >= most {
            if *count == 0 {
                counts.remove(&address);
            }
            return None;
        }
        *count += 1;
        let counts = Arc::clone(self);
        Some(Counted { counts, address })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, u32>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the address that counts. For IPv6 it is the /64 network, because one host may have all of
/// its addresses.
fn source(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) & !u128::from(u64::MAX);
            Ipv6Addr::from(network).into()
        }
        address => address,
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if let Entry::Occupied(mut count) = self.counts.lock().entry(self.address) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_own_count_and_none_is_kept_for_long() {
        let counts = Arc::new(PerAddress::default());
        let begin = |address: &str| counts.begin(address.parse().unwrap(), 2);
        let first = begin("192.0.2.7").unwrap();
        let _second = begin("192.0.2.7").unwrap();
        assert!(begin("192.0.2.7").is_none());
        assert!(begin("::ffff:192.0.2.7").is_none());
        let other = begin("192.0.2.8").unwrap();
        drop(first);
        let third = begin("192.0.2.7");
        assert!(third.is_some());
        drop((other, third, _second));
        assert!(counts.lock().is_empty());
    }

    #[test]
    fn an_address_of_ipv6_counts_for_its_network() {
        let counts = Arc::new(PerAddress::default());
        let begin = |address: &str| counts.begin(address.parse().unwrap(), 1);
        let _first = begin("2001:db8::1").unwrap();
        assert!(begin("2001:db8::ffff:1").is_none());
        assert!(begin("2001:db8:0:1::1").is_some());
    }

    #[test]
    fn a_bound_of_none_admits_none_and_keeps_nothing() {
        let counts = Arc::new(PerAddress::default());
        assert!(counts.begin("192.0.2.7".parse().unwrap(), 0).is_none());
        assert!(counts.lock().is_empty());
    }
}
