//! Fair shares of a limited number of places: one user or repository cannot take all of them.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// A limited number of places. A key may hold as many places as are free: one key gets at most half of them,
/// two keys at most a third each, and every other key finds free ones.
pub struct Shares<K> {
    places: usize,
    held: Mutex<Held<K>>,
}

struct Held<K> {
    all: usize,
    by_key: HashMap<K, usize>,
}

/// A place, until it is dropped.
pub struct Place<K: Hash + Eq> {
    shares: Arc<Shares<K>>,
    keys: Vec<K>,
}

impl<K: Hash + Eq + Copy> Shares<K> {
    /// So many places.
    pub fn new(places: usize) -> Arc<Self> {
        Arc::new(Self { places, held: Mutex::new(Held { all: 0, by_key: HashMap::new() }) })
    }

    /// A place that counts for each of these keys; `None` if one of them has its share.
    pub fn take(self: &Arc<Self>, keys: &[K]) -> Option<Place<K>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let free = self.places - held.all;
        if free == 0 || keys.iter().any(|key| held.by_key.get(key).is_some_and(|held| *held >= free)) {
            return None;
        }
        held.all += 1;
        for key in keys {
            *held.by_key.entry(*key).or_default() += 1;
        }
        Some(Place { shares: Arc::clone(self), keys: keys.to_vec() })
    }
}

impl<K: Hash + Eq> Drop for Place<K> {
    fn drop(&mut self) {
        let mut held = self.shares.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.all -= 1;
        for key in &self.keys {
            if let Some(of_key) = held.by_key.get_mut(key) {
                *of_key -= 1;
                if *of_key == 0 {
                    held.by_key.remove(key);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_gets_half_of_the_places_and_others_find_free_ones() {
        let shares = Shares::new(9);
        let take =
            |keys: &[u8]| std::iter::repeat_with(|| shares.take(keys)).take(99).flatten().collect::<Vec<_>>();
        let first = take(&[1]);
        assert_eq!(first.len(), 5);
        assert_eq!(take(&[2, 1]).len(), 0, "a place counts for all of its keys");
        let second = take(&[2]);
        let third = take(&[3]);
        assert_eq!((second.len(), third.len(), take(&[4]).len()), (2, 1, 1));
        drop(first);
        assert_eq!(take(&[4]).len(), 3);
        drop((second, third));
        assert_eq!(take(&[5, 6]).len(), 5);
        assert!(shares.held.lock().unwrap().by_key.is_empty());
    }
}
