//! The connection that writes, as the unit of work uses it, and what it looks up before a group of writes.

use super::CommitPipelines;
use super::sent_commit::{OnResult, SentCommit};
use super::subscriptions::Subscriptions;
use crate::pipeline_cache::{Key, PipelineCache};
use crate::rows::idempotency::{IdempotencyKey, StoredResponse};
use crate::sql::{Batch, Sql};
use domain::Result;
use domain::model::ids::{PipelineId, RepositoryId, UserId};
use domain::model::pipelines::{Counters, PipelineIdentity, PipelineState};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The connection that writes.
pub trait Session: Send {
    /// Runs statements in the open transaction.
    fn sql(&self) -> &dyn Sql;
    /// Begins a transaction. Returns false for a new connection, perhaps to another machine: what is cached
    /// may differ from what it holds.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`].
    fn start_transaction(&mut self) -> Result<bool>;
    /// Takes rows that the next commit writes. It may convert them now and send them then.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`].
    fn add_rows(&mut self, rows: &[Batch<'_>]) -> Result<()> {
        self.sql().write_batches(rows)
    }
    /// Writes the last rows and makes all writes durable. `changed` are the changed pipelines; `access` says
    /// whether users, keys, tokens, members or repositories changed; `last_events` are the last events of the
    /// repositories with new ones. `committed` is called after the commit and before caches accept what is read
    /// then. An engine that is another process may only send the commit: then the writes are durable when the
    /// returned commit has that result. The next transaction may start before; it sees the writes if they are durable.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`]. It may be unknown whether the writes are durable;
    /// [`Session::roll_back`] shows it.
    fn commit(
        &mut self,
        last_rows: &[Batch<'_>],
        changed: &BTreeSet<Key>,
        access: bool,
        last_events: &BTreeMap<RepositoryId, i64>,
        committed: &mut dyn FnMut(),
    ) -> Result<Option<SentCommit>>;
    /// As [`Session::commit`] of the rows that were added, after the commit `before`: it is sent when that has
    /// succeeded, without a delay by this thread; otherwise it fails with [`Failure::Conflict`]. Also returns the
    /// commit before.
    ///
    /// # Errors
    /// As [`Session::commit`].
    fn commit_after(
        &mut self,
        before: SentCommit,
        _: &BTreeMap<RepositoryId, i64>,
    ) -> (SentCommit, Result<Option<SentCommit>>) {
        (before, Err(domain::Error::Internal("commits of this engine are not sent".into())))
    }
    /// `on_result` is to be called when a commit that was sent has a result.
    fn set_on_result(&mut self, _: OnResult) {}
    /// Must be called before and after a commit to the journal that changes these pipelines.
    fn change_versions(&self, _: &BTreeSet<Key>) {}
    /// Rolls back, and returns how to handle the failure.
    fn roll_back(&mut self) -> Failure;
    /// Locks and looks up what a group of writes needs, where each query would be a round trip. `None` on an
    /// engine where it would not, and where no other process writes.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`].
    fn prefetch(&self, prefetch: &Prefetch, cache: &PipelineCache) -> Result<Option<Prefetched>>;
    /// The rows that a group of reports needs, without locks, if the cache has them: then the group need not wait for
    /// the commit
    /// `before`. The commit of the group checks under the locks that no other node changed anything; if one did, it
    /// fails with [`Failure::Conflict`]. `None`: the cache lacks something, or `before` has its result first.
    fn prefetch_from_cache(
        &mut self,
        _: &Prefetch,
        _: &PipelineCache,
        _: &CommitPipelines,
        _before: Option<&mut SentCommit>,
    ) -> Option<Prefetched> {
        None
    }
    /// Cleans up before the store closes.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`].
    fn close(&mut self) -> Result<()>;
}

/// The handling of a group of writes that was rolled back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It conflicted with other writers: retry the group.
    Conflict,
    /// The engine rejected a statement: retry each write of the group alone.
    Rejected,
    /// The engine failed, or it is unknown whether the group was committed: do not retry.
    Fatal,
}

/// A commit and a source of reports about it.
pub type CommitKey = (RepositoryId, String, String);

/// The rows that a write will need.
#[derive(Debug, Clone, Default)]
pub struct PrefetchHints {
    /// The repositories whose pipelines it changes.
    pub repositories: Vec<RepositoryId>,
    /// Pipelines that it may change.
    pub pipelines: Vec<Key>,
    /// Pipelines that it looks up by identity.
    pub identities: Vec<(RepositoryId, PipelineIdentity)>,
    /// Commits whose pipelines it looks up.
    pub commits: Vec<CommitKey>,
    /// Idempotency keys that it looks up.
    pub idempotency_keys: Vec<IdempotencyKey>,
    /// Users whose names it returns.
    pub users: Vec<UserId>,
    /// It only records reports, so the journal can hold it.
    pub only_reports: bool,
    /// It needs a query that cannot be prefetched.
    pub runs_queries: bool,
}

impl PrefetchHints {
    /// The hints of a write that changes pipelines of one repository.
    pub fn for_repository(repository: RepositoryId) -> Self {
        Self { repositories: vec![repository], ..Self::default() }
    }
}

/// The rows that a group of writes will need. Repositories and pipelines are in order, so that nodes take locks in the
/// same order.
#[derive(Debug, Default)]
pub struct Prefetch {
    pub repositories: BTreeSet<RepositoryId>,
    pub pipelines: BTreeSet<Key>,
    pub identities: HashSet<(RepositoryId, PipelineIdentity)>,
    pub commits: HashSet<CommitKey>,
    pub idempotency_keys: HashSet<IdempotencyKey>,
    pub users: BTreeSet<UserId>,
    pub only_reports: bool,
    pub runs_queries: bool,
}

impl Prefetch {
    /// The rows that writes with these hints will need.
    pub fn of<'a>(hints: impl Iterator<Item = &'a PrefetchHints>) -> Self {
        let mut prefetch = Self { only_reports: true, ..Self::default() };
        for hints in hints {
            prefetch.only_reports &= hints.only_reports;
            prefetch.repositories.extend(&hints.repositories);
            prefetch.pipelines.extend(&hints.pipelines);
            prefetch.identities.extend(hints.identities.iter().cloned());
            prefetch.commits.extend(hints.commits.iter().cloned());
            prefetch.idempotency_keys.extend(hints.idempotency_keys.iter().cloned());
            prefetch.users.extend(&hints.users);
            prefetch.runs_queries |= hints.runs_queries;
        }
        prefetch
    }
}

/// The rows that were looked up for a group of writes, and are locked against other writers.
#[derive(Default)]
pub struct Prefetched {
    /// The counters of every requested repository, and when it last received a report; `None` if the
    /// repository does not exist.
    pub counters: HashMap<RepositoryId, Option<(Counters, i64)>>,
    /// The requested pipelines that are not in the cache.
    pub states: Vec<PipelineState>,
    /// Requested identities that no pipeline has.
    pub absent: HashSet<(RepositoryId, PipelineIdentity)>,
    /// The pipelines of each requested commit as [`pipelines::of_commit`](crate::rows::pipelines::of_commit) returns
    /// them.
    pub of_commits: HashMap<CommitKey, Vec<PipelineId>>,
    /// The responses of the requested idempotency keys; `None` for a key that was not used.
    pub responses: HashMap<IdempotencyKey, Option<StoredResponse>>,
    /// The webhooks and destinations of each requested repository that are not disabled.
    pub subscriptions: HashMap<RepositoryId, Subscriptions>,
    /// The names of the requested users.
    pub user_names: HashMap<UserId, String>,
}
