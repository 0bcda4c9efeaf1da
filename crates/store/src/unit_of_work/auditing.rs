//! The entries of the audit log that the writes of a group make. Those of a write are inserted after it has succeeded,
//! in the same transaction, so a refused write leaves none.

use super::UnitOfWork;
use crate::rows::audit;
use domain::model::audit::{Action, Actor, Change, Entry, Origin};
use domain::model::ids::RepositoryId;
use domain::ports::AuditSink;
use domain::{Result, Timestamp};
use std::sync::Arc;

/// The entries of the write that runs.
#[derive(Default)]
pub struct Auditing {
    origin: Option<Arc<Origin>>,
    entries: Vec<(Entry, bool)>,
    /// The entry to which further changes of this origin are added.
    sum: Option<(Sum, i64)>,
}

/// Changes whose entries are one.
#[derive(PartialEq, Eq)]
struct Sum {
    origin: Arc<Origin>,
    action: Action,
    repository: Option<RepositoryId>,
}

impl UnitOfWork {
    /// A write begins whose changes have this origin; `None`: the server itself.
    pub fn begin_audit(&mut self, origin: Option<Arc<Origin>>) {
        self.auditing.origin = origin;
        self.auditing.entries.clear();
    }

    /// Whether the write that runs is that of a signed-in user or an operator.
    pub fn is_of_user(&self) -> bool {
        let origin = self.auditing.origin.as_ref();
        origin.is_some_and(|origin| matches!(origin.actor, Actor::User { .. } | Actor::Operator(_)))
    }

    /// Records a change of the write that runs. Must be called by every write that changes users, credentials,
    /// repositories and their settings, and by those of people.
    pub fn audit(&mut self, change: &Change) {
        if change.is_empty() {
            return;
        }
        let origin = self.auditing.origin.get_or_insert_with(|| Arc::new(Origin::server(wall_clock())));
        let last_at = if change.is_summed_up() { wall_clock() } else { origin.at };
        let entry = audit::of_change(change, origin, last_at);
        self.auditing.entries.push((entry, change.is_summed_up()));
    }

    /// Records an entry that is no change.
    pub fn audit_entry(&mut self, entry: Entry) {
        self.auditing.entries.push((entry, false));
    }

    /// Inserts the entries of the write, which has succeeded. Returns them with their numbers.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`].
    pub fn write_audit(&mut self) -> Result<Vec<Entry>> {
        let entries = std::mem::take(&mut self.auditing.entries);
        let mut written = Vec::with_capacity(entries.len());
        for (mut entry, is_summed_up) in entries {
            entry.number = match self.auditing.origin.clone().filter(|_| is_summed_up) {
                Some(origin) => self.add_to_sum(origin, &entry)?,
                None => audit::insert(self.sql(), &entry)?,
            };
            written.push(entry);
        }
        Ok(written)
    }

    fn add_to_sum(&mut self, origin: Arc<Origin>, entry: &Entry) -> Result<i64> {
        let repository = entry.object.as_ref().and_then(|object| object.repository);
        let sum = Sum { origin, action: entry.action, repository };
        // The entry does not exist if its group was rolled back.
        if let Some((known, number)) = &self.auditing.sum
            && *known == sum
            && audit::add(self.sql(), *number, entry)?
        {
            return Ok(*number);
        }
        let number = audit::insert(self.sql(), entry)?;
        self.auditing.sum = Some((sum, number));
        Ok(number)
    }

    /// The receiver of committed entries; `None`: there is none.
    pub fn audit_sink(&self) -> Option<AuditSink> {
        self.notifier.audit_sink()
    }
}

/// The time of a change without a request, and the last time of a sum. It decides nothing: what deletes entries uses
/// the trusted time.
#[expect(clippy::disallowed_methods, reason = "a write of the server itself has no clock")]
fn wall_clock() -> Timestamp {
    domain::model::text::truncate_to_millis(Timestamp::now())
}
