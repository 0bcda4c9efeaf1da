//! Notifies those in this process who wait for events of a repository, due deliveries, due states or due gates; the
//! same on every engine.

use domain::model::ids::RepositoryId;
use domain::ports::AuditSink;
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use tokio::sync::{Notify, watch};

/// The map keeps at most about twice as many repositories without subscribers.
const IDLE_MAX: usize = 1_000;

/// The greatest known number of a committed event by repository, and whether a delivery or a
/// forwarded state is due.
#[derive(Default)]
pub struct Notifier {
    events: Mutex<HashMap<RepositoryId, watch::Sender<i64>>>,
    deliveries: Notify,
    states: Notify,
    gates: Notify,
    audit_sink: OnceLock<AuditSink>,
}

impl Notifier {
    /// Notifies the subscribers of a repository. Must be called after the commit of the event with this
    /// number.
    pub fn notify(&self, repository: RepositoryId, number: i64) {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = events.get(&repository) {
            last.send_if_modified(|last| {
                let newer = number > *last;
                *last = number.max(*last);
                newer
            });
        }
    }

    /// Subscribes to the events of a repository: no later commit is missed. The value is the number of the
    /// last known event, 0 until one is known.
    pub fn subscribe(&self, repository: RepositoryId) -> watch::Receiver<i64> {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        if events.len() > IDLE_MAX && !events.contains_key(&repository) {
            events.retain(|_, last| last.receiver_count() > 0);
        }
        events.entry(repository).or_insert_with(|| watch::Sender::new(0)).subscribe()
    }

    /// Notifies the task that waits for deliveries, or the next task that will wait. Must be called after the
    /// commit.
    pub fn notify_deliveries(&self) {
        self.deliveries.notify_one();
    }

    /// As [`Self::notify_deliveries`], for forwarded states.
    pub fn notify_states(&self) {
        self.states.notify_one();
    }

    /// As [`Self::notify_deliveries`], for gates.
    pub fn notify_gates(&self) {
        self.gates.notify_one();
    }

    /// Sets where the committed entries of the audit log go, once.
    pub fn set_audit_sink(&self, sink: AuditSink) {
        let _ = self.audit_sink.set(sink);
    }

    /// The receiver of the committed entries of the audit log.
    pub fn audit_sink(&self) -> Option<AuditSink> {
        self.audit_sink.get().cloned()
    }

    /// Waits for [`Self::notify_gates`].
    pub async fn wait_for_gate(&self) {
        self.gates.notified().await;
    }

    /// Waits for [`Self::notify_states`].
    pub async fn wait_for_state(&self) {
        self.states.notified().await;
    }

    /// Waits for [`Self::notify_deliveries`].
    pub async fn wait_for_delivery(&self) {
        self.deliveries.notified().await;
    }
}
