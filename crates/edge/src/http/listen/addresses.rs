//! The number of open connections of each address.

use super::{Limits, lock};
use crate::http::budget::address_key;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

#[derive(Clone)]
pub(super) struct Addresses {
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
    max: usize,
    exempt_loopback: bool,
}

impl Addresses {
    pub(super) fn new(limits: &Limits) -> Self {
        let (max, exempt_loopback) = (limits.connections_per_address, limits.exempt_loopback);
        Self { open: Arc::default(), max, exempt_loopback }
    }

    /// A slot for one more connection; `None` if the address has reached its limit.
    pub(super) fn enter(&self, ip: IpAddr) -> Option<ConnectionSlot> {
        if self.exempt_loopback && ip.to_canonical().is_loopback() {
            return Some(ConnectionSlot(None));
        }
        let key = address_key(ip);
        let mut open = lock(&self.open);
        if open.get(&key).is_some_and(|count| *count >= self.max) {
            return None;
        }
        *open.entry(key).or_default() += 1;
        Some(ConnectionSlot(Some((self.clone(), key))))
    }
}

/// The slot of a connection among those of its address.
pub(super) struct ConnectionSlot(Option<(Addresses, IpAddr)>);

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        if let Some((addresses, key)) = self.0.take() {
            let mut open = lock(&addresses.open);
            if let Some(count) = open.get_mut(&key) {
                *count -= 1;
                if *count == 0 {
                    open.remove(&key);
                }
            }
        }
    }
}
