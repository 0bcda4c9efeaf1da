//! A group of writes: its start and its end. Its commit is in `commits`.

use super::frozen::FrozenRows;
use super::{Due, Journaling, Prefetch, PrefetchHints, Sent, UnitOfWork};
use crate::journal::{LaterCommits, Reader, not_applied};
use domain::model::ids::RepositoryId;
use domain::{Error, Result};
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// How long a repository is prefetched under its lock after another node wrote to it.
pub(super) const OTHERS_TIME: Duration = Duration::from_secs(1);
/// The same after it had webhooks or destinations.
const WEBHOOKS_TIME: Duration = Duration::from_secs(60);
/// The maximum number of repositories for which that is kept.
const UNCERTAIN_MAX: usize = 10_000;

impl UnitOfWork {
    /// Chooses how a group of writes with these hints is committed: reports to the journal, unless `apply` is set,
    /// everything else to the tables. Waits until that is possible.
    ///
    /// # Errors
    /// [`Error::Unavailable`]. Nothing has changed.
    pub fn prepare<'a>(
        &mut self,
        mut hints: impl Iterator<Item = &'a PrefetchHints>,
        apply: bool,
    ) -> Result<()> {
        let Some(journaling) = &mut self.journaling else { return Ok(()) };
        journaling.appends = journaling.writing.is_some() && !apply && hints.all(|hints| hints.only_reports);
        if !journaling.appends {
            // Only one connection writes to the tables.
            return self.finish_frozen();
        }
        let is_full = journaling.is_full() || self.cache.is_nearly_full();
        if is_full && self.frozen().is_none() {
            self.freeze()?;
        }
        // Both files are in use then.
        let in_both_files = self.frozen().is_some_and(|frozen| frozen.in_both_files);
        let is_at_maximum =
            self.cache.is_full() || self.journaling.as_ref().is_some_and(Journaling::is_at_maximum);
        if in_both_files || is_at_maximum { self.finish_frozen() } else { Ok(()) }
    }

    /// Starts a group of writes that needs this. `from_cache`: without locks, if the cache has what it needs.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub fn start_group(&mut self, needs: &Prefetch, from_cache: bool) -> Result<()> {
        self.start_transaction(needs)?;
        if from_cache && self.take_from_cache(needs, None) { Ok(()) } else { self.prefetch(needs) }
    }

    /// Starts a group while the commit `before` has no result, if the cache has what the group needs. Returns whether
    /// that is so. Otherwise it waits for nothing but that result, and sends nothing; [`Self::start_group`] may follow.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub fn start_from_cache(&mut self, needs: &Prefetch, before: &mut Sent) -> Result<bool> {
        self.start_transaction(needs)?;
        Ok(self.take_from_cache(needs, Some(before)))
    }

    fn start_transaction(&mut self, needs: &Prefetch) -> Result<()> {
        if !self.appends() && !self.session.start_transaction()? {
            self.forget_rows();
        }
        if !needs.only_reports && self.has_unapplied() {
            // The queries of these writes must see all reports.
            self.flush()?;
        }
        self.prefetched = None;
        Ok(())
    }

    /// Takes what a group needs from the cache. Returns false if that is not possible.
    fn take_from_cache(&mut self, needs: &Prefetch, before: Option<&mut Sent>) -> bool {
        if !needs.only_reports || self.is_uncertain(&needs.repositories) {
            return false;
        }
        let before = before.map(|before| &mut before.commit);
        let Some(mut prefetched) =
            self.session.prefetch_from_cache(needs, &self.cache, &self.of_commits, before)
        else {
            return false;
        };
        self.subscriptions.extend(prefetched.subscriptions.drain());
        self.prefetched = Some(prefetched);
        self.repositories.clone_from(&needs.repositories);
        true
    }

    /// Whether the commit of a group that runs from the cache would probably fail.
    fn is_uncertain(&self, repositories: &BTreeSet<RepositoryId>) -> bool {
        let now = Instant::now();
        let mut until = repositories.iter().filter_map(|repository| self.uncertain.get(repository));
        until.any(|until| *until > now)
    }

    /// Prefetches a repository under its lock for this time.
    pub(super) fn note_uncertain(&mut self, repository: RepositoryId, time: Duration) {
        let now = Instant::now();
        if self.uncertain.len() >= UNCERTAIN_MAX {
            self.uncertain.retain(|_, until| *until > now);
        }
        let until = self.uncertain.entry(repository).or_insert(now);
        *until = (*until).max(now + time);
    }

    pub(super) fn appends(&self) -> bool {
        self.journaling.as_ref().is_some_and(|journaling| journaling.appends)
    }

    /// Whether the journal has reports that the other tables do not have.
    pub fn has_unapplied(&self) -> bool {
        self.journaling
            .as_ref()
            .is_some_and(|journaling| journaling.has_open() || journaling.frozen.is_some())
    }

    /// When the journal is to be applied; `None` if there is nothing to apply, or if it is being applied.
    pub fn due_at(&self) -> Option<Instant> {
        self.journaling.as_ref()?.due_at(self.cache.is_nearly_full())
    }

    /// Whether the memory lacks what the journal has, because a commit failed.
    pub fn is_stale(&self) -> bool {
        self.journaling.as_ref().is_some_and(|journaling| journaling.is_stale)
    }

    /// How long the sync of the last commit took; `None` if it was not one of the journal.
    pub fn sync_time(&self) -> Option<Duration> {
        self.journaling.as_ref()?.sync_time
    }

    /// Applies the journal in the background, if it is due or if one of the readers waits for it, and removes what was
    /// applied. A reader waits for a generation; those that must wait for the next one are added to `kept`, which has
    /// the readers of earlier calls.
    pub fn apply_in_background(&mut self, kept: &mut Vec<Reader>, readers: Vec<Reader>) {
        match self.journaling.as_mut().and_then(Journaling::collect) {
            Some(Ok(())) => self.evict(),
            Some(Err(_)) => kept.drain(..).for_each(|reader| reader.send(Err(not_applied()))),
            None => {}
        }
        let is_due = self.due_at().is_some_and(|at| at <= Instant::now());
        let Some(journaling) = &mut self.journaling else { return };
        if is_due || !readers.is_empty() {
            journaling.retry();
        }
        kept.extend(readers);
        let open = journaling.unapplied.open_generation();
        if journaling.open.in_both_files {
            // The open generation has the reports of the one before, which could not be applied.
            kept.iter_mut().for_each(|reader| reader.generation = reader.generation.max(open));
        }
        let is_read = kept.iter().any(|reader| reader.generation >= open);
        if (is_due || is_read)
            && journaling.has_open()
            && journaling.frozen.is_none()
            && let Err(error) = self.freeze()
        {
            self.note_failure(&error);
            return kept.drain(..).for_each(|reader| reader.send(Err(not_applied())));
        }
        let Some(journaling) = &self.journaling else { return };
        let open = journaling.unapplied.open_generation();
        for reader in std::mem::take(kept) {
            if reader.generation >= open && journaling.has_open() {
                kept.push(reader);
            } else if reader.generation < open && journaling.frozen.is_some() {
                journaling.add_reader(reader);
            } else {
                reader.send(Ok(()));
            }
        }
        if !journaling.has_open() && journaling.frozen.is_none() {
            // Scopes of a group that failed.
            journaling.unapplied.clear();
        }
    }

    /// Starts to apply the generation that takes reports, and starts the next one. None must be frozen.
    fn freeze(&mut self) -> Result<()> {
        let old_signatures = self.old_signatures()?;
        self.remember_first_reporters();
        let Some(journaling) = &mut self.journaling else { return Ok(()) };
        let Some(since) = journaling.open.since else { return Ok(()) };
        let pending = std::mem::take(&mut self.pending);
        self.signatures_used = 0;
        journaling.apply(FrozenRows {
            cached: pending.cached_rows(&self.cache).into_owned(),
            pending,
            recent_texts: Arc::clone(&self.recent_texts),
            old_signatures,
            last: journaling.open.last,
            reports: journaling.open.held.0,
            since,
            in_both_files: journaling.open.in_both_files,
        });
        Ok(())
    }

    /// Remembers the first reporters of attempts whose rows do not stay pending.
    pub(super) fn remember_first_reporters(&mut self) {
        for (job, reporter) in self.pending.first_reporters() {
            self.first_reporters.insert(job, reporter);
        }
    }

    /// Waits until the frozen generation is in the tables.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    fn finish_frozen(&mut self) -> Result<()> {
        let Some(journaling) = self.journaling.as_mut().filter(|journaling| journaling.frozen.is_some())
        else {
            return Ok(());
        };
        journaling.finish()?;
        self.evict();
        Ok(())
    }

    /// The journal could not be applied. It is tried again after a pause.
    pub fn note_failure(&mut self, error: &Error) {
        self.journaling.iter_mut().for_each(|journaling| journaling.note_failure(error));
    }

    /// `notify` is called after each try to apply the journal in the background.
    pub fn notify_applied(&self, notify: impl Fn() + Send + 'static) {
        if let Some(writing) = self.journaling.as_ref().and_then(|journaling| journaling.writing.as_ref()) {
            writing.applier.set_notify(notify);
        }
    }

    /// The commits of the journal files that the tables lack.
    ///
    /// # Errors
    /// [`Error::Internal`] if some are missing or damaged; [`Error::Unavailable`].
    pub fn read_files(&self) -> Result<LaterCommits> {
        self.journaling.as_ref().map_or_else(|| Ok(LaterCommits::default()), Journaling::read_files)
    }

    /// A commit with this number of reports and bytes was applied in memory again.
    pub fn note_replayed(&mut self, reports: usize, bytes: usize) {
        if let Some(journaling) = &mut self.journaling {
            journaling.add(reports, bytes);
        }
    }

    /// The whole journal was applied in memory again, to the commit `last` of the files; 0: they have none.
    pub fn end_replay(&mut self, last: u64) {
        if let Some(journaling) = &mut self.journaling {
            journaling.open.last = journaling.open.last.max(last);
            (journaling.is_stale, journaling.retry_at) = (false, None);
        }
    }

    /// Updates the metrics of what is not in the tables.
    pub fn set_gauges(&self) {
        let Some(journaling) = &self.journaling else { return };
        let frozen = journaling.frozen.as_ref();
        let reports = journaling.open.held.0 + frozen.map_or(0, |frozen| frozen.reports);
        let since = frozen.map(|frozen| frozen.since).or(journaling.open.since);
        metrics::gauge!("stagepost_store_journal_reports").set(reports as f64);
        metrics::gauge!("stagepost_store_journal_generation")
            .set(journaling.unapplied.open_generation() as f64);
        let age = since.map_or(0.0, |since| since.elapsed().as_secs_f64());
        metrics::gauge!("stagepost_store_journal_age_seconds").set(age);
    }

    pub(super) fn prefetch(&mut self, prefetch: &Prefetch) -> Result<()> {
        let Some(mut prefetched) = self.session.prefetch(prefetch, &self.cache)? else { return Ok(()) };
        for (repository, counters) in &prefetched.counters {
            match counters {
                Some((counters, active_at)) => {
                    let cached = self.cache.counters(*repository);
                    if cached != Some(*counters) {
                        // Another node wrote to this repository.
                        self.cache.remove_repository(*repository);
                        self.of_commits.forget(*repository);
                        self.first_reporters.retain(|(owner, _), _| owner != repository);
                        self.recent_texts().forget(*repository);
                        if cached.is_some() {
                            self.note_uncertain(*repository, OTHERS_TIME);
                        }
                    }
                    self.cache.set_counters(*repository, *counters, *active_at);
                }
                None => {
                    self.cache.remove_repository(*repository);
                    self.of_commits.forget(*repository);
                }
            }
        }
        for state in prefetched.states.drain(..) {
            self.cache.insert(state);
        }
        for (repository, subscriptions) in prefetched.subscriptions.drain() {
            if !subscriptions.is_empty() {
                self.note_uncertain(repository, WEBHOOKS_TIME);
            }
            self.subscriptions.insert(repository, subscriptions);
        }
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
        let mut pending = std::mem::take(&mut self.pending);
        let cached = pending.cached_rows(&self.cache);
        let mut recent_texts = self.recent_texts.lock().unwrap_or_else(PoisonError::into_inner);
        pending.write(self.session.sql(), &cached, &mut recent_texts)?;
        drop((cached, recent_texts));
        self.note_written(&mut pending);
        if let Some(prefetched) = &mut self.prefetched {
            prefetched.responses.extend(pending.into_responses());
            // They lack the pipelines that were pending.
            prefetched.of_commits.clear();
        }
        Ok(())
    }

    /// Ends a group of writes, whether it was committed or rolled back.
    pub fn end_group(&mut self) {
        self.changed.clear();
        self.prefetched = None;
        self.repositories.clear();
        self.last_events.clear();
        self.due = Due::default();
        self.access = false;
        if !self.appends() {
            // Other writes may have changed them.
            self.subscriptions.clear();
            self.user_names.clear();
        }
        self.journaling.iter_mut().for_each(Journaling::end_group);
        if !self.has_unapplied() {
            self.evict();
        }
        metrics::gauge!("stagepost_cache_bytes", "cache" => "pipelines").set(self.cache.bytes() as f64);
    }

    /// Evicts pipelines that were not used recently, and of which no rows are pending.
    fn evict(&mut self) {
        let (pending, frozen) =
            (&self.pending, self.journaling.as_ref().and_then(|journaling| journaling.frozen.as_ref()));
        self.cache.evict(
            |key| pending.has_pipeline(key) || frozen.is_some_and(|frozen| frozen.pending.has_pipeline(key)),
            |id| pending.has_counters(id) || frozen.is_some_and(|frozen| frozen.pending.has_counters(id)),
        );
    }
}
