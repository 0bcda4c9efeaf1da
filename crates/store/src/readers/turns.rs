//! Waiting reads: one queue for each requester; the requesters take turns.

use super::{Read, ReadClass};
use domain::ports::Requester;
use std::collections::{HashMap, VecDeque};

/// A waiting read, and where to send its slot.
pub struct Waiting<T> {
    pub read: Read,
    pub slot: T,
}

/// The waiting reads of one class.
pub struct Turns<T> {
    queues: HashMap<Requester, VecDeque<Waiting<T>>>,
    /// The requesters with waiting reads, in order of their turns.
    order: VecDeque<Requester>,
    len: usize,
}

impl<T> Default for Turns<T> {
    fn default() -> Self {
        Self { queues: HashMap::new(), order: VecDeque::new(), len: 0 }
    }
}

impl<T> Turns<T> {
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn len_of(&self, requester: Requester) -> usize {
        self.queues.get(&requester).map_or(0, VecDeque::len)
    }

    pub fn push(&mut self, waiting: Waiting<T>) {
        let requester = waiting.read.requester;
        let queue = self.queues.entry(requester).or_default();
        if queue.is_empty() {
            self.order.push_back(requester);
        }
        queue.push_back(waiting);
        self.len += 1;
    }

    /// Removes the first read that is admitted, in order of turns. Its requester then has the last turn.
    pub fn take_first(&mut self, admits: impl Fn(&Read) -> bool) -> Option<Waiting<T>> {
        for turn in 0..self.order.len() {
            let requester = self.order[turn];
            let Some(queue) = self.queues.get_mut(&requester) else { continue };
            // The limits of a scan depend on its repository; those of others are the same for the whole
            // queue.
            let depth = match queue.front().map(|first| first.read.class) {
                Some(ReadClass::Scan(_)) => queue.len(),
                _ => 1,
            };
            let Some(at) = queue.iter().take(depth).position(|waiting| admits(&waiting.read)) else {
                continue;
            };
            let taken = queue.remove(at);
            self.len -= 1;
            self.order.remove(turn);
            if queue.is_empty() {
                self.queues.remove(&requester);
            } else {
                self.order.push_back(requester);
            }
            return taken;
        }
        None
    }

    /// Removes the reads that `keep` does not keep.
    pub fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.queues.retain(|_, queue| {
            queue.retain(|waiting| keep(&waiting.slot));
            !queue.is_empty()
        });
        self.order.retain(|requester| self.queues.contains_key(requester));
        self.len = self.queues.values().map(VecDeque::len).sum();
    }
}
