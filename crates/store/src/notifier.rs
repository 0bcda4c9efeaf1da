//! Who waits for a repository's next event, or for the next delivery, in the memory of this process: the same in every engine.

use domain::model::ids::RepositoryId;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use tokio::sync::{Notify, watch};

/// Repositories kept without anybody waiting, at most about twice this.
const IDLE_MAX: usize = 1_000;

/// The greatest number of an event that is known to be committed, by repository; and whether there is a delivery that is due.
#[derive(Default)]
pub struct Notifier {
    events: Mutex<HashMap<RepositoryId, watch::Sender<i64>>>,
    deliveries: Notify,
}

impl Notifier {
    /// Wakes whoever waits for events of a repository. To be called after the commit of the event with this number.
    pub fn wake(&self, repository: RepositoryId, number: i64) {
        let waiting = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = waiting.get(&repository) {
            last.send_if_modified(|last| {
                let newer = number > *last;
                *last = number.max(*last);
                newer
            });
        }
    }

    /// From now on no commit is missed. 0 until one is known.
    pub fn listen(&self, repository: RepositoryId) -> watch::Receiver<i64> {
        let mut waiting = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() > IDLE_MAX && !waiting.contains_key(&repository) {
            waiting.retain(|_, last| last.receiver_count() > 0);
        }
        waiting.entry(repository).or_insert_with(|| watch::Sender::new(0)).subscribe()
    }

    /// Wakes whoever waits for deliveries; where nobody does, who comes next does not wait. To be called after the commit.
    pub fn wake_deliveries(&self) {
        self.deliveries.notify_one();
    }

    /// Waits for [`Self::wake_deliveries`].
    pub async fn delivery(&self) {
        self.deliveries.notified().await;
    }
}
