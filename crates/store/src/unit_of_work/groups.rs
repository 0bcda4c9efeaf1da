//! A group of writes: its start, its commit or rollback, and its end.

use super::{Failure, Journaling, Prefetch, PrefetchHints, UnitOfWork};
use crate::rows::journal;
use crate::rows::reports::RecentTexts;
use crate::unit_of_work::pending_rows::PendingRows;
use domain::Result;
use std::time::Instant;

impl UnitOfWork {
    /// Starts a group of writes with these hints. The journal is applied with it if `apply` is set, if it is due,
    /// or if a write is more than reports.
    pub fn start_group<'a>(
        &mut self,
        hints: impl Iterator<Item = &'a PrefetchHints>,
        apply: bool,
    ) -> Result<()> {
        if !self.session.start_transaction()? {
            self.cache.clear();
        }
        let mut prefetch = Prefetch::default();
        let mut only_reports = true;
        for hints in hints {
            only_reports &= hints.only_reports;
            prefetch.repositories.extend(&hints.repositories);
            prefetch.pipelines.extend(&hints.pipelines);
            prefetch.identities.extend(hints.identities.iter().cloned());
            prefetch.commits.extend(hints.commits.iter().cloned());
            prefetch.idempotency_keys.extend(hints.idempotency_keys.iter().cloned());
            prefetch.users.extend(&hints.users);
        }
        let apply = apply || self.due_at().is_some_and(|at| at <= Instant::now());
        if let Some(journaling) = &mut self.journaling {
            journaling.appends = only_reports && !apply;
        }
        if !only_reports && self.has_unapplied() {
            // The queries of these writes must see all reports.
            self.flush()?;
        }
        self.prefetched = None;
        self.prefetch(prefetch)
    }

    /// Whether the journal has reports that the other tables do not have.
    pub fn has_unapplied(&self) -> bool {
        self.journaling.as_ref().is_some_and(Journaling::has_unapplied)
    }

    /// When the journal is to be applied; `None` if there is nothing to apply.
    pub fn due_at(&self) -> Option<Instant> {
        let due_at = self.journaling.as_ref()?.due_at()?;
        Some(if self.cache.is_full() { Instant::now() } else { due_at })
    }

    /// Whether the memory lacks what the journal has, because a commit failed.
    pub fn is_stale(&self) -> bool {
        self.journaling.as_ref().is_some_and(|journaling| journaling.is_stale)
    }

    /// A commit with this number of reports and bytes was applied in memory again.
    pub fn note_replayed(&mut self, reports: usize, bytes: usize) {
        if let Some(journaling) = &mut self.journaling {
            journaling.add(reports, bytes);
        }
    }

    /// The whole journal was applied in memory again.
    pub fn end_replay(&mut self) {
        if let Some(journaling) = &mut self.journaling {
            journaling.is_stale = false;
        }
    }

    pub(super) fn prefetch(&mut self, prefetch: Prefetch) -> Result<()> {
        let Some(mut prefetched) = self.session.prefetch(&prefetch, &self.cache)? else { return Ok(()) };
        for (repository, counters) in &prefetched.counters {
            match counters {
                Some((counters, active_at)) => {
                    if self.cache.counters(*repository) != Some(*counters) {
                        // Another node wrote to this repository.
                        self.cache.remove_repository(*repository);
                    }
                    self.cache.set_counters(*repository, *counters, *active_at);
                }
                None => self.cache.remove_repository(*repository),
            }
        }
        for state in prefetched.states.drain(..) {
            self.cache.insert(state);
        }
        self.subscriptions.extend(prefetched.subscriptions.drain());
        match &mut self.prefetched {
            Some(known) => {
                known.counters.extend(prefetched.counters);
                known.absent.extend(prefetched.absent);
                known.of_commits.extend(prefetched.of_commits);
                known.responses.extend(prefetched.responses);
                known.user_names.extend(prefetched.user_names);
            }
            None => self.prefetched = Some(prefetched),
        }
        Ok(())
    }

    /// Writes the pending rows, so that queries of this group see them.
    pub fn flush(&mut self) -> Result<()> {
        let pending = std::mem::take(&mut self.pending);
        let batches = pending.batches(&self.cache, &mut self.recent_texts);
        self.session.sql().write_batches(&batches)?;
        drop(batches);
        if let Some(prefetched) = &mut self.prefetched {
            prefetched.responses.extend(pending.into_responses());
            // They lack the pipelines that were pending.
            prefetched.of_commits.clear();
        }
        Ok(())
    }

    /// Commits, and notifies those who wait for events and deliveries. The commit has the reports for the journal,
    /// or all pending rows.
    pub fn commit(&mut self) -> Result<()> {
        match self.journaling.as_ref().is_some_and(|journaling| journaling.appends) {
            true => self.append()?,
            false => self.write_rows()?,
        }
        for (repository, number) in &self.last_events {
            self.notifier.notify(*repository, *number);
        }
        if self.has_due_deliveries {
            self.notifier.notify_deliveries();
        }
        Ok(())
    }

    fn append(&mut self) -> Result<()> {
        let Some(journaling) = &mut self.journaling else { return Ok(()) };
        let body = journaling.commit.take_body();
        if !body.is_empty() {
            journal::append(self.session.sql(), &body)?;
            journaling.unapplied.add(&journaling.repositories, &self.changed, self.has_due_deliveries);
        }
        self.session.commit(&[], &self.changed, self.access, &self.last_events, &mut || {
            journaling.unapplied.add_events(&journaling.events);
        })?;
        if !body.is_empty() {
            journaling.add(journaling.reports, body.len());
        }
        Ok(())
    }

    fn write_rows(&mut self) -> Result<()> {
        self.forget_signatures()?;
        self.signatures_used = 0;
        if self.has_unapplied() {
            journal::clear(self.session.sql())?;
        }
        let rows = self.pending.batches(&self.cache, &mut self.recent_texts);
        let journaling = &mut self.journaling;
        self.session.commit(&rows, &self.changed, self.access, &self.last_events, &mut || {
            journaling.iter_mut().for_each(Journaling::clear);
        })?;
        drop(rows);
        for (job, reporter) in std::mem::take(&mut self.pending).into_first_reporters() {
            self.first_reporters.insert(job, reporter);
        }
        Ok(())
    }

    /// Rolls back after a failure: the store and the cache return to the last commit. What only the journal has
    /// must be replayed before the next group.
    pub fn roll_back(&mut self) -> Failure {
        self.cache.clear();
        self.pending = PendingRows::default();
        // They may be of reports that do not exist now.
        self.recent_texts = RecentTexts::default();
        self.first_reporters.clear();
        self.signatures_used = 0;
        if let Some(journaling) = &mut self.journaling {
            journaling.forget();
        }
        self.session.roll_back()
    }

    /// Ends a group of writes, whether it was committed or rolled back.
    pub fn end_group(&mut self) {
        self.changed.clear();
        self.prefetched = None;
        self.last_events.clear();
        self.has_due_deliveries = false;
        self.access = false;
        if !self.journaling.as_ref().is_some_and(|journaling| journaling.appends) {
            // Other writes may have changed them.
            self.subscriptions.clear();
            self.user_names.clear();
        }
        self.journaling.iter_mut().for_each(Journaling::end_group);
        if !self.has_unapplied() {
            self.cache.evict();
        }
        metrics::gauge!("stagepost_cache_bytes", "cache" => "pipelines").set(self.cache.bytes() as f64);
    }
}
