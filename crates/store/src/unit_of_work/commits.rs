//! The commit or rollback of a group of writes.

use super::groups::OTHERS_TIME;
use super::pending_rows::PendingRows;
use super::{CommitResult, Due, Failure, Journaling, OnResult, SentCommit, UnitOfWork};
use crate::rows::reports::RecentTexts;
use crate::rows::{journal, signatures};
use crate::sql::Flavor;
use domain::Result;
use domain::model::ids::RepositoryId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

/// A group whose commit was sent.
pub struct Sent {
    pub(super) commit: SentCommit,
    /// Those of a group that ran from the cache.
    repositories: BTreeSet<RepositoryId>,
    last_events: BTreeMap<RepositoryId, i64>,
    due: Due,
}

impl Sent {
    /// Whether it is known what became of it.
    pub fn has_result(&mut self) -> bool {
        self.commit.has_result()
    }
}

impl UnitOfWork {
    /// `on_result` is called when a commit that was sent has a result.
    pub fn set_on_result(&mut self, on_result: OnResult) {
        self.session.set_on_result(on_result);
    }

    /// Commits, and notifies those who wait for events, deliveries and states. The commit has the reports for the
    /// journal, or all pending rows. A commit that was only sent must be passed to [`Self::finish`], before the next
    /// group runs its writes; that group may start and end this one before.
    pub fn commit(&mut self) -> Result<Option<Sent>> {
        let sent = match self.appends() {
            true => self.append().map(|()| None)?,
            false => self.write_rows()?,
        };
        if let Some(commit) = sent {
            return Ok(Some(self.sent(commit)));
        }
        self.notify(&self.last_events, self.due);
        Ok(None)
    }

    /// Passes the pending rows to the session, so that the commit has less to do. No query of the group must follow.
    pub fn add_rows(&mut self) -> Result<()> {
        let cached = self.pending.cached_rows(&self.cache);
        let mut recent_texts = self.recent_texts.lock().unwrap_or_else(PoisonError::into_inner);
        self.session.add_rows(&self.pending.batches(&cached, &mut recent_texts))?;
        drop((cached, recent_texts));
        self.forget_pending();
        Ok(())
    }

    /// Commits the group after the one before, whose result is not known yet, and returns both. The one before must be
    /// passed to [`Self::finish`] then; if it failed, this one to [`Self::discard`].
    ///
    /// # Errors
    /// As [`Self::commit`].
    pub fn commit_after(&mut self, mut before: Sent) -> (Sent, Result<Option<Sent>>) {
        let (commit, sent) = self.session.commit_after(before.commit, &self.last_events);
        before.commit = commit;
        (before, sent.map(|sent| sent.map(|commit| self.sent(commit))))
    }

    /// Forgets what a group has changed that was not committed because the one before failed.
    pub fn discard(&mut self, sent: Sent) {
        self.forget_repositories(&sent.repositories);
    }

    fn sent(&mut self, commit: SentCommit) -> Sent {
        Sent {
            commit,
            repositories: std::mem::take(&mut self.repositories),
            last_events: std::mem::take(&mut self.last_events),
            due: self.due,
        }
    }

    /// Forgets what a group that ran from the cache has changed in it.
    fn forget_repositories(&mut self, repositories: &BTreeSet<RepositoryId>) {
        for repository in repositories {
            self.cache.remove_repository(*repository);
            self.of_commits.forget(*repository);
            self.first_reporters.retain(|(owner, _), _| owner != repository);
            self.recent_texts().forget(*repository);
            self.note_uncertain(*repository, OTHERS_TIME);
        }
    }

    /// Waits for the result of a commit. If it failed, everything was rolled back, also the group that started
    /// meanwhile.
    pub fn finish(&mut self, sent: Sent) -> CommitResult {
        let result = sent.commit.wait();
        match result {
            Ok(()) => self.notify(&sent.last_events, sent.due),
            Err((_, Failure::Conflict)) if !sent.repositories.is_empty() => {
                // Only these were changed in the cache. Others have written to one of them.
                self.forget_repositories(&sent.repositories);
                let started = std::mem::take(&mut self.repositories);
                self.forget_repositories(&started);
                self.pending = PendingRows::default();
                self.session.roll_back();
                self.end_group();
            }
            Err(_) => {
                self.roll_back();
                self.end_group();
            }
        }
        result
    }

    fn notify(&self, last_events: &BTreeMap<RepositoryId, i64>, due: Due) {
        for (repository, number) in last_events {
            self.notifier.notify(*repository, *number);
        }
        if due.deliveries {
            self.notifier.notify_deliveries();
        }
        if due.states {
            self.notifier.notify_states();
        }
        if due.gates {
            self.notifier.notify_gates();
        }
    }

    fn append(&mut self) -> Result<()> {
        let Some(journaling) = &mut self.journaling else { return Ok(()) };
        let Some(writing) = &mut journaling.writing else { return Ok(()) };
        let body = journaling.commit.body();
        if body.is_empty() {
            return Ok(());
        }
        let bytes = body.len();
        journaling.unapplied.add(&journaling.repositories, &self.changed, self.due.is_any());
        self.session.change_versions(&self.changed);
        let result = writing.files.append(body);
        if result.is_ok() {
            journaling.unapplied.add_events(&journaling.events);
        }
        self.session.change_versions(&self.changed);
        result?;
        journaling.sync_time = Some(writing.files.sync_time());
        journaling.add(journaling.reports, bytes);
        Ok(())
    }

    fn write_rows(&mut self) -> Result<Option<SentCommit>> {
        if let Some((last, limit)) = self.old_signatures()? {
            signatures::delete_until(self.sql(), last, limit)?;
        }
        self.signatures_used = 0;
        if let Some(journaling) = self.journaling.as_ref().filter(|journaling| journaling.has_open()) {
            if journaling.writing.is_none() {
                journal::clear(self.session.sql())?;
            }
            if journaling.open.last > 0 {
                journal::set_applied(self.session.sql(), journaling.open.last)?;
            }
        }
        let cached = self.pending.cached_rows(&self.cache);
        let mut recent_texts = self.recent_texts.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = match self.session.sql().flavor() {
            Flavor::Sqlite => {
                self.pending.write(self.session.sql(), &cached, &mut recent_texts)?;
                Vec::new()
            }
            Flavor::Postgres => self.pending.batches(&cached, &mut recent_texts),
        };
        let journaling = &mut self.journaling;
        let sent = self.session.commit(&rows, &self.changed, self.access, &self.last_events, &mut || {
            journaling.iter_mut().for_each(Journaling::clear);
        })?;
        if let Some(journaling) = &mut self.journaling {
            journaling.sync_time = None;
        }
        drop(rows);
        drop((cached, recent_texts));
        self.forget_pending();
        Ok(sent)
    }

    /// Forgets the pending rows of a group, which the session has now.
    fn forget_pending(&mut self) {
        self.remember_first_reporters();
        let mut pending = std::mem::take(&mut self.pending);
        self.note_written(&mut pending);
        self.of_commits.end_group();
    }

    /// Remembers the new pipelines among rows that the session has now.
    pub(super) fn note_written(&mut self, rows: &mut PendingRows) {
        if self.journaling.is_none() {
            self.of_commits.add_written(rows.take_new_of_commit());
        }
    }

    /// Rolls back after a failure: the store and the cache return to the last commit. What only the journal has
    /// must be replayed before the next group.
    pub fn roll_back(&mut self) -> Failure {
        if let Some(journaling) = &mut self.journaling {
            journaling.forget();
        }
        self.forget_rows();
        self.pending = PendingRows::default();
        self.signatures_used = 0;
        self.session.roll_back()
    }

    /// Forgets what the memory has of stored rows: they may not exist now.
    pub(super) fn forget_rows(&mut self) {
        self.cache.clear();
        self.first_reporters.clear();
        self.of_commits.clear();
        *self.recent_texts() = RecentTexts::default();
    }
}
